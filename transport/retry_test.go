package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

const canary = "hunter2"

// answers starts a server that gives these answers in turn and then repeats the
// last.
func answers(t *testing.T, list ...http.HandlerFunc) (address string, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list[min(int(requests.Add(1)), len(list))-1](w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, canary)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// broken writes these bytes and ends the connection.
func broken(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(c, bytes)
			c.Close()
		}
	}
}

// do sends a GET through a pipeline like those of the stores and the identity.
func do(ctx context.Context, r *Retry, address string) (*http.Response, error) {
	return send(ctx, ForIdentity(), r, address)
}

// send is like do, over a given network.
func send(ctx context.Context, network policy.Transporter, r *Retry, address string) (*http.Response, error) {
	options := Options(network, r)
	p := runtime.NewPipeline("test", "v0.0.0", runtime.PipelineOptions{}, &options)
	req, err := runtime.NewRequest(ctx, http.MethodGet, address)
	if err != nil {
		return nil, err
	}
	return p.Do(req)
}

func TestRetry(t *testing.T) {
	soon := []string{"retry-after-ms", "1"}
	for name, test := range map[string]struct {
		answers  []http.HandlerFunc
		status   int
		requests int32
	}{
		"good":                             {[]http.HandlerFunc{status(200)}, 200, 1},
		"throttled, then good":             {[]http.HandlerFunc{status(429, soon...), status(429, soon...), status(200)}, 200, 3},
		"out of order, then good":          {[]http.HandlerFunc{status(503, soon...), status(500, soon...), status(200)}, 200, 3},
		"timed out, then good":             {[]http.HandlerFunc{status(408, soon...), status(200)}, 200, 2},
		"reset, then good":                 {[]http.HandlerFunc{broken(""), status(200)}, 200, 2},
		"cut, then good":                   {[]http.HandlerFunc{broken("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"), status(200)}, 200, 2},
		"denied":                           {[]http.HandlerFunc{status(403), status(200)}, 403, 1},
		"not found":                        {[]http.HandlerFunc{status(404), status(200)}, 404, 1},
		"bad request":                      {[]http.HandlerFunc{status(400), status(200)}, 400, 1},
		"unauthorized":                     {[]http.HandlerFunc{status(401), status(200)}, 401, 1},
		"redirect, not followed":           {[]http.HandlerFunc{status(302, "Location", "/"), status(200)}, 302, 1},
		"told to wait for too long":        {[]http.HandlerFunc{status(429, "Retry-After", "86400"), status(200)}, 429, 1},
		"told to wait until a distant day": {[]http.HandlerFunc{status(503, "Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"), status(200)}, 503, 1},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		address, requests := answers(t, test.answers...)
		resp, err := do(ctx, NewRetry(20*time.Second), address)
		if err != nil || resp.StatusCode != test.status || requests.Load() != test.requests {
			t.Errorf("%s: %v, %v after %d requests, want status %d after %d", name, resp, err, requests.Load(), test.status, test.requests)
		}
		cancel()
	}
}

func TestRetryNever(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		cause  Cause
	}{
		"not HTTP":   {broken("hunter2\r\n\r\n"), Unusable},
		"half HTTP":  {broken("HTTP/1.1 hunter2\r\n\r\n"), Unusable},
		"bad header": {broken("HTTP/1.1 200 OK\r\nhunter2\r\n\r\n"), Unusable},
		"bad chunk":  {broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n"), Unusable},
		"too large":  {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, MaxToken+1)) }, Unusable},
	} {
		address, requests := answers(t, test.answer)
		_, err := do(t.Context(), NewRetry(20*time.Second), address)
		var failed *Error
		if !errors.As(err, &failed) || failed.Cause != test.cause || requests.Load() != 1 {
			t.Errorf("%s: %#v after %d requests, want cause %d after 1", name, err, requests.Load(), test.cause)
		} else if strings.Contains(failed.Error(), canary) {
			t.Errorf("%s: the error quotes the answer: %v", name, err)
		}
	}
}

func TestLargestBodyIsRead(t *testing.T) {
	address, _ := answers(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, MaxToken)) })
	resp, err := do(t.Context(), NewRetry(20*time.Second), address)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := runtime.Payload(resp); err != nil || len(body) != MaxToken {
		t.Errorf("a body of %d bytes: %d bytes, %v", MaxToken, len(body), err)
	}
}

// handlers is a network of these answers in turn, with the last one repeated.
// Unlike a server, it can be used in a synctest bubble.
type handlers struct {
	list     []http.HandlerFunc
	requests int
}

func (h *handlers) Do(r *http.Request) (*http.Response, error) {
	h.requests++
	return inMemory(h.list[min(h.requests, len(h.list))-1]).Do(r)
}

// inMemory is a store that is reached without a connection.
type inMemory http.HandlerFunc

func (f inMemory) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	f(w, r)
	return w.Result(), r.Context().Err()
}

