package resolve

import (
	"slices"
	"strings"
	"time"
)

// Options are what the resolution of an environment depends on, besides it.
type Options struct {
	Cloud             Cloud
	AllowedVaultHosts []string
	// Workspace of references that name none; zero if it is not known.
	Workspace Workspace
	// Skip lists the variables that are passed on untouched.
	Skip []string
	// SkipPrefix does so for all that begin with it.
	SkipPrefix string
	// Timeout bounds the resolution, not counting WaitForAccess.
	Timeout time.Duration
	// WaitForAccess is for how long a request is repeated that was denied for
	// want of a role assignment or access policy.
	WaitForAccess time.Duration
}

// Plan is an environment with its references parsed: what has to be fetched,
// and where it goes.
type Plan struct {
	environ []string
	options Options
	entries []entry
	// objects are the distinct things to fetch, in order of appearance.
	objects []Object
	// index finds an object's place in objects by its folded form.
	index map[Object]int
}

// entry is a variable whose value has references.
type entry struct {
	position int // in environ
	variable string
	value    Value
}

// NewPlan parses the references in environ, which holds NAME=value entries. It
// makes no request. There is a failure, which is a [*SyntaxError] or
// [ErrNoWorkspace], for every variable whose value has a malformed reference or
// one whose workspace is not known; the plan is that of the others.
func NewPlan(environ []string, options Options) (*Plan, []Failure) {
	grammar := Grammar{VaultSuffix: options.Cloud.VaultSuffix, AllowedVaultHosts: options.AllowedVaultHosts}
	p := &Plan{environ: environ, options: options, index: map[Object]int{}}
	var failures []Failure
	for i, kv := range environ {
		name, text, ok := strings.Cut(kv, "=")
		if !ok || options.skips(name) {
			continue
		}
		value, err := grammar.Parse(text)
		if err == nil {
			err = value.qualify(options.Workspace)
		}
		switch {
		case err != nil:
			failures = append(failures, Failure{name, err})
		case value.parts != nil:
			p.add(entry{position: i, variable: name, value: value})
		}
	}
	return p, failures
}

func (o Options) skips(name string) bool {
	return slices.Contains(o.Skip, name) || o.SkipPrefix != "" && strings.HasPrefix(name, o.SkipPrefix)
}

// qualify gives the references that need a workspace and name none this one.
func (v Value) qualify(w Workspace) error {
	for _, p := range v.parts {
		if p.ref == nil || p.ref.Object.Kind == VaultSecret || p.ref.Object.Workspace != (Workspace{}) {
			continue
		}
		if w == (Workspace{}) {
			return ErrNoWorkspace
		}
		p.ref.Object.Workspace = w
	}
	return nil
}

func (p *Plan) add(e entry) {
	p.entries = append(p.entries, e)
	for _, ref := range e.value.References() {
		id := ref.Object.folded()
		if _, ok := p.index[id]; !ok {
			p.index[id] = len(p.objects)
			p.objects = append(p.objects, ref.Object)
		}
	}
}

// Sources returns where the values of the references will come from, in the
// order of the environment; equal ones as often as they stand there. No store
// has been asked: versions and expiries are not known.
func (p *Plan) Sources() []Source {
	var sources []Source
	for _, e := range p.entries {
		for _, ref := range e.value.References() {
			sources = append(sources, Source{Variable: e.variable, Reference: ref})
		}
	}
	return sources
}
