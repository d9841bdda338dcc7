package main

import (
	"cmp"
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

// failure is something wrong with one variable, or with none if it has no name.
type failure = resolve.Failure

// failedError is all that keeps the command from being started.
type failedError struct {
	failures []failure
	summary  string
	advice   advice
}

func (e *failedError) Error() string { return e.summary }

// mistaken is the error for an environment that is wrong as it was written.
func mistaken(mistakes []failure) error {
	return &failedError{failures: mistakes, summary: plural(len(mistakes), "mistake") + " in the environment; nothing was fetched"}
}

// unresolved is the error for references of which some have no values.
func unresolved(failures []failure, references int, a advice) error {
	return &failedError{failures, fmt.Sprintf("%d of %s failed", len(failures), plural(references, "reference")), a}
}

// refused is the error for an environment that execve would refuse once it is
// resolved; nil for any other.
func refused(list []*exec.RefusedError) error {
	if list == nil {
		return nil
	}
	e := &failedError{summary: plural(len(list), "variable") + " cannot be passed on"}
	for _, r := range list {
		e.failures = append(e.failures, failure{Variable: r.Variable, Err: r})
	}
	return e
}

// report is all that there is to say about a failed start.
type report struct {
	entries []entry
	summary string // "" where one entry says it all
}

// entry is one failure and what can be done about it.
type entry struct {
	Variable string   `json:"variable,omitempty"`
	Message  string   `json:"error"`
	Hints    []string `json:"hints,omitempty"` // those that no entry before has; some have several lines
}

func (e entry) text() string {
	if e.Variable == "" {
		return e.Message
	}
	return printable(e.Variable) + ": " + e.Message
}

// newReport puts the failures into the order of the environment.
func newReport(environ []string, err error) report {
	failed, ok := errors.AsType[*failedError](err)
	if !ok {
		return report{entries: []entry{{Message: err.Error(), Hints: advice{}.hints(err)}}}
	}
	r := report{summary: "server not started: " + failed.summary}
	if _, ok := errors.AsType[checkError](err); ok {
		r.summary = "the server would not start: " + failed.summary
	}
	list := slices.SortedStableFunc(slices.Values(failed.failures), func(a, b failure) int {
		return cmp.Compare(position(environ, a.Variable), position(environ, b.Variable))
	})
	given := map[string]bool{}
	for _, f := range list {
		e := entry{Variable: f.Variable, Message: f.Err.Error()}
		if selection, ok := f.Err.(*identity.SelectionError); ok {
			e.Message = selection.Err.Error() // without the variable again
		}
		for _, hint := range failed.advice.hints(f.Err) {
			if !given[hint] {
				given[hint] = true
				e.Hints = append(e.Hints, hint)
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
		for line := range strings.Lines(strings.Join(e.Hints, "\n")) {
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
		if e.Hints != nil {
			attributes = []any{"hint", strings.Join(e.Hints, "\n")}
		}
		logger.Error(e.text(), attributes...)
	}
	if r.summary != "" {
		logger.Error(r.summary)
	}
}

// publish writes the report to stderr, unless stdout has it, and, as text, to
// the file from which Kubernetes takes the reason why a container ended.
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

// firstLines returns as many whole lines of text as have limit bytes together,
// or the beginning of one that is longer.
func firstLines(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	if end := strings.LastIndexByte(text[:limit], '\n'); end >= 0 {
		return text[:end+1]
	}
	return text[:limit]
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
