package resolve

import (
	"strings"
	"testing"
)

func TestChallengeResource(t *testing.T) {
	const host = "kv1.vault.azure.net"
	good := map[string]string{
		`Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`: "https://vault.azure.net",
		`Bearer authorization="https://login.windows.net/t" resource="https://vault.azure.net/"`:         "https://vault.azure.net",
		`Bearer resource="https://Vault.azure.net"`:                                                      "https://Vault.azure.net",
		`Bearer authorization="xyz", resource=https://vault.azure.net`:                                   "https://vault.azure.net",
	}
	for header, want := range good {
		if got, err := challengeResource(header, host); err != nil || got != want {
			t.Errorf("challengeResource(%q) = %q, %v, want %q", header, got, err, want)
		}
	}
	bad := []string{"", "Bearer", "Bearer resource=", `Bearer resource="http://vault.azure.net"`, `Bearer resource="https://"`,
		`Bearer resource="https://management.azure.com"`, `Bearer resource="https://evil.example"`, `Bearer resource="https://1.vault.azure.net"`,
		`Bearer resource="https://kv1.vault.azure.net"`, `Bearer resource="%zz"`, `Bearer resource="https://azure.net"`, `Bearer resource="https://net"`,
		`Bearer resource="https://vault.azure.net/payroll"`, `Bearer resource="https://x@vault.azure.net"`, `Bearer resource="https://vault.azure.net?x"`,
		`Bearer resource="https://vault.azure.net:443"`, `Bearer scope="https://vault.azure.net"`, `Basic realm="x"`}
	for _, header := range bad {
		if got, err := challengeResource(header, host); err == nil {
			t.Errorf("challengeResource(%q) = %q, want an error", header, got)
		}
	}
}

// FuzzChallengeResource checks that no header crashes the parser, unlike the
// SDK's, and that it returns only the vault's own domain.
func FuzzChallengeResource(f *testing.F) {
	f.Add(`Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`)
	f.Add(`Bearer authorization="x"`)
	f.Fuzz(func(t *testing.T, header string) {
		resource, err := challengeResource(header, "kv1.vault.azure.net")
		if err != nil {
			return
		}
		if !strings.EqualFold(resource, "https://vault.azure.net") {
			t.Errorf("challengeResource(%q) = %q, a foreign domain", header, resource)
		}
	})
}
