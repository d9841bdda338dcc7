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

// TestPreconnect checks that connections opened ahead serve the later requests,
// that one is enough over HTTP/2, and that nothing is sent over them before.
func TestPreconnect(t *testing.T) {
	const together = 5
	for http2, want := range map[bool]int32{false: together, true: 1} {
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

		client := ForStore(together, MaxSecret)
		handshakes := make(chan struct{}, 2*together)
		inner := client.Transport.(*connections)
		inner.TLSClientConfig.RootCAs = x509.NewCertPool()
		inner.TLSClientConfig.RootCAs.AddCert(server.Certificate())
		inner.TLSClientConfig.VerifyConnection = func(tls.ConnectionState) error {
			handshakes <- struct{}{}
			return nil
		}
		client.Preconnect(t.Context(), server.URL, together)
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
	}
}
