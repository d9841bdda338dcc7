package report

import (
	"errors"
	"strings"
	"testing"

	"azinject/exec"
	"azinject/resolve"
)

func TestReportIsInTheOrderOfTheEnvironment(t *testing.T) {
	environ := []string{"C=1", "odd", "B\n=2", "A=3"}
	r := New(environ, Mistakes([]resolve.Failure{
		{Variable: "A", Err: errors.New("third")}, {Variable: "C", Err: errors.New("first")},
		{Variable: "B\n", Err: errors.New("second")}, {Variable: "C", Err: errors.New("first, too")},
		{Err: errors.New("of none")}, {Variable: "NOT_SET", Err: errors.New("missing")}, {Variable: "A", Err: errors.New("third, too")},
	}), "server not started")
	const want = `azinject: error: of none
azinject: error: NOT_SET: missing
azinject: error: C: first
azinject: error: C: first, too
azinject: error: "B\n": second
azinject: error: A: third
azinject: error: A: third, too
azinject: server not started: 7 mistakes in the environment; nothing was fetched
`
	if r.String() != want {
		t.Errorf("report:\n%s\nwant:\n%s", r, want)
	}
}

func TestReportGivesEqualHintsOnce(t *testing.T) {
	r := New([]string{"A=1", "B=2"}, Refused([]*exec.RefusedError{{Variable: "A", Reason: "is too long"}, {Variable: "B", Reason: "is too long"}}), "server not started")
	const want = `azinject: error: A: is too long
azinject: hint: let the server read this value from the vault: an environment variable cannot hold it
azinject: error: B: is too long
azinject: server not started: 2 variables cannot be passed on
`
	if r.String() != want {
		t.Errorf("report:\n%s\nwant:\n%s", r, want)
	}
}

func TestWriteTable(t *testing.T) {
	var got strings.Builder
	WriteTable(&got, [][]string{{"VARIABLE", "NAME"}, {"Ä", "x"}, {"LONGER_NAME", "y"}})
	const want = "VARIABLE     NAME\nÄ            x\nLONGER_NAME  y\n"
	if got.String() != want {
		t.Errorf("%q, want %q", got.String(), want)
	}
}
