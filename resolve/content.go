package resolve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// fetcher is a store.
type fetcher interface {
	fetch(ctx context.Context, o Object) (content, error)
}

// content is a fetched object.
type content struct {
	// get returns what ref takes of the object, or a [*PartError].
	get func(ref Reference) (Secret, error)
	// parse returns the content if its answer has not been parsed, or nil. What is
	// parsed may take many times its size.
	parse func() (content, error)
	// version that the store served, and when it expires; "" and zero if the
	// store does not say.
	version string
	expires time.Time
	// follow is the secret to be fetched instead, to which a value in App
	// Configuration refers, or nil.
	follow *Object
	// secret is that secret in the content of the secret itself.
	secret Object
	// waited reports whether it was denied at first.
	waited bool
}

// via returns the content of a secret to which o refers.
func (c content) via(o, secret Object) content {
	get := c.get
	c.secret = secret
	c.get = func(ref Reference) (Secret, error) {
		value, err := get(ref)
		if err != nil {
			err = fmt.Errorf("%s refers to %w", o, err)
		}
		return value, err
	}
	return c
}

// notFetched returns the content of an object that was not fetched, because of
// err.
func notFetched(err error) content {
	return content{get: func(Reference) (Secret, error) { return nil, err }}
}

// result is what the references to an object take of it.
type result map[Reference]taken

// taken is the value of a reference, nil if there is none, and its source without
// the variable.
type taken struct {
	value  Secret
	source Source
}

// take returns what refs take of the content and fits, so that the rest of a large
// answer need not be kept.
func (c content) take(refs []Reference, fits func(bytes int) error) result {
	r := result{}
	for _, ref := range refs {
		if _, again := r[ref]; !again {
			value, err := c.get(ref)
			if err == nil && fits != nil {
				if err = fits(len(value())); err != nil {
					value = nil
				}
			}
			r[ref] = taken{value, Source{Reference: ref, Version: c.version, Expires: c.expires, Secret: c.secret, Err: err}}
		}
	}
	return r
}

// only returns the content with only what refs take of it.
func (c content) only(refs []Reference, fits func(bytes int) error) content {
	r := c.take(refs, fits)
	c.get = func(ref Reference) (Secret, error) { return r[ref].value, r[ref].source.Err }
	return c
}

// connection is what the answers about connections have.
type connection struct {
	AuthType    string
	Target      *string
	Metadata    members
	Credentials members
}

// content returns the content of the connection o, whose whole is body.
func (c connection) content(o Object, body []byte, sent []string) content {
	credential, metadata := c.Credentials.finder(o, c.AuthType, sent), c.Metadata.finder(o, "", sent)
	return content{get: func(ref Reference) (Secret, error) {
		switch ref.Part {
		case Credentials:
			return credential(ref)
		case Metadata:
			return metadata(ref)
		case Target:
			if c.Target == nil {
				return nil, &PartError{Object: o, Part: Target}
			}
			return NewSecret(*c.Target), nil
		default:
			return NewSecret(string(body)), nil
		}
	}}
}

var (
	// errUnexpected reports a body of another shape. It quotes nothing of it.
	errUnexpected = errors.New("the answer is not the expected JSON")
	// errAnother reports an answer to another request.
	errAnother = errors.New("the answer is not about the object that was asked for")
)

// decode decodes a body that is one JSON value. Nothing may follow it.
func decode(body []byte, into any) error {
	if !isText(body) {
		return ErrNotText
	}
	if json.Unmarshal(body, into) != nil {
		return errUnexpected
	}
	return nil
}

// members are those of a JSON object. They stay JSON, because a hostile answer
// would take many times its size if it was decoded.
type members map[string]json.RawMessage

// finder returns a function that finds the value of a reference: the member with
// exactly its name, or else the only one whose name differs just in letter case,
// for connections that were made with "apiVersion" and are read with "ApiVersion".
// authType is that of the connection whose credentials these are, or "".
func (m members) finder(o Object, authType string, sent []string) func(Reference) (Secret, error) {
	have := sync.OnceValues(m.names)
	return func(ref Reference) (Secret, error) {
		value, ok := m[ref.Key]
		if !ok {
			value = m.like(ref.Key)
		}
		if text, ok := scalar(value); ok {
			return NewSecret(text), nil
		}
		names, more := have()
		return nil, &PartError{Object: o, Part: ref.Part, Key: ref.Key, Have: names, more: more, AuthType: authType, sent: sent}
	}
}

// like returns the value of the only member whose name differs from key just in
// letter case, nil if there is none or more than one.
func (m members) like(key string) (found json.RawMessage) {
	key = strings.ToLower(key)
	for name, value := range m {
		if strings.ToLower(name) == key {
			if found != nil {
				return nil
			}
			found = value
		}
	}
	return found
}

// names returns the first names of usable members, and how many more there are. Very
// long ones are only counted.
func (m members) names() (first []string, more int) {
	const most, longest = 100, 1 << 10
	for name, value := range m {
		if _, ok := scalar(value); ok && len(name) > longest {
			more++
		} else if ok {
			first = append(first, name)
		}
	}
	slices.Sort(first)
	if len(first) > most {
		more += len(first) - most
		first = slices.Clone(first[:most])
	}
	return first, more
}

// scalar returns a JSON string, number or boolean as text, numbers with all their
// digits. Nothing else can be injected.
func scalar(value json.RawMessage) (text string, ok bool) {
	switch {
	case len(value) == 0, value[0] == '{', value[0] == '[', value[0] == 'n':
		return "", false
	case value[0] == '"':
		return text, json.Unmarshal(value, &text) == nil
	default:
		return string(value), true
	}
}

// ErrNotText reports an answer with text that is not Unicode. Decoding it would
// silently change a value.
var ErrNotText = errors.New("the answer has text that is not valid Unicode")

// isText reports whether JSON is valid UTF-8, and has no half of a surrogate pair
// in an escape.
func isText(json []byte) bool {
	for i := 0; i < len(json)-1; i++ {
		if json[i] != '\\' {
			continue
		}
		i++
		if json[i] != 'u' || !utf16.IsSurrogate(escaped(json[i+1:])) {
			continue
		}
		low := json[min(i+5, len(json)):]
		if len(low) < 2 || low[0] != '\\' || low[1] != 'u' || utf16.DecodeRune(escaped(json[i+1:]), escaped(low[2:])) == utf8.RuneError {
			return false
		}
		i += len(`D800\uDC00`)
	}
	return utf8.Valid(json)
}

// escaped returns the character whose four hexadecimal digits begin s, 0 if there
// are none.
func escaped(s []byte) rune {
	if len(s) < 4 {
		return 0
	}
	n, err := strconv.ParseUint(string(s[:4]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}
