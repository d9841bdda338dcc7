package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// print prints what was found out.
func (p *process) print(r *accessReport, o *accessOptions) error {
	if o.json {
		encoder := json.NewEncoder(p.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	var w bytes.Buffer
	r.write(&w)
	_, err := w.WriteTo(p.stdout)
	return err
}

func (r *accessReport) write(w io.Writer) {
	if len(r.Stores) == 0 {
		fmt.Fprintln(w, strings.Join(r.Notes, "\n"))
		return
	}
	fmt.Fprintf(w, "you: %s with object ID %s\n", map[string]string{"User": "user", "ServicePrincipal": "application"}[r.Person.Type], r.Person.ObjectID)
	if r.Identity != nil {
		fmt.Fprintf(w, "identity: %s, with object ID %s\n", r.Identity.What, r.Identity.ObjectID)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	r.writeTable(w)
	for _, s := range r.Stores {
		s.write(w)
	}
}

func (r *accessReport) writeTable(w io.Writer) {
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STORE\tNEEDED FOR\tYOU\tIDENTITY")
	for _, s := range r.Stores {
		cell := "-"
		if s.Identity != nil {
			cell = s.Identity.Access.String()
		}
		if s.granted() && s.Identity.Access != rbac.Yes {
			cell = resultGranted
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.Store, s.what(mostListed), s.Person.Access, cell)
	}
	table.Flush()
}

// mostListed is how many names the table shows of a store.
const mostListed = 3

// what says what is read, with at most so many names.
func (s *store) what(most int) string {
	names, noun := s.Names, s.objects[0].Kind.Noun()
	switch s.objects[0].Kind { // of an endpoint, each has a row
	case resolve.EndpointKeys:
		noun = "keys of " + noun
	case resolve.EndpointToken:
		noun = "token of " + noun
	}
	switch {
	case len(names) == 0:
		return "all connections"
	case len(names) > most:
		return fmt.Sprintf("%s %s and %d more", noun, strings.Join(names[:most], ", "), len(names)-most)
	}
	return noun + " " + strings.Join(names, ", ")
}

// write explains a store's verdicts.
func (s *store) write(w io.Writer) {
	fmt.Fprintf(w, "\n%s, %s\n", s.Store, s.what(len(s.Names)))
	s.Person.write(w, "you")
	for _, g := range s.PersonGrants {
		g.writeNeed(w, s.Person.Access)
	}
	if s.Identity != nil {
		s.Identity.write(w, "identity")
	}
	for _, rule := range s.Network {
		fmt.Fprintf(w, "  network: %s\n", rule)
	}
	for _, g := range s.Grants {
		g.write(w, s)
	}
}

func (v verdict) write(w io.Writer, who string) {
	text := v.Access.String()
	if v.Lacks != nil {
		text += " for " + strings.Join(v.Lacks, ", ")
	}
	fmt.Fprintf(w, "  %s: %s: %s\n", who, text, strings.Join(v.Because, "; "))
}

// write prints what became of an identity's grant, or else what it needs.
func (g *grant) write(w io.Writer, s *store) {
	switch {
	case g.Result == resultGranted:
		fmt.Fprintf(w, "  granted: %s\n", g)
		return
	case g.Result == resultExisted:
		fmt.Fprintf(w, "  there already: %s\n", g)
		return
	case g.Error != "":
		fmt.Fprintf(w, "  not granted: %s: %s\n", g, g.Error)
	case s.Person.Access != rbac.Yes:
		fmt.Fprintf(w, "  not granted: %s: you cannot read these secrets yourself, so you cannot let others read them\n", g)
	}
	g.writeNeed(w, s.Identity.Access)
}

// writeNeed prints who can make the grant, and how.
func (g *grant) writeNeed(w io.Writer, access rbac.Access) {
	needed := "needed"
	if access == rbac.Unknown {
		needed = "needed if it has no access"
	}
	if g.Definition == nil {
		fmt.Fprintf(w, "  %s: %s. An administrator can run:\n    %s\n", needed, g, g.Command)
		return
	}
	fmt.Fprintf(w, "  %s: a role that allows %s. No built-in role has just this. Put this into role.json:\n", needed, g.Action)
	for line := range strings.Lines(string(g.Definition)) {
		fmt.Fprint(w, "    "+line)
	}
	fmt.Fprintf(w, "\n  and an administrator can run:\n    az role definition create --role-definition role.json\n    %s\n", g.Command)
}

// String describes the grant in words.
func (g *grant) String() string {
	if g.policy {
		return `an access policy with the secret permission "get"`
	}
	return fmt.Sprintf("%q on %s", g.Role, g.Scope)
}
