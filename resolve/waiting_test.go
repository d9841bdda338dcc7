package resolve

import (
	"testing"
	"testing/synctest"
	"time"

	"azinject/transport"
)

// TestWaiting observes a resolution at its start, while access is denied, and
// at its end.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan, failures := NewPlan([]string{"A=" + kv + "s}}", "B=" + kv + "s}}"}, Options{Timeout: time.Minute, WaitForAccess: 10 * time.Minute})
		if failures != nil {
			t.Fatal(failures)
		}
		ctx := plan.progress.begin(t.Context(), time.Now().Add(time.Minute), len(plan.Sources()))
		if got, want := plan.Waiting(), (Waiting{Pending: 2, Total: 2, Until: time.Now().Add(time.Minute)}); got != want {
			t.Errorf("at first: %+v, want %+v", got, want)
		}
		granted := time.Now().Add(10 * time.Minute)
		s := &store{fetcher: &denying{most: 1000}, slots: make(chan struct{}, 1), plan: plan, granted: granted}
		time.AfterFunc(time.Minute, func() {
			want := Waiting{Pending: 2, Total: 2, Reason: "access denied in kv1.vault.azure.net, a role assignment may still be arriving", Until: granted}
			if got := plan.Waiting(); got != want {
				t.Errorf("while access is denied: %+v, want %+v", got, want)
			}
		})
		s.get(ctx, ctx, plan.objects[0])
		if got := plan.Waiting(); got.Reason != "" {
			t.Errorf("after the denial: %+v", got)
		}
		plan.progress.done(len(plan.references[0]))
		if got := plan.Waiting(); got.Pending != 0 {
			t.Errorf("at the end: %+v", got)
		}
	})
}

// TestWaitingForOneOfTwoRequests checks that a request which is over is no reason to
// wait, and that one which is not stays the reason.
func TestWaitingForOneOfTwoRequests(t *testing.T) {
	var plan Plan
	p := &plan.progress
	until := time.Now().Add(time.Minute)
	p.begin(t.Context(), until, 2)
	busy := transport.Attempt{Host: "kv1.vault.azure.net", Path: "/secrets/s", Status: 503, Until: until.Add(-time.Second)}
	p.attempted(busy)
	p.attempted(transport.Attempt{Host: busy.Host, Path: "/secrets/t", Status: 200})
	if got, want := plan.Waiting(), (Waiting{2, 2, "kv1.vault.azure.net: status 503", busy.Until}); got != want {
		t.Errorf("after another request: %+v, want %+v", got, want)
	}
	busy.Status, busy.Until = 200, time.Time{}
	p.attempted(busy)
	if got, want := plan.Waiting(), (Waiting{2, 2, "", until}); got != want {
		t.Errorf("after its own answer: %+v, want %+v", got, want)
	}
}
