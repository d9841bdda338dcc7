package emulator

import (
	"bytes"
	"cmp"
	"io"
	"math"
	"net/http"
	"strings"
	"time"
)

// strike is a fault that has hit a request.
type strike struct {
	*Fault
	azure   *Azure
	w       http.ResponseWriter
	r       *http.Request
	handler http.Handler // would have answered without the fault
}

// serveOrStrike lets the handler serve the request, unless a fault hits it.
// authenticated is false for a request that its store will only challenge.
func (a *Azure) serveOrStrike(host string, authenticated bool, handler http.Handler, w http.ResponseWriter, r *http.Request) {
	f := a.faults.take(r.Method, host, r.URL.Path, authenticated)
	if f == nil {
		handler.ServeHTTP(w, r)
		return
	}
	// Until the body is read, the server does not notice that the client has
	// left, and a close turns into a reset.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.effects()[0].strike(&strike{f, a, w, r, handler})
}

func (s *strike) status() {
	h := s.w.Header()
	if s.RetryAfter > 0 {
		h.Set("Retry-After", wholeSeconds(s.RetryAfter))
	}
	body := s.body()
	if repeats := []byte("{sent}"); bytes.Contains(body, repeats) {
		body = bytes.ReplaceAll(body, repeats, []byte(sent(s.r)))
	}
	if s.Body == "" && body != nil {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range s.Headers {
		h.Set(name, value)
	}
	s.w.WriteHeader(s.Status)
	s.w.Write(body)
}

// sent returns the secret that a request carries: a token, the header of an
// identity endpoint, or an application's proof.
func sent(r *http.Request) string {
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	proof := r.PostFormValue("client_secret") + r.PostFormValue("client_assertion")
	return cmp.Or(token, r.Header.Get("X-Identity-Header"), r.Header.Get("Secret"), proof)
}

// body returns the fault's body, or an error in the host's own format made of
// its code and message, or nil if it has none of these.
func (s *strike) body() []byte {
	host := s.match().host
	_, login := loginCloud(host)
	_, configuration := configurationAudiences(host)
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
	if configuration != "" {
		return marshal((&problem{Status: s.Status, Title: s.Message}).as(s.Code))
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
	s.handler.ServeHTTP(s.w, s.r)
}

func (s *strike) hang() {
	s.unanswered()
	s.wait(math.MaxInt64)
	panic(http.ErrAbortHandler)
}

// wait waits for d. It returns false if the client leaves or the emulator
// closes first.
func (s *strike) wait(d time.Duration) bool { return wait(s.r.Context(), d, s.azure.closed) }

// unanswered logs the request at once, before the client notices and retries.
func (s *strike) unanswered() {
	if rec, ok := s.w.(*recorder); ok {
		rec.end()
	}
}
