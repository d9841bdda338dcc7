package report

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"strings"
	"testing"

	"azinject/resolve"
	"azinject/transport"
)

// TestProxyCertificate checks that a proxy whose certificate has another name is not
// mistaken for the store, and that its authority matters as a store's does.
func TestProxyCertificate(t *testing.T) {
	anothers := x509.HostnameError{Certificate: new(x509.Certificate), Host: "10.0.0.1"}
	for _, c := range []struct {
		proxy bool
		err   error
		want  string
	}{
		{false, anothers, "check what kv1.vault.azure.net resolves to"},
		{true, anothers, "correct HTTPS_PROXY"},
		{true, x509.UnknownAuthorityError{}, "check the certificate roots"},
	} {
		err := error(&tls.CertificateVerificationError{Err: c.err})
		if c.proxy { // as net/http says it
			err = &net.OpError{Op: "proxyconnect", Net: "tcp", Err: err}
		}
		o := resolve.Object{Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "s"}
		got := strings.Join(new(Facts).hints(&resolve.FetchError{Object: o, Err: transport.NewError(err)}), "\n")
		if !strings.Contains(got, c.want) {
			t.Errorf("%v: %q, want %q", err, got, c.want)
		}
	}
}
