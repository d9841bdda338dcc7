package transport

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestThrottledStorePauses checks twenty simultaneous requests to a store that
// throttles. Each is refused at most once. Then only one tries until it
// succeeds.
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
			arrived.Wait() // all have arrived before the first is refused
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
		t.Errorf("%d requests, want %d: %d refused at once, %d tries of a single one, and %d that succeed", got, want, together, refusals, together)
	}
}
