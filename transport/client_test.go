package transport

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestPreconnect checks that connections opened ahead serve the later requests,
// that one is enough over HTTP/2, and that nothing is sent over them before.
func TestPreconnect(t *testing.T) {
	const together = 5
	for http2, want := range map[bool]int32{false: together, true: 1} {
		var opened, requests, heads, multiplexed atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			if r.Method == http.MethodHead {
				heads.Add(1)
			}
		}))
		server.EnableHTTP2 = http2
		server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				opened.Add(1)
			}
		}
		server.StartTLS()
		t.Cleanup(server.Close)

		client := ForStore(together, MaxSecret)
		handshakes := make(chan struct{}, 2*together)
		inner := client.Transport.(*connections)
		trust(inner, server)
		inner.TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error {
			handshakes <- struct{}{}
			return nil
		}
		client.Preconnect(t.Context(), server.URL, together, func() { multiplexed.Add(1) })
		for range want {
			<-handshakes
		}
		if requests.Load() != 0 {
			t.Errorf("HTTP/2 %v: %d requests before the first one", http2, requests.Load())
		}
		var running sync.WaitGroup
		for range 2 * together {
			running.Go(func() {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
				if err == nil {
					_, err = client.Do(req)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
		client.CloseIdleConnections()
		if opened.Load() != want || requests.Load() != 2*together || heads.Load() != 0 {
			t.Errorf("HTTP/2 %v: %d connections, %d requests, %d of them HEAD; want %d, %d and none",
				http2, opened.Load(), requests.Load(), heads.Load(), want, 2*together)
		}
		if (multiplexed.Load() == 1) != http2 {
			t.Errorf("HTTP/2 %v: found to be multiplexed %d times", http2, multiplexed.Load())
		}
	}
}

// TestLargeHeaders checks that an answer is refused if its headers are larger than
// maxHeader, and read otherwise.
func TestLargeHeaders(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			size, _ := strconv.Atoi(r.URL.RawQuery)
			w.Header().Set("X-Large", strings.Repeat("x", size))
		}))
		server.EnableHTTP2 = http2
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		client := ForStore(1, MaxSecret)
		trust(client.Transport.(*connections), server)
		for size, refused := range map[int]bool{maxHeader / 2: false, 2 * maxHeader: true} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprint(server.URL, "?", size), nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = client.Do(req); (err != nil) != refused || refused && NewError(err).Cause != Unusable {
				t.Errorf("HTTP/2 %v, %d bytes: %v", http2, size, err)
			}
		}
	}
}

// TestSwitchingProtocols checks that the client ends a connection on which the server
// wants to speak something else. It would wait for the end of the answer forever.
func TestSwitchingProtocols(t *testing.T) {
	ended := make(chan error, 1)
	address, _ := answers(t, func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			defer c.Close()
			c.SetDeadline(time.Now().Add(deadAfter))
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n")
			_, err = io.Copy(io.Discard, c)
		}
		ended <- err
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := ForStore(1, MaxSecret).Do(req); err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Errorf("%v, %v", resp, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the connection is still open: %v", err)
	}
}

// deadlined is a connection that keeps the last deadline it was given.
type deadlined struct {
	net.Conn
	last *time.Time
}

func (d deadlined) SetDeadline(t time.Time) error {
	*d.last = t
	return d.Conn.SetDeadline(t)
}

// TestSetupDeadlineEnds checks that the deadline for making a connection does not
// bound the requests that use it.
func TestSetupDeadlineEnds(t *testing.T) {
	last := time.Now() // any but zero
	client := ForStore(1, MaxSecret)
	client.Transport.(*connections).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialStore(ctx, network, address)
		return deadlined{conn, &last}, err
	}
	address, _ := answers(t, status(200))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(req); err != nil || !last.IsZero() {
		t.Errorf("%v: the deadline is %v, want none", err, last)
	}
}

// TestPreconnectDeadlineEnds checks the same of the connection opened ahead.
func TestPreconnectDeadlineEnds(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	last := time.Now()
	client := ForStore(1, MaxSecret)
	store := client.Transport.(*connections)
	trust(store, server)
	store.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialStore(ctx, network, address)
		if dialed, ok := ctx.Value(dialedKey{}).(*net.Conn); ok {
			*dialed = deadlined{conn, &last}
		}
		return conn, err
	}
	client.Preconnect(t.Context(), server.URL, 1, func() {})
	t.Cleanup(client.CloseIdleConnections)
	if <-store.first.done; store.first.conn == nil || !last.IsZero() {
		t.Errorf("connection %v: the deadline is %v, want none", store.first.conn, last)
	}
}

// TestPreconnectEnds checks that a connection which a silent server does not let be
// opened is given up when the context ends, and not waited for before.
func TestPreconnectEnds(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	client := ForStore(3, MaxSecret)
	ctx, cancel := context.WithCancel(t.Context())
	client.Preconnect(ctx, "https://"+silent.Addr().String(), 3, func() { t.Error("multiplexed, without a connection") })
	store := client.Transport.(*connections)
	select {
	case <-store.first.done:
		t.Errorf("the connection %v was waited for", store.first.conn)
	default:
	}
	cancel()
	<-store.first.done
}
