package transport

import (
	"bytes"
	"crypto/x509"
	"io"
	"os"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// roots returns Mozilla's roots where the system has none, as in an image built
// from scratch, and nil, which stands for the system's, elsewhere. Roots that
// SSL_CERT_FILE or SSL_CERT_DIR name are never replaced by others. Reading the
// system's takes longer than connecting to a store, so it is done meanwhile
// where it is clear that there are some. The bundle is parsed only here,
// because doing so at start-up would cost every start 2.5 ms.
var roots = sync.OnceValue(func() *x509.CertPool {
	if namedOrBundled() {
		go x509.SystemCertPool() // which later calls wait for
		return nil
	}
	if !builtIn() {
		return nil
	}
	return mozilla()
})

// namedOrBundled says whether there are roots, without reading them: false if
// that is not certain.
func namedOrBundled() bool {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return true
	}
	// Where Debian, Fedora and Alpine have them; crypto/x509 looks at more
	// places.
	for _, name := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		if f, err := os.Open(name); err == nil {
			beginning := make([]byte, 16<<10) // some have comments first
			n, _ := io.ReadFull(f, beginning)
			f.Close()
			if bytes.Contains(beginning[:n], []byte("-----BEGIN CERTIFICATE-----")) {
				return true
			}
		}
	}
	return false
}

// mozilla returns the roots that are built in.
func mozilla() *x509.CertPool {
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

// builtIn says whether the roots that are built in are used.
func builtIn() bool {
	if namedOrBundled() {
		return false
	}
	system, err := x509.SystemCertPool()
	return err == nil && system.Equal(x509.NewCertPool())
}

// RootsUsed says in words which certificate roots servers are checked against.
func RootsUsed() string {
	file, folders := os.Getenv("SSL_CERT_FILE") != "", os.Getenv("SSL_CERT_DIR") != ""
	switch {
	case file && folders:
		return "those in SSL_CERT_FILE and SSL_CERT_DIR"
	case file:
		return "those in SSL_CERT_FILE and the image's folder of roots"
	case folders:
		return "those in SSL_CERT_DIR and the image's file of roots"
	case builtIn():
		return "Mozilla's, which are built in, because the image has none"
	default:
		return "those of the image"
	}
}
