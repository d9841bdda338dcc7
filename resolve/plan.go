package resolve

import (
	"strings"
	"sync"
	"time"
)

// Options are what the resolution depends on besides the environment.
type Options struct {
	Grammar
	// Skip reports whether a variable is passed on untouched.
	Skip func(variable string) bool
	// Timeout bounds the resolution, not counting WaitForAccess.
	Timeout time.Duration
	// WaitForAccess is how long to retry a request that was denied because a
	// role assignment or access policy is missing.
	WaitForAccess time.Duration
	// Fits returns an error if no variable can have a value of so many bytes. Then
	// the value is not kept. Nil means that every value fits.
	Fits func(bytes int) error
}

// Plan is a parsed environment: what has to be fetched, and where it goes.
type Plan struct {
	environ   []string
	options   Options
	variables []variable
	// objects are the distinct things to fetch, in order of appearance, and
	// references what is taken of each.
	objects    []Object
	references [][]Reference
	// keyValues is how many of the objects may lead to a secret.
	keyValues int
	// index maps an object's folded form to its place in objects.
	index    map[Object]int
	progress progress
	parsing  sync.Mutex // held while a large answer is parsed
}

// variable is one whose value has references.
type variable struct {
	position int // in environ
	name     string
	value    Value
}

// NewPlan parses the references in environ, which holds NAME=value entries. It
// makes no request. For every variable that does not parse it returns a failure,
// with the error of [Grammar.Parse], and leaves the variable out of the plan.
func NewPlan(environ []string, options Options) (*Plan, []Failure) {
	p := &Plan{environ: environ, options: options, index: map[Object]int{}}
	var failures []Failure
	for i, kv := range environ {
		name, text, ok := strings.Cut(kv, "=")
		if !ok || options.Skip != nil && options.Skip(name) {
			continue
		}
		value, err := options.Parse(text)
		switch {
		case err != nil:
			failures = append(failures, Failure{name, err})
		case value != nil:
			p.add(variable{position: i, name: name, value: value})
		}
	}
	return p, failures
}

func (p *Plan) add(v variable) {
	p.variables = append(p.variables, v)
	for _, ref := range v.value.References() {
		id := ref.Object.folded()
		i, ok := p.index[id]
		if !ok {
			i = len(p.objects)
			p.index[id] = i
			p.objects = append(p.objects, ref.Object)
			p.references = append(p.references, nil)
			if ref.Object.Kind == KeyValue {
				p.keyValues++
			}
		}
		p.references[i] = append(p.references[i], ref)
	}
}

// Sources returns where the references' values will come from, in the order of
// the environment, with repetitions. Versions and expiries are not known yet.
func (p *Plan) Sources() []Source {
	var sources []Source
	for _, v := range p.variables {
		for _, ref := range v.value.References() {
			sources = append(sources, Source{Variable: v.name, Reference: ref})
		}
	}
	return sources
}
