// Package report says why a start failed: every failure, and what can be done
// about it, as text, as JSON, and as Kubernetes' termination message. It also says
// what a long start waits for.
//
// The other packages return errors with facts. What to do about them is said
// here, and nowhere else.
package report

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"azinject/exec"
	"azinject/resolve"
)

// Error is everything that keeps the command from being started.
type Error struct {
	Failures []resolve.Failure
	// Summary says how many there are, such as "2 of 7 references failed".
	Summary string
	// Facts are what hints are made from besides the failures.
	Facts Facts
}

func (e *Error) Error() string { return e.Summary }

// Mistakes returns the error for an environment with mistakes in it.
func Mistakes(mistakes []resolve.Failure) *Error {
	return &Error{Failures: mistakes, Summary: plural(len(mistakes), "mistake") + " in the environment; nothing was fetched"}
}

// Unresolved returns the error for references without values.
func Unresolved(failures []resolve.Failure, references int, facts Facts) *Error {
	return &Error{failures, fmt.Sprintf("%d of %s failed", len(failures), plural(references, "reference")), facts}
}

// Refused returns the error for variables that execve would refuse.
func Refused(refused []*exec.RefusedError) *Error {
	e := &Error{Summary: plural(len(refused), "variable") + " cannot be passed on"}
	for _, r := range refused {
		e.Failures = append(e.Failures, resolve.Failure{Variable: r.Variable, Err: r})
	}
	return e
}

// Report describes a failed start.
type Report struct {
	Entries []Entry
	Summary string // "" where the only entry says it all
}

// Entry is one failure and what can be done about it.
type Entry struct {
	Variable string `json:"variable,omitempty"`
	Message  string `json:"error"`
	// Hints are those that no entry before has given. Some have several lines.
	Hints []string `json:"hints,omitempty"`
}

// New returns the report of err, with the failures in the order of the
// environment. If err is an [Error], outcome begins the summary.
func New(environ []string, err error, outcome string) Report {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return Report{Entries: []Entry{{Message: err.Error()}}}
	}
	r := Report{Summary: outcome + ": " + failed.Summary}
	given := map[string]bool{}
	for _, f := range inOrder(environ, failed.Failures) {
		e := Entry{Variable: f.Variable, Message: f.Err.Error()}
		for _, hint := range failed.Facts.hints(f.Err) {
			if !given[hint] {
				given[hint] = true
				e.Hints = append(e.Hints, hint)
			}
		}
		r.Entries = append(r.Entries, e)
	}
	return r
}

// inOrder sorts failures by the place of their variables in the environment, after
// those whose variables are not there.
func inOrder(environ []string, failures []resolve.Failure) []resolve.Failure {
	place := map[string]int{} // counted from 1
	for i, kv := range slices.Backward(environ) {
		name, _, _ := strings.Cut(kv, "=")
		place[name] = i + 1
	}
	sorted := make([][]resolve.Failure, len(environ)+1)
	for _, f := range failures {
		at := place[f.Variable]
		sorted[at] = append(sorted[at], f)
	}
	return slices.Concat(sorted...)
}

func (e Entry) text() string {
	if e.Variable == "" {
		return e.Message
	}
	return Quoted(e.Variable) + ": " + e.Message
}

// String returns the report as people read it.
func (r Report) String() string {
	var text strings.Builder
	for _, e := range r.Entries {
		fmt.Fprintf(&text, "azinject: error: %s\n", e.text())
		for line := range strings.Lines(strings.Join(e.Hints, "\n")) {
			fmt.Fprintf(&text, "azinject: hint: %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	if r.Summary != "" {
		fmt.Fprintf(&text, "azinject: %s\n", r.Summary)
	}
	return text.String()
}

// Write writes the report in the format of the log. As JSON, it is a line for each
// failure.
func (r Report) Write(log Log) {
	if !log.JSON {
		io.WriteString(log.Writer, r.String())
		return
	}
	for _, e := range r.Entries {
		var attributes []any
		if e.Hints != nil {
			attributes = []any{"hint", strings.Join(e.Hints, "\n")}
		}
		log.Write("ERROR", e.text(), attributes...)
	}
	if r.Summary != "" {
		log.Write("ERROR", r.Summary)
	}
}

// Quoted returns a variable's name or a word of a log, in quotes if it would
// otherwise not be seen where it ends.
func Quoted(name string) string {
	if quoted := strconv.Quote(name); name == "" || strings.ContainsAny(name, " =") || quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

// WriteTable writes rows of the same length, with their cells one below the other.
func WriteTable(w io.Writer, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, cells := range rows {
		for i, cell := range cells {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, cells := range rows {
		last := len(cells) - 1
		for i, cell := range cells[:last] {
			fmt.Fprintf(w, "%-*s  ", width[i], cell)
		}
		fmt.Fprintln(w, cells[last])
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
