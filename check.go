package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
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
	r, err := read(environ)
	if err == nil && r.plan.References() > 0 {
		sources, err = r.try()
	}
	d := newDocument(modeCheck, sources, time.Now())
	if r != nil {
		d.describe(r)
	}
	var refused refusedError
	errors.As(err, &refused)
	for _, r := range refused {
		d.refuse(r.Variable)
	}
	return d.publish(environ, err, json)
}

// try resolves the plan and returns what became of its references, if it came to that.
func (r *request) try() ([]resolve.Source, error) {
	var program exec.Program
	resolution, err := r.resolve(&program)
	if resolution == nil {
		return nil, err
	}
	if err == nil {
		if refused := program.Check(r.serverEnviron(resolution.Environ)); refused != nil {
			err = refusedError(refused)
		}
	}
	return resolution.Sources, err
}

// plan reports what a start would fetch, as whom, and which roles that takes. It uses
// no network.
func plan(environ []string, json bool) error {
	var sources []resolve.Source
	r, err := read(environ)
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

// describe documents the identity and the workspace, if there is need of them.
func (d *document) describe(r *request) {
	if len(d.References) == 0 {
		return
	}
	d.Identity = r.describeIdentity()
	own := func(s resolve.Source) bool { return s.Reference.Object.Workspace == r.workspace }
	if r.workspace != (resolve.Workspace{}) && slices.ContainsFunc(r.plan.Sources(), own) {
		d.Workspace = &documentedWorkspace{r.workspace.ID(), r.workspaceFrom}
	}
}

// publish writes the document to stdout and returns err, if there is one, as a checkError.
func (d *document) publish(environ []string, err error, json bool) error {
	if err != nil {
		err = checkError{err, json}
		d.add(newReport(environ, err))
	}
	if json {
		if failed := d.writeJSON(os.Stdout); failed != nil {
			return fmt.Errorf("writing to stdout: %w", failed)
		}
		return err
	}
	d.writeText(os.Stdout)
	for _, r := range d.References {
		if r.Result == "expired" {
			fmt.Fprintf(os.Stderr, "azinject: warning: %s: secret %q in %s has expired; Key Vault serves it all the same\n", printable(r.Variable), r.Name, r.Store)
		}
	}
	return err
}
