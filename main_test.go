package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"azinject/exec"
)

func TestPrepareWithoutReferences(t *testing.T) {
	environ := []string{"PATH=/bin:/usr/bin", "A=1", "AZINJECT_TIMEOUT=1m", "A=2", "SECRET=x", "AZINJECT_UNSET=SECRET", "odd", "AZINJECT_LOG"}
	program, resolved, err := prepare([]string{"sh", "-c", "x"}, environ)
	if err != nil {
		t.Fatal(err)
	}
	if program.Args[0] != "sh" || len(program.Args) != 3 || !strings.HasSuffix(program.Path, "/bin/sh") {
		t.Errorf("program = %+v, want sh", program)
	}
	if got, want := strings.Join(resolved, " "), "PATH=/bin:/usr/bin A=1 A=2 odd"; got != want {
		t.Errorf("environment = %q, want %q", got, want)
	}
}

func TestExitCode(t *testing.T) {
	for name, test := range map[string]struct {
		args, environ []string
		want          int
	}{
		"empty command":     {[]string{""}, []string{"PATH=/bin"}, 127},
		"not found":         {[]string{"nosuchcommand"}, []string{"PATH=/bin"}, 127},
		"not in PATH":       {[]string{"sh"}, []string{"PATH=/nowhere"}, 127},
		"not executable":    {[]string{"/dev/null"}, nil, 126},
		"unknown setting":   {[]string{"/bin/sh"}, []string{"AZINJECT_X=1"}, 125},
		"malformed":         {[]string{"/bin/sh"}, []string{"A=${{keyvault:}}"}, 125},
		"bad UAI_CLIENT_ID": {[]string{"/bin/sh"}, []string{"UAI_CLIENT_ID=x", "A=keyvault:https://kv1.vault.azure.net/secrets/s"}, 125},
	} {
		_, resolved, err := prepare(test.args, test.environ)
		if err == nil || exitCode(err) != test.want || resolved != nil {
			t.Errorf("%s: prepare = %q, %v with status %d, want status %d", name, resolved, err, exitCode(err), test.want)
		}
	}
}

func TestReportIsInTheOrderOfTheEnvironment(t *testing.T) {
	environ := []string{"C=1", "odd", "B\n=2", "A=3"}
	r := newReport(environ, mistaken([]failure{
		{Variable: "A", Err: errors.New("third")}, {Variable: "C", Err: errors.New("first")},
		{Variable: "B\n", Err: errors.New("second")}, {Variable: "C", Err: errors.New("first, too")},
	}))
	const want = `azinject: error: C: first
azinject: error: C: first, too
azinject: error: "B\n": second
azinject: error: A: third
azinject: server not started: 4 mistakes in the environment; nothing was fetched
`
	if r.String() != want {
		t.Errorf("report:\n%s\nwant:\n%s", r, want)
	}
}

func TestReportGivesEqualHintsOnce(t *testing.T) {
	r := newReport([]string{"A=1", "B=2"}, refused([]*exec.RefusedError{{Variable: "A", Reason: "is too long"}, {Variable: "B", Reason: "is too long"}}))
	const want = `azinject: error: A: is too long
azinject: hint: have the server read this one from the vault itself
azinject: error: B: is too long
azinject: server not started: 2 variables cannot be passed on
`
	if r.String() != want {
		t.Errorf("report:\n%s\nwant:\n%s", r, want)
	}
}

func TestFirstLines(t *testing.T) {
	for text, want := range map[string]string{"": "", "ab\n": "ab\n", "ab\ncd\n": "ab\n", "ab\nc": "ab\nc", "abcdef\n": "abcd"} {
		if got := firstLines(text, 4); got != want {
			t.Errorf("firstLines(%q, 4) = %q, want %q", text, got, want)
		}
	}
}

