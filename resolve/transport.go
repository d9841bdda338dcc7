package resolve

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const (
	// maxConnections to one host, and so the bound on requests in flight to
	// it over HTTP/1.1.
	maxConnections = 32
	// maxBody bounds a response. The largest legitimate one is a connection
	// with many keys, some hundred kilobytes.
	maxBody = 8 << 20
)

// newClient returns the HTTP client for vaults and Resource Manager. It
// honours HTTPS_PROXY and NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR, and
// follows no redirect: a redirected request would carry a token to wherever
// the answer says.
func newClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &bounded{&http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots()},
			ForceAttemptHTTP2:   true,
			MaxConnsPerHost:     maxConnections,
			MaxIdleConnsPerHost: maxConnections,
		}},
	}
}

// bounded is a transport whose responses end with an error after maxBody bytes.
type bounded struct{ http.RoundTripper }

func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxBody)
	}
	return resp, err
}

// roots returns Mozilla's roots where the system has none, as in an image
// built from scratch, and nil, which stands for the system's, elsewhere. Roots that were
// named by SSL_CERT_FILE or SSL_CERT_DIR are never replaced by others. The bundle is parsed only here,
// because doing so at start-up would cost every start 2.5 ms.
func roots() *x509.CertPool {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return nil
	}
	if system, err := x509.SystemCertPool(); err != nil || !system.Equal(x509.NewCertPool()) {
		return nil
	}
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // one root less; a chain that needs it fails to verify
		}
		if root.Constraint == nil {
			pool.AddCert(certificate)
		} else {
			pool.AddCertWithConstraint(certificate, root.Constraint)
		}
	}
	return pool
}
