package transport

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// gate holds back the requests to a store that asks for a pause. After the
// pause one request tries first; the others follow unless that one is sent away
// again. Otherwise all the containers of a fleet would repeat all their
// requests at the same time, in vain.
type gate struct {
	mu      sync.Mutex
	closed  bool
	asked   time.Time     // until when the store asked to be left alone
	until   time.Time     // when one may try: somewhat later
	trying  bool          // one does
	changed chan struct{} // closed when the fields above change; nil if nobody waits
}

// enter waits until a request may be sent. trying says that it is the one whose
// fate decides for the others. ok is false if the context would end before.
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
			wait = time.Until(g.asked) // there is no time for more
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

// waitFor returns when the time has passed, if it is positive, or when
// something has changed; false if the context ends before.
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

// leave says what came of a request that has entered: pause is how long the
// store asks for a longer pause, 0 if it does not.
func (g *gate) leave(trying bool, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case pause > 0:
		// The jitter keeps those who were told the same from all coming back at
		// once.
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
