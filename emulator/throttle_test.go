package emulator

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	a := build(t, `
identities: {me: {}}
vaults:
  slow: {throttle: {requests: 2, per: 10s, retry_after: 1500ms}, secrets: {db: x}}
`)
	clock := time.Unix(1_000_000, 0)
	v := a.stores["slow.vault.azure.net"].(*vault)
	v.window.now = func() time.Time { return clock }
	header := tokenFor(a, "me", vaultAudience)
	for i, step := range []struct {
		advance time.Duration
		header  http.Header
		want    int
	}{
		{0, header, 200}, {0, nil, 401}, {9 * time.Second, header, 200}, {0, header, 429}, {0, header, 429}, {0, nil, 401},
		{time.Second, header, 200}, {0, header, 200}, {0, header, 429}, {time.Hour, header, 200},
	} {
		clock = clock.Add(step.advance)
		w := send(a.Stores(), "GET", "https://slow.vault.azure.net/secrets/db?api-version=7.4", step.header)
		if w.Code != step.want {
			t.Errorf("step %d: status %d, want %d", i, w.Code, step.want)
		}
		if w.Code == 429 && (w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), `"code":"Throttled"`)) {
			t.Errorf("step %d: Retry-After %q, %s", i, w.Header().Get("Retry-After"), w.Body)
		}
	}
}

// TestThrottleCountsExactly sends more concurrent requests than are admitted,
// with challenges among them, which do not count.
func TestThrottleCountsExactly(t *testing.T) {
	a := build(t, `
identities: {me: {}}
vaults:
  slow: {throttle: {requests: 40, per: 1h}, secrets: {db: x}}
`)
	token := tokenFor(a, "me", vaultAudience)
	var all sync.WaitGroup
	for i := range 300 {
		header := token
		if i%3 == 0 {
			header = nil
		}
		all.Go(func() { send(a.Stores(), "GET", "https://slow.vault.azure.net/secrets/db?api-version=7.4", header) })
	}
	all.Wait()
	got := map[int]int{}
	for _, r := range a.Requests() {
		got[r.Status]++
	}
	if got[200] != 40 || got[429] != 160 || got[401] != 100 {
		t.Errorf("answers by status = %v, want 40 × 200, 160 × 429 and 100 × 401", got)
	}
}
