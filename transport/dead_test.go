package transport

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
)

// mute is a connection that can die silently. Once dead, it loses everything
// that is written.
type mute struct {
	net.Conn
	dead *atomic.Bool
}

func (m *mute) Write(b []byte) (int, error) {
	if m.dead.Load() {
		return len(b), nil
	}
	return m.Conn.Write(b)
}

// TestDeadConnection checks that requests survive a first connection that dies
// silently, after the handshake or after the first answer. They succeed on
// another connection long before the time for an attempt has passed.
func TestDeadConnection(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		for _, answered := range []bool{false, true} {
			t.Run(fmt.Sprintf("HTTP/2 %v, answered %v", http2, answered), func(t *testing.T) {
				t.Parallel()
				outliveConnection(t, http2, answered)
			})
		}
	}
}

func outliveConnection(t *testing.T, http2, answered bool) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.EnableHTTP2 = http2
	server.StartTLS()
	t.Cleanup(server.Close)
	client := ForStore(3, MaxSecret)
	store := client.Transport.(*connections)
	trust(store, server)
	var dials atomic.Int32
	var dead atomic.Bool
	dial := store.DialContext
	store.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil || dials.Add(1) > 1 {
			return conn, err
		}
		return &mute{conn, &dead}, nil
	}
	client.Preconnect(t.Context(), server.URL, 3, func() {})
	t.Cleanup(client.CloseIdleConnections)
	ctx, cancel := context.WithTimeout(t.Context(), 4*deadAfter)
	defer cancel()
	r := NewRetry(4 * deadAfter)
	if <-store.first.done; answered {
		if _, err := send(ctx, client, r, server.URL); err != nil {
			t.Fatal(err)
		}
	}
	dead.Store(true)
	for range 5 {
		if resp, err := send(ctx, client, r, server.URL); err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", resp, err)
		}
	}
}

// trust makes the store's client trust a server's certificate.
func trust(store *connections, server *httptest.Server) {
	store.TLSClientConfig.RootCAs = x509.NewCertPool()
	store.TLSClientConfig.RootCAs.AddCert(server.Certificate())
}
