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
	// Reason is why the last of them had to be retried, in words, "" if none had
	// to be.
	Reason string
	// Until is when that is given up.
	Until time.Time
}

// progress keeps a Waiting for other goroutines.
type progress struct {
	mu  sync.Mutex
	now Waiting
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
	p.update(func(now *Waiting) { *now = Waiting{Pending: total, Total: total, Until: until} })
	return transport.Observe(ctx, p.attempted)
}

// attempted notes why a request is retried.
func (p *progress) attempted(a transport.Attempt) {
	switch {
	case a.Until.IsZero():
	case a.Err != nil:
		p.trouble(a.Host+": "+a.Err.Error(), a.Until)
	default:
		p.trouble(fmt.Sprint(a.Host, ": status ", a.Status), a.Until)
	}
}

func (p *progress) trouble(reason string, until time.Time) {
	p.update(func(now *Waiting) { now.Reason, now.Until = reason, until })
}

func (p *progress) done(references int) {
	p.update(func(now *Waiting) { now.Pending -= references })
}
