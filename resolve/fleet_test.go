package resolve

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limit is how many secrets may be read from a vault in a time.
type limit struct {
	reads      int
	per        time.Duration
	even       bool   // after the first time, reads are admitted evenly
	retryAfter string // of refusals, "" for none
}

// keyVaultLimit is the documented limit of a vault:
// https://learn.microsoft.com/azure/key-vault/general/service-limits
var keyVaultLimit = limit{reads: 4000, per: 10 * time.Second}

// busyVault is a vault with a limit. As documented for Key Vault, refusals do not
// count. A recorded one has no Retry-After. It is not known how Key Vault counts:
// a window that begins with the first request after the one before is an
// assumption. So is the time that an answer takes, 10 to 30 ms.
// https://learn.microsoft.com/azure/key-vault/general/overview-throttling
// https://github.com/vcsjones/AzureSignTool/issues/219
type busyVault struct {
	limit
	mu      sync.Mutex
	since   time.Time // when the window began
	used    float64   // of the limit
	refused int       // since the beginning
}

func (v *busyVault) admit() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch passed := time.Since(v.since); {
	case v.even:
		v.since = time.Now()
		v.used = max(0, v.used-float64(v.reads)*passed.Seconds()/v.per.Seconds())
	case passed >= v.per:
		v.since, v.used = time.Now(), 0
	}
	if v.used+1 > float64(v.reads) {
		v.refused++
		return false
	}
	v.used++
	return true
}

