package transport

import (
	"crypto/x509"
	"os"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// roots returns Mozilla's roots where the system has none, as in an image
// built from scratch, and nil, which stands for the system's, elsewhere. Roots that
// SSL_CERT_FILE or SSL_CERT_DIR name are never replaced by others. The bundle
// is parsed only here, because doing so at start-up would cost every start 2.5 ms.
var roots = sync.OnceValue(func() *x509.CertPool {
	if !builtIn() {
		return nil
	}
	return mozilla()
})

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
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
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
