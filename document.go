package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"azinject/access"
	"azinject/exec"
	"azinject/report"
	"azinject/resolve"
)

// document is what --check and --plan find out. docs/json.md describes
// its JSON. Fields may be added to it, and are never removed or changed.
type document struct {
	Mode       mode       `json:"mode"`
	OK         bool       `json:"ok"`
	References []referred `json:"references"`
	// These are set where they matter, Roles and Unset in a plan only.
	Identity  *usedIdentity  `json:"identity,omitempty"`
	Workspace *usedWorkspace `json:"workspace,omitempty"`
	Project   *usedProject   `json:"project,omitempty"`
	Roles     []access.Grant `json:"roles,omitempty"`
	Unset     []string       `json:"unset,omitempty"`
	Failures  []report.Entry `json:"failures"`

	advice string // about the tokens that the server can get
}

// referred is one reference.
type referred struct {
	Variable string `json:"variable"`
	Kind     string `json:"kind"` // as resolve.Kind says it
	Store    string `json:"store"`
	Name     string `json:"name"`
	Label    string `json:"label,omitempty"`
	Part     string `json:"part,omitempty"`
	Secret   string `json:"secret,omitempty"` // to which an App Configuration value refers
	Version  string `json:"version,omitempty"`
	Expires  string `json:"expires,omitempty"`
	Result   string `json:"result,omitempty"` // ok, expired or failed
}

// usedWorkspace is that of the references without one, and why.
type usedWorkspace struct {
	ID   string `json:"id"`
	From string `json:"from"`
}

// usedProject is that of references to Foundry connections, and why.
type usedProject struct {
	Endpoint string `json:"endpoint"`
	From     string `json:"from"`
}

// check resolves everything as a start would, and starts nothing.
func check(ctx context.Context, environ []string, log report.Log) (*document, error) {
	var sources []resolve.Source
	s, err := readEnviron(environ, true)
	if err == nil && len(s.plan.Sources()) > 0 {
		_, sources, err = s.resolve(ctx, &exec.Program{}, log)
	}
	d := newDocument(modeCheck, s, sources)
	for i := range d.References {
		d.References[i].Result = resultOf(sources[i], time.Now())
	}
	return d, err
}

// plan finds what a start would fetch, as whom, and which roles that takes. It
// uses no network.
func plan(environ []string) (*document, error) {
	s, err := readEnviron(environ, false)
	if err != nil {
		return newDocument(modePlan, nil, nil), err
	}
	sources := s.plan.Sources()
	d := newDocument(modePlan, s, sources)
	d.Roles = access.ForAll(sources, access.BySelection(s.selected))
	d.Unset, d.advice = s.advise()
	return d, nil
}

// newDocument returns the document of the sources. s is nil for an environment
// with mistakes.
func newDocument(m mode, s *start, sources []resolve.Source) *document {
	d := &document{Mode: m, References: []referred{}, Failures: []report.Entry{}}
	for _, source := range sources {
		o := source.Reference.Object
		d.References = append(d.References, referred{
			Variable: source.Variable, Kind: o.Kind.String(), Store: o.Store(), Name: o.Name,
			Label: o.Label, Part: source.Reference.PartName(), Secret: source.SecretID(), Version: cmp.Or(source.Version, o.Version), Expires: source.Expiry(),
		})
		if o.Workspace == s.Workspace && o.Workspace.Name != "" {
			d.Workspace = &usedWorkspace{o.Workspace.ID(), s.workspaceFrom}
		}
		if o.Kind == resolve.ProjectConnection {
			d.Project = &usedProject{o.Project.Endpoint(), s.projectFrom}
		}
	}
	if len(sources) > 0 {
		d.Identity = s.usedIdentity()
	}
	return d
}

// resultOf returns what became of a reference. The server is started with
// expired secrets too, because Key Vault serves them.
func resultOf(s resolve.Source, now time.Time) string {
	switch {
	case s.Err != nil:
		return "failed"
	case !s.Expires.IsZero() && s.Expires.Unix() < now.Unix(): // Before is wrong for huge years
		return "expired"
	}
	return "ok"
}

