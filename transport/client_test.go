package transport

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPreconnect: connections that were opened ahead serve the requests that
// come, and nothing was sent over them before.
func TestPreconnect(t *testing.T) {
	const connections = 5
	for _, http2 := range []bool{false, true} {
		var opened, requests, heads atomic.Int32
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

		client := ForStore(connections, MaxSecret)
		handshakes := make(chan struct{}, 2*connections)
		inner := client.Transport.(*http.Transport)
		inner.TLSClientConfig.RootCAs = x509.NewCertPool()
		inner.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		inner.TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error {
			handshakes <- struct{}{}
			return nil
		}
		client.Preconnect(t.Context(), server.URL, connections)
		for range connections {
			<-handshakes
		}
		if requests.Load() != 0 {
			t.Errorf("HTTP/2 %v: %d requests before there was one to send", http2, requests.Load())
		}
		var running sync.WaitGroup
		for range 2 * connections {
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
		if opened.Load() != connections || requests.Load() != 2*connections || heads.Load() != 0 {
			t.Errorf("HTTP/2 %v: %d connections, %d requests, %d of them HEAD; want %d, %d and none",
				http2, opened.Load(), requests.Load(), heads.Load(), connections, 2*connections)
		}
	}
}
