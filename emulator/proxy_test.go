package emulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestThroughTheProxy(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			a := launch(t, fmt.Sprintf("network: {http2: %t}\n", http2)+world)
			c := client(t, a)
			for _, header := range []http.Header{nil, tokenFor(a, "endpoint", vaultAudience)} {
				got := see(c, request(t, "GET", "https://open.vault.azure.net/secrets/db/?api-version=7.4", header))
				if got.err != nil {
					t.Fatal(got.err)
				}
				if (got.major == 2) != http2 {
					t.Errorf("HTTP/%d, want http2 = %t", got.major, http2)
				}
			}
			want := []Request{
				{"connect", "CONNECT", "open.vault.azure.net", "", 200},
				{"challenge", "GET", "open.vault.azure.net", "/secrets/db/", 401},
				{"secret", "GET", "open.vault.azure.net", "/secrets/db/", 200},
			}
			if got := a.Requests(); !slices.Equal(got, want) {
				t.Errorf("Requests = %v, want %v", got, want)
			}
			if got := a.Connections()["open.vault.azure.net"]; got != 1 {
				t.Errorf("connections = %d, want 1", got)
			}
		})
	}
}

func TestProxyRefuses(t *testing.T) {
	a := launch(t, world)
	c := client(t, a)
	for _, url := range []string{"https://example.com/", "https://nosuch.vault.azure.net/secrets/db", "https://open.vault.azure.net:8443/"} {
		if got := see(c, request(t, "GET", url, nil)); got.err == nil || !strings.Contains(got.err.Error(), "Bad Gateway") {
			t.Errorf("%s: seen %+v, want Bad Gateway", url, got)
		}
	}
	if got := see(c, request(t, "GET", "http://open.vault.azure.net/secrets/db", nil)); got.status != http.StatusMethodNotAllowed {
		t.Errorf("plain HTTP: seen %+v, want 405", got)
	}
	if got := a.Counts(); got[KindConnect] != 3 || got[KindOther] != 1 || len(a.Connections()) != 0 {
		t.Errorf("Counts = %v, Connections = %v", got, a.Connections())
	}
}
