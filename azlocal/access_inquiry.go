package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"azinject/azlocal/manager"
	"azinject/identity"
	"azinject/resolve"
)

// inquiry is what has to be found out.
type inquiry struct {
	options    *accessOptions
	file       *deployable
	getenv     func(string) string
	cloud      resolve.Cloud
	resolution resolve.Options
	workspace  resolve.Workspace // that is deployed to, zero if unknown
	noPlace    error             // why it is unknown
	stores     []*store

	tokens  *identity.Shared
	manager *manager.Client
}

// patience bounds all questions together.
const patience = 2 * time.Minute

// newInquiry finds the references, with azinject's own grammar.
func (p *process) newInquiry(d *deployable, o *accessOptions) (*inquiry, error) {
	q := &inquiry{options: o, file: d, getenv: func(name string) string { value, _ := valueOf(d.variables, name); return value }}
	q.cloud = currentCloud(merge(p.environ, d.variables))
	own, err := q.findWorkspace(p.environ)
	if err != nil {
		return nil, err
	}
	if d.kind == ofEndpoint {
		if d.enforces && q.noPlace != nil {
			return nil, q.noPlace
		}
		q.addConnections()
		return q, nil
	}
	project, err := q.findProject(p.environ)
	if err != nil {
		return nil, err
	}
	g := resolve.Grammar{Cloud: q.cloud, AllowedVaultHosts: listIn(q.getenv("AZINJECT_ALLOWED_VAULT_HOSTS")), Workspace: own, Project: project}
	skipped := append(listIn(q.getenv("AZINJECT_SKIP")), listIn(q.getenv("AZINJECT_UNSET"))...)
	q.resolution = resolve.Options{Grammar: g, Skip: skips(skipped), Timeout: patience / 4}
	plan, failures := resolve.NewPlan(d.variables, q.resolution)
	if err := mistakesIn(failures, q.noPlace); err != nil {
		return nil, err
	}
	q.stores = storesOf(plan.Sources())
	return q, nil
}

// findWorkspace sets the workspace that is deployed to, and returns that of
// references which name none. An invalid AZINJECT_WORKSPACE is an error.
func (q *inquiry) findWorkspace(environ []string) (own resolve.Workspace, err error) {
	const setting = "AZINJECT_WORKSPACE"
	inherited, _ := valueOf(environ, setting)
	if id := cmp.Or(q.getenv(setting), inherited); id != "" {
		if own, err = resolve.ParseWorkspace(id); err != nil {
			return own, fmt.Errorf("%s: %w", setting, cmp.Or(resolve.Wrapped(id), err))
		}
	}
	q.workspace, q.noPlace = q.options.workspace.complete(environ)
	if _, ok := errors.AsType[*unknownSubscription](q.noPlace); ok {
		return own, q.noPlace
	}
	chosen := q.options.workspace != workspaceOptions{}
	switch {
	case own == resolve.Workspace{} && q.noPlace == nil:
		own = q.workspace
	case own != resolve.Workspace{} && !chosen:
		q.workspace, q.noPlace = own, nil
	}
	return own, nil
}

// findProject returns the Foundry project of references to connections of one.
func (q *inquiry) findProject(environ []string) (resolve.Project, error) {
	const setting = "AZINJECT_PROJECT"
	project, _ := resolve.DiscoverProject(q.getenv)
	inherited, _ := valueOf(environ, setting)
	if endpoint := cmp.Or(q.getenv(setting), inherited); endpoint != "" {
		var err error
		if project, err = resolve.ParseProject(endpoint); err != nil {
			return project, fmt.Errorf("%s: %w", setting, cmp.Or(resolve.Wrapped(endpoint), err))
		}
	}
	project.ID = project.DiscoverID(q.getenv)
	return project, nil
}

// listIn splits a setting.
func listIn(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}

// skips returns what reports whether azinject never touches a variable.
func skips(names []string) func(string) bool {
	return func(name string) bool {
		return slices.Contains(names, name) || strings.HasPrefix(name, "AZINJECT_")
	}
}

// mistakesIn returns the failures as one error, a line each, and one for all
// variables that lack a workspace.
func mistakesIn(failures []resolve.Failure, noPlace error) error {
	var all []error
	var lost []string
	for _, f := range failures {
		if errors.Is(f.Err, resolve.ErrNoWorkspace) && noPlace != nil {
			lost = append(lost, f.Variable)
			continue
		}
		all = append(all, fmt.Errorf("%s: %w", f.Variable, f.Err))
	}
	if lost != nil {
		all = append(all, fmt.Errorf("%s: %w", strings.Join(lost, ", "), noPlace))
	}
	return errors.Join(all...)
}
