package main

import (
	"os/exec"
	"testing"
)

// TestCurl checks faults with an independent client, whose exit statuses say
// what went wrong.
func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("needs curl")
	}
	const secret = `curl -s -o /dev/null --cacert "$SSL_CERT_FILE" 'https://kvx.vault.azure.net/secrets/s?api-version=7.4'`
	const token = `curl -s -o /dev/null "$IDENTITY_ENDPOINT"`
	const store, identity = "faults: [{match: GET kvx.vault.azure.net/, unauthenticated: true, ", "faults: [{match: GET identity/, "
	for name, c := range map[string]struct {
		config, script string
		status         int
	}{
		"nothing":           {"", secret, 0},
		"untrusted":         {"certificate: untrusted", secret, 60},
		"expired":           {"certificate: expired", secret, 60},
		"wrong host":        {"certificate: wrong_host", secret, 60},
		"not started":       {"identity_starts_after: 1h", token, 7},
		"reset":             {store + "reset: true}]", secret, 56},
		"reset, identity":   {identity + "reset: true}]", token, 56},
		"cut":               {store + "cut: true}]", secret, 18},
		"cut, identity":     {identity + "cut: true}]", token, 18},
		"garbage":           {store + "garbage: true}]", secret, 1},
		"garbage, identity": {identity + "garbage: true}]", token, 1},
		"redirect":          {store + "redirect: 'ftp://x/'}]", secret + " -L --proto-redir =https", 1},
		"status":            {store + "status: 500}]", secret + " --fail", 22},
	} {
		t.Run(name, func(t *testing.T) {
			azure := write(t, "azure.yaml", "identities: {me: {}}\nvaults: {kvx: {secrets: {s: x}}}\n"+c.config)
			if got := azlocal(t, nil, "emulate", azure, "--", "sh", "-c", c.script); got.status != c.status {
				t.Errorf("curl ended with status %d, want %d: %s", got.status, c.status, got.stderr)
			}
		})
	}
}
