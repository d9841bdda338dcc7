package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"azinject/exec"
	"azinject/resolve"
)

// checkError is what --check or --plan found wrong.
type checkError struct {
	error
	documented bool // on stdout, so that stderr need not have it too
}

// Unwrap returns what is wrong.
func (e checkError) Unwrap() error { return e.error }

// check resolves everything as a start would, reports on every reference, and
// starts nothing.
func check(environ []string, json bool) error {
	var sources []resolve.Source
	r, err := read(environ, true)
	if err == nil && len(r.plan.Sources()) > 0 {
		_, sources, err = r.resolve(&exec.Program{})
	}
	d := newDocument(modeCheck, sources, time.Now())
	if r != nil {
		d.describe(r)
	}
	if failed, ok := errors.AsType[*failedError](err); ok {
		d.refuse(failed.failures)
	}
	return d.publish(environ, err, json)
}

// plan reports what a start would fetch, as whom, and which roles that takes.
// It uses no network.
func plan(environ []string, json bool) error {
	var sources []resolve.Source
	r, err := read(environ, false)
	if err == nil {
		sources = r.plan.Sources()
	}
	d := newDocument(modePlan, sources, time.Now())
	if r != nil {
		d.describe(r)
		principal, kind := r.principal()
		d.Roles = grantsFor(sources, principal, kind)
	}
	return d.publish(environ, err, json)
}

// publish writes the document to stdout and returns err, if there is one, as a
// checkError.
func (d *document) publish(environ []string, err error, json bool) error {
	if err != nil {
		d.OK, d.Failures = false, newReport(environ, err).entries
	}
	write := d.writeText
	if json {
		write = d.writeJSON
	}
	if failed := write(os.Stdout); failed != nil {
		return fmt.Errorf("writing to stdout: %w", failed)
	}
	if !json {
		d.warn(os.Stderr)
	}
	if err != nil {
		return checkError{err, json}
	}
	return nil
}

// warn tells of secrets that have expired.
func (d *document) warn(w io.Writer) {
	for _, r := range d.References {
		if r.Result == "expired" {
			fmt.Fprintf(w, "azinject: warning: %s: secret %q in %s has expired; Key Vault serves it all the same\n", printable(r.Variable), r.Name, r.Store)
		}
	}
}
