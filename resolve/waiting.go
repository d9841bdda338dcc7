package resolve

import (
	"context"
	"fmt"
	"sync"
	"time"

	"azinject/transport"
)

// Waiting says what a resolution is waiting for.
type Waiting struct {
	// Pending is the number of references without a result yet, of Total.
	Pending, Total int
	// Reason is why one of them has to be retried, in words, "" if none is known
	// to have to be.
	Reason string
	// Until is when that is given up.
	Until time.Time
}

// progress keeps a Waiting for other goroutines.
type progress struct {
	mu      sync.Mutex
	now     Waiting
	until   time.Time // when the resolution is given up
	subject any       // the request or object that now.Reason is about
}

// Waiting returns what [Plan.Resolve] is waiting for at the moment. It may be
// called from another goroutine.
func (p *Plan) Waiting() (w Waiting) {
	p.progress.update(func(now *Waiting) { w = *now })
	return w
}

// update changes what is waited for.
func (p *progress) update(change func(now *Waiting)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.now)
}

// begin sets what is waited for, and returns a context whose requests report
// their failures.
func (p *progress) begin(ctx context.Context, until time.Time, total int) context.Context {
	p.until = until
	p.update(func(now *Waiting) { *now = Waiting{Pending: total, Total: total, Until: until} })
	return transport.Observe(ctx, p.attempted)
}

// attempted notes why a request is retried, until it is over.
func (p *progress) attempted(a transport.Attempt) {
	request := a.Host + a.Path
	switch {
	case a.Until.IsZero():
		p.over(request)
	case a.Err != nil:
		p.trouble(request, a.Host+": "+a.Err.Error(), a.Until)
	default:
		p.trouble(request, fmt.Sprint(a.Host, ": status ", a.Status), a.Until)
	}
}

// trouble notes why a request or an object has to be waited for.
func (p *progress) trouble(subject any, reason string, until time.Time) {
	p.update(func(now *Waiting) { p.subject, now.Reason, now.Until = subject, reason, until })
}

// over forgets the reason that is about subject.
func (p *progress) over(subject any) {
	p.update(func(now *Waiting) {
		if p.subject == subject {
			p.subject, now.Reason, now.Until = nil, "", p.until
		}
	})
}

func (p *progress) done(references int) {
	p.update(func(now *Waiting) { now.Pending -= references })
}
