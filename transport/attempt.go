package transport

import (
	"context"
	"net/http"
	"time"
)

// Attempt is what became of one attempt of a request, without its headers, body
// and query.
type Attempt struct {
	Method, Host, Path string
	Number             int // 1 for the first
	Took               time.Duration
	Status             int   // 0 without an answer
	Err                error // nil with one
	// Until is when the request is given up, zero if this attempt was the last.
	Until time.Time
}

// made describes an outcome.
func (o outcome) made(req *http.Request, number int, took time.Duration) Attempt {
	a := Attempt{Method: req.Method, Host: req.URL.Host, Path: req.URL.EscapedPath(), Number: number, Took: took, Err: o.err}
	if o.err == nil {
		a.Status = o.response.StatusCode
	}
	return a
}

type observerKey struct{}

// Observe returns a context whose requests tell the observer, from any goroutine,
// about each attempt. An observer that ctx has already is told as well.
func Observe(ctx context.Context, observer func(Attempt)) context.Context {
	before := observerOf(ctx)
	return context.WithValue(ctx, observerKey{}, func(a Attempt) { before(a); observer(a) })
}

func observerOf(ctx context.Context) func(Attempt) {
	if observer, ok := ctx.Value(observerKey{}).(func(Attempt)); ok {
		return observer
	}
	return func(Attempt) {}
}

// observe tells the observer about an attempt. left is for how long the request
// is retried, but not after ctx ends, 0 or less if it is not.
func observe(ctx context.Context, a Attempt, left time.Duration) {
	if left > 0 {
		until, bounded := ctx.Deadline()
		if !bounded || time.Until(until) > left {
			until = time.Now().Add(left)
		}
		a.Until = until
	}
	observerOf(ctx)(a)
}
