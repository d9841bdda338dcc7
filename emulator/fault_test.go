package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
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

// TestForbidden makes 403s of every form.
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

// TestUnauthenticated is about requests without a token, which go before
// others: most faults let them pass.
func TestUnauthenticated(t *testing.T) {
	const vault, manager = "match: GET open.vault.azure.net/", "match: POST management.azure.com/"
	const odd = `Bearer authorization="xyz", resource="https://vault.azure.net"`
	for name, c := range map[string]struct {
		faults   string
		url      string
		token    bool
		status   int
		text     string
		wantAuth string // WWW-Authenticate begins so
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

// TestExpiredToken takes an old token that says it is new to the stores.
func TestExpiredToken(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET identity/, times: 2, expired_token: true}]")
	for i, want := range []string{"[TokenExpired]", "ExpiredAuthenticationToken", `"value":"s3cr3t"`} {
		resource, target := vaultResource, request(t, "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", nil)
		if i == 1 {
			resource, target = "resource=https://management.azure.com/", request(t, "POST", arm+openWorkspace+"/connections/aoai/listsecrets"+version, nil)
		}
		answer := see(direct(t), request(t, "GET", environ(a, "MSI_ENDPOINT")+"?"+resource, http.Header{"Secret": {a.machine.secret}}))
		var issued struct {
			Token   string `json:"access_token"`
			Expires int64  `json:"expires_on"`
		}
		if err := json.Unmarshal([]byte(answer.body), &issued); err != nil || answer.length != int64(len(answer.body)) {
			t.Fatalf("token: seen %+v", answer)
		}
		if issued.Expires < time.Now().Unix()+3600 {
			t.Errorf("expires_on = %d, want it in the future", issued.Expires)
		}
		target.Header.Set("Authorization", "Bearer "+issued.Token)
		if got := see(client(t, a), target); !strings.Contains(got.body, want) {
			t.Errorf("token %d: seen %+v, want %s", i, got, want)
		}
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
