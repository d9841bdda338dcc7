package emulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

// authority is a throw-away certificate authority. Its key never leaves the
// process.
type authority struct {
	root   *tls.Certificate
	signer *tls.Certificate // signs leaves, another one if Config.Certificate is untrusted
	wrong  string           // Config.Certificate

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// certificates lists the values of Config.Certificate.
var certificates = []string{"", "expired", "untrusted", "wrong_host"}

func newAuthority(wrong string) (*authority, error) {
	root, err := certifyRoot("azinject emulator, not for production")
	if err != nil {
		return nil, err
	}
	a := &authority{root: root, signer: root, wrong: wrong, leaves: map[string]*tls.Certificate{}}
	if wrong == "untrusted" {
		a.signer, err = certifyRoot("azinject emulator, not trusted")
	}
	return a, err
}

func certifyRoot(name string) (*tls.Certificate, error) {
	return certify(&x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil)
}

// pem returns the root certificate in PEM format.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Certificate[0]})
}

// leaf returns the certificate of a host, which the first call makes.
func (a *authority) leaf(host string) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leaf := a.leaves[host]; leaf != nil {
		return leaf, nil
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: host},
		DNSNames:    []string{host},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	switch a.wrong {
	case "wrong_host":
		template.Subject.CommonName, template.DNSNames = "elsewhere.example", []string{"elsewhere.example"}
	case "expired":
		template.NotBefore, template.NotAfter = time.Now().Add(-60*24*time.Hour), time.Now().Add(-30*24*time.Hour)
	}
	leaf, err := certify(template, a.signer)
	if err == nil {
		a.leaves[host] = leaf
	}
	return leaf, err
}

// endpointCertificate returns a self-signed certificate for Service Fabric's
// identity endpoint. Clients trust it by its thumbprint alone.
func endpointCertificate(host string) (*tls.Certificate, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: host},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = append(template.IPAddresses, ip)
	} else {
		template.DNSNames = append(template.DNSNames, host)
	}
	return certify(template, nil)
}

// thumbprint returns the SHA-1 hash for IDENTITY_SERVER_THUMBPRINT.
func thumbprint(c *tls.Certificate) string {
	sum := sha1.Sum(c.Certificate[0])
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// certify makes a key and a certificate for it, signed by parent, or self-signed
// if parent is nil. It is valid now unless the template has other times.
func certify(template *x509.Certificate, parent *tls.Certificate) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("making a serial number: %w", err)
	}
	if template.NotAfter.IsZero() { // since yesterday, for containers whose clock is behind
		template.NotBefore, template.NotAfter = time.Now().Add(-24*time.Hour), time.Now().Add(30*24*time.Hour)
	}
	certificate := &tls.Certificate{PrivateKey: key}
	issuer, signer := template, any(key)
	if parent != nil {
		issuer, signer = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, signer)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	certificate.Certificate = [][]byte{der}
	certificate.Leaf, err = x509.ParseCertificate(der)
	return certificate, err
}
