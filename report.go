package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"azinject/exec"
	"azinject/resolve"
)

// statusFailed is the exit status when azinject itself failed, as env(1),
// nohup(1) and timeout(1) have it.
const statusFailed = 125

// exitCode returns the status that belongs to err.
func exitCode(err error) int {
	var coded interface{ ExitCode() int }
	if errors.As(err, &coded) {
		return coded.ExitCode()
	}
	return statusFailed
}

// informationError is text that was asked for with --help or --version.
type informationError string

func (e informationError) Error() string { return string(e) }

// ExitCode returns 0.
func (e informationError) ExitCode() int { return 0 }

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
			list = append(list, failure{r.Variable, errors.New(r.Reason)})
		}
	}
	return list
}

// summary is the last line of a report of several failures.
func summary(err error) string {
	var failures *resolve.Failures
	if errors.As(err, &failures) {
		return fmt.Sprintf("%d of %s failed", len(failures.List), plural(failures.Total, "reference"))
	}
	var mistakes *mistakesError
	if errors.As(err, &mistakes) {
		return plural(len(mistakes.list), "mistake") + " in the environment; nothing was fetched"
	}
	return err.Error() + " cannot be passed on"
}

// report writes everything that err tells, in the order of the environment.
func report(w io.Writer, environ []string, err error) {
	var text strings.Builder
	list := failuresOf(err)
	slices.SortStableFunc(list, func(a, b failure) int {
		return cmp.Compare(position(environ, a.variable), position(environ, b.variable))
	})
	for _, f := range list {
		fmt.Fprintf(&text, "azinject: error: %s: %v\n", printable(f.variable), f.err)
	}
	if list == nil {
		fmt.Fprintf(&text, "azinject: error: %v\n", err)
	} else {
		fmt.Fprintf(&text, "azinject: server not started: %s\n", summary(err))
	}
	io.WriteString(w, text.String())
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
