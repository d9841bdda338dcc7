package emulator

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault is something that goes wrong with the requests it matches: an HTTP
// answer (Status, with Body, or an error made of Code and Message, or empty), or a
// connection that breaks (Reset). Requests to the stores without a token get
// their challenge first and are never counted.
type Fault struct {
	// Match is METHOD HOST/PATH. The method may be *; the path is a prefix,
	// letter case does not matter. Host identity is the identity endpoint.
	Match string `yaml:"match"`
	// Times is how many requests it meets; 0 means all.
	Times int `yaml:"times"`

	Status     int               `yaml:"status"`
	RetryAfter time.Duration     `yaml:"retry_after"`
	Code       string            `yaml:"code"`
	Message    string            `yaml:"message"`
	Body       string            `yaml:"body"`
	Headers    map[string]string `yaml:"headers"`
	Reset      bool              `yaml:"reset"`
}

// identityHost is how faults and the log name the identity endpoint.
const identityHost = "identity"

// A match is a parsed Fault.Match, lower case but for the method.
type match struct{ method, host, path string }

func parseMatch(s string) (match, error) {
	method, rest, ok := strings.Cut(s, " ")
	host, path, _ := strings.Cut(strings.TrimSpace(rest), "/")
	if !ok || method == "" || host == "" {
		return match{}, errors.New(`want METHOD HOST/PATH, such as "GET mykeyvault.vault.azure.net/secrets/db"`)
	}
	return match{strings.ToUpper(method), strings.ToLower(host), "/" + strings.ToLower(path)}, nil
}

func (m match) matches(method, host, path string) bool {
	return (m.method == "*" || m.method == method) && m.host == host && strings.HasPrefix(strings.ToLower(path), m.path)
}

// faults is the Config's list and how often each has struck.
type faults struct {
	mu   sync.Mutex
	list []activeFault
}

type activeFault struct {
	Fault
	match match
	left  int // -1: no end
}

func newFaults(list []Fault) *faults {
	f := &faults{}
	for _, fault := range list {
		m, _ := parseMatch(fault.Match) // checked
		left := fault.Times
		if left == 0 {
			left = -1
		}
		f.list = append(f.list, activeFault{fault, m, left})
	}
	return f
}

// take returns the fault that strikes the request, nil if none does.
func (f *faults) take(method, host, path string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.list, func(a activeFault) bool { return a.left != 0 && a.match.matches(method, host, path) })
	if at < 0 {
		return nil
	}
	if f.list[at].left > 0 {
		f.list[at].left--
	}
	return &f.list[at].Fault
}

// strike makes the fault happen. A new kind of fault is a new case here.
func (f *Fault) strike(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Reset:
		if rec, ok := w.(*recorder); ok {
			rec.end() // now: the client may notice, and ask again, at once
		}
		resetConnection(r.Context())
	default:
		f.answer(w)
	}
}

func (f *Fault) answer(w http.ResponseWriter) {
	h := w.Header()
	if f.RetryAfter > 0 {
		h.Set("Retry-After", wholeSeconds(f.RetryAfter))
	}
	body := f.body()
	if f.Body == "" && body != nil {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range f.Headers {
		h.Set(name, value)
	}
	w.WriteHeader(f.Status)
	w.Write(body)
}

// body is nil if the fault has neither a body nor what to make one of.
func (f *Fault) body() []byte {
	m, _ := parseMatch(f.Match) // checked
	switch {
	case f.Body != "":
		return []byte(f.Body)
	case f.Code == "" && f.Message == "":
		return nil
	case m.host == identityHost:
		return marshal(oauthError{f.Code, f.Message})
	}
	return marshal(errorBody{errorDetail{Code: f.Code, Message: f.Message}})
}

type connectionKey struct{}

// withConnection lets handlers find their connection; it is a Server.ConnContext.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// resetConnection ends the request's connection with a TCP reset: for HTTP/2
// that ends its other requests too.
func resetConnection(ctx context.Context) {
	c, _ := ctx.Value(connectionKey{}).(net.Conn)
	for {
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = inner.NetConn()
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
		tcp.Close()
	}
	panic(http.ErrAbortHandler)
}
