package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// closedPipe returns a pipe without a reader.
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read.Close()
	t.Cleanup(func() { write.Close() })
	return write
}

// TestBrokenStderr checks that a report that cannot be written does not change
// the status, and that it does not stop a start that succeeds.
func TestBrokenStderr(t *testing.T) {
	azure := emulated(t)
	secret := "SECRET=keyvault:https://mykeyvault.vault.azure.net/secrets/secret1"
	for _, test := range []struct {
		name    string
		status  int
		environ []string
		args    []string
	}{
		{"mistake", 125, []string{"A=keyvault:https:"}, []string{"/bin/true"}},
		{"mistake in JSON", 125, []string{"A=keyvault:https:", "AZINJECT_LOG_FORMAT=json"}, []string{"/bin/true"}},
		{"mistake for check", 125, []string{"A=keyvault:https:"}, []string{"--check"}},
		{"no command", 125, nil, nil},
		{"not found", 127, nil, []string{"/nowhere/server"}},
		{"not a program", 126, nil, []string{"/etc/passwd"}},
		{"start", 7, []string{secret}, []string{"/bin/sh", "-c", "exit 7"}},
		{"start with log", 7, []string{secret, "AZINJECT_LOG=info"}, []string{"/bin/sh", "-c", "exit 7"}},
		{"start with JSON log", 7, []string{secret, "AZINJECT_LOG=debug", "AZINJECT_LOG_FORMAT=json"}, []string{"/bin/sh", "-c", "exit 7"}},
		{"check", 0, []string{secret, "AZINJECT_LOG=info"}, []string{"--check"}},
	} {
		cmd := osexec.Command(program(t, "azinject"), test.args...)
		cmd.Env = append(azure[:len(azure):len(azure)], test.environ...)
		cmd.Stderr = closedPipe(t)
		cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != test.status {
			t.Errorf("%s: %v, want status %d", test.name, cmd.ProcessState, test.status)
		}
	}
}

// TestBrokenPipeIsTheServers checks that SIGPIPE has its default action in the
// server, even after azinject met a broken pipe.
func TestBrokenPipeIsTheServers(t *testing.T) {
	cmd := osexec.Command(program(t, "azinject"), "/bin/sh", "-c", "kill -PIPE $$; exit 7")
	cmd.Env = append(emulated(t), "SECRET=keyvault:https://mykeyvault.vault.azure.net/secrets/secret1", "AZINJECT_LOG=info")
	cmd.Stderr = closedPipe(t)
	cmd.Run()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGPIPE {
		t.Errorf("the server ended with %v, want a broken pipe", cmd.ProcessState)
	}
}

// TestTerminationMessageWithBrokenStderr checks that Kubernetes gets the report
// if stderr is broken.
func TestTerminationMessageWithBrokenStderr(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a /dev of its own")
	}
	azinject := program(t, "azinject") // it cannot be built in the namespaces
	err := inNamespaces(func() {
		for _, format := range []string{"text", "json"} {
			cmd := osexec.Command(azinject, "/nowhere/server")
			cmd.Env = []string{"AZINJECT_LOG_FORMAT=" + format}
			cmd.Stderr = closedPipe(t)
			cmd.Run()
			message, err := os.ReadFile(terminationLog)
			if want := "azinject: error: command \"/nowhere/server\": no such file\n"; err != nil || string(message) != want {
				t.Errorf("%s: %v: the termination message is %q, want %q", format, err, message, want)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBrokenStdout checks that output that cannot be written is an error.
func TestBrokenStdout(t *testing.T) {
	const mistake = "A=keyvault:https:"
	for _, test := range []struct {
		args, environ, report string
	}{
		{"--help", "", "azinject: error: writing to stdout: broken pipe\n"},
		{"--version", "", "azinject: error: writing to stdout: broken pipe\n"},
		{"--check", "", "azinject: error: writing to stdout: broken pipe\n"},
		{"--plan", "", "azinject: error: writing to stdout: broken pipe\n"},
		{"--check --json", "", "azinject: error: writing to stdout: broken pipe\n"},
		{"--plan --json", "", "azinject: error: writing to stdout: broken pipe\n"},
		{"--plan --json", mistake, "azinject: error: A: malformed reference"},
	} {
		var stderr bytes.Buffer
		cmd := osexec.Command(program(t, "azinject"), strings.Fields(test.args)...)
		cmd.Env = []string{test.environ}
		cmd.Stdout, cmd.Stderr = closedPipe(t), &stderr
		cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != 125 || !strings.HasPrefix(stderr.String(), test.report) {
			t.Errorf("%s %s: %v and %q, want status 125 and %q", test.args, test.environ, cmd.ProcessState, &stderr, test.report)
		}
	}
}

// TestSignalEndsBlockedWrite checks that a signal ends azinject while it writes
// to a pipe that nobody reads.
func TestSignalEndsBlockedWrite(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	size, err := unix.FcntlInt(write.Fd(), unix.F_SETPIPE_SZ, os.Getpagesize())
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(program(t, "azinject"), "--plan", "--json")
	for n := range size / 100 { // each takes more than 100 bytes of the plan
		cmd.Env = append(cmd.Env, fmt.Sprintf("A%d=keyvault:https://mykeyvault.vault.azure.net/secrets/secret1", n))
	}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = write, &stderr
	if err := errors.Join(cmd.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadFull(read, make([]byte, 1)) // the write has begun
	if err := errors.Join(err, cmd.Process.Signal(syscall.SIGTERM)); err != nil {
		t.Error(err)
	}
	cmd.Wait()
	const report = "azinject: error: ended by a signal (terminated) before the server was started\n"
	if got := cmd.ProcessState.ExitCode(); got != 143 || stderr.String() != report {
		t.Errorf("%v and %q, want status 143 and %q", cmd.ProcessState, &stderr, report)
	}
}
