package emulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Kinds of requests.
const (
	KindToken      = "token"      // to the identity endpoint
	KindChallenge  = "challenge"  // to a store, without a token, answered 401
	KindSecret     = "secret"     // to a vault's secrets
	KindConnection = "connection" // listsecrets of a connection
	KindKeys       = "keys"       // keys or token of an endpoint
	KindEntra      = "entra"      // to Microsoft Entra, for a token
	KindDiscovery  = "discovery"  // to Microsoft Entra, before that
	KindConnect    = "connect"    // CONNECT to the proxy
	KindOther      = "other"
)

// A Request is one that the emulator answered. It holds no header, no query and
// no body, so no secret either.
type Request struct {
	Kind   string
	Method string
	Host   string // "identity" for the identity endpoint
	Path   string // escaped; empty for CONNECT
	Status int    // 0 if there was no answer
}

// String returns the request on one line: kind, method, host, path, status.
func (r Request) String() string {
	return strings.Join(strings.Fields(fmt.Sprintln(r.Kind, r.Method, r.Host, r.Path, r.Status)), " ")
}

// A requestLog is written by handlers and read by tests.
type requestLog struct {
	mu          sync.Mutex
	requests    []Request
	connections map[string]int
}

func newRequestLog() *requestLog { return &requestLog{connections: map[string]int{}} }

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, r)
}

func (l *requestLog) connected(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connections[host]++
}

// Requests returns the requests answered so far, in order.
func (a *Azure) Requests() []Request {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	return slices.Clone(a.log.requests)
}

// Counts returns how many requests of each kind were answered so far.
func (a *Azure) Counts() map[string]int {
	counts := map[string]int{}
	for _, r := range a.Requests() {
		counts[r.Kind]++
	}
	return counts
}

// Connections returns how many connections were accepted so far, by host.
func (a *Azure) Connections() map[string]int {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	return maps.Clone(a.log.connections)
}

// watch logs what h answers, as requests to the host that name finds.
func (l *requestLog) watch(name func(*http.Request) string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, log: func(status int) {
			host := name(r)
			l.add(Request{classify(host, r, status), r.Method, host, r.URL.EscapedPath(), status})
		}}
		defer rec.end()
		h.ServeHTTP(rec, r)
	})
}

// kind classifies a request by where it went and how it was answered.
func classify(host string, r *http.Request, status int) string {
	path := strings.ToLower(r.URL.Path)
	_, login := loginCloud(host)
	switch {
	case host == identityHost:
		return KindToken
	case login && isTokenPath(path):
		return KindEntra
	case login && (strings.HasSuffix(path, "/discovery/instance") || strings.HasSuffix(path, "/openid-configuration")):
		return KindDiscovery
	case login:
		return KindOther
	case status == http.StatusUnauthorized && r.Header.Get("Authorization") == "":
		return KindChallenge
	case strings.HasPrefix(path, "/secrets/"):
		return KindSecret
	case strings.HasSuffix(path, "/listsecrets"):
		return KindConnection
	case strings.HasSuffix(path, "/listkeys"), strings.Contains(path, "/onlineendpoints/") && strings.HasSuffix(path, "/token"):
		return KindKeys
	}
	return KindOther
}

// A recorder logs a request before its answer is sent, so that whoever has read
// the answer finds the request in the log.
type recorder struct {
	http.ResponseWriter
	log    func(status int)
	logged bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.logged {
		r.logged = true
		r.log(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if !r.logged {
		r.WriteHeader(http.StatusOK)
	}
	return r.ResponseWriter.Write(b)
}

// end logs a request that was not and will not be answered.
func (r *recorder) end() {
	if !r.logged {
		r.logged = true
		r.log(0)
	}
}

// Unwrap is for [http.ResponseController].
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
