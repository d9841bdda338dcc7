package transport

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestFewStreams checks that requests wait for one another on a single connection
// if the server allows fewer at a time than there are.
func TestFewStreams(t *testing.T) {
	const streams, rounds = 10, 6
	var arrived [rounds]sync.WaitGroup
	for i := range arrived {
		arrived[i].Add(streams)
	}
	var requests atomic.Int32
	server := multiplexing(t, streams, func(http.ResponseWriter, *http.Request) {
		round := &arrived[(requests.Add(1)-1)/streams]
		round.Done()
		round.Wait() // as many as are allowed are answered at the same time
	})
	sendTogether(t, server, streams*rounds)
	if opened := server.opened.Load(); opened != 1 || requests.Load() != streams*rounds {
		t.Errorf("%d connections and %d requests, want 1 and %d", opened, requests.Load(), streams*rounds)
	}
}

// TestGoAway checks that requests succeed although the server shuts their
// connection down while some of them are under way and others wait for a stream. One
// of them stays there until the others have been answered on a single other
// connection.
func TestGoAway(t *testing.T) {
	const streams, together = 10, 40
	var requests, answered atomic.Int32
	others := make(chan struct{})
	var server *multiplexer
	server = multiplexing(t, streams, func(w http.ResponseWriter, _ *http.Request) {
		switch requests.Add(1) {
		case 1:
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-others
			return
		case 2:
			w.Header().Set("Connection", "close") // over HTTP/2 the server sends GOAWAY
		default:
			<-server.goingAway
		}
		if answered.Add(1) == together-1 {
			close(others)
		}
	})
	sendTogether(t, server, together)
	if opened := server.opened.Load(); opened != 2 || requests.Load() != together {
		t.Errorf("%d connections and %d requests, want 2 and %d", opened, requests.Load(), together)
	}
}

// multiplexer is a server that speaks HTTP/2.
type multiplexer struct {
	*httptest.Server
	certified *httptest.Server // whose certificate it has
	opened    atomic.Int32     // connections
	goingAway chan struct{}    // closed when it has sent GOAWAY
}

// taken is how many streams a multiplexer takes on a connection. It announces fewer,
// because it may still count a stream that has ended for the client, and would then
// give up the connection.
const taken = 1000

// multiplexing starts a server that allows so many streams on a connection.
func multiplexing(t *testing.T, streams uint32, handler http.HandlerFunc) *multiplexer {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc(firstPath, func(http.ResponseWriter, *http.Request) {})
	m := &multiplexer{Server: httptest.NewUnstartedServer(mux), certified: httptest.NewTLSServer(nil), goingAway: make(chan struct{})}
	m.certified.Close()
	config := &tls.Config{Certificates: m.certified.TLS.Certificates, NextProtos: []string{"h2"}}
	m.Listener = &announcer{tls.NewListener(m.Listener, config), streams, sync.OnceFunc(func() { close(m.goingAway) })}
	m.Config.Protocols = new(http.Protocols)
	m.Config.Protocols.SetUnencryptedHTTP2(true) // it does not see TLS
	m.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: taken}
	m.Config.ErrorLog = log.New(io.Discard, "", 0)
	m.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			m.opened.Add(1)
		}
	}
	m.Start()
	m.URL = "https://" + m.Listener.Addr().String()
	t.Cleanup(m.Close)
	return m
}

// announcer accepts the connections of a multiplexer.
type announcer struct {
	net.Listener
	streams uint32 // that clients are told to have at most
	leave   func() // called after GOAWAY
}

func (a *announcer) Accept() (net.Conn, error) {
	conn, err := a.Listener.Accept()
	return &announcing{conn, a}, err
}

type announcing struct {
	net.Conn
	*announcer
}

// Write knows a setting by its number, and a frame by the beginning of its header.
// https://www.rfc-editor.org/rfc/rfc9113#section-6
func (a *announcing) Write(b []byte) (int, error) {
	const maxConcurrentStreams, goAway = 3, 7
	setting := func(streams uint32) []byte {
		return binary.BigEndian.AppendUint32([]byte{0, maxConcurrentStreams}, streams)
	}
	n, err := a.Conn.Write(bytes.Replace(b, setting(taken), setting(a.streams), 1))
	if bytes.Contains(b, []byte{0, 0, 8, goAway, 0, 0, 0, 0, 0}) {
		a.leave()
	}
	return n, err
}

// firstPath is that of a request that the handler of a multiplexer is not asked for.
const firstPath = "/first"

// sendTogether sends n requests to the server at the same time, after another one.
// All must succeed.
func sendTogether(t *testing.T, server *multiplexer, n int) {
	t.Helper()
	client := ForStore(n, MaxSecret)
	trust(client.Transport.(*connections), server.certified)
	var multiplexed atomic.Int32
	client.Preconnect(t.Context(), server.URL, n, func() { multiplexed.Add(1) })
	defer client.CloseIdleConnections()
	r := NewRetry(20 * time.Second)
	sendTo := func(path string) {
		if resp, err := send(t.Context(), client, r, server.URL+path); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%v, %v", resp, err)
		}
	}
	sendTo(firstPath) // after which the client knows how many streams are allowed
	var running sync.WaitGroup
	for range n {
		running.Go(func() { sendTo("") })
	}
	running.Wait()
	if multiplexed.Load() != 1 {
		t.Errorf("found to be multiplexed %d times, want once", multiplexed.Load())
	}
}
