package emulator

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"testing"
)

func TestWrongCertificates(t *testing.T) {
	for wrong, check := range map[string]func(error) bool{
		"untrusted": func(err error) bool {
			return errors.As(err, new(x509.UnknownAuthorityError))
		},
		"expired": func(err error) bool {
			var invalid x509.CertificateInvalidError
			return errors.As(err, &invalid) && invalid.Reason == x509.Expired
		},
		"wrong_host": func(err error) bool {
			return errors.As(err, new(x509.HostnameError))
		},
	} {
		t.Run(wrong, func(t *testing.T) {
			a := launch(t, "certificate: "+wrong+"\n"+world)
			for _, name := range []string{"vault", "connection", "Entra"} {
				got := targets[name].ask(t, a)
				if verify := new(tls.CertificateVerificationError); !errors.As(got.err, &verify) || !check(got.err) {
					t.Errorf("%s: seen %+v", name, got)
				}
			}
			if got := targets["identity"].ask(t, a); got.status != 200 {
				t.Errorf("identity: seen %+v, which has no certificate", got)
			}
			if got := a.Counts(); got[KindConnect] != 3 || got[KindSecret] != 0 || got[KindConnection] != 0 || got[KindEntra] != 0 {
				t.Errorf("Counts = %v, want nothing behind the handshake", got)
			}
		})
	}
}

func TestSystemRootsDoNotTrustIt(t *testing.T) {
	a := launch(t, world)
	c := client(t, a)
	c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	var untrusted x509.UnknownAuthorityError
	if got := see(c, request(t, "GET", "https://open.vault.azure.net/", nil)); !errors.As(got.err, &untrusted) {
		t.Errorf("seen %+v, want an unknown authority", got)
	}
}
