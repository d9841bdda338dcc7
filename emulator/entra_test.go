package emulator

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The world's application.
const (
	appID     = "99999999-0000-4000-8000-000000000001"
	appSecret = "s%3 +"
)

// wantDenial is a denial in the tables, or a token if its status is 200.
type wantDenial struct {
	status int
	code   string
	number int
	text   string // part of the description
}

func (want wantDenial) check(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if want.status == http.StatusOK {
		if got := decoded[entraToken](t, w); w.Code != 200 || got.TokenType != "Bearer" || got.ExpiresIn != 3599 || got.ExtExpiresIn != 3599 || got.AccessToken == "" {
			t.Errorf("answer = %d %s, want a token", w.Code, w.Body)
		}
		return
	}
	got := decoded[entraError](t, w)
	if w.Code != want.status || got.Error != want.code || len(got.Codes) != 1 || got.Codes[0] != want.number || !strings.Contains(got.Description, want.text) {
		t.Errorf("answer = %d %+v, want %d %s %d with %q", w.Code, got, want.status, want.code, want.number, want.text)
	}
}

func TestEntraToken(t *testing.T) {
	a := build(t, world)
	type form = map[string]string
	basic := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(appID+":s%253+%2B"))}}
	const noTenant = "/00000000-0000-4000-8000-000000000000/oauth2/v2.0/token"
	for name, c := range map[string]struct {
		form   form
		header http.Header
		method string
		path   string
		want   wantDenial
	}{
		"secret":            {want: wantDenial{status: 200}},
		"Resource Manager":  {form: form{"scope": "https://management.azure.com/.default"}, want: wantDenial{status: 200}},
		"slash of Manager":  {form: form{"scope": "https://management.core.windows.net//.default"}, want: wantDenial{status: 200}},
		"letter case":       {form: form{"client_id": strings.ToUpper("99999999-0000-4000-8000-000000000001")}, want: wantDenial{status: 200}},
		"in the header":     {form: form{"client_id": "", "client_secret": ""}, header: basic, want: wantDenial{status: 200}},
		"wrong in header":   {form: form{"client_secret": ""}, header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(appID+":x"))}}, want: wantDenial{401, "invalid_client", 7000215, "client secret value, not the client secret ID, for a secret added to app '" + appID + "'."}},
		"broken in header":  {form: form{"client_id": "", "client_secret": ""}, header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("%zz:x"))}}, want: wantDenial{400, "invalid_request", 900144, "parameter: 'client_id'."}},
		"wrong secret":      {form: form{"client_secret": "x"}, want: wantDenial{401, "invalid_client", 7000215, "Invalid client secret provided."}},
		"no such secret":    {form: form{"client_id": "11111111-0000-4000-8000-000000000001"}, want: wantDenial{401, "invalid_client", 7000215, "Invalid client secret"}},
		"no secret":         {form: form{"client_secret": ""}, want: wantDenial{401, "invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required"}},
		"unknown":           {form: form{"client_id": "x"}, want: wantDenial{400, "unauthorized_client", 700016, "Application with identifier 'x' was not found in the directory '" + DefaultTenant + "'."}},
		"no client":         {form: form{"client_id": ""}, want: wantDenial{400, "invalid_request", 900144, "parameter: 'client_id'."}},
		"no grant":          {form: form{"grant_type": ""}, want: wantDenial{400, "invalid_request", 900144, "parameter: 'grant_type'."}},
		"other grant":       {form: form{"grant_type": "password"}, want: wantDenial{400, "unsupported_grant_type", 70003, "'password'"}},
		"no scope":          {form: form{"scope": ""}, want: wantDenial{400, "invalid_request", 900144, "parameter: 'scope'."}},
		"odd scope":         {form: form{"scope": "https://vault.azure.net"}, want: wantDenial{400, "invalid_scope", 1002012, "value for scope https://vault.azure.net is not valid."}},
		"OpenID only":       {form: form{"scope": "openid profile"}, want: wantDenial{400, "invalid_scope", 1002012, "openid profile"}},
		"two resources":     {form: form{"scope": "https://vault.azure.net/.default https://management.azure.com/.default"}, want: wantDenial{400, "invalid_scope", 28000, "more than one resource"}},
		"unknown resource":  {form: form{"scope": "https://vault.example/.default"}, want: wantDenial{400, "invalid_resource", 500011, "The resource principal named https://vault.example was not found in the tenant named " + DefaultTenant}},
		"other cloud's":     {form: form{"scope": "https://vault.azure.cn/.default"}, want: wantDenial{400, "invalid_resource", 500011, "named https://vault.azure.cn was"}},
		"slash of vaults":   {form: form{"scope": "https://vault.azure.net//.default"}, want: wantDenial{400, "invalid_resource", 500011, "named https://vault.azure.net/ was"}},
		"other tenant":      {path: noTenant, want: wantDenial{400, "invalid_request", 90002, "Tenant '00000000-0000-4000-8000-000000000000' not found."}},
		"no tenant":         {path: "/common/oauth2/v2.0/token", want: wantDenial{400, "invalid_request", 50059, "No tenant-identifying information"}},
		"tenant in capital": {path: "/" + strings.ToUpper(DefaultTenant) + "/OAuth2/v2.0/token", want: wantDenial{status: 200}},
		"GET":               {method: "GET", want: wantDenial{400, "invalid_request", 900561, "only accepts POST, OPTIONS requests. Received a GET request."}},
		"JSON":              {header: http.Header{"Content-Type": {"application/json"}}, want: wantDenial{400, "invalid_request", 900144, "'grant_type'"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := tokenRequest(t, a, c.form)
			for name, values := range c.header {
				r.Header[name] = values
			}
			if c.method != "" {
				r.Method = c.method
			}
			if c.path != "" {
				r.URL.Path = c.path
			}
			c.want.check(t, serve(a.Stores(), r))
		})
	}
}

// TestEntraTokenIsGood shows tokens to a vault that admits the application and to
// one that does not.
func TestEntraTokenIsGood(t *testing.T) {
	a := build(t, world+"faults: [{match: POST login.microsoftonline.com/, times: 1, expired_token: true}]")
	for _, want := range []string{"[TokenExpired]", `"value":"s3cr3t"`} {
		issued := decoded[entraToken](t, serve(a.Stores(), tokenRequest(t, a, nil)))
		header := http.Header{"Authorization": {"Bearer " + issued.AccessToken}}
		if w := send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", header); !strings.Contains(w.Body.String(), want) {
			t.Errorf("vault: %d %s, want %s", w.Code, w.Body, want)
		}
		if w := send(a.Stores(), "GET", "https://rbac.vault.azure.net/secrets/db?api-version=7.4", header); w.Code == 200 {
			t.Error("a vault of others lets the application in")
		}
	}
}

// TestEntraHasNothingElse requests endpoints that are not emulated, such as the
// first version's.
func TestEntraHasNothingElse(t *testing.T) {
	a := build(t, world)
	for _, path := range []string{"/", "/" + DefaultTenant + "/oauth2/token", "/oauth2/v2.0/token", "/a/b/oauth2/v2.0/token", "/v2.0/.well-known/openid-configuration"} {
		w := send(a.Stores(), "POST", "https://login.microsoftonline.com"+path, nil)
		if w.Code != 404 || json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s, want 404", path, w.Code, w.Body)
		}
	}
}
