package resolve

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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

// take returns what refs take of the content, so that the rest of a large answer
// need not be kept.
func (c content) take(refs []Reference) result {
	r := result{}
	for _, ref := range refs {
		if _, again := r[ref]; !again {
			value, err := c.get(ref)
			r[ref] = taken{value, Source{Reference: ref, Version: c.version, Expires: c.expires, Secret: c.secret, Err: err}}
		}
	}
	return r
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
