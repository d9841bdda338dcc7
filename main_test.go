package main

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"azinject/report"
)

func TestPrepareWithoutReferences(t *testing.T) {
	environ := []string{"PATH=/bin:/usr/bin", "A=1", "AZINJECT_TIMEOUT=1m", "A=2", "SECRET=x", "AZINJECT_UNSET=SECRET", "odd", "AZINJECT_LOG"}
	program, resolved, err := prepare(t.Context(), []string{"sh", "-c", "x"}, environ, report.Log{Writer: io.Discard})
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
		_, resolved, err := prepare(t.Context(), test.args, test.environ, report.Log{Writer: io.Discard})
		if err == nil || exitCode(err) != test.want || resolved != nil {
			t.Errorf("%s: prepare = %q, %v with status %d, want status %d", name, resolved, err, exitCode(err), test.want)
		}
	}
}

// TestManyMistakes checks that a hundred thousand mistakes are reported in
// moments, not in minutes: no step may compare each with all others.
func TestManyMistakes(t *testing.T) {
	const mistakes = 100_000
	environ := make([]string, mistakes)
	for i := range environ {
		environ[i] = fmt.Sprintf("A%d=${{keyvault:x}}", i)
	}
	_, err := readEnviron(environ, true)
	r := report.New(environ, err, "server not started")
	if len(r.Entries) != mistakes || r.Entries[mistakes-1].Variable != "A99999" || len(r.Entries[0].Hints) != 1 || r.Entries[1].Hints != nil {
		t.Errorf("%d entries, the last of %q", len(r.Entries), r.Entries[len(r.Entries)-1].Variable)
	}
}
