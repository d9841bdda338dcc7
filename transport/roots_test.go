package transport

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// TestMozilla checks that all built-in roots can be used, and that they include
// the one of Azure's certificates:
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
		t.Errorf("%d roots, or Azure's is missing: %q", len(names), names)
	}
}

// TestNamedRootsAreNotReplaced checks that the built-in roots are not used if
// the user names others.
func TestNamedRootsAreNotReplaced(t *testing.T) {
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "/dev/null")
			if builtIn() {
				t.Error("the built-in roots are used")
			}
		})
	}
}

func TestCheckRootFile(t *testing.T) {
	good, err := os.ReadFile("../testdata/another_root.pem")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const malformed = "-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n"
	for _, test := range []struct{ file, directories, says string }{
		{"", "", ""},
		{"", "/nowhere", ""},
		{write("a", "# comment\n"+string(good)), "", ""},
		{write("b", malformed+string(good)), "/nowhere", ""},
		{"/dev/null", folder, ""},
		{"/dev/null", "", "contains no certificate"},
		{"/nowhere/hunter2.pem", folder, "no such file"},
		{string(good), "", "file name too long"},
		{write("text", "hunter2"), folder, "contains no certificate"},
		{write("malformed", malformed), "", "contains no certificate"},
		{write("key", strings.ReplaceAll(string(good), "CERTIFICATE", "PRIVATE KEY")), "", "contains no certificate"},
		{folder, "", "contains no certificate"},
		{"/dev/zero", "", "contains no certificate"},
	} {
		t.Setenv("SSL_CERT_FILE", test.file)
		t.Setenv("SSL_CERT_DIR", test.directories)
		err := CheckRootFile()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("SSL_CERT_FILE=%q SSL_CERT_DIR=%q: %v, want %q", test.file, test.directories, err, test.says)
		} else if text := fmt.Sprint(err); strings.Contains(text, "hunter2") || strings.Contains(text, "BEGIN") {
			t.Errorf("the error quotes the value: %s", text)
		}
	}
}
