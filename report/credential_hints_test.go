package report

import (
	"strings"
	"testing"

	"azinject/identity"
	"azinject/transport"
)

// TestDockerHost is a test of its own because whether the name resolves depends on the
// machine.
func TestDockerHost(t *testing.T) {
	const azlocal = "http://host.docker.internal:37463/msi/token"
	for _, c := range []struct {
		endpoint string
		cause    transport.Cause
		want     string
	}{
		{azlocal, transport.NoSuchHost, "add --add-host host.docker.internal:host-gateway to docker run"},
		{azlocal, transport.NoResolver, "add --add-host"},
		{azlocal, transport.NoConnection, "sidecar"},
		{"http://host.docker.internal.example:80/msi/token", transport.NoSuchHost, "sidecar"},
		{"http://localhost:12356/msi/token", transport.NoSuchHost, "sidecar"},
	} {
		err := &identity.TokenError{Platform: identity.AppService, Endpoint: c.endpoint, Err: &transport.Error{Cause: c.cause}}
		got := strings.Join(new(Facts).hints(err), "\n")
		if !strings.Contains(got, c.want) || strings.Contains(got, "sidecar") && strings.Contains(got, "--add-host") {
			t.Errorf("%s, cause %d: %q, want %q", c.endpoint, c.cause, got, c.want)
		}
	}
}
