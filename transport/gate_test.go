package transport

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestThrottledStorePauses: twenty requests at once to a store that throttles.
// Each is sent away once at the most; then one tries for all, until it gets
// through.
func TestThrottledStorePauses(t *testing.T) {
	const together, refusals = 20, 5
	var all sync.WaitGroup
	var arrived sync.WaitGroup
	arrived.Add(together)
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := requests.Add(1)
		if n <= together {
			arrived.Done()
			arrived.Wait() // all are under way before the first is sent away
		}
		if n <= together+refusals {
			status(429, "retry-after-ms", "20")(w, r)
		}
	}))
	defer server.Close()
	r := NewRetry(20 * time.Second)
	for range together {
		all.Go(func() {
			if resp, err := do(t.Context(), r, server.URL); err != nil || resp.StatusCode != 200 {
				t.Errorf("%v, %v, want 200", resp, err)
			}
		})
	}
	all.Wait()
	if got, want := int(requests.Load()), together+refusals+together; got != want {
		t.Errorf("%d requests, want %d: %d sent away at once, %d tries for all, and %d that get through", got, want, together, refusals, together)
	}
}
