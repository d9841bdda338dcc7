package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// TestKeysReachTheCommandOnce presses Ctrl-C and Ctrl-\ on a terminal, which
// sends the signal to azlocal and to COMMAND.
func TestKeysReachTheCommandOnce(t *testing.T) {
	for key, want := range map[string]syscall.Signal{"\x03": syscall.SIGINT, "\x1c": syscall.SIGQUIT} {
		keyboard, terminal := openTerminal(t)
		control := func(c *exec.Cmd) {
			c.Stdin = terminal
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
		}
		signalled(t, control, func(_ *exec.Cmd, next func() string) {
			if _, err := keyboard.WriteString(key); err != nil {
				t.Fatal(err)
			}
			if got := next(); got != want.String() {
				t.Errorf("COMMAND received %q, want %v", got, want)
			}
		})
	}
}

// TestSignalsReachABackgroundCommand runs azlocal outside the terminal's
// foreground group, as "azlocal … &" does.
func TestSignalsReachABackgroundCommand(t *testing.T) {
	_, terminal := openTerminal(t)
	shell := exec.CommandContext(t.Context(), "sh", "-c", `set -m; sh -c 'echo $$; exec "$@"' sh "$@" & wait $!; echo status $?`, "sh", binary, "emulate", example, "--", os.Args[0])
	shell.Env = append(os.Environ(), "AZLOCAL_PROBE=signal", "GORACE=atexit_sleep_ms=0")
	shell.Stdin = terminal
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	var got []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		got = append(got, line)
		switch fmt.Sscan(line, &pid); line {
		case "ready":
			syscall.Kill(pid, syscall.SIGINT)
		case syscall.SIGINT.String():
			syscall.Kill(pid, syscall.SIGTERM)
		}
	}
	shell.Wait()
	if want := "ready interrupt terminated status 7"; strings.Join(got[1:], " ") != want {
		t.Errorf("output %q, want the process ID and %s", got, want)
	}
}

// openTerminal makes a pseudo-terminal.
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	var unlock, number int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlock, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, keyboard.Fd(), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			t.Fatal(errno)
		}
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}
