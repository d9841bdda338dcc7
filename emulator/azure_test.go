package emulator

import (
	"errors"
	"net/http"
	"os"
	"syscall"
	"testing"
)

func TestCloseRemovesEverything(t *testing.T) {
	a := launch(t, world)
	roots, endpoint := environ(a, "SSL_CERT_FILE"), environ(a, "MSI_ENDPOINT")
	for range 2 {
		if err := a.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if _, err := os.Stat(roots); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of roots is still there: %v", err)
	}
	if _, err := http.Get(endpoint); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the identity endpoint still answers: %v", err)
	}
}

func TestStartChecks(t *testing.T) {
	_, err := Start(&Config{Platform: "vm"})
	if bad := new(ConfigError); !errors.As(err, &bad) {
		t.Errorf("Start = %v, want a ConfigError", err)
	}
}

// TestStoresWithoutTheProxy signs in without the emulator's server.
func TestStoresWithoutTheProxy(t *testing.T) {
	a := build(t, world)
	r := tokenRequest(t, a, nil)
	r.Host = "LOGIN.microsoftonline.com:443"
	if w := serve(a.Stores(), r); w.Code != http.StatusOK {
		t.Errorf("answer = %d %s", w.Code, w.Body)
	}
}
