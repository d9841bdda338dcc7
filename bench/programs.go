package main

import (
	_ "embed"
	"errors"
	"fmt"
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
	name        string
	argv        []string // followed by the server's
	vaultsOnly  bool     // it cannot resolve connections
	resolves    bool     // it can resolve references
	description string
}

// Names of programs.
const (
	nameAzinject = "azinject"
	nameNaive    = "naive Go"
	namePython   = "Python"
	nameEmpty    = "empty Go"
)

// programs builds the programs for comparison in the directory and returns all
// programs, azinject first.
func programs(azinject, directory string) ([]program, error) {
	azinject, err := filepath.Abs(azinject)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(azinject); err != nil {
		return nil, fmt.Errorf("%w: build it with make", err)
	}
	for _, name := range []string{"empty", "launch", "naive"} {
		if err := build(name, directory); err != nil {
			return nil, err
		}
	}
	all := []program{
		{name: nameAzinject, argv: []string{azinject, "--"}, resolves: true, description: "the program that ships"},
		{name: nameNaive, argv: []string{filepath.Join(directory, "naive")}, resolves: true, vaultsOnly: true,
			description: "azidentity's default credential, and azsecrets for one secret after another"},
		{name: namePython, argv: []string{python, "-c", articles}, resolves: true, vaultsOnly: true,
			description: "DefaultAzureCredential and SecretClient, as in Microsoft's articles"},
		{name: nameEmpty, argv: []string{filepath.Join(directory, "empty")}, description: "a Go program that only starts the server"},
	}
	if err := exec.Command(python, "-c", "import azure.identity, azure.keyvault.secrets").Run(); err != nil {
		fmt.Println("Python is SKIPPED: no Azure SDK for", python+". On Debian: apt-get install python3-azure")
		all = append(all[:2], all[3:]...)
	}
	return all, nil
}

// build builds one of this module's programs as azinject is built.
func build(name, directory string) error {
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", filepath.Join(directory, name), "./programs/"+name)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("building %s: %w", name, err), errors.New(string(out)))
	}
	return nil
}

// handles reports whether the program can do the workload. The empty program is
// compared only if there is nothing to resolve.
func (p program) handles(w workload) bool {
	if !p.resolves {
		return w.references() == 0
	}
	return !p.vaultsOnly || w.connections == 0 && !w.http2
}
