package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"azinject/emulator"
)

// What must be in no output. The values of secrets, connections and keys in the
// emulated Azure all contain canarySecret.
const (
	canarySecret   = "canary-secret"
	canaryEnviron  = "canary-environment"
	canaryArgument = "canary-argument"
	tokenBeginning = "eyJ" // of a JWT
)

// platforms are where identities come from. IMDS needs a network of its own.
var platforms = []string{"appservice", "azureml", "cloudshell", "servicefabric", "imds"}

// job is one run of azinject.
type job struct {
	failure
	platform string
	environ  []string

	mistakes []string // that have been found
}

// TestFailures walks through everything that can go wrong: what is reported,
// that the server is not started, and how often Azure is asked. Every failure
// is met on every platform, at every level of logging and in every format, and
// nothing secret may be in any output.
func TestFailures(t *testing.T) {
	directory := t.TempDir() // with fake tools beside it
	if err := build("azinject", directory); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(directory, "azinject")
	fakeTools(t, directory)
	jobs := make(chan job)
	var workers sync.WaitGroup
	root := os.Geteuid() == 0
	for range 16 {
		workers.Go(func() {
			for j := range jobs {
				t.Run(j.name+"/"+j.platform, func(t *testing.T) {
					if !root {
						j.run(t, program, root)
					} else if err := inNamespaces(func() { j.run(t, program, root) }); err != nil {
						t.Errorf("namespaces: %v", err)
					}
				})
			}
		})
	}
	for _, f := range slices.Concat(failures, credentialFailures) {
		if f.root && !root {
			t.Logf("%s: skipped, needs root", f.name)
			continue
		}
		for _, j := range f.jobs(root) {
			jobs <- j
		}
	}
	close(jobs)
	workers.Wait()
}

// outputs are the levels and formats of logging. With them come variables that
// have the libraries beneath azinject write more than it does.
var outputs = [][]string{
	nil,
	{"AZINJECT_LOG_FORMAT=json"},
	{"AZINJECT_LOG=info"},
	{"AZINJECT_LOG=info", "AZINJECT_LOG_FORMAT=json", "GODEBUG=http2debug=2", "AZURE_SDK_GO_LOGGING=all"},
	{"AZINJECT_LOG=debug"},
	{"AZINJECT_LOG=debug", "AZINJECT_LOG_FORMAT=json"},
}

// jobs returns the runs of a failure: on every platform, with every output.
func (f failure) jobs(root bool) []job {
	on := platforms
	if f.platforms != "" {
		on = strings.Fields(f.platforms)
	}
	var all []job
	for _, platform := range on {
		if platform == "imds" && !root {
			continue
		}
		for _, environ := range outputs {
			all = append(all, f.job(platform, environ...))
		}
	}
	return all
}

func (f failure) job(platform string, environ ...string) job {
	return job{failure: f, platform: platform, environ: environ}
}

// run starts azinject in the emulated Azure of the job and checks what comes of
// it.
func (j *job) run(t *testing.T, program string, root bool) {
	config, err := emulator.Parse([]byte(j.azure(j.platform)))
	if err != nil {
		t.Errorf("%s: %v", j.name, err)
		return
	}
	config.Network.HTTP2 = !j.http1 && strings.Contains(strings.Join(j.environ, " "), "http2debug")
	azure, err := emulator.Start(config)
	if err != nil {
		t.Errorf("%s: %v", j.name, err)
		return
	}
	defer azure.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // should azinject hang
	defer cancel()
	cmd := osexec.CommandContext(ctx, program, "--", "/bin/sh", "-c", "echo server started", canaryArgument)
	cmd.Env = append([]string{"PATH=/bin", "CANARY=" + canaryEnviron}, azure.Environ()...)
	cmd.Env = override(override(cmd.Env, j.environ), j.env)
	if j.tools != "" {
		cmd.Env = override(cmd.Env, []string{"PATH=" + filepath.Dir(program), "TOOLS=" + j.tools})
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if root {
		os.WriteFile(terminationLog, []byte("before"), 0)
	}
	err = cmd.Run()
	var exit *osexec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", j.name, err)
		return
	}
	j.checkOutcome(cmd.ProcessState.ExitCode(), stdout.String(), stderr.String())
	j.checkRequests(azure)
	outputs := stderr.String() + stdout.String()
	if root {
		outputs += j.checkTerminationLog(stderr.String())
	}
	j.checkLeaks(outputs, azure.Environ())
	if testing.Verbose() && j.environ == nil { // for people who read them all
		t.Logf("%s, %s:\n%s", j.name, j.platform, stderr.String())
	}
	if j.mistakes != nil {
		t.Errorf("%s, %s %q: %s\n%s", j.name, j.platform, j.environ, strings.Join(j.mistakes, "; "), stderr.String())
	}
}

// fakeTools puts az and azd into a directory, which do what the variable TOOLS
// says. They are written before anything is started: a program cannot be run
// while a process that is about to begin still has its file open.
func fakeTools(t *testing.T, directory string) {
	for _, name := range []string{"az", "azd"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte("#!/bin/sh\neval \"$TOOLS\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func (j *job) wrong(format string, args ...any) {
	j.mistakes = append(j.mistakes, fmt.Sprintf(format, args...))
}

// override puts variables in the place of those of the same name.
func override(environ, by []string) []string {
	for _, kv := range by {
		name, _, _ := strings.Cut(kv, "=")
		var kept []string
		for _, other := range environ {
			if !strings.HasPrefix(other, name+"=") {
				kept = append(kept, other)
			}
		}
		environ = append(kept, kv)
	}
	return environ
}
