package resolve

import (
	"context"
	"time"
)

// fetcher is a vault or Resource Manager.
type fetcher interface {
	fetch(ctx context.Context, o Object) (content, error)
}

// content is a fetched object. Its values are in a function, where no message
// can find them.
type content struct {
	// get returns what ref takes of the object, or a [*PartError].
	get func(ref Reference) (Secret, error)
	// version that the store served, and when it expires; "" and zero if the
	// store does not say.
	version string
	expires time.Time
}

// result is the content of an object, or why there is none.
type result struct {
	content content
	err     error
}

// take returns what ref takes of the result, nil if that fails, and the source
// without its variable.
func (r result) take(ref Reference) (Secret, Source) {
	source := Source{Reference: ref, Err: r.err}
	if r.err != nil {
		return nil, source
	}
	source.Version, source.Expires = r.content.version, r.content.expires
	var secret Secret
	secret, source.Err = r.content.get(ref)
	return secret, source
}
