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
				answer, err := get(t, c, "https://open.vault.azure.net/secrets/db/?api-version=7.4", header)
				if err != nil {
					t.Fatal(err)
				}
				if got := answer.ProtoMajor == 2; got != http2 {
					t.Errorf("protocol %s, want http2 = %t", answer.Proto, http2)
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
		if _, err := get(t, c, url, nil); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
			t.Errorf("%s: %v, want Bad Gateway", url, err)
		}
	}
	answer, err := get(t, c, "http://open.vault.azure.net/secrets/db", nil)
	if err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("plain HTTP: %v %v, want 405", answer, err)
	}
	if got := a.Counts(); got[KindConnect] != 3 || got[KindOther] != 1 || len(a.Connections()) != 0 {
		t.Errorf("Counts = %v, Connections = %v", got, a.Connections())
	}
}
