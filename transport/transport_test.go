package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

const canary = "hunter2"

// answers makes a server that gives these answers in turn, the last for ever.
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

// broken ends the connection after writing these bytes.
func broken(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			io.WriteString(c, bytes)
			c.Close()
		}
	}
}

// do sends a GET through a pipeline as the stores' and the identity's are.
func do(ctx context.Context, r *Retry, address string) (*http.Response, error) {
	options := Options(ForIdentity(), r)
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
		"good":                      {[]http.HandlerFunc{status(200)}, 200, 1},
		"throttled, then good":      {[]http.HandlerFunc{status(429, soon...), status(429, soon...), status(200)}, 200, 3},
		"out of order, then good":   {[]http.HandlerFunc{status(503, soon...), status(500, soon...), status(200)}, 200, 3},
		"timed out, then good":      {[]http.HandlerFunc{status(408, soon...), status(200)}, 200, 2},
		"reset, then good":          {[]http.HandlerFunc{broken(""), status(200)}, 200, 2},
		"cut, then good":            {[]http.HandlerFunc{broken("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"), status(200)}, 200, 2},
		"denied":                    {[]http.HandlerFunc{status(403), status(200)}, 403, 1},
		"not found":                 {[]http.HandlerFunc{status(404), status(200)}, 404, 1},
		"bad request":               {[]http.HandlerFunc{status(400), status(200)}, 400, 1},
		"unauthorized":              {[]http.HandlerFunc{status(401), status(200)}, 401, 1},
		"redirect, not followed":    {[]http.HandlerFunc{status(302, "Location", "/"), status(200)}, 302, 1},
		"told to wait for too long": {[]http.HandlerFunc{status(429, "Retry-After", "86400"), status(200)}, 429, 1},
		"told a day far off":        {[]http.HandlerFunc{status(503, "Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT"), status(200)}, 503, 1},
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
		"too large":  {func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, MaxBody+1)) }, Unusable},
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
	address, _ := answers(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, MaxBody)) })
	resp, err := do(t.Context(), NewRetry(20*time.Second), address)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := runtime.Payload(resp); err != nil || len(body) != MaxBody {
		t.Errorf("a body of %d bytes: %d bytes, %v", MaxBody, len(body), err)
	}
}

// TestDeadline checks that what is reported when time runs out is the last
// answer, and not that time ran out.
func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	address, requests := answers(t, status(503, "retry-after-ms", "20"), status(503, "retry-after-ms", "20"), hang)
	resp, err := do(ctx, NewRetry(20*time.Second), address)
	if err != nil || resp.StatusCode != 503 || requests.Load() != 3 {
		t.Errorf("%v, %v after %d requests, want the 503 that was before the one without an answer", resp, err, requests.Load())
	}
}

func TestHangingAttemptLeavesTimeForOthers(t *testing.T) {
	r := NewRetry(20 * time.Second)
	r.Attempt = 50 * time.Millisecond
	address, requests := answers(t, hang, hang, status(200))
	resp, err := do(t.Context(), r, address)
	if err != nil || resp.StatusCode != 200 || requests.Load() != 3 {
		t.Errorf("%v, %v after %d requests, want the third one's answer", resp, err, requests.Load())
	}
}

func TestPatienceEnds(t *testing.T) {
	r := NewRetry(20 * time.Second)
	r.Patience = func(Cause) time.Duration { return 0 }
	address, requests := answers(t, broken(""))
	_, err := do(t.Context(), r, address)
	var failed *Error
	if !errors.As(err, &failed) || failed.Cause != NoAnswer || requests.Load() > 2 { // net/http itself may repeat it
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
				if pause := o.pause(n + 1); pause < 0 || pause > maxRetryAfter || pause == 0 && code == 429 || pause > 0 && code < 429 {
					t.Errorf("%d with Retry-After %s: pause %v", code, value, pause)
				}
				if wait := backoff(n + 1); wait < 0 || wait > maxBackoff {
					t.Errorf("backoff %v after %d attempts", wait, n+1)
				}
			}
		}
	}
}

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

// handshakeTimeout is as net/http has it, for a TLS handshake that takes too
// long.
type handshakeTimeout struct{}

func (handshakeTimeout) Error() string   { return "net/http: TLS handshake timeout" }
func (handshakeTimeout) Timeout() bool   { return true }
func (handshakeTimeout) Temporary() bool { return true }

func TestCauses(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, test := range []struct {
		err   error
		cause Cause
		text  string
	}{
		{dial(&net.DNSError{Err: "no such host", Name: "kv1.vault.azure.net", IsNotFound: true}), NoSuchHost, "the name does not resolve: no such host"},
		{dial(syscall.ECONNREFUSED), NoConnection, "no connection: dial tcp: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(syscall.ECONNREFUSED)}, NoConnection, "the proxy that HTTPS_PROXY names: no connection: dial tcp: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(&net.DNSError{Err: "no such host", Name: "proxy.example", IsNotFound: true})}, NoSuchHost, "the proxy that HTTPS_PROXY names: the name does not resolve: no such host"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, NotTrusted, "the proxy that HTTPS_PROXY names: certificate not trusted: x509: certificate signed by unknown authority"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, NotTrusted, "certificate not trusted: x509: certificate signed by unknown authority"},
		{&proxyError{Status: 407}, ProxyRefused, "the proxy returned 407 Proxy Authentication Required"},
		{&proxyError{Status: 502}, ProxyFailed, "the proxy returned 502 Bad Gateway"},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, Unusable, "TLS: remote error: tls: handshake failure"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "kv1.vault.azure.net"}), NoResolver, "the name does not resolve: server misbehaving"},
		{dial(context.DeadlineExceeded), NoConnection, "no connection: dial tcp: context deadline exceeded"},
		{tls.RecordHeaderError{Msg: canary}, Unusable, "the answer is not HTTP, or not over TLS"},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, NoAnswer, "the connection ended before the answer did"},
		{errors.New("http2: server sent GOAWAY and closed the connection"), NoAnswer, "the connection ended before the answer did"},
		{context.DeadlineExceeded, NoAnswer, "no answer in time"},
		{handshakeTimeout{}, NoAnswer, "no answer in time"},
		{&net.OpError{Op: "socks connect", Net: "tcp", Err: errors.New("unknown error connection refused")}, NoConnection, "the proxy that HTTPS_PROXY names: no connection: unknown error connection refused"},
		{fmt.Errorf("something new %q", canary), Unknown, "something new"},
	} {
		err := error(&url.Error{Op: "Get", URL: "https://malformed." + canary, Err: test.err})
		if failed := NewError(err); !isRequestError(err) || failed.Cause != test.cause || failed.Error() != test.text {
			t.Errorf("%v: %#v %q, want cause %d, %q", test.err, failed, failed, test.cause, test.text)
		}
	}
	if isRequestError(errors.New("not a request's")) {
		t.Error("an error of another kind is taken for one of a request")
	}
	first := &Error{Cause: NoAnswer}
	if again := NewError(fmt.Errorf("body download policy: %w", first)); again != first {
		t.Errorf("NewError of a wrapped Error = %v", again)
	}
	for cause := Unknown; cause <= ProxyFailed; cause++ {
		_ = (&Error{Cause: cause, Err: errors.New("x")}).Error() // which does not panic
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
			t.Errorf("cause %d is given up", cause)
		}
	}
	if transient := []int{408, 429, 500, 502, 503, 504}; slices.ContainsFunc(transient, func(s int) bool { return !Transient(s) }) || Transient(404) || Transient(302) {
		t.Error("Transient does not know its statuses")
	}
}