// TestDeadline checks that the last answer is reported at the deadline, and not
// the deadline itself.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all = leastAttempt / 2
		ctx, cancel := context.WithTimeout(t.Context(), all)
		defer cancel()
		soon := status(503, "retry-after-ms", "20")
		h := &handlers{list: []http.HandlerFunc{soon, soon, hang}}
		start := time.Now()
		resp, err := send(ctx, h, NewRetry(20*time.Second), "https://store.example")
		if err != nil || resp.StatusCode != 503 || h.requests != 3 {
			t.Errorf("%v, %v after %d requests, want the 503 from before the request without an answer", resp, err, h.requests)
		}
		if took := time.Since(start); took != all {
			t.Errorf("it took %v, want %v", took, all)
		}
	})
}

func TestHangingAttemptLeavesTimeForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handlers{list: []http.HandlerFunc{hang, hang, status(200)}}
		start := time.Now()
		resp, err := send(t.Context(), h, NewRetry(20*time.Second), "https://store.example")
		if err != nil || resp.StatusCode != 200 || h.requests != 3 {
			t.Errorf("%v, %v after %d requests, want the answer to the third", resp, err, h.requests)
		}
		if took := time.Since(start); took < 3*deadAfter || took > 3*deadAfter+2*maxBackoff {
			t.Errorf("it took %v, want attempts of 5s and 10s and their backoff", took)
		}
	})
}

// TestHangingAttemptLeavesHalf checks that an attempt which hangs leaves half of a
// time that is shorter than attempts may take.
func TestHangingAttemptLeavesHalf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		h := &handlers{list: []http.HandlerFunc{hang, status(200)}}
		resp, err := send(ctx, h, NewRetry(20*time.Second), "https://store.example")
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("%v, %v, want the second one's answer", resp, err)
		}
	})
}

// TestPatienceIsPerCause checks that a cause which comes back counts as new.
func TestPatienceIsPerCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		unknown := &failing{err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		refused := &failing{err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}
		network := transporter(func(r *http.Request) (*http.Response, error) {
			switch since := time.Since(start); {
			case since < shortPatience-maxBackoff/2:
				return unknown.Do(r)
			case since < 2*shortPatience:
				return refused.Do(r)
			case since < 3*shortPatience-maxBackoff/2:
				return unknown.Do(r)
			default:
				return inMemory(status(200)).Do(r)
			}
		})
		resp, err := send(t.Context(), network, NewRetry(20*time.Second), "https://store.example")
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("%v, %v, want the answer", resp, err)
		}
	})
}

// transporter is a network.
type transporter func(*http.Request) (*http.Response, error)

func (f transporter) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestPatienceEnds(t *testing.T) {
	r := NewRetry(20 * time.Second)
	r.Patience = func(Cause) time.Duration { return 0 }
	address, requests := answers(t, broken(""))
	_, err := do(t.Context(), r, address)
	var failed *Error
	if !errors.As(err, &failed) || failed.Cause != NoAnswer || requests.Load() > 2 { // net/http may repeat it by itself
		t.Errorf("%v after %d requests, want one attempt", err, requests.Load())
	}
}

