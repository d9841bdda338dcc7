package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Install copies the running program to path, for everybody to read and execute.
// It replaces an existing file in one step, so that whoever executes it meanwhile
// gets the old or the new one, whole. After an error the old one is still there.
// The directory must exist. If ctx is canceled, nothing is left behind.
func Install(ctx context.Context, path string) error {
	err := install(ctx, path)
	if canceled := context.Cause(ctx); err != nil && canceled != nil {
		err = canceled
	}
	if err != nil {
		return fmt.Errorf("installing %s: %w", path, err)
	}
	return nil
}

func install(ctx context.Context, path string) (err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("this is a directory; write the name of the file too: %s", filepath.Join(path, "azinject"))
	}
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("reading this program, /proc/self/exe: %w", errno(err))
	}
	defer self.Close()
	directory := filepath.Dir(path)
	part, err := os.CreateTemp(directory, ".azinject-*")
	if err != nil {
		return fmt.Errorf("creating a file in %s: %w", directory, errno(err))
	}
	remove := func() { os.Remove(part.Name()) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	// at once, because the copy may hang and the process be ended
	defer context.AfterFunc(ctx, remove)()
	_, err = io.Copy(part, self)
	// a crash must not leave half a program under the name
	err = errors.Join(err, part.Chmod(0o555), part.Sync(), part.Close(), context.Cause(ctx))
	if err != nil {
		return errno(err)
	}
	return errno(os.Rename(part.Name(), path))
}
