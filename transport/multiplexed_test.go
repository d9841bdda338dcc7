package transport

import (
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
	server, opened := multiplexing(t, streams, func(http.ResponseWriter, *http.Request) {
		round := &arrived[(requests.Add(1)-1)/streams]
		round.Done()
		round.Wait() // as many as are allowed are answered at the same time
	})
	sendTogether(t, server, streams*rounds)
	if opened.Load() != 1 || requests.Load() != streams*rounds {
		t.Errorf("%d connections and %d requests, want 1 and %d", opened.Load(), requests.Load(), streams*rounds)
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
	server, opened := multiplexing(t, streams, func(w http.ResponseWriter, _ *http.Request) {
		switch requests.Add(1) {
		case 1:
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-others
			return
		case 2:
			w.Header().Set("Connection", "close") // over HTTP/2 the server sends GOAWAY
		}
		if answered.Add(1) == together-1 {
			close(others)
		}
	})
	sendTogether(t, server, together)
	if opened.Load() != 2 {
		t.Errorf("%d connections, want 2", opened.Load())
	}
}

// multiplexing starts a server that allows so many streams on a connection, and
// counts connections.
func multiplexing(t *testing.T, streams int, handler http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	opened := new(atomic.Int32)
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: streams}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, opened
}

// sendTogether sends n requests to the server at the same time. All must succeed.
func sendTogether(t *testing.T, server *httptest.Server, n int) {
	t.Helper()
	client := ForStore(n, MaxSecret)
	trust(client.Transport.(*connections), server)
	var multiplexed atomic.Int32
	client.Preconnect(t.Context(), server.URL, n, func() { multiplexed.Add(1) })
	defer client.CloseIdleConnections()
	r := NewRetry(20 * time.Second)
	var running sync.WaitGroup
	for range n {
		running.Go(func() {
			if resp, err := send(t.Context(), client, r, server.URL); err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("%v, %v", resp, err)
			}
		})
	}
	running.Wait()
	if multiplexed.Load() != 1 {
		t.Errorf("found to be multiplexed %d times, want once", multiplexed.Load())
	}
}
