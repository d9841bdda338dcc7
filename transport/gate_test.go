package transport

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

// TestGateOpens checks that the others follow together once the request that tries
// for them has got through.
func TestGateOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const others, takes = 10, time.Second
		var requests atomic.Int32
		store := inMemory(func(w http.ResponseWriter, r *http.Request) {
			if requests.Add(1) == 1 {
				status(429, "Retry-After", "10")(w, r)
				return
			}
			time.Sleep(takes)
		})
		r := NewRetry(20 * time.Second)
		start := time.Now()
		var all sync.WaitGroup
		for range 1 + others {
			all.Go(func() {
				if resp, err := send(t.Context(), store, r, "https://store.example"); err != nil || resp.StatusCode != 200 {
					t.Errorf("%v, %v, want 200", resp, err)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if took, most := time.Since(start), 15*time.Second+2*takes; took < 10*time.Second || took > most {
			t.Errorf("it took %v, want 10s and half of it at most, and twice %v", took, takes)
		}
	})
}

// TestShorterPauseDoesNotEndLonger checks that the longer of two pauses counts,
// whichever is asked for last.
func TestShorterPauseDoesNotEndLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		var next time.Time // when a request comes after both
		store := inMemory(func(w http.ResponseWriter, r *http.Request) {
			switch requests.Add(1) {
			case 1:
				time.Sleep(time.Second)
				status(429, "Retry-After", "10")(w, r)
			case 2:
				time.Sleep(2 * time.Second)
				status(429, "Retry-After", "1")(w, r)
			case 3:
				next = time.Now()
			}
		})
		r := NewRetry(20 * time.Second)
		start := time.Now()
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { send(t.Context(), store, r, "https://store.example") })
		}
		both.Wait()
		if pause := next.Sub(start); pause < 11*time.Second {
			t.Errorf("asked again after %v, want 11s or more", pause)
		}
	})
}

// TestTriedInTime checks that jitter does not extend a pause beyond the deadline.
func TestTriedInTime(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			h := &handlers{list: []http.HandlerFunc{status(429, "Retry-After", "19"), status(200)}}
			resp, err := send(ctx, h, NewRetry(20*time.Second), "https://store.example")
			if err != nil || resp.StatusCode != 200 {
				t.Errorf("%v, %v, want 200", resp, err)
			}
		})
	}
}

// TestPausesGrow checks that the pauses grow while the store refuses, whichever
// request tries and whether or not the store asks for a pause, and that they begin
// anew when it has admitted one.
func TestPausesGrow(t *testing.T) {
	const round = 40 // requests, of which the last is admitted
	for _, header := range [][]string{nil, {"Retry-After", "1"}} {
		synctest.Test(t, func(t *testing.T) {
			var arrived []time.Time
			store := inMemory(func(w http.ResponseWriter, r *http.Request) {
				if arrived = append(arrived, time.Now()); len(arrived)%round != 0 {
					status(429, header...)(w, r)
				}
			})
			r := NewRetry(20 * time.Second)
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() { send(t.Context(), store, r, "https://store.example") })
				synctest.Wait()
			}
			both.Wait()
			for n := range len(arrived) - 1 {
				least, most := firstPause, maxBackoff*3/2+time.Millisecond
				switch k := n % round; {
				case k == round-1:
					continue // it was admitted
				case k < 3:
					most = 2 * firstPause
				case k > 30:
					least = maxBackoff
				}
				if pause := arrived[n+1].Sub(arrived[n]); pause < least || pause > most {
					t.Errorf("%q: %v after request %d, want %v to %v", header, pause, n+1, least, most)
				}
			}
			if len(arrived) != 2*round {
				t.Errorf("%d requests, want %d", len(arrived), 2*round)
			}
		})
	}
}
