package transport

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// gate holds back the requests to a store that asks for a pause. After the pause
// one request tries first, and the others follow unless it is refused again.
// Otherwise all containers of a fleet would repeat all their requests at the same
// time, in vain.
type gate struct {
	mu      sync.Mutex
	closed  bool
	asked   time.Time     // when the pause ends
	until   time.Time     // when a request may try, somewhat later
	trying  bool          // a request is trying
	changed chan struct{} // closed when the fields above change, nil if nobody waits
}

// enter waits until a request may be sent. trying reports that it is the one that
// tries for the others. ok is false if the context would end before.
func (g *gate) enter(ctx context.Context) (trying, ok bool) {
	for {
		g.mu.Lock()
		if !g.closed {
			g.mu.Unlock()
			return false, true
		}
		deadline, bounded := ctx.Deadline()
		wait := time.Until(g.until)
		if bounded && deadline.Before(g.until) {
			wait = time.Until(g.asked) // there is no time for the rest
		}
		if wait <= 0 && !g.trying {
			g.trying = true
			g.mu.Unlock()
			return true, true
		}
		if g.changed == nil {
			g.changed = make(chan struct{})
		}
		changed := g.changed
		g.mu.Unlock()
		if bounded && time.Until(deadline) < wait {
			return false, false
		}
		if !waitFor(ctx, wait, changed) {
			return false, false
		}
	}
}

// waitFor returns true when d has passed (if it is positive) or changed is closed,
// and false if the context ends before.
func waitFor(ctx context.Context, d time.Duration, changed <-chan struct{}) bool {
	var passed <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case <-passed:
	case <-changed:
	case <-ctx.Done():
		return false
	}
	return true
}

// leave ends a request that has entered. pause is the pause that the store asks
// for, 0 if it does not.
func (g *gate) leave(trying bool, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case pause > 0:
		// Jitter keeps containers that were told the same from returning together.
		if asked := time.Now().Add(pause); asked.After(g.asked) || !g.closed {
			g.asked, g.until = asked, asked.Add(rand.N(pause/2+time.Millisecond))
		}
		g.closed = true
	case trying:
		g.closed = false
	}
	if trying {
		g.trying = false
	}
	if (trying || pause > 0) && g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}
