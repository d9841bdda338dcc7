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

// roots returns nil, which means the system's roots, or Mozilla's if the system
// has none, as in an image built from scratch. Roots that SSL_CERT_FILE or
// SSL_CERT_DIR name are never replaced. Reading the system's roots takes longer
// than connecting to a store, so if there certainly are some they are read
// meanwhile. Mozilla's are parsed only here, because doing so at start-up would
// cost every start 2.5 ms.
var roots = sync.OnceValue(func() *x509.CertPool {
	if namedOrBundled() {
		go x509.SystemCertPool() // later calls wait for this one
		return nil
	}
	if !builtIn() {
		return nil
	}
	return mozilla()
})

// namedOrBundled reports whether there certainly are roots, without reading them.
func namedOrBundled() bool {
	if os.Getenv("SSL_CERT_FILE") != "" || os.Getenv("SSL_CERT_DIR") != "" {
		return true
	}
	// The places of Debian, Fedora and Alpine. crypto/x509 knows more.
	for _, name := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		if f, err := os.Open(name); err == nil {
			beginning := make([]byte, 16<<10) // some begin with comments
			n, _ := io.ReadFull(f, beginning)
			f.Close()
			if bytes.Contains(beginning[:n], []byte("-----BEGIN CERTIFICATE-----")) {
				return true
			}
		}
	}
	return false
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
	if namedOrBundled() {
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
		return "those in SSL_CERT_FILE and in the image's folder of roots"
	case folders:
		return "those in SSL_CERT_DIR and the image's file of roots"
	case builtIn():
		return "Mozilla's built-in ones, because the image has none,"
	default:
		return "those of the image"
	}
}
