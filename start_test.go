package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"os/signal"
	"regexp"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// waitingForToken returns an environment in which azinject waits for a token
// until its timeout. asked receives a value when azinject has asked for one.
func waitingForToken(t *testing.T) (environ []string, asked <-chan struct{}) {
	t.Helper()
	requests := make(chan struct{}, 1)
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case requests <- struct{}{}:
		default: // it asks again
		}
		<-r.Context().Done()
	}))
	t.Cleanup(endpoint.Close)
	return []string{"A=keyvault:https://kv1.vault.azure.net/secrets/s", "IDENTITY_ENDPOINT=" + endpoint.URL, "IDENTITY_HEADER=x"}, requests
}

// startWaiting starts azinject and returns when it has asked for a token. ended
// is closed when azinject has ended.
func startWaiting(t *testing.T, cmd *osexec.Cmd, asked <-chan struct{}) (ended <-chan struct{}) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		cmd.Wait()
		close(done)
	}()
	select {
	case <-asked:
	case <-done:
		t.Fatalf("azinject ended before it asked for a token: %v\n%s", cmd.ProcessState, cmd.Stderr)
	}
	return done
}

// TestSignalEndsResolution checks that a signal ends azinject while it waits
// for the identity endpoint.
func TestSignalEndsResolution(t *testing.T) {
	t.Run("start", func(t *testing.T) { endBySignal(t, "--", "/bin/echo", "server started") })
	t.Run("check", func(t *testing.T) { endBySignal(t, "--check") })
}

func endBySignal(t *testing.T, args ...string) {
	environ, asked := waitingForToken(t)
	for s, status := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130, syscall.SIGQUIT: 131, syscall.SIGHUP: 129} {
		if signal.Ignored(s) { // by nohup, and then by azinject too
			continue
		}
		var out bytes.Buffer
		cmd := osexec.Command(program(t, "azinject"), args...)
		cmd.Env = environ
		cmd.Stdout, cmd.Stderr = &out, &out
		ended := startWaiting(t, cmd, asked)
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		<-ended
		if got := cmd.ProcessState.ExitCode(); got != status {
			t.Errorf("%v: exit status %d, want %d", s, got, status)
		}
		if want := "azinject: error: ended by a signal (" + s.String() + ") before the server was started\n"; out.String() != want {
			t.Errorf("%v: output %q, want %q", s, out.String(), want)
		}
	}
}

// TestIgnoredSignalStaysIgnored checks that SIGHUP does not end a start under
// nohup, which ignores it.
func TestIgnoredSignalStaysIgnored(t *testing.T) {
	environ, asked := waitingForToken(t)
	cmd := osexec.Command("/bin/sh", "-c", "trap '' HUP; exec \"$0\" /bin/true", program(t, "azinject"))
	cmd.Env = environ
	ended := startWaiting(t, cmd, asked)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if err := cmd.Process.Signal(s); err != nil {
			t.Error(err)
		}
	}
	<-ended
	if got := cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit status %d, want 130 because of SIGINT", got)
	}
}

// TestHardenedWhileResolving checks that the memory of a waiting azinject
// cannot be read, and that it leaves no core file.
func TestHardenedWhileResolving(t *testing.T) {
	environ, asked := waitingForToken(t)
	cmd := osexec.Command("/bin/sh", "-c", "ulimit -S -c 1000; exec \"$0\" /bin/true", program(t, "azinject"))
	owner := uint32(os.Geteuid())
	if owner == 0 { // root owns its processes in any case
		owner = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner, Gid: owner}}
	}
	cmd.Env = environ
	ended := startWaiting(t, cmd, asked)
	process := fmt.Sprintf("/proc/%d/", cmd.Process.Pid)
	var info syscall.Stat_t
	limits, err := os.ReadFile(process + "limits")
	if err := errors.Join(err, syscall.Stat(process+"environ", &info), cmd.Process.Kill()); err != nil {
		t.Error(err)
	}
	<-ended
	if info.Uid == owner {
		t.Error("its user can read its memory")
	}
	if !regexp.MustCompile(`Max core file size +0 `).Match(limits) {
		t.Errorf("it may leave a core file:\n%s", limits)
	}
}

// TestTerminationLogIsNotFollowed checks that azinject does not write through a
// link in place of Kubernetes' file.
func TestTerminationLogIsNotFollowed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a /dev of its own")
	}
	azinject := program(t, "azinject") // it cannot be built in the namespaces
	err := inNamespaces(func() {
		const target = "/dev/target"
		err := errors.Join(os.WriteFile(target, []byte("before"), 0o666), os.Remove(terminationLog), os.Symlink(target, terminationLog))
		if err != nil {
			t.Error(err)
			return
		}
		report, _ := osexec.Command(azinject, "--", "/nowhere/server").CombinedOutput()
		if content, _ := os.ReadFile(target); string(content) != "before" || !bytes.Contains(report, []byte("no such file")) {
			t.Errorf("the file contains %q after the report %q", content, report)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWithoutProc checks that the server gets azinject's environment where
// /proc is not mounted or contains another one.
func TestWithoutProc(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to hide /proc")
	}
	azinject := program(t, "azinject") // it cannot be built in the namespaces
	err := inNamespaces(func() {
		if err := unix.Mount("tmpfs", "/proc", "tmpfs", 0, ""); err != nil {
			t.Error(err)
			return
		}
		run := func(proc string) {
			cmd := osexec.Command(azinject, "--", "/bin/sh", "-c", "echo $A $B")
			cmd.Env = []string{"A=passed on", "AZINJECT_LOG=info"}
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != "passed on\n" {
				t.Errorf("a start with %s: %v, %q", proc, err, out)
			}
		}
		run("no /proc")
		if err := os.Mkdir("/proc/self", 0o755); err != nil {
			t.Error(err)
			return
		}
		for _, environ := range []string{
			"", "\x00", "A=another\x00", "A=another\x00AZINJECT_LOG=info\x00", "A=passed on\x00",
			"A=passed on\x00B=another\x00AZINJECT_LOG=info\x00", "AZINJECT_LOG=info\x00A=passed on\x00",
		} {
			if err := os.WriteFile("/proc/self/environ", []byte(environ), 0o644); err != nil {
				t.Error(err)
			}
			run(fmt.Sprintf("/proc/self/environ %q", environ))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
