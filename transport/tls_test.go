package transport

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOldTLS checks that azinject refuses a store with TLS 1.1. Its certificate
// is not trusted either, but that is checked later.
func TestOldTLS(t *testing.T) {
	store := httptest.NewUnstartedServer(http.NotFoundHandler())
	store.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	store.Config.ErrorLog = log.New(io.Discard, "", 0)
	store.StartTLS()
	defer store.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, store.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ForStore(1, MaxSecret).Do(req)
	if failed := NewError(err); failed.Cause != Unusable || !strings.HasPrefix(failed.Error(), "TLS: ") {
		t.Errorf("%v, want an error about the TLS version", err)
	}
}
