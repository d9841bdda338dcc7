package emulator

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFile writes a file that exists until [Azure.Close]. Every user may read
// it, since a program in a container, where it is mounted, may be another user.
func (a *Azure) writeFile(name string, content []byte) (string, error) {
	if err := a.makeDirectory(); err != nil {
		return "", fmt.Errorf("making a temporary directory: %w", err)
	}
	file := filepath.Join(a.directory, name)
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return "", err
	}
	return file, os.Chmod(file, 0o644) // regardless of the umask
}

func (a *Azure) makeDirectory() error {
	if a.directory != "" {
		return nil
	}
	directory, err := os.MkdirTemp("", "azure-emulator-*")
	if err != nil {
		return err
	}
	a.directory = directory
	a.closers = append(a.closers, func() error { return os.RemoveAll(directory) })
	return os.Chmod(directory, 0o755)
}
