package resolve

import (
	"slices"
	"strings"
	"time"
)

// Secret holds a value that must not be printed. It is a function because no
// formatting verb, logger or encoder can look into one, at any depth: it prints
// as an address and refuses to be marshalled.
type Secret func() string

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret {
	return func() string { return value }
}

// Resolution is an environment with the values in place.
type Resolution struct {
	// Environ is the planned environment with its order, duplicates and bytes
	// kept, except for the references; nil if one of them failed.
	Environ []string
	// Sources has each reference with its result, in the order of the
	// environment.
	Sources []Source
}

// Source says where a value comes from.
type Source struct {
	Variable  string
	Reference Reference
	// Version of the secret that the vault served, "" for other objects.
	Version string
	// Expires is when the secret expires, zero if never. Key Vault serves
	// expired secrets too.
	Expires time.Time
	// Secret is the secret that an App Configuration value refers to, zero for
	// others. Version and Expires are its own.
	Secret Object
	// Err is why there is no value, nil if there is one.
	Err error
}

// Expiry returns Expires as text, "" if it is zero. Key Vault takes any number of
// seconds, RFC 3339 only the years up to 9999.
func (s Source) Expiry() string {
	const first, last = -62167219200, 253402300799 // of years with four digits
	if s.Expires.IsZero() {
		return ""
	}
	return time.Unix(max(first, min(s.Expires.Unix(), last)), 0).UTC().Format(time.RFC3339)
}

// SecretID returns the address of Secret, "" if there is none.
func (s Source) SecretID() string {
	if s.Secret.Name == "" {
		return ""
	}
	return strings.TrimSuffix("https://"+s.Secret.Vault+"/secrets/"+s.Secret.Name+"/"+s.Secret.Version, "/")
}

// substitute puts the results into a copy of the environment. Secrets are
// unwrapped here, and where a pointer leads into one.
func (p *Plan) substitute(results []result) (*Resolution, []Failure) {
	done := &Resolution{Environ: slices.Clone(p.environ)}
	var failures []Failure
	for _, v := range p.variables {
		var text strings.Builder
		text.WriteString(v.name + "=")
		for _, piece := range v.value {
			text.WriteString(piece.literal)
			if piece.ref == nil {
				continue
			}
			t := results[p.index[piece.ref.Object.folded()]][*piece.ref]
			t.source.Variable = v.name
			done.Sources = append(done.Sources, t.source)
			if t.source.Err != nil {
				failures = append(failures, Failure{v.name, t.source.Err})
				continue
			}
			text.WriteString(t.value())
		}
		done.Environ[v.position] = text.String()
	}
	if failures != nil {
		done.Environ = nil
	}
	return done, failures
}
