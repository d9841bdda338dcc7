package resolve

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"azinject/transport"
)

// denying is a vault that denies access to as many requests as most, and does
// not reply to later ones.
type denying struct {
	requests, most int
}

func (d *denying) fetch(ctx context.Context, _ Object) (content, error) {
	if d.requests++; d.requests > d.most {
		<-ctx.Done()
		return content{}, ctx.Err()
	}
	return content{}, &transport.StatusError{Status: http.StatusForbidden, Code: "ForbiddenByRbac"}
}

// planOfOne returns a plan to fetch one secret.
func planOfOne(options Options) *Plan {
	plan, _ := NewPlan([]string{"A=keyvault:https://kv1.vault.azure.net/secrets/s"}, options)
	return plan
}

// fetchingFrom returns a run of a plan to fetch one secret from a vault.
func fetchingFrom(vault fetcher, options Options) *fetching {
	f := planOfOne(options).newFetching(anyToken{})
	f.stores[f.plan.objects[0].store()] = &store{
		fetcher: vault, slots: make(chan struct{}, 1), plan: f.plan, granted: f.started.Add(options.WaitForAccess),
	}
	return f
}

// TestWaitForAccess checks that denied access is requested again until
// WaitForAccess has passed, and that waiting never takes longer than this and
// the timeout together.
func TestWaitForAccess(t *testing.T) {
	for name, test := range map[string]struct {
		wait        time.Duration
		answers     int
		took        time.Duration
		least, most int // requests
	}{
		"not waited for":    {0, 100, 0, 1, 1},
		"never granted":     {10 * time.Minute, 1000, 10 * time.Minute, 41, 100},
		"no answer later":   {10 * time.Minute, 2, 10*time.Minute + time.Minute, 3, 3},
		"less than a pause": {100 * time.Millisecond, 100, 100 * time.Millisecond, 2, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			vault := &denying{most: test.answers}
			f := fetchingFrom(vault, Options{Timeout: time.Minute, WaitForAccess: test.wait})
			_, failures := f.plan.substitute(f.run(t.Context()))
			if took := time.Since(f.started); failures == nil || took != test.took || vault.requests < test.least || vault.requests > test.most {
				t.Errorf("%s: %v after %v and %d requests, want an error after %v and %d to %d", name, failures, took, vault.requests, test.took, test.least, test.most)
			}
		})
	}
}

// TestWaitForAccessEnds checks that a signal ends the wait at once.
func TestWaitForAccessEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := fetchingFrom(&denying{most: 1000}, Options{Timeout: time.Minute, WaitForAccess: time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		if _, failures := f.plan.substitute(f.run(ctx)); failures == nil || time.Since(f.started) != time.Minute {
			t.Errorf("%v after %v", failures, time.Since(f.started))
		}
	})
}
