package emulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The application of the world.
const (
	appID     = "99999999-0000-4000-8000-000000000001"
	appSecret = "s%3 +"
)

// wantDenial is a denial as the tables write it; status 200 is a token.
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

func TestMalformedForm(t *testing.T) {
	a := build(t, world)
	r := tokenRequest(t, a, nil)
	r.Body = io.NopCloser(strings.NewReader("grant_type=%zz"))
	wantDenial{400, "invalid_request", 9002313, "Request is malformed or invalid."}.check(t, serve(a.Stores(), r))
}

// TestEntraTokenIsGood takes tokens where they are for, and where not.
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

func TestEntraClaims(t *testing.T) {
	a := build(t, world)
	now := time.Unix(1_700_000_000, 0)
	a.issuer.now = func() time.Time { return now }
	issued := decoded[entraToken](t, serve(a.Stores(), tokenRequest(t, a, map[string]string{"scope": "https://management.azure.com/.default"})))
	got := payload(t, issued.AccessToken)
	for claim, want := range map[string]any{
		"aud": "https://management.azure.com", "appid": appID, "appidacr": "1", "exp": 1_700_003_599.0, "idtyp": "app", "iss": "https://sts.windows.net/" + DefaultTenant + "/",
		"oid": "99999999-0000-4000-8000-000000000002", "sub": "99999999-0000-4000-8000-000000000002", "tid": DefaultTenant, "upn": nil, "ver": "1.0", "xms_mirid": nil,
	} {
		if got[claim] != want {
			t.Errorf("claim %s = %v, want %v", claim, got[claim], want)
		}
	}
}

func payload(t *testing.T, token string) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// TestEntraError is about all that a denial has in it.
func TestEntraError(t *testing.T) {
	a := build(t, world)
	a.issuer.now = func() time.Time { return time.Unix(1_700_000_000, 0) }
	r := tokenRequest(t, a, map[string]string{"client_secret": "x"})
	r.Header.Set("Client-Request-Id", "77777777-0000-4000-8000-000000000001")
	w := serve(a.Stores(), r)
	want := regexp.MustCompile(`^{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided\. .* Trace ID: (\S+) Correlation ID: 77777777-0000-4000-8000-000000000001 Timestamp: 2023-11-14 22:13:20Z",` +
		`"error_codes":\[7000215\],"timestamp":"2023-11-14 22:13:20Z","trace_id":"(\S+)","correlation_id":"77777777-0000-4000-8000-000000000001","error_uri":"https://login\.microsoftonline\.com/error\?code=7000215"}$`)
	m := want.FindStringSubmatch(w.Body.String())
	if m == nil || m[1] != m[2] || m[1] != w.Header().Get("X-Ms-Request-Id") || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("denial = %v %s", w.Header(), w.Body)
	}
}

// TestEntraFaults makes errors of a fault's code and message.
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
