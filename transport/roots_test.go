package transport

import (
	"crypto/x509"
	"slices"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// TestMozilla: all the roots that are built in can be used, among them the one
// from which Azure's certificates come.
// https://learn.microsoft.com/azure/security/fundamentals/azure-ca-details
func TestMozilla(t *testing.T) {
	var names []string
	pool := mozilla()
	for root := range bundle.Roots() {
		certificate, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			t.Errorf("a root cannot be parsed: %v", err)
			continue
		}
		names = append(names, certificate.Subject.CommonName)
		if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool, CurrentTime: certificate.NotBefore}); err != nil && root.Constraint == nil {
			t.Errorf("%s: %v", certificate.Subject.CommonName, err)
		}
	}
	if !slices.Contains(names, "DigiCert Global Root G2") || len(names) < 100 {
		t.Errorf("%d roots, without Azure's: %q", len(names), names)
	}
}

// TestNamedRootsAreNotReplaced: where the user names roots, none are built in.
func TestNamedRootsAreNotReplaced(t *testing.T) {
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "/dev/null")
			if builtIn() {
				t.Error("the roots that are built in are used")
			}
		})
	}
}