// waitingForToken returns the program, and an environment in which it waits for
// a token for as long as it may. asked receives when it has asked for one.
func waitingForToken(t *testing.T) (program string, environ []string, asked <-chan struct{}) {
	t.Helper()
	requests := make(chan struct{}, 1)
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case requests <- struct{}{}:
		default: // asked again
		}
		<-r.Context().Done()
	}))
	t.Cleanup(endpoint.Close)
	program = filepath.Join(t.TempDir(), "azinject")
	if text, err := osexec.Command("make", "-s", "bin/azinject", "OUT="+program).CombinedOutput(); err != nil {
		t.Fatalf("make: %v\n%s", err, text)
	}
	return program, []string{"A=keyvault:https://kv1.vault.azure.net/secrets/s", "IDENTITY_ENDPOINT=" + endpoint.URL, "IDENTITY_HEADER=x"}, requests
}

// startWaiting starts azinject and returns when it has asked for a token. ended
// is closed when it has ended.
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

// TestSignalEndsResolution sends a signal while the identity endpoint is being
// waited for.
func TestSignalEndsResolution(t *testing.T) {
	t.Run("start", func(t *testing.T) { endBySignal(t, "--", "/bin/echo", "server started") })
	t.Run("check", func(t *testing.T) { endBySignal(t, "--check") })
}

func endBySignal(t *testing.T, args ...string) {
	program, environ, asked := waitingForToken(t)
	for s, status := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130, syscall.SIGQUIT: 131, syscall.SIGHUP: 129} {
		if signal.Ignored(s) { // by nohup, and so by azinject
			continue
		}
		var out bytes.Buffer
		cmd := osexec.Command(program, args...)
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

// TestIgnoredSignalStaysIgnored: SIGHUP, which nohup has ignored, does not end
// a start.
func TestIgnoredSignalStaysIgnored(t *testing.T) {
	program, environ, asked := waitingForToken(t)
	cmd := osexec.Command("/bin/sh", "-c", "trap '' HUP; exec "+program+" /bin/true")
	cmd.Env = environ
	ended := startWaiting(t, cmd, asked)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if err := cmd.Process.Signal(s); err != nil {
			t.Error(err)
		}
	}
	<-ended
	if got := cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit status %d, want 130, of SIGINT", got)
	}
}

// TestHardenedWhileResolving: nobody reads the memory of a process that is
// waiting for a secret, or finds a core file of it.
func TestHardenedWhileResolving(t *testing.T) {
	program, environ, asked := waitingForToken(t)
	const nobody = 65534
	cmd := osexec.Command(program, "/bin/true")
	owner := uint32(os.Geteuid())
	if owner == 0 { // whose processes are its own in any case
		owner = nobody
		public, err := os.MkdirTemp("/tmp", "hardened")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(public)
		if err := errors.Join(os.Chmod(public, 0o755), osexec.Command("cp", program, public+"/azinject").Run()); err != nil {
			t.Fatal(err)
		}
		cmd = osexec.Command("/bin/sh", "-c", "ulimit -c 1000 && exec "+public+"/azinject /bin/true")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
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
		t.Error("its own user can read its memory")
	}
	if !regexp.MustCompile(`Max core file size +0 `).Match(limits) {
		t.Errorf("it may leave a core file:\n%s", limits)
	}
}

func TestDefaults(t *testing.T) {
	s, mistakes := parseSettings(nil)
	if mistakes != nil || s.Timeout != 2*time.Minute || s.WaitForAccess != 0 || s.logLevel != slog.LevelError || s.logJSON || s.unset != nil || s.AllowedVaultHosts != nil ||
		s.Cloud.VaultSuffix != ".vault.azure.net" {
		t.Errorf("without settings: %+v, %v", s, mistakes)
	}
}

func TestCheckProxy(t *testing.T) {
	for _, good := range []string{"proxy", "proxy:3128", "http://proxy:3128", "https://u:p%23ss@proxy", "socks5://127.0.0.1:1080", "[::1]:3128"} {
		if err := checkProxy(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://user:p#hunter@proxy:8080", "user:p#hunter@proxy:8080", "http://", "://proxy", "ftp://proxy", "http://u:%zz@proxy"} {
		if err := checkProxy(bad); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: %v, want an error without it", bad, err)
		}
	}
}
