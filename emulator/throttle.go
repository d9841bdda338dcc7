package emulator

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// window counts requests in fixed windows, the first of which begins with the
// first request. Like Key Vault, it does not count those that it refuses.
type window struct {
	limit *Throttle
	now   func() time.Time

	mu    sync.Mutex
	start time.Time
	used  int
}

func newWindow(limit *Throttle, now func() time.Time) *window {
	return &window{limit: limit, now: now}
}

// admit counts a request, or returns a 429.
func (w *window) admit() *refusal {
	if w.limit == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := w.now(); now.Sub(w.start) >= w.limit.Per {
		w.start, w.used = now, 0
	}
	if w.used < w.limit.Requests {
		w.used++
		return nil
	}
	refused := refuse(http.StatusTooManyRequests, "Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached")
	if w.limit.RetryAfter > 0 {
		refused.with("Retry-After", wholeSeconds(w.limit.RetryAfter))
	}
	return refused
}

// wholeSeconds returns the value of a Retry-After header, rounded up.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
