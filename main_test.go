package main

import (
	"errors"
	"log/slog"
	"strings"
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
