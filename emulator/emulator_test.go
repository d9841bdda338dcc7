package emulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// world is an Azure with something of everything.
const world = `
platform: azureml
attached: [endpoint]
identities:
  endpoint: {client_id: 11111111-0000-4000-8000-000000000001, object_id: 11111111-0000-4000-8000-000000000002}
  stranger: {resource_id: /subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/stranger}
  app: {client_id: 99999999-0000-4000-8000-000000000001, object_id: 99999999-0000-4000-8000-000000000002, client_secret: "s%3 +"}
vaults:
  open:
    secrets:
      db: s3cr3t
      number: 0123
      Mixed:
        versions:
          - {version: first, value: one}
          - {version: Second, value: two, expires: 2020-01-01T00:00:00Z}
      off: {versions: [{value: x}, {value: y, enabled: false}]}
  rbac: {readers: [stranger], secrets: {db: x}}
  policy: {permission_model: access_policy, readers: [], secrets: {db: x}}
  walled: {firewall: true, secrets: {db: x}}
  private: {private: true, secrets: {db: x}}
  x.vault.azure.cn: {secrets: {db: x}}
  x.vault.usgovcloudapi.net: {secrets: {db: x}}
workspaces:
  /subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/Open:
    connections:
      aoai: {auth_type: ApiKey, category: AzureOpenAI, target: "https://a/", credentials: {key: k<&>1}, metadata: {ApiType: Azure}, expires: 2030-01-01T00:00:00Z}
      custom: {auth_type: CustomKeys, credentials: {A: a, B: b}}
      odd: {body: '{"raw":  1}'}
      aad: {auth_type: AAD}
      none: {auth_type: None}
    online_endpoints:
      keyed: {auth_mode: key, primary_key: p1, secondary_key: p2}
      tokened: {auth_mode: aml_token, access_token: t1, expiry: 20, refresh_after: 10}
      entra: {auth_mode: aad_token}
  /subscriptions/00000000-1111-2222-3333-555555555555/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/closed:
    connection_readers: [stranger]
    endpoint_key_readers: []
    connections: {aoai: {auth_type: ApiKey, credentials: {key: k}}}
`

const (
	vaultAudience = "https://vault.azure.net"
	armAudience   = "https://management.core.windows.net/"
)

func parse(t *testing.T, config string) *Config {
	t.Helper()
	c, err := Parse([]byte(config))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return c
}

// build makes an Azure without listeners.
func build(t *testing.T, config string) *Azure {
	t.Helper()
	a, err := newAzure(parse(t, config))
	if err != nil {
		t.Fatalf("newAzure: %v", err)
	}
	return a
}

// launch starts an Azure and closes it with the test.
func launch(t *testing.T, config string) *Azure {
	t.Helper()
	a, err := Start(parse(t, config))
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// tokenOf returns a token of the identity.
func tokenOf(a *Azure, name, audience string) string {
	return a.issuer.sign(a.issuer.claims(a.config.identity(name), audience, tokenLifetime))
}

// tokenFor returns a header with such a token.
func tokenFor(a *Azure, name, audience string) http.Header {
	return http.Header{"Authorization": {"Bearer " + tokenOf(a, name, audience)}}
}

// send sends a request to a handler.
func send(h http.Handler, method, url string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return serve(h, r)
}

// decoded returns the JSON in a response.
func decoded[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		t.Fatalf("answer %d %q: %v", w.Code, w.Body, err)
	}
	return value
}

// wantRefusal is a refusal in the tables.
type wantRefusal struct {
	status int
	code   string
	inner  string
	text   string // part of the message
}

func (want wantRefusal) check(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	got := decoded[errorBody](t, w).Error
	inner := ""
	if got.Inner != nil {
		inner = got.Inner.Code
	}
	if w.Code != want.status || got.Code != want.code || inner != want.inner || !strings.Contains(got.Message, want.text) {
		t.Errorf("answer = %d %s %s %q, want %d %s %s with %q", w.Code, got.Code, inner, got.Message, want.status, want.code, want.inner, want.text)
	}
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
