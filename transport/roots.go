package transport

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// rootBundle is the roots in one file, which is read while the first connection is
// made.
type rootBundle struct {
	pool *x509.CertPool
	read chan struct{} // closed when the pool is filled
}

// roots returns the bundle that SSL_CERT_FILE or the system has, nil if there is
// none. What it does not verify may be verified by [allRoots]: reading a folder of
// roots too takes as long again, and most have the same ones.
var roots = sync.OnceValue(func() *rootBundle {
	name := bundleFile()
	if name == "" {
		return nil
	}
	b := &rootBundle{x509.NewCertPool(), make(chan struct{})}
	go func() {
		defer close(b.read)
		content, _ := os.ReadFile(name)
		b.pool.AppendCertsFromPEM(content)
	}()
	return b
})

// allRoots returns nil, which means everything that crypto/x509 reads, or
// Mozilla's roots if there are none, as in an image built from scratch. Roots that
// SSL_CERT_FILE or SSL_CERT_DIR name are never replaced. Mozilla's are parsed only
// here, because doing so at start-up would cost every start 2.5 ms.
func allRoots() *x509.CertPool {
	if builtIn() {
		return mozilla()
	}
	return nil
}

// bundleFile returns the first bundle with a certificate, "" if there is none.
func bundleFile() string {
	// The places of Debian, Fedora and Alpine. crypto/x509 knows more.
	names := []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}
	if named := os.Getenv("SSL_CERT_FILE"); named != "" {
		names = []string{named}
	}
	for _, name := range names {
		if f, err := os.Open(name); err == nil {
			beginning := make([]byte, 16<<10) // some begin with comments
			n, _ := io.ReadFull(f, beginning)
			f.Close()
			if bytes.Contains(beginning[:n], []byte("-----BEGIN CERTIFICATE-----")) {
				return name
			}
		}
	}
	return ""
}

// CheckRootFile returns what is wrong with SSL_CERT_FILE, without quoting it. It
// reads regular files only, because others might never end. Beside SSL_CERT_DIR,
// /dev/null means no file.
func CheckRootFile() error {
	const write = "; write the path of a file with certificates in PEM format"
	name := os.Getenv("SSL_CERT_FILE")
	if name == "" || name == os.DevNull && os.Getenv("SSL_CERT_DIR") != "" {
		return nil
	}
	info, err := os.Stat(name)
	var content []byte
	if err == nil && info.Mode().IsRegular() {
		content, err = os.ReadFile(name)
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%w"+write, failed.Err)
	}
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" && len(block.Headers) == 0 {
			return nil
		}
	}
	return errors.New("this file contains no certificate" + write)
}

// mozilla returns the roots that are built in.
func mozilla() *x509.CertPool {
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // a chain that needs this root fails to verify
		}
		if root.Constraint == nil {
			pool.AddCert(certificate)
		} else {
			pool.AddCertWithConstraint(certificate, root.Constraint)
		}
	}
	return pool
}

// builtIn reports whether the built-in roots are used.
func builtIn() bool {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" || bundleFile() != "" {
		return false
	}
	system, err := x509.SystemCertPool()
	return err == nil && system.Equal(x509.NewCertPool())
}

// RootsUsed returns in words which certificate roots are used.
func RootsUsed() string {
	file, folders := os.Getenv("SSL_CERT_FILE") != "", os.Getenv("SSL_CERT_DIR") != ""
	switch {
	case file && folders:
		return "those in SSL_CERT_FILE and SSL_CERT_DIR"
	case file:
		return "those in SSL_CERT_FILE and in the image's directories of roots"
	case folders:
		return "those in SSL_CERT_DIR and the image's file of roots"
	case builtIn():
		return "Mozilla's built-in ones, because the image has none"
	default:
		return "those of the image"
	}
}
