package main_test

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// TestEndingIsTheServers ends servers in every possible way, started directly
// and through azinject, and checks that the parent process sees the same.
func TestEndingIsTheServers(t *testing.T) {
	azinject := program(t, "azinject")
	var endings []string
	for status := range 256 {
		endings = append(endings, fmt.Sprint("exit ", status))
	}
	for number := 1; number <= 64; number++ {
		if number != 32 && number != 33 { // no shell can send these
			endings = append(endings, fmt.Sprintf("kill -%d $$; exit 0", number))
		}
	}
	for _, ending := range endings {
		direct := waitStatus(t, "/bin/sh", "-c", ending)
		if through := waitStatus(t, azinject, "--", "/bin/sh", "-c", ending); through != direct {
			t.Errorf("%s: wait status %#x, directly %#x", ending, through, direct)
		}
	}
}

// waitStatus runs a program and returns its status from wait(2).
func waitStatus(t *testing.T, words ...string) syscall.WaitStatus {
	t.Helper()
	pid, err := syscall.ForkExec(words[0], words, &syscall.ProcAttr{Dir: t.TempDir(), Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	for { // until it has ended, because a stopped server goes on
		if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != nil {
			t.Fatal(err)
		}
		if !status.Stopped() {
			return status
		}
		syscall.Kill(pid, syscall.SIGCONT)
	}
}
