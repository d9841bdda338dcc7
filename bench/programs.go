package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// server is the program that is started in the end. It exits at once.
const server = "/bin/true"

// python is the interpreter that Debian's python3-azure is installed for.
const python = "/usr/bin/python3"

//go:embed programs/articles.py
var articles string

// program gets a server's secrets and then becomes the server.
type program struct {
	name       string
	argv       []string // followed by the server's
	does       func(workload) bool
	sequential bool // it fetches one secret after the other
}

// Names of programs.
const (
	nameAzinject = "azinject"
	nameBare     = "bare"
	nameEmpty    = "empty"
	nameGo       = "Go SDK"
	namePython   = "Python SDK"
)

// programs builds the programs for comparison in the directory and returns all
// programs, azinject first.
func programs(azinject, directory string) ([]program, error) {
	placed := filepath.Join(directory, "azinject")
	if err := place(azinject, placed); err != nil {
		return nil, fmt.Errorf("%w: build it with make", err)
	}
	for _, name := range []string{"bare", "empty", "launch", "naive"} {
		if err := build(name, directory); err != nil {
			return nil, err
		}
	}
	everything := func(workload) bool { return true }
	nothing := func(w workload) bool { return w.references() == 0 }
	something := func(w workload) bool { return w.references() > 0 }
	all := []program{
		{nameAzinject, []string{placed, "--"}, everything, false},
		{nameBare, []string{filepath.Join(directory, "bare")}, something, false},
		{nameEmpty, []string{filepath.Join(directory, "empty")}, nothing, false},
		{nameGo, []string{filepath.Join(directory, "naive")}, sequentially, true},
	}
	if err := exec.Command(python, "-c", "import azure.identity, azure.keyvault.secrets").Run(); err != nil {
		fmt.Printf("The Python SDK is SKIPPED, because %s does not have it. On Debian: apt-get install python3-azure\n", python)
		return all, nil
	}
	return append(all, program{namePython, []string{python, "-c", articles}, sequentially, true}), nil
}

// sequentially reports whether the clients that fetch one secret after the other
// fetch those of w. They need seconds for more.
func sequentially(w workload) bool {
	return w.vaults == 1 && w.secrets <= 200 && w.connections == 0 && !w.http2
}

// build builds one of this module's programs as azinject is built.
func build(name, directory string) error {
	linked, placed := filepath.Join(directory, name+".linked"), filepath.Join(directory, name)
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid= -funcalign=16", "-o", linked, "./programs/"+name)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("building %s: %w", name, err), errors.New(string(out)))
	}
	return place(linked, placed)
}

// place copies a program as containerd and Docker unpack it from an image: 32 KiB
// at a time. The kernel keeps a file in larger pieces the more is written at once.
// Starting one as Go's linker writes it, through mapped memory, takes up to a fifth
// longer.
func place(program, path string) error {
	from, err := os.Open(program)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	// Without these wrappers the kernel would copy everything at once.
	_, err = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, 32<<10))
	return errors.Join(err, to.Close())
}