// writeJSON writes the whole document.
func (d *document) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

// writeText writes what people read, without the failures.
func (d *document) writeText(out io.Writer) error {
	var w bytes.Buffer
	switch {
	case len(d.References) > 0:
		d.writeTable(&w)
		if d.Mode == modePlan {
			d.writeRoles(&w)
		}
	case d.OK:
		fmt.Fprintln(&w, "no variable has a reference: azinject fetches nothing, and needs no identity")
	}
	_, err := w.WriteTo(out)
	return err
}

func (d *document) writeTable(w io.Writer) {
	header := []string{"VARIABLE", "STORE", "NAME", "VERSION"}
	if d.Mode == modeCheck {
		header = append(header, "EXPIRES", "RESULT")
	}
	table := [][]string{header}
	for _, r := range d.References {
		cells := []string{report.Quoted(r.Variable), r.Store, r.nameCell(), r.versionCell(d.Mode)}
		if d.Mode == modeCheck {
			cells = append(cells, cmp.Or(r.Expires, "-"), r.Result)
		}
		table = append(table, cells)
	}
	report.WriteTable(w, table)
}

// nameCell returns the name with the label or part for the table.
func (r referred) nameCell() string {
	if r.Label != "" {
		return r.Name + " (" + r.Label + ")"
	}
	if r.Part == "" || strings.HasPrefix(r.Part, string(resolve.Pointer)) {
		return r.Name + r.Part
	}
	return r.Name + "/" + r.Part
}

// versionCell returns the version for the table. Only secrets have versions.
func (r referred) versionCell(m mode) string {
	if m == modePlan && r.Kind == resolve.VaultSecret.String() {
		return cmp.Or(r.Version, "latest")
	}
	return cmp.Or(r.Version, "-")
}

// writeRoles writes who fetches, and which roles that takes.
func (d *document) writeRoles(w io.Writer) {
	fmt.Fprintf(w, "\nidentity: %s\n", d.Identity)
	if d.Workspace != nil {
		fmt.Fprintf(w, "workspace: %s (%s)\n", d.Workspace.ID, d.Workspace.From)
	}
	if d.Project != nil {
		fmt.Fprintf(w, "project: %s (%s)\n", d.Project.Endpoint, d.Project.From)
	}
	for _, g := range d.Roles {
		if g.Role == "" {
			action := g.Action
			if g.AuthMode != "" {
				action += " (auth_mode: " + g.AuthMode + ")"
			}
			fmt.Fprintf(w, "role: one with the action %s\n  on %s\n", action, g.Scope)
		} else {
			fmt.Fprintf(w, "role: %s\n  %s\n", g.Role, g.Command)
		}
	}
	if slices.ContainsFunc(d.References, func(r referred) bool { return r.Kind == resolve.KeyValue.String() }) {
		fmt.Fprintln(w, "a value in App Configuration may refer to a vault, which needs a role too; --check follows it")
	}
	isAnonymous := func(g access.Grant) bool { return strings.Contains(g.Command, " "+access.UnknownObjectID+" ") }
	if slices.ContainsFunc(d.Roles, isAnonymous) {
		fmt.Fprintf(w, "%s is the identity's or the user's; where a role is missing, --check prints it\n", access.UnknownObjectID)
	}
	if d.advice != "" {
		fmt.Fprintln(w, d.advice)
	}
}

// warn writes a line for each value that has expired.
func (d *document) warn(log report.Log) {
	for _, r := range d.References {
		if r.Result == "expired" {
			what, served := fmt.Sprintf("the token of online endpoint %q in %s", r.Name, r.Store), ""
			if r.Kind != resolve.EndpointToken.String() {
				what, served = "secret "+cmp.Or(r.Secret, fmt.Sprintf("%q in %s", r.Name, r.Store)), "; Key Vault still serves it"
			}
			log.Say(fmt.Sprintf("warning: %s: %s has expired%s", report.Quoted(r.Variable), what, served))
		}
	}
}
