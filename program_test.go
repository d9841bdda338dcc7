package main_test

import (
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// suite runs all tests and then removes the programs that they ran.
type suite struct{ *testing.M }

func (s suite) Run() int {
	defer func() { os.RemoveAll(programs.directory) }()
	return s.M.Run()
}

// programs are azinject and azlocal, in one directory.
var programs struct {
	sync.Once
	directory string
	err       error
}

// program returns the path of azinject or azlocal. The first test that asks for
// a program builds both with the Makefile's own lines, and other users may run
// them.
func program(t testing.TB, name string) string {
	t.Helper()
	programs.Do(func() {
		if programs.directory, programs.err = os.MkdirTemp("", "azinject-programs"); programs.err != nil {
			return
		}
		programs.err = errors.Join(os.Chmod(programs.directory, 0o755), build("azinject", programs.directory), build("azlocal", programs.directory))
	})
	if programs.err != nil {
		t.Fatal(programs.err)
	}
	return filepath.Join(programs.directory, name)
}

// build runs the Makefile's line for a program, with these variables.
func build(name, directory string, environ ...string) error {
	out := filepath.Join(directory, name)
	cmd := osexec.Command("make", "-s", "bin/"+name, "OUT="+out)
	cmd.Env = append(os.Environ(), environ...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make bin/%s: %w\n%s", name, err, text)
	}
	return os.Chmod(out, 0o755)
}
