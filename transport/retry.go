package transport

import (
	"bytes"
	"context"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// forever is a patience that lasts until the context ends.
const forever = time.Duration(math.MaxInt64)

// Retry is the pipeline policy that retries requests while an answer may still
// come. The SDK's own policy stops after some tries, however much time is left,
// and gives up at a long Retry-After. Do returns the last answer, or else an
// [*Error]. All requests to one store share a Retry: when one is throttled, all
// pause.
type Retry struct {
	// Attempt bounds one attempt. The first ones get less, because what does not
	// answer may be a dead connection. An attempt gets at most half of the time
	// that is left, so that one which hangs leaves time for others, until there
	// is too little left to share.
	Attempt time.Duration
	// Again reports whether a status is worth a retry.
	Again func(status int) bool
	// Hopeless reports whether a refusal says that others will follow. It is then
	// not worth many retries, whatever its status. Nil means that none says so.
	Hopeless func(body []byte) bool
	// Patience returns how long to keep retrying after a cause first occurs.
	Patience func(Cause) time.Duration

	gate gate
}

// The backoff between attempts, which has full jitter.
const (
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 8 * time.Second
)

// NewRetry returns a Retry for services that follow Azure's guidelines and are
// known to exist.
func NewRetry(attempt time.Duration) *Retry {
	return &Retry{Attempt: attempt, Again: Transient, Patience: Patience}
}

// leastAttempt is enough time for a slow service.
const leastAttempt = 5 * time.Second

// Do implements [policy.Policy].
func (r *Retry) Do(req *policy.Request) (*http.Response, error) {
	ctx := req.Raw().Context()
	var last outcome
	var since time.Time // when the last failure's cause first occurred
	for n := 1; ; n++ {
		trying, refusal := r.gate.enter(ctx)
		if refusal != nil {
			return refusal.result()
		}
		started := time.Now()
		o := r.attempt(ctx, req, n)
		ended := time.Now()
		pause := o.pause(ctx, ended)
		r.gate.leave(trying, o, ended, pause)
		made := o.made(req.Raw(), n, ended.Sub(started))
		if o.err != nil && ctx.Err() != nil && n > 1 {
			observe(ctx, made, 0)
			return last.result() // the result before time ran out
		}
		if n == 1 || o.cause() != last.cause() {
			since = started
		}
		last = o
		left := r.patience(o) - time.Since(since)
		observe(ctx, made, left)
		if left <= 0 {
			return o.result()
		}
		// The last wait is cut to what is left, so that no limit ends early.
		if pause == 0 && !waitFor(ctx, min(backoff(n), left), nil) {
			return o.result()
		}
	}
}

// outcome is the result of an attempt.
type outcome struct {
	response *http.Response
	body     []byte // several requests may return that of a refusal
	err      error
}

// result returns the outcome as a policy does.
func (o *outcome) result() (*http.Response, error) {
	if o.response == nil || o.response.StatusCode == http.StatusOK {
		return o.response, o.err
	}
	refusal := *o.response
	refusal.Body = io.NopCloser(bytes.NewReader(o.body))
	_, err := runtime.Payload(&refusal) // after which it can be read more than once
	return &refusal, err
}

func (r *Retry) attempt(ctx context.Context, req *policy.Request, n int) outcome {
	limit := min(r.Attempt, deadAfter<<min(n-1, 10)) // a dead connection answers nothing, a slow service later
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, max(time.Until(deadline)/2, leastAttempt))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel() // the client has read the body by then
	if err := req.RewindBody(); err != nil {
		return outcome{err: err}
	}
	response, err := req.Clone(ctx).Next()
	if err != nil {
		if isRequestError(err) {
			err = NewError(err)
		}
		return outcome{err: err}
	}
	body, err := runtime.Payload(response) // from memory
	return outcome{response, body, err}
}

// patience returns how long to keep retrying after the outcome's cause first
// occurred.
func (r *Retry) patience(o outcome) time.Duration {
	switch _, ok := o.err.(*Error); {
	case ok:
		return r.Patience(o.cause())
	case o.err != nil || !r.Again(o.response.StatusCode):
		return 0
	case r.Hopeless != nil && r.Hopeless(o.body):
		return shortPatience
	default:
		return forever
	}
}

// cause returns the cause of a request without an answer.
func (o outcome) cause() Cause {
	if failed, ok := o.err.(*Error); ok {
		return failed.Cause
	}
	return Unknown
}

// pause returns for how long after now the store wants no requests: Retry-After,
// or for a 429 without it a second, but not longer than ctx. It is 0 if the store
// does not ask.
func (o outcome) pause(ctx context.Context, now time.Time) time.Duration {
	if o.response == nil || !Transient(o.response.StatusCode) {
		return 0
	}
	if asked := retryAfter(o.response); asked > 0 {
		return asked
	}
	if o.response.StatusCode != http.StatusTooManyRequests {
		return 0
	}
	pause := firstPause
	if deadline, ok := ctx.Deadline(); ok {
		pause = max(min(pause, deadline.Sub(now)), 1)
	}
	return pause
}

// backoff returns a random time that grows with the number of attempts.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func backoff(n int) time.Duration {
	return rand.N(min(maxBackoff, firstBackoff<<min(n, 10)))
}

// retryAfter returns the pause that the response asks for, 0 if none. Key Vault and
// Resource Manager send seconds, other services of Azure milliseconds.
func retryAfter(response *http.Response) time.Duration {
	for _, header := range []struct {
		name string
		unit time.Duration
	}{{"Retry-After-Ms", time.Millisecond}, {"X-Ms-Retry-After-Ms", time.Millisecond}, {"Retry-After", time.Second}} {
		if n, err := strconv.Atoi(response.Header.Get(header.name)); err == nil {
			return time.Duration(min(max(n, 0), int(maxRetryAfter/header.unit))) * header.unit
		}
	}
	if date, err := http.ParseTime(response.Header.Get("Retry-After")); err == nil {
		return min(time.Until(date), maxRetryAfter)
	}
	return 0
}

// maxRetryAfter is longer than any start takes.
const maxRetryAfter = 48 * time.Hour

// Transient reports whether a status may be another next time, from services that
// follow Azure's guidelines: a time-out, throttling, or the service's own fault.
func Transient(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// shortPatience is for names that do not resolve, hosts that a proxy cannot reach
// and hopeless refusals. What comes up takes moments, a misspelt name forever.
const shortPatience = 10 * time.Second

// Patience returns how long to keep retrying after a cause first occurs, for hosts
// that are known to exist.
func Patience(c Cause) time.Duration {
	switch c {
	case NotTrusted, Unusable, ProxyRefused:
		return 0
	case NoSuchHost, NoResolver, ProxyFailed, Unknown:
		return shortPatience
	default:
		return forever
	}
}