func TestRetryAfter(t *testing.T) {
	for name, test := range map[string]struct {
		header      []string
		least, most time.Duration
	}{
		"none":         {nil, 0, 0},
		"seconds":      {[]string{"Retry-After", "3"}, 3 * time.Second, 3 * time.Second},
		"milliseconds": {[]string{"Retry-After", "3", "x-ms-retry-after-ms", "20"}, 20 * time.Millisecond, 20 * time.Millisecond},
		"date":         {[]string{"Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}, 50 * time.Minute, time.Hour},
		"rubbish":      {[]string{"Retry-After", "soon"}, 0, 0},
		"overflow":     {[]string{"Retry-After", "99999999999999999999"}, 0, 0},
	} {
		w := httptest.NewRecorder()
		status(429, test.header...)(w, nil)
		if got := retryAfter(w.Result()); got < test.least || got > test.most {
			t.Errorf("%s: %v, want %v to %v", name, got, test.least, test.most)
		}
	}
}

func TestPause(t *testing.T) {
	for _, value := range []string{"0", "-5", "9223372036", "9999999999999", "Thu, 01 Jan 1970 00:00:00 GMT", ""} {
		for _, code := range []int{429, 503, 403, 200} {
			w := httptest.NewRecorder()
			status(code, "Retry-After", value)(w, nil)
			for n := range 100 {
				o := outcome{response: w.Result()}
				if pause := o.pause(t.Context(), time.Now()); pause < 0 || pause > maxRetryAfter || pause == 0 && code == 429 || pause > 0 && code < 429 {
					t.Errorf("%d with Retry-After %s: pause %v", code, value, pause)
				}
				if wait := backoff(n + 1); wait < 0 || wait > maxBackoff {
					t.Errorf("backoff %v after %d attempts", wait, n+1)
				}
			}
		}
	}
}

func TestWhatIsRepeated(t *testing.T) {
	for _, cause := range []Cause{NotTrusted, Unusable, ProxyRefused} {
		if Patience(cause) != 0 {
			t.Errorf("cause %d is repeated", cause)
		}
	}
	for _, cause := range []Cause{NoSuchHost, NoResolver, ProxyFailed, Unknown} {
		if got := Patience(cause); got != 10*time.Second {
			t.Errorf("cause %d is repeated for %v", cause, got)
		}
	}
	for _, cause := range []Cause{NoConnection, NoAnswer} {
		if Patience(cause) != forever {
			t.Errorf("cause %d is not repeated", cause)
		}
	}
	if transient := []int{408, 429, 500, 502, 503, 504}; slices.ContainsFunc(transient, func(s int) bool { return !Transient(s) }) || Transient(404) || Transient(302) {
		t.Error("Transient is wrong about a status")
	}
}

// failing is a network in which every request fails at once with this error.
type failing struct {
	err      error
	requests int
}

func (f *failing) Do(*http.Request) (*http.Response, error) {
	f.requests++
	return nil, &url.Error{Op: "Get", URL: "https://store.example", Err: f.err}
}

// TestUntilMeansUntil checks that a request is given up exactly at its limit,
// whatever the random pauses are.
func TestUntilMeansUntil(t *testing.T) {
	const timeout = 20 * time.Second
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	unknown := &net.DNSError{Err: "no such host", Name: "store.example", IsNotFound: true}
	hopeless := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		io.WriteString(w, "hopeless")
	}
	for name, test := range map[string]struct {
		network policy.Transporter
		took    time.Duration
		pause   time.Duration // asked for by the store, and not begun if less time is left
	}{
		"500 all the time":        {&handlers{list: []http.HandlerFunc{status(500)}}, timeout, 0},
		"500 without any hope":    {&handlers{list: []http.HandlerFunc{hopeless}}, shortPatience, 0},
		"503 that asks for 3 s":   {&handlers{list: []http.HandlerFunc{status(503, "Retry-After", "3")}}, timeout, 3 * time.Second},
		"429 that asks for none":  {&handlers{list: []http.HandlerFunc{status(429)}}, timeout, 0},
		"refused connections":     {&failing{err: refused}, timeout, 0},
		"a name that is unknown":  {&failing{err: unknown}, shortPatience, 0},
		"something new":           {&failing{err: errors.New("something new")}, shortPatience, 0},
		"429 that asks for 300 s": {&handlers{list: []http.HandlerFunc{status(429, "Retry-After", "300")}}, 0, 0},
		"403":                     {&handlers{list: []http.HandlerFunc{status(403)}}, 0, 0},
	} {
		for range 20 { // the pauses are random
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				start := time.Now()
				r := NewRetry(20 * time.Second)
				r.Hopeless = func(body []byte) bool { return string(body) == "hopeless" }
				send(ctx, test.network, r, "https://store.example")
				if took := time.Since(start); took > test.took || took < test.took-test.pause {
					t.Errorf("%s: given up after %v, want %v", name, took, test.took)
				}
			})
		}
	}
}

// TestUntilMeansUntilOnARealClock checks that a store that throttles without
// Retry-After is not given up early, although on a real clock some time passes
// between an answer and the pause after it.
func TestUntilMeansUntilOnARealClock(t *testing.T) {
	const timeout = 100 * time.Millisecond
	h := &handlers{list: []http.HandlerFunc{status(429)}}
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	resp, err := send(ctx, h, NewRetry(20*time.Second), "https://store.example")
	if took := time.Since(start); err != nil || resp.StatusCode != 429 || took < timeout {
		t.Errorf("%v, %v after %v, want the refusal after %v", resp, err, took, timeout)
	}
}

// TestClosedStoreIsAskedNothingMore checks that later requests get the refusal
// of a store that asked for a longer pause than the remaining time, without
// being sent.
func TestClosedStoreIsAskedNothingMore(t *testing.T) {
	h := &handlers{list: []http.HandlerFunc{status(429, "Retry-After", "300")}}
	r := NewRetry(20 * time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 100 {
		resp, err := send(ctx, h, r, "https://store.example")
		if err != nil || resp.StatusCode != 429 {
			t.Fatalf("%v, %v, want the refusal", resp, err)
		}
		if body, err := runtime.Payload(resp); err != nil || string(body) != canary {
			t.Fatalf("its body is %q, %v", body, err)
		}
	}
	if h.requests != 1 {
		t.Errorf("%d requests, want 1", h.requests)
	}
}

// TestBoundIsPerAnswer checks that the bound on an answer does not count the
// refusals before it.
func TestBoundIsPerAnswer(t *testing.T) {
	large := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(503)
		w.Write(make([]byte, maxRefusal/2))
	}
	list := slices.Repeat([]http.HandlerFunc{large}, 4*MaxToken/maxRefusal)
	address, _ := answers(t, append(list, status(200))...)
	resp, err := do(t.Context(), NewRetry(20*time.Second), address)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("%v, %v, want 200 after %d refusals", resp, err, len(list))
	}
}
