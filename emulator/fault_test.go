package emulator

import (
	"fmt"
	"net/http"
	"strings"
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

// TestForbidden checks every form of a 403.
func TestForbidden(t *testing.T) {
	for fault, want := range map[string]string{
		"match: GET open.vault.azure.net/, status: 403, code: Forbidden, inner_code: ForbiddenByRbac, message: no": `{"error":{"code":"Forbidden","message":"no","innererror":{"code":"ForbiddenByRbac"}}}`,
		"match: GET open.vault.azure.net/, status: 403, code: Forbidden, message: no":                              `{"error":{"code":"Forbidden","message":"no"}}`,
		`match: GET open.vault.azure.net/, status: 403, body: '{"error":{"message":"no"}}'`:                        `{"error":{"message":"no"}}`,
		"match: GET open.vault.azure.net/, status: 403":                                                            "",
	} {
		a := build(t, world+"faults: [{"+fault+"}]")
		w := send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", tokenFor(a, "endpoint", vaultAudience))
		if w.Code != 403 || w.Body.String() != want {
			t.Errorf("%s: %d %s, want %s", fault, w.Code, w.Body, want)
		}
	}
}

// TestUnauthenticated checks which faults hit requests without a token.
func TestUnauthenticated(t *testing.T) {
	const vault, manager = "match: GET open.vault.azure.net/", "match: POST management.azure.com/"
	const odd = `Bearer authorization="xyz", resource="https://vault.azure.net"`
	for name, c := range map[string]struct {
		faults   string
		url      string
		token    bool
		status   int
		text     string
		wantAuth string // the beginning of WWW-Authenticate
	}{
		"not met":              {vault + ", times: 1, status: 500", "vault", false, 401, "AKV10000", "Bearer authorization=\"https://login"},
		"met":                  {vault + ", unauthenticated: true, html: true", "vault", false, 200, "<!DOCTYPE", ""},
		"met with a token":     {vault + ", unauthenticated: true, html: true", "vault", true, 200, "<!DOCTYPE", ""},
		"no value of no value": {vault + ", unauthenticated: true, no_value: true", "vault", false, 401, "AKV10000", "Bearer authorization=\"https://login"},
		"challenge":            {vault + ", challenge: '" + odd + "'", "vault", false, 401, "AKV10000", odd},
		"challenge to a token": {vault + ", challenge: '" + odd + "'", "vault", true, 401, "AKV10000", odd},
		"Resource Manager's":   {manager + ", challenge: '" + odd + "'", "manager", true, 401, "AuthenticationFailed", odd},
		"the second in line":   {vault + ", status: 500}, {" + vault + ", challenge: " + "Basic", "vault", false, 401, "AKV10000", "Basic"},
	} {
		t.Run(name, func(t *testing.T) {
			a := build(t, world+"faults: [{"+c.faults+"}]")
			method, url, audience := "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", vaultAudience
			if c.url == "manager" {
				method, url, audience = "POST", arm+openWorkspace+"/connections/aoai/listsecrets"+version, armAudience
			}
			var header http.Header
			if c.token {
				header = tokenFor(a, "endpoint", audience)
			}
			w := send(a.Stores(), method, url, header)
			auth := w.Header().Get("WWW-Authenticate")
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.text) || !strings.HasPrefix(auth, c.wantAuth) || c.wantAuth == "" && auth != "" {
				t.Errorf("answer = %d %q %s", w.Code, auth, w.Body)
			}
		})
	}
}

// TestEntraFaults checks that faults have the form of Entra's errors.
func TestEntraFaults(t *testing.T) {
	for fault, want := range map[string]string{
		`status: 503, code: temporarily_unavailable, message: 'AADSTS90033: A transient error has occurred.', retry_after: 1s`: `503 "1" {"error":"temporarily_unavailable","error_description":"AADSTS90033: A transient error has occurred. Trace ID: `,
		`status: 400, code: x, message: y`:   `400 "" {"error":"x","error_description":"y Trace ID: `,
		`status: 500`:                        `500 "" `,
		`status: 200, body: '<html>'`:        `200 "" <html>`,
		`redirect: 'https://login.example/'`: `302 "" `,
		`html: true, unauthenticated: true`:  `200 "" <!DOCTYPE html>`,
		`no_value: true`:                     `200 "" {"expires_in":3599,"ext_expires_in":3599,"token_type":"Bearer"}`,
	} {
		a := build(t, world+"faults: [{match: POST login.microsoftonline.com/, times: 1, "+fault+"}]")
		w := serve(a.Stores(), tokenRequest(t, a, nil))
		if got := fmt.Sprintf("%d %q %s", w.Code, w.Header().Get("Retry-After"), w.Body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", fault, got, want)
		}
		if w := serve(a.Stores(), tokenRequest(t, a, nil)); w.Code != 200 {
			t.Errorf("%s: second time %d %s", fault, w.Code, w.Body)
		}
	}
}
