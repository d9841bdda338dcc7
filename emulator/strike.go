package emulator

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"time"
)

// A strike is a fault that meets a request.
type strike struct {
	*Fault
	azure *Azure
	w     http.ResponseWriter
	r     *http.Request
	right http.Handler // without the fault it would have answered
}

// afflict answers the request as the fault that strikes it has it, or else with
// the handler. authenticated is whether the request gets past the first
// question that a store asks.
func (a *Azure) afflict(host string, authenticated bool, right http.Handler, w http.ResponseWriter, r *http.Request) {
	f := a.faults.take(r.Method, host, r.URL.Path, authenticated)
	if f == nil {
		right.ServeHTTP(w, r)
		return
	}
	// The server notices that a client goes away only once the request has been
	// read to its end, and what is left unread would turn a close into a reset.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.effects()[0].strike(&strike{f, a, w, r, right})
}

func (s *strike) status() {
	h := s.w.Header()
	if s.RetryAfter > 0 {
		h.Set("Retry-After", wholeSeconds(s.RetryAfter))
	}
	body := s.body()
	if s.Body == "" && body != nil {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	s.w.WriteHeader(s.Status)
	s.w.Write(body)
}

// body is nil if the fault has neither a body nor what to make one of. The
// error is in the form of the host that is asked.
func (s *strike) body() []byte {
	host := s.match().host
	_, login := loginCloud(host)
	switch {
	case s.Body != "":
		return []byte(s.Body)
	case s.Code == "" && s.Message == "":
		return nil
	case host == identityHost:
		return marshal(oauthError{s.Code, s.Message})
	case login:
		return marshal((&denial{s.Status, s.Code, s.Message}).body(s.r, s.azure.issuer.now()))
	}
	return marshal((&refusal{code: s.Code, message: s.Message, inner: s.InnerCode}).body())
}

func (s *strike) redirect() {
	s.w.Header().Set("Location", s.Redirect)
	s.w.WriteHeader(http.StatusFound)
}

const portal = `<!DOCTYPE html>
<html><head><title>Guest network</title></head>
<body><h1>Welcome</h1><p>Accept the terms of use to go online.</p></body></html>
`

func (s *strike) html() {
	s.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(s.w, portal)
}

func (s *strike) slow() {
	if !s.wait(s.Slow) {
		panic(http.ErrAbortHandler)
	}
	s.right.ServeHTTP(s.w, s.r)
}

func (s *strike) hang() {
	s.unanswered()
	s.wait(math.MaxInt64)
	panic(http.ErrAbortHandler)
}

// wait returns false if the client leaves or the emulator closes before d is
// over.
func (s *strike) wait(d time.Duration) bool { return wait(s.r.Context(), d, s.azure.closed) }

// unanswered logs the request now: the client may notice, and ask again, at
// once.
func (s *strike) unanswered() {
	if rec, ok := s.w.(*recorder); ok {
		rec.end()
	}
}