// Do implements [policy.Transporter].
func (v *busyVault) Do(req *http.Request) (*http.Response, error) {
	halfway := 5*time.Millisecond + rand.N(10*time.Millisecond)
	time.Sleep(halfway)
	admitted := v.admit()
	time.Sleep(halfway)
	if err := req.Context().Err(); err != nil {
		return nil, &url.Error{Op: req.Method, URL: req.URL.String(), Err: err}
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: req}
	body := fmt.Sprintf(`{"value":"x","id":"https://%s%s/0123456789abcdef0123456789abcdef"}`, req.URL.Host, strings.TrimSuffix(req.URL.Path, "/"))
	if !admitted {
		resp.StatusCode = http.StatusTooManyRequests
		if v.retryAfter != "" {
			resp.Header.Set("Retry-After", v.retryAfter)
		}
		body = `{"error":{"code":"Throttled","message":"Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"}}`
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

// fleet is many replicas of a container with secrets in one vault.
type fleet struct {
	replicas, secrets int
	over              time.Duration // in which they start, at random
	timeout           time.Duration
	limit             limit
}

// imposed returns when the last replica can have started: with the last one, or in
// the last window.
func (f fleet) imposed() time.Duration {
	windows := (f.replicas*f.secrets + f.limit.reads - 1) / f.limit.reads
	return max(f.over, time.Duration(windows-1)*f.limit.per)
}

// started is how a fleet started.
type started struct {
	fleet
	all       time.Duration // until the last one that did
	failed    float64       // in percent, after the time-out
	throttled float64       // answers, for each secret of the fleet
}

func (s started) String() string {
	return fmt.Sprintf("%d replicas with %d secrets each, started within %v: all after %.1f s (the limit allows %.0f s), %.2f throttled answers for each secret, %.1f %% failed after %v",
		s.replicas, s.secrets, s.over, s.all.Seconds(), s.imposed().Seconds(), s.throttled, s.failed, s.timeout)
}

// start starts the fleet in virtual time.
func (f fleet) start(t *testing.T) (s started) {
	environ := make([]string, f.secrets)
	for i := range environ {
		environ[i] = fmt.Sprintf("SECRET_%d=keyvault:https://kv1.vault.azure.net/secrets/s%d", i, i)
	}
	options := testOptions()
	options.Timeout = f.timeout
	s.fleet = f
	synctest.Test(t, func(t *testing.T) {
		v := &busyVault{limit: f.limit}
		begun := time.Now()
		failed := f.replicas
		var mu sync.Mutex
		var all sync.WaitGroup
		for range f.replicas {
			all.Go(func() {
				time.Sleep(time.Duration(rand.Float64() * float64(f.over)))
				if p, _ := NewPlan(environ, options); p.fetchFrom(t.Context(), v) {
					mu.Lock()
					defer mu.Unlock()
					s.all = time.Since(begun)
					failed--
				}
			})
		}
		all.Wait()
		s.failed = 100 * float64(failed) / float64(f.replicas)
		s.throttled = float64(v.refused) / float64(f.replicas*f.secrets)
	})
	return s
}

// fetchFrom does what [Plan.Resolve] does, but with the vault instead of a client
// for the network. It reports whether every secret has arrived.
func (p *Plan) fetchFrom(ctx context.Context, v *busyVault) bool {
	f := p.newFetching(anyToken{})
	f.stores[p.objects[0].store()] = p.newStore(p.objects[0], anyToken{}, v)
	_, failures := p.substitute(f.run(ctx))
	return failures == nil
}

// TestFleet checks how fleets start at once. Its bounds leave room for chance, and
// make bench shows how far below them a start is. All but the first two are a fortieth of
// a larger fleet, with a fortieth of Key Vault's limit.
func TestFleet(t *testing.T) {
	const timeout = 2 * time.Minute
	fortieth := limit{reads: keyVaultLimit.reads / 40, per: keyVaultLimit.per}
	even, told := fortieth, fortieth
	even.even, told.retryAfter = true, "10"
	for name, test := range map[string]struct {
		fleet
		runs             int        // of which the median counts: the pauses are random
		ratio, throttled float64    // at most
		failed           [2]float64 // in percent, least and most
	}{
		"with Retry-After":                    {fleet{60, 20, 0, timeout, limit{120, 2 * time.Second, false, "1"}}, 5, 1.4, 1.5, [2]float64{}},
		"without Retry-After":                 {fleet{60, 20, 0, timeout, limit{120, 2 * time.Second, false, ""}}, 3, 1.45, 1.6, [2]float64{}},
		"1,000 replicas, told when to return": {fleet{25, 20, 0, timeout, told}, 1, 1.9, 1.5, [2]float64{}},
		"2,000 replicas":                      {fleet{50, 20, 0, timeout, fortieth}, 1, 1.45, 2.4, [2]float64{}},
		"1,000 replicas, counted evenly":      {fleet{25, 20, 0, timeout, even}, 1, 1.6, 14, [2]float64{}},
		"5,000 replicas":                      {fleet{125, 20, 0, timeout, fortieth}, 1, 0.5, 3, [2]float64{45, 75}},
	} {
		runs := make([]started, test.runs)
		for i := range runs {
			runs[i] = test.start(t)
		}
		slices.SortFunc(runs, func(a, b started) int { return int(a.all - b.all) })
		s := runs[len(runs)/2]
		if s.all.Seconds() > test.ratio*s.imposed().Seconds() || s.throttled > test.throttled || s.failed < test.failed[0] || s.failed > test.failed[1] {
			t.Errorf("%s: %v; want at most %v times the limit's time, %v throttled answers, and %v %% failed", name, s, test.ratio, test.throttled, test.failed)
		}
	}
}

// TestFleetWithinLimit checks that a fleet within the limit is not slowed down.
func TestFleetWithinLimit(t *testing.T) {
	f := fleet{50, 20, 0, 2 * time.Minute, keyVaultLimit}
	if s := f.start(t); s.failed > 0 || s.throttled != 0 || s.all > 30*time.Millisecond {
		t.Errorf("%v, want no longer than one answer takes", s)
	}
}

var largeFleets = flag.Bool("large-fleets", false, "run TestLargeFleets, which takes 3 GB of memory")

// TestLargeFleets prints how large fleets start, with the default time-out, and if
// some fail, with one that is long enough.
func TestLargeFleets(t *testing.T) {
	if !*largeFleets {
		t.Skip("run by make bench")
	}
	for _, replicas := range []int{50, 500, 5000} {
		for _, over := range []time.Duration{0, time.Minute} {
			f := fleet{replicas, 20, over, 2 * time.Minute, keyVaultLimit}
			s := f.start(t)
			if s.failed > 0 {
				fmt.Printf("with the default time-out, %.1f %% of %d replicas fail\n", s.failed, replicas)
				f.timeout = time.Hour
				s = f.start(t)
			}
			fmt.Println(s)
		}
	}
}
