package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"azinject/exec"
	"azinject/resolve"
)

// document is what --check and --plan find out. deploy/ci/README.md describes
// its JSON; fields may be added to it, and none is ever taken away or changed.
type document struct {
	Mode       mode               `json:"mode"`
	OK         bool               `json:"ok"`
	References []documentedSource `json:"references"`
	// These are there where they are needed, the roles in a plan only.
	Identity  *documentedIdentity  `json:"identity,omitempty"`
	Workspace *documentedWorkspace `json:"workspace,omitempty"`
	Roles     []grant              `json:"roles,omitempty"`
	Failures  []entry              `json:"failures"`
}

// documentedSource is one reference.
type documentedSource struct {
	Variable string `json:"variable"`
	Kind     string `json:"kind"` // secret, connection or endpoint
	Store    string `json:"store"`
	Name     string `json:"name"`
	Part     string `json:"part,omitempty"`
	Version  string `json:"version,omitempty"`
	Expires  string `json:"expires,omitempty"`
	Result   string `json:"result,omitempty"` // ok, expired or failed
}

// documentedIdentity is who fetches, and why. No ID stands for the
// system-assigned identity, or for the only one there is.
type documentedIdentity struct {
	Credential string `json:"credential"` // as AZINJECT_CREDENTIAL names it
	Platform   string `json:"platform,omitempty"`
	ClientID   string `json:"clientId,omitempty"`
	ObjectID   string `json:"objectId,omitempty"`
	ResourceID string `json:"resourceId,omitempty"`
	From       string `json:"from,omitempty"` // variables, separated by commas
}

// documentedWorkspace is that of references which name none, and why.
type documentedWorkspace struct {
	ID   string `json:"id"`
	From string `json:"from"`
}

// newDocument documents the sources; of those of a plan nothing has been
// fetched.
func newDocument(m mode, sources []resolve.Source, now time.Time) *document {
	d := &document{Mode: m, OK: true, References: []documentedSource{}, Failures: []entry{}}
	for _, s := range sources {
		o := s.Reference.Object
		row := documentedSource{
			Variable: s.Variable, Kind: [...]string{"secret", "connection", "endpoint", "endpoint"}[o.Kind],
			Store: o.Store(), Name: o.Name, Part: s.Reference.PartName(), Version: cmp.Or(s.Version, o.Version),
		}
		if m == modeCheck {
			row.Result = outcome(s, now)
		}
		if !s.Expires.IsZero() {
			row.Expires = s.Expires.UTC().Format(time.RFC3339)
		}
		d.References = append(d.References, row)
	}
	return d
}

// outcome is what became of a reference. A secret that has expired is served
// all the same, and the server started with it.
func outcome(s resolve.Source, now time.Time) string {
	switch {
	case s.Err != nil:
		return "failed"
	case !s.Expires.IsZero() && s.Expires.Before(now):
		return "expired"
	}
	return "ok"
}

// refuse documents whose values there are, and cannot be passed on.
func (d *document) refuse(failures []failure) {
	for _, f := range failures {
		_, refused := errors.AsType[*exec.RefusedError](f.Err)
		for i, r := range d.References {
			if refused && r.Variable == f.Variable {
				d.References[i].Result = "failed"
			}
		}
	}
}

// writeJSON writes the whole document.
func (d *document) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

// writeText writes what people read, without the failures, which are reported.
func (d *document) writeText(out io.Writer) error {
	var w bytes.Buffer
	switch {
	case len(d.References) > 0:
		d.writeTable(&w)
		d.writeChoices(&w)
	case d.OK:
		fmt.Fprintln(&w, "no variable has a reference: azinject passes everything on, and needs no identity")
	}
	_, err := w.WriteTo(out)
	return err
}

func (d *document) writeTable(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	header := []string{"VARIABLE", "STORE", "NAME", "VERSION"}
	if d.Mode == modeCheck {
		header = append(header, "EXPIRES", "RESULT")
	}
	fmt.Fprintln(table, strings.Join(header, "\t"))
	for _, r := range d.References {
		cells := []string{printable(r.Variable), r.Store, strings.TrimSuffix(r.Name+"/"+r.Part, "/"), r.version(d.Mode)}
		if d.Mode == modeCheck {
			cells = append(cells, cmp.Or(r.Expires, "-"), r.Result)
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	table.Flush()
}

// writeChoices writes what --plan is for.
func (d *document) writeChoices(w io.Writer) {
	if d.Mode != modePlan {
		return
	}
	fmt.Fprintln(w)
	if i := d.Identity; i != nil {
		fmt.Fprintf(w, "identity: %s%s\n", i, parenthesized(i.From))
	}
	if d.Workspace != nil {
		fmt.Fprintf(w, "workspace: %s%s\n", d.Workspace.ID, parenthesized(d.Workspace.From))
	}
	for _, g := range d.Roles {
		if g.Role == "" {
			fmt.Fprintf(w, "role: one with the action %s\n  on %s\n", g.Action, g.Scope)
		} else {
			fmt.Fprintf(w, "role: %s\n  %s\n", g.Role, g.Command)
		}
	}
	if strings.Contains(fmt.Sprint(d.Roles), " "+unknownPrincipal+" ") {
		fmt.Fprintf(w, "%s is the identity's or user's; where a role is missing, --check prints it\n", unknownPrincipal)
	}
}

// version is a cell of the table. Only secrets have versions.
func (r documentedSource) version(m mode) string {
	if m == modePlan && r.Kind == "secret" {
		return cmp.Or(r.Version, "latest")
	}
	return cmp.Or(r.Version, "-")
}

func parenthesized(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}
