package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestFaults(t *testing.T) {
	a := build(t, world+`
faults:
  - {match: "GET open.vault.azure.net/secrets/db", times: 2, status: 429, retry_after: 1s, code: Throttled, message: slow down}
  - {match: "GET OPEN.vault.azure.net/Secrets/", status: 200, body: "<html>", headers: {content-type: text/html}}
  - {match: "* identity/", status: 500, code: busy, message: later}
  - {match: "POST management.azure.com/", status: 503}
`)
	token := tokenFor(a, "endpoint", vaultAudience)
	const throttled = `429 "1" "application/json; charset=utf-8" {"error":{"code":"Throttled","message":"slow down"}}`
	const page = `200 "" "text/html" <html>`
	for i, step := range []struct {
		header http.Header
		want   string
	}{{token, throttled}, {nil, `401 "" `}, {token, throttled}, {token, page}, {token, page}} {
		w := send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", step.header)
		got := fmt.Sprintf("%d %q %q %s", w.Code, w.Header().Get("Retry-After"), w.Header().Get("Content-Type"), w.Body)
		if !strings.HasPrefix(got, step.want) {
			t.Errorf("step %d: %s, want %s", i, got, step.want)
		}
	}
	if w := send(a.Identity(), "GET", "http://127.0.0.1/MSI/auth", nil); w.Code != 500 || w.Body.String() != `{"error":"busy","error_description":"later"}` {
		t.Errorf("identity: %d %s", w.Code, w.Body)
	}
	if w := send(a.Stores(), "POST", arm+"/subscriptions", token); w.Code != 503 || w.Body.Len() != 0 {
		t.Errorf("Resource Manager: %d %s", w.Code, w.Body)
	}
}

func TestReset(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET open.vault.azure.net/, times: 1, reset: true}]")
	c, token := client(t, a), tokenFor(a, "endpoint", vaultAudience)
	const url = "https://open.vault.azure.net/secrets/db?api-version=7.4"
	if _, err := get(t, c, url, token); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("error = %v, want a reset connection", err)
	}
	if answer, err := get(t, c, url, token); err != nil || answer.StatusCode != 200 {
		t.Errorf("second time: %v %v", answer, err)
	}
	if got := a.Requests()[1]; got.Status != 0 || got.Kind != KindSecret {
		t.Errorf("logged %v, want status 0", got)
	}
}
