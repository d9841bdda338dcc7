package resolve

import (
	"slices"
	"strings"
	"time"
)

// Secret holds a value that must not be printed. It is a function because that
// is the one kind of value which no formatting verb, logger or encoder can look
// into, at any depth: it prints as an address and refuses to be marshalled.
type Secret func() string

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret {
	return func() string { return value }
}

// Resolution is an environment with the values in place.
type Resolution struct {
	// Environ has the order, the duplicates and the bytes of the environment
	// that was planned for, except where references stood; nil if one of them
	// failed.
	Environ []string
	// Sources say what became of each reference, in the order of the
	// environment.
	Sources []Source
}

// Source says where a value comes from.
type Source struct {
	Variable  string
	Reference Reference
	// Version of the secret that the vault served; empty for other objects.
	Version string
	// Expires is when the secret expires, which Key Vault serves all the same;
	// zero if never.
	Expires time.Time
	// Err is why there is no value; nil if there is one.
	Err error
}

// substitute puts the results into a copy of the environment. It is the one
// place where secrets are unwrapped.
func (p *Plan) substitute(results []result) (*Resolution, []Failure) {
	done := &Resolution{Environ: slices.Clone(p.environ)}
	var failures []Failure
	for _, e := range p.entries {
		var text strings.Builder
		text.WriteString(e.variable + "=")
		for _, piece := range e.value.parts {
			text.WriteString(piece.literal)
			if piece.ref == nil {
				continue
			}
			r := results[p.index[piece.ref.Object.folded()]]
			secret, source := r.part(*piece.ref)
			source.Variable = e.variable
			done.Sources = append(done.Sources, source)
			if source.Err != nil {
				failures = append(failures, Failure{e.variable, source.Err})
				continue
			}
			text.WriteString(secret())
		}
		done.Environ[e.position] = text.String()
	}
	if failures != nil {
		done.Environ = nil
	}
	return done, failures
}

// part returns what ref takes of the result, nil if that fails.
func (r result) part(ref Reference) (Secret, Source) {
	source := Source{Reference: ref, Err: r.err}
	if r.err != nil {
		return nil, source
	}
	source.Version, source.Expires = r.content.version, r.content.expires
	var secret Secret
	secret, source.Err = r.content.part(ref)
	return secret, source
}
