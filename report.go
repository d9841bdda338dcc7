package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"azinject/exec"
	"azinject/identity"
	"azinject/resolve"
)

// statusFailed is the exit status when azinject itself failed, as env(1),
// nohup(1) and timeout(1) have it.
const statusFailed = 125

// exitCode returns the status that belongs to err.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return statusFailed
}

// usageError is a mistake on the command line.
type usageError string

func (e usageError) Error() string { return string(e) + "; see azinject --help" }

// failure is something wrong with one variable.
type failure struct {
	variable string
	err      error
}

// mistakesError is what is wrong with the environment as it was written.
type mistakesError struct{ list []failure }

func (e *mistakesError) Error() string { return plural(len(e.list), "mistake") }

// unresolvedError is what could not be fetched.
type unresolvedError struct {
	error
	advice advice
}

// Unwrap returns the failures.
func (e *unresolvedError) Unwrap() error { return e.error }

// refusedError is what is wrong with the environment once it is resolved.
type refusedError []*exec.RefusedError

func (e refusedError) Error() string { return plural(len(e), "variable") }

// failuresOf returns the failures that are in err.
func failuresOf(err error) []failure {
	var list []failure
	var failures *resolve.Failures
	var mistakes *mistakesError
	var refused refusedError
	switch {
	case errors.As(err, &failures):
		for _, f := range failures.List {
			list = append(list, failure{f.Variable, f.Err})
		}
	case errors.As(err, &mistakes):
		list = mistakes.list
	case errors.As(err, &refused):
		for _, r := range refused {
			list = append(list, failure{r.Variable, r})
		}
	}
	return list
}

// summary is the last line of a report of several failures.
func summary(err error) string {
	var check checkError
	consequence := "server not started: "
	if errors.As(err, &check) {
		consequence = "the server would not start: "
	}
	var failures *resolve.Failures
	if errors.As(err, &failures) {
		return consequence + fmt.Sprintf("%d of %s failed", len(failures.List), plural(failures.Total, "reference"))
	}
	var mistakes *mistakesError
	if errors.As(err, &mistakes) {
		return consequence + plural(len(mistakes.list), "mistake") + " in the environment; nothing was fetched"
	}
	var refused refusedError
	errors.As(err, &refused)
	return consequence + refused.Error() + " cannot be passed on"
}

// report is all that there is to say about a failed start.
type report struct {
	entries []entry
	summary string // "" where one entry says it all
}

// entry is one failure and what can be done about it.
type entry struct {
	variable string // "" if it is not of one
	message  string
	hints    []string // those that no entry before has; some have several lines
}

func (e entry) text() string {
	if e.variable == "" {
		return e.message
	}
	return printable(e.variable) + ": " + e.message
}

// newReport puts the failures into the order of the environment.
func newReport(environ []string, err error) report {
	list := failuresOf(err)
	slices.SortStableFunc(list, func(a, b failure) int {
		return cmp.Compare(position(environ, a.variable), position(environ, b.variable))
	})
	var a advice
	var unresolved *unresolvedError
	if errors.As(err, &unresolved) {
		a = unresolved.advice
	}
	if list == nil {
		return report{entries: []entry{{message: err.Error(), hints: a.hints(err)}}}
	}
	r := report{summary: summary(err)}
	given := map[string]bool{}
	for _, f := range list {
		e := entry{variable: f.variable, message: f.err.Error()}
		var selection *identity.SelectionError
		if errors.As(f.err, &selection) {
			e.message = selection.Err.Error() // without the variable again
		}
		for _, hint := range a.hints(f.err) {
			if !given[hint] {
				given[hint] = true
				e.hints = append(e.hints, hint)
			}
		}
		r.entries = append(r.entries, e)
	}
	return r
}

// String returns the report as people read it.
func (r report) String() string {
	var text strings.Builder
	for _, e := range r.entries {
		fmt.Fprintf(&text, "azinject: error: %s\n", e.text())
		for line := range strings.Lines(strings.Join(e.hints, "\n")) {
			fmt.Fprintf(&text, "azinject: hint: %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	if r.summary != "" {
		fmt.Fprintf(&text, "azinject: %s\n", r.summary)
	}
	return text.String()
}

// log writes the report as JSON, a line for every failure.
func (r report) log(w io.Writer) {
	logger := newLogger(w, true, slog.LevelError)
	for _, e := range r.entries {
		var attributes []any
		if e.hints != nil {
			attributes = []any{"hint", strings.Join(e.hints, "\n")}
		}
		logger.Log(context.Background(), slog.LevelError, e.text(), attributes...)
	}
	if r.summary != "" {
		logger.Error(r.summary)
	}
}

// publish writes the report to stderr, unless stdout has it, and, as text, to the file from which
// Kubernetes takes the reason why a container ended.
// https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
func publish(r report, err error, json bool) {
	var check checkError
	switch {
	case errors.As(err, &check) && check.documented:
	case json:
		r.log(os.Stderr)
	default:
		io.WriteString(os.Stderr, r.String())
	}
	const terminationLog = "/dev/termination-log"
	if info, err := os.Lstat(terminationLog); err != nil || !info.Mode().IsRegular() {
		return
	}
	if f, err := os.OpenFile(terminationLog, os.O_WRONLY|os.O_TRUNC|syscall.O_NOFOLLOW, 0); err == nil {
		io.WriteString(f, firstLines(r.String(), maxTerminationLog))
		f.Close()
	}
}

// maxTerminationLog is how much Kubernetes takes, in bytes.
const maxTerminationLog = 4096

// firstLines returns as many whole lines of text as have limit bytes together.
func firstLines(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return text[:strings.LastIndexByte(text[:limit], '\n')+1]
}

// position of a variable in the environment.
func position(environ []string, variable string) int {
	return slices.IndexFunc(environ, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == variable
	})
}

// printable quotes the names that would not look like one.
func printable(name string) string {
	if quoted := strconv.Quote(name); name == "" || strings.Contains(name, " ") || quoted != `"`+name+`"` {
		return quoted
	}
	return name
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
