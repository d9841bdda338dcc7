package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"azinject/emulator"
)

// launch is one way to start the server.
type launch struct {
	before  []string // words before the server's own
	environ []string
	process syscall.SysProcAttr
	stdin   *os.File
}

// server stops itself, so that it can be inspected.
var server = []string{"sh", "-c", "kill -STOP $$", "an argument", ""}

// changeAsGo changes the facts about peculiar in the only way in which a server
// started through azinject may differ: Go's runtime stops ignoring and blocking
// these signals, and opens standard streams that are closed.
func changeAsGo(facts map[string]string) {
	remove(facts, "status SigIgn", syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGCHLD, syscall.SIGURG, 40)
	remove(facts, "status SigBlk", syscall.SIGCHLD, syscall.SIGPROF, syscall.SIGQUIT)
	facts["descriptor 0"] = "/dev/null flags:\t0100002"
}

// remove removes signals from a set, which is written as in /proc.
func remove(facts map[string]string, name string, signals ...syscall.Signal) {
	set, _ := strconv.ParseUint(strings.TrimSpace(facts[name]), 16, 64)
	for _, s := range signals {
		set &^= 1 << (s - 1)
	}
	facts[name] = fmt.Sprintf("\t%016x\n", set)
}

// TestTransparent compares a server that was started directly with one that was
// started through azinject, with and without references. Only what changeAsGo
// changes may differ. The program is built with a plain "go build".
func TestTransparent(t *testing.T) {
	directory := publicDirectory(t)
	azinject := filepath.Join(directory, "azinject")
	if text, err := osexec.Command("go", "build", "-o", azinject, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	launcher := filepath.Join(directory, "peculiar")
	self, err := os.Executable()
	if err == nil {
		err = osexec.Command("cp", self, launcher).Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, terminal := openTerminal(t)
	session := syscall.SysProcAttr{Setsid: true, Setctty: true}
	servant := syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: 65534, Gid: 65533, Groups: []uint32{4, 24, 65532}},
		AmbientCaps: []uintptr{unix.CAP_NET_BIND_SERVICE},
	}
	tests := []struct {
		name    string
		root    bool
		changed func(facts map[string]string)
		launch
	}{
		{"usual", false, nil, launch{}},
		{"terminal", false, nil, launch{process: session, stdin: terminal}},
		{"peculiar", false, changeAsGo, launch{before: []string{launcher}}},
		{"servant", true, changeAsGo, launch{before: []string{launcher}, process: servant}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.root && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			azure := emulated(t)
			plain := append(slices.Clip(azure), "B=1", "A=2", "B=3", "odd", "", "A=2", "BYTES=\xff\n", "EMPTY=", "SECRET=before demo-user-secret after")
			referring := slices.Clone(plain)
			referring[len(plain)-1] = "SECRET=before ${{keyvault:https://mykeyvault.vault.azure.net/secrets/secret1}} after"
			s := test.launch
			s.environ = plain
			want := s.observe(t)
			if test.changed != nil {
				test.changed(want)
			}
			s.before = append(slices.Clip(s.before), azinject, "--")
			compare(t, "without references", want, s.observe(t))
			s.environ = append(slices.Clip(referring), "AZINJECT_TIMEOUT=1m")
			compare(t, "with references", want, s.observe(t))
		})
	}
}

// emulated starts the Azure of testdata and returns the variables that lead to
// it.
func emulated(t *testing.T) []string {
	config, err := emulator.Load("testdata/azure.yaml")
	if err != nil {
		t.Fatal(err)
	}
	azure, err := emulator.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { azure.Close() })
	environ := append(azure.Environ(), "PATH=/usr/bin:/bin")
	for _, kv := range environ {
		// Other users must be able to read the certificate.
		if name, file, _ := strings.Cut(kv, "="); name == "SSL_CERT_FILE" {
			if err := errors.Join(os.Chmod(file, 0o644), os.Chmod(filepath.Dir(file), 0o755)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return environ
}

// publicDirectory returns a directory that other users can read.
func publicDirectory(t *testing.T) string {
	directory, err := os.MkdirTemp("", "transparent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return directory
}

// observe starts the server and returns the facts about its process.
func (s launch) observe(t *testing.T) map[string]string {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	words := slices.Concat(s.before, server)
	path, err := osexec.LookPath(words[0])
	if err != nil {
		t.Fatal(err)
	}
	process := s.process
	pid, err := syscall.ForkExec(path, words, &syscall.ProcAttr{
		Env: s.environ, Sys: &process,
		Files: []uintptr{cmp.Or(s.stdin, null).Fd(), null.Fd(), 2, null.Fd(), null.Fd()},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		syscall.Kill(pid, syscall.SIGKILL)
		syscall.Wait4(pid, nil, 0, nil)
	}()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("%q did not start the server: %v, status %d", words, err, status.ExitStatus())
	}
	return processFacts(t, pid)
}
