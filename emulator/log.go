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
	KindKey        = "key"        // to Azure Arc's endpoint, which names a file with a key
	KindChallenge  = "challenge"  // to a store without a token, refused with 401
	KindSecret     = "secret"     // to a vault's secrets
	KindConnection = "connection" // listsecrets of a connection, or Foundry's counterpart
	KindKeyValue   = "key-value"  // to App Configuration for a key
	KindKeys       = "keys"       // keys or token of an endpoint
	KindEntra      = "entra"      // to Microsoft Entra for a token
	KindDiscovery  = "discovery"  // to Microsoft Entra, before a token
	KindConnect    = "connect"    // CONNECT to the proxy
	KindOther      = "other"
)

// Request is a request that the emulator received. It holds no header, query or
// body, and so no secret.
type Request struct {
	Kind   string
	Method string
	Host   string // "identity" for the identity endpoint
	Path   string // escaped; empty for CONNECT
	Status int    // 0 if there was no response
}

// String returns kind, method, host, path and status on one line.
func (r Request) String() string {
	return strings.Join(strings.Fields(fmt.Sprintln(r.Kind, r.Method, r.Host, r.Path, r.Status)), " ")
}

// requestLog records what handlers and the proxy do.
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

// Requests returns the requests so far, in order.
func (a *Azure) Requests() []Request {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	return slices.Clone(a.log.requests)
}

// Counts returns the number of requests of each kind so far.
func (a *Azure) Counts() map[string]int {
	counts := map[string]int{}
	for _, r := range a.Requests() {
		counts[r.Kind]++
	}
	return counts
}

// Connections returns the number of connections to each host so far.
func (a *Azure) Connections() map[string]int {
	a.log.mu.Lock()
	defer a.log.mu.Unlock()
	return maps.Clone(a.log.connections)
}

// watch logs the requests that h serves, with the host that name returns.
func (l *requestLog) watch(name func(*http.Request) string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w, log: func(status int) {
			host := name(r)
			l.add(Request{classify(host, r, status, w.Header()), r.Method, host, r.URL.EscapedPath(), status})
		}}
		defer rec.end()
		h.ServeHTTP(rec, r)
	})
}

// classify returns the kind of a request.
func classify(host string, r *http.Request, status int, answer http.Header) string {
	path := strings.ToLower(r.URL.Path)
	_, login := loginCloud(host)
	switch {
	case host == identityHost && answer.Get("WWW-Authenticate") != "":
		return KindKey
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
	case strings.HasPrefix(path, "/kv/"):
		return KindKeyValue
	case strings.HasSuffix(path, "/listsecrets"), strings.HasSuffix(path, "/getconnectionwithcredentials"):
		return KindConnection
	case strings.HasSuffix(path, "/listkeys"), strings.Contains(path, "/onlineendpoints/") && strings.HasSuffix(path, "/token"):
		return KindKeys
	}
	return KindOther
}

// recorder logs a request before its response is sent, so that whoever has seen
// the response finds the request in the log.
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

// end logs a request that gets no response.
func (r *recorder) end() {
	if !r.logged {
		r.logged = true
		r.log(0)
	}
}

// Unwrap lets [http.ResponseController] find the original writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
