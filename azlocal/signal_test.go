package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// signalled runs the probe under azlocal. setup changes azlocal's command
// before it starts. disturb is called when the probe is ready. next returns the
// next line from the probe.
func signalled(t *testing.T, setup func(*exec.Cmd), disturb func(c *exec.Cmd, next func() string)) {
	t.Helper()
	c := exec.CommandContext(t.Context(), binary, "emulate", example, "--", os.Args[0])
	c.Env = append(os.Environ(), "AZLOCAL_PROBE=signal", "GORACE=atexit_sleep_ms=0") // the race detector would sleep for a second
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	setup(c)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	next := func() string {
		lines.Scan()
		return lines.Text()
	}
	if got := next(); got != "ready" {
		t.Fatalf("COMMAND printed %q", got)
	}
	disturb(c, next)
	c.Process.Signal(syscall.SIGTERM)
	if got := next(); got != syscall.SIGTERM.String() {
		t.Errorf("COMMAND received %q, want %v once more at most", got, syscall.SIGTERM)
	}
	if c.Wait(); c.ProcessState.ExitCode() != 7 {
		t.Errorf("status %d, want COMMAND's 7", c.ProcessState.ExitCode())
	}
}

func TestSignalsReachTheCommand(t *testing.T) {
	own := func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} } // no terminal
	m := install(t, map[string]string{"az": azSigned})
	login := func(c *exec.Cmd) {
		own(c)
		c.Args = []string{binary, "login", "--", os.Args[0]}
		c.Env = append(c.Env, "PATH="+m.bin)
	}
	for _, setup := range []func(*exec.Cmd){own, login} {
		for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP} {
			signalled(t, setup, func(c *exec.Cmd, next func() string) {
				c.Process.Signal(s)
				if got := next(); got != s.String() {
					t.Errorf("%v: COMMAND received %q", s, got)
				}
			})
		}
	}
}

// TestSignalsEndTheSignIn interrupts a slow az.
func TestSignalsEndTheSignIn(t *testing.T) {
	asked, answer := fifo(t), fifo(t)
	m := install(t, map[string]string{"az": "echo > " + asked + "; read answer < " + answer})
	file := write(t, "app.env", "DB=keyvault:https://mykv.vault.azure.net/secrets/db\n")
	for i, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGINT, syscall.SIGTERM} {
		c := exec.CommandContext(t.Context(), binary, "login", "--", "/bin/sh", "-c", "exit 7")
		if i > 1 {
			c.Args = []string{binary, "access", file, "--grant"}
		}
		var stderr strings.Builder
		c.Env, c.Stderr = []string{"PATH=" + m.bin}, &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadFile(asked); err != nil { // az has been asked
			t.Fatal(err)
		}
		c.Process.Signal(s)
		c.Wait()
		if got := c.ProcessState.Sys().(syscall.WaitStatus); !got.Signaled() || got.Signal() != s {
			t.Errorf("%v: azlocal ended with %v", s, c.ProcessState)
		}
		if stderr.String() != "" {
			t.Errorf("%v: azlocal printed %s", s, &stderr)
		}
		if err := os.WriteFile(answer, []byte("\n"), 0); err != nil { // lets az end
			t.Fatal(err)
		}
	}
}

func fifo(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
