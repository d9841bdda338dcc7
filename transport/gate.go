package transport

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// firstPause is the pause after a 429 without Retry-After, as Key Vault has been
// seen to send them. Its documentation advises to begin with a second and to double
// it each time. A fleet starts sooner if it grows by a tenth (docs/fleets.md).
// https://learn.microsoft.com/azure/key-vault/general/overview-throttling
// https://github.com/vcsjones/AzureSignTool/issues/219
const firstPause = time.Second

// gate holds back the requests to a store that asks for a pause. After the pause
// one request tries first, and the others follow unless it is refused again.
// Otherwise all containers of a fleet would repeat all their requests at the same
// time, in vain.
type gate struct {
	mu      sync.Mutex
	refusal *outcome      // that closed the gate, nil if it is open
	asked   time.Time     // when the pause ends that the store asked for
	until   time.Time     // when a request may try, somewhat later
	least   time.Duration // the shortest pause, which grows while the store refuses
	trying  bool          // a request is trying
	changed chan struct{} // closed when the fields above change, nil if nobody waits
}

// enter waits until a request may be sent. trying reports that it is the one that
// tries for the others. If the context ends before, enter returns the refusal
// that closed the gate: at once if the store has asked for a longer pause.
func (g *gate) enter(ctx context.Context) (trying bool, refusal *outcome) {
	for {
		g.mu.Lock()
		if g.refusal == nil {
			g.mu.Unlock()
			return false, nil
		}
		refusal = g.refusal
		deadline, bounded := ctx.Deadline()
		wait := time.Until(g.until)
		if bounded && deadline.Before(g.until) {
			wait = time.Until(g.asked) // there is no time for the rest
		}
		if wait <= 0 && !g.trying {
			g.trying = true
			g.mu.Unlock()
			return true, nil
		}
		tooLong := bounded && deadline.Before(g.asked)
		if g.changed == nil {
			g.changed = make(chan struct{})
		}
		changed := g.changed
		g.mu.Unlock()
		if tooLong || !waitFor(ctx, wait, changed) {
			return false, refusal
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

// leave ends a request that has entered, with this outcome. pause is the pause
// after now that the store asks for, 0 if it does not.
func (g *gate) leave(trying bool, o outcome, now time.Time, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case pause > 0:
		if trying {
			g.least = min(g.least+g.least/10, maxBackoff)
		} else if g.refusal == nil {
			g.least = min(pause, firstPause)
		}
		// Jitter keeps containers that were told the same from returning together.
		if asked := now.Add(pause); asked.After(g.asked) || g.refusal == nil {
			wait := max(pause, g.least)
			g.asked, g.until = asked, now.Add(wait+rand.N(wait/2+time.Millisecond))
		}
		g.refusal = &o
	case trying:
		g.refusal = nil
	}
	if trying {
		g.trying = false
	}
	if (trying || pause > 0) && g.changed != nil {
		close(g.changed)
		g.changed = nil
	}
}
