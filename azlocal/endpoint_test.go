package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/emulator"
)

const testSecret = "SECRETHEADER"

// testEndpoint returns the audience as the token, and an error for Resource
// Manager.
func testEndpoint() *endpoint {
	return &endpoint{
		secret: testSecret, hosts: map[string]bool{"127.0.0.1": true, "localhost": true, "host.docker.internal": true}, audiences: audiences(nil),
		token: func(audience string) (azcore.AccessToken, error) {
			if strings.Contains(audience, "management") {
				return azcore.AccessToken{}, errors.New("az: gone")
			}
			return azcore.AccessToken{Token: "TOKEN " + audience, ExpiresOn: time.Unix(4102444800, 5)}, nil
		},
	}
}

func ask(method, url string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	r.Header = header
	w := httptest.NewRecorder()
	testEndpoint().ServeHTTP(w, r)
	return w
}

const (
	base     = "http://127.0.0.1:1/msi/token?api-version=2019-08-01"
	forVault = base + "&resource=https%3A%2F%2Fvault.azure.net"
)

func TestEndpoint(t *testing.T) {
	for url, want := range map[string]string{
		forVault: `{"access_token":"TOKEN https://vault.azure.net","client_id":"","expires_on":"4102444800","resource":"https://vault.azure.net","token_type":"Bearer"}`,
		base + "&resource=https://vault.azure.net/&client_id=c&mi_res_id=r":                 `{"access_token":"TOKEN https://vault.azure.net/","client_id":"c","expires_on":"4102444800","resource":"https://vault.azure.net/","token_type":"Bearer"}`,
		"http://LOCALHOST/msi/token?resource=https://vault.azure.cn&api-version=2019-08-01": `{"access_token":"TOKEN https://vault.azure.cn","client_id":"","expires_on":"4102444800","resource":"https://vault.azure.cn","token_type":"Bearer"}`,
	} {
		w := ask("GET", url, http.Header{"X-Identity-Header": {testSecret}})
		if w.Code != 200 || strings.TrimSpace(w.Body.String()) != want || w.Header().Get("Content-Type") != "application/json; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s = %d %s %v, want %s", url, w.Code, w.Body, w.Header(), want)
		}
	}
}

func TestEndpointRefuses(t *testing.T) {
	right := http.Header{"X-Identity-Header": {testSecret}}
	for name, c := range map[string]struct {
		method, url string
		header      http.Header
		status      int
		message     string
	}{
		"no header":        {"GET", forVault, http.Header{}, 401, "The X-IDENTITY-HEADER is missing or wrong."},
		"empty header":     {"GET", forVault, http.Header{"X-Identity-Header": {""}}, 401, "missing or wrong"},
		"wrong header":     {"GET", forVault, http.Header{"X-Identity-Header": {"WRONGSECRET."}}, 401, "missing or wrong"},
		"part of it":       {"GET", forVault, http.Header{"X-Identity-Header": {testSecret[:4]}}, 401, "missing or wrong"},
		"as Azure ML":      {"GET", forVault, http.Header{"Secret": {testSecret}}, 401, "missing or wrong"},
		"no header, path":  {"GET", "http://127.0.0.1/x", http.Header{}, 401, "missing or wrong"},
		"other host":       {"GET", "http://rebound.example:1/msi/token", right, 403, "not the host"},
		"host and suffix":  {"GET", "http://localhost.rebound.example/msi/token", right, 403, "not the host"},
		"other address":    {"GET", "http://10.0.0.1/msi/token", right, 403, "not the host"},
		"POST":             {"POST", forVault, right, 400, "The method 'POST' is not supported."},
		"HEAD":             {"HEAD", forVault, right, 400, "The method 'HEAD' is not supported."},
		"path":             {"GET", strings.Replace(forVault, "/msi/token", "/metadata/identity/oauth2/token", 1), right, 400, "The path is /msi/token"},
		"no version":       {"GET", "http://localhost/msi/token?resource=https://vault.azure.net", right, 400, "The api-version '' is not supported."},
		"other version":    {"GET", "http://localhost/msi/token?resource=https://vault.azure.net&api-version=2017-09-01", right, 400, "The api-version '2017-09-01' is not supported."},
		"no resource":      {"GET", base, right, 400, "The query parameter 'resource' is missing."},
		"other resource":   {"GET", base + "&resource=https://graph.microsoft.com", right, 400, `azlocal gives tokens for Key Vault, App Configuration, Foundry, Resource Manager and online endpoints; if COMMAND needs one for "https://graph.microsoft.com", start azlocal login with --audience`},
		"resource as case": {"GET", base + "&resource=https://Vault.azure.net", right, 400, "--audience"},
		"a vault":          {"GET", base + "&resource=https://kv1.vault.azure.net", right, 400, "--audience"},
		"two":              {"GET", base + "&resource=https://graph.microsoft.com&resource=https://vault.azure.net", right, 400, "--audience"},
		"no token":         {"GET", base + "&resource=https://management.azure.com", right, 400, "azlocal got no token for https://management.azure.com: az: gone"},
	} {
		t.Run(name, func(t *testing.T) {
			w := ask(c.method, c.url, c.header)
			var got emulator.AppServiceError
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("answer %q: %v", w.Body, err)
			}
			if w.Code != c.status || got.StatusCode != c.status || !strings.Contains(got.Message, c.message) || len(got.CorrelationID) != 36 {
				t.Errorf("answer = %d %s, want %d %s", w.Code, w.Body, c.status, c.message)
			}
			if strings.Contains(w.Body.String(), testSecret) || strings.Contains(w.Body.String(), "TOKEN") {
				t.Errorf("the answer contains what it must not: %s", w.Body)
			}
		})
	}
}
