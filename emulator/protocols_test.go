package emulator

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const (
	systemID  = "11111111-0000-4000-8000-000000000001"
	firstID   = "22222222-0000-4000-8000-000000000001"
	secondID  = "33333333-0000-4000-8000-000000000001"
	strayID   = "44444444-0000-4000-8000-000000000001"
	personID  = "55555555-0000-4000-8000-000000000001"
	firstMIID = "/subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/first"
)

// identities are those of the tables. Some of them are attached to each machine.
const identities = `
identities:
  system: {client_id: ` + systemID + `}
  first: {client_id: ` + firstID + `, object_id: 22222222-0000-4000-8000-000000000002, resource_id: ` + firstMIID + `}
  second: {client_id: ` + secondID + `, resource_id: /subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/second}
  stray: {client_id: ` + strayID + `, resource_id: /subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/stray}
  person: {client_id: ` + personID + `, user: true}
`

// tokenCase requests a token from an identity endpoint. want is the client ID in
// the token, or a piece of the refusal if status is not 200.
type tokenCase struct {
	attached string
	method   string
	path     string
	query    string
	drop     string // a header not sent
	add      http.Header
	status   int
	want     string
}

func (c tokenCase) run(t *testing.T, platform string, header func(*machine) http.Header) {
	t.Helper()
	a := build(t, "platform: "+platform+"\nattached: ["+strings.ReplaceAll(c.attached, " ", ", ")+"]"+identities)
	h := header(a.machine)
	h.Del(c.drop)
	for name, values := range c.add {
		h[name] = values
	}
	path := c.path
	if path == "" {
		path = a.platform.path
	}
	w := send(a.Identity(), c.method, "http://127.0.0.1"+path+"?"+c.query, h)
	got := w.Body.String()
	if w.Code == 200 && got != "" {
		got = clientOf(t, a, decoded[tokenResponse](t, w).AccessToken)
	}
	if w.Code != c.status || !strings.Contains(got, c.want) || c.want == "" && got != "" {
		t.Errorf("answer = %d %s, want %d %s", w.Code, got, c.status, c.want)
	}
}

func clientOf(t *testing.T, a *Azure, token string) string {
	t.Helper()
	c, err := a.issuer.verify(token)
	if err != nil {
		t.Fatalf("issued token: %v", err)
	}
	return c.AppID
}

const vaultResource = "resource=https%3A%2F%2Fvault.azure.net"

func TestIMDS(t *testing.T) {
	const q = "api-version=2018-02-01&" + vaultResource
	for name, c := range map[string]tokenCase{
		"system":             {"system first second", "GET", "", q, "", nil, 200, systemID},
		"only assigned":      {"first person", "GET", "", q, "", nil, 200, firstID},
		"several":            {"first second", "GET", "", q, "", nil, 400, "Multiple user assigned identities exist, please specify"},
		"none":               {"", "GET", "", q, "", nil, 400, "Identity not found"},
		"by client":          {"system first second", "GET", "", q + "&client_id=" + secondID, "", nil, 200, secondID},
		"by object":          {"system first second", "GET", "", q + "&object_id=22222222-0000-4000-8000-000000000002", "", nil, 200, firstID},
		"by resource":        {"system first second", "GET", "", q + "&msi_res_id=" + url.QueryEscape(strings.ToUpper(firstMIID)), "", nil, 200, firstID},
		"not attached":       {"first", "GET", "", q + "&client_id=" + strayID, "", nil, 400, `"invalid_request","error_description":"Identity not found"`},
		"two selectors":      {"first", "GET", "", q + "&client_id=x&object_id=y", "", nil, 400, "Only one of"},
		"no header":          {"system", "GET", "", q, "Metadata", nil, 400, `"bad_request_102","error_description":"Required metadata header not specified"`},
		"forwarded":          {"system", "GET", "", q, "", http.Header{"X-Forwarded-For": {"10.0.0.1"}}, 400, "X-Forwarded-For"},
		"no api-version":     {"system", "GET", "", vaultResource, "", nil, 400, "api-version"},
		"ancient":            {"system", "GET", "", "api-version=2017-01-01&" + vaultResource, "", nil, 400, "not supported"},
		"no resource":        {"system", "GET", "", "api-version=2018-02-01", "", nil, 400, "'resource' is missing"},
		"resource's case":    {"system", "GET", "", "api-version=2018-02-01&resource=https://Vault.azure.net", "", nil, 400, "invalid_resource"},
		"resource's slash":   {"system", "GET", "", "api-version=2018-02-01&resource=https://vault.azure.net/", "", nil, 400, "AADSTS500011"},
		"Resource Manager":   {"system", "GET", "", "api-version=2018-02-01&resource=https://management.azure.com/", "", nil, 200, systemID},
		"Resource Manager's": {"system", "GET", "", "api-version=2018-02-01&resource=https://management.core.windows.net/", "", nil, 200, systemID},
		"POST":               {"system", "POST", "", q, "", nil, 405, "method not allowed"},
		"elsewhere":          {"system", "GET", "/metadata/instance", q, "", nil, 404, "not found"},
	} {
		t.Run(name, func(t *testing.T) {
			c.run(t, "imds", func(*machine) http.Header { return http.Header{"Metadata": {"true"}} })
		})
	}
}

func TestAppService(t *testing.T) {
	const q = "api-version=2019-08-01&" + vaultResource
	for name, c := range map[string]tokenCase{
		"system":           {"system first", "GET", "", q, "", nil, 200, systemID},
		"by client":        {"first second", "GET", "", q + "&client_id=" + secondID, "", nil, 200, secondID},
		"by object":        {"first", "GET", "", q + "&object_id=22222222-0000-4000-8000-000000000002", "", nil, 200, firstID},
		"by principal":     {"first", "GET", "", q + "&principal_id=22222222-0000-4000-8000-000000000002", "", nil, 200, firstID},
		"by resource":      {"first", "GET", "", q + "&mi_res_id=" + url.QueryEscape(firstMIID), "", nil, 200, firstID},
		"assigned only":    {"first", "GET", "", q, "", nil, 400, "Unable to load the proper Managed Identity."},
		"not attached":     {"first", "GET", "", q + "&client_id=" + strayID, "", nil, 500, `"message":"An unexpected error occured while fetching the AAD Token."`},
		"two selectors":    {"first", "GET", "", q + "&client_id=x&mi_res_id=y", "", nil, 400, "Specify one of"},
		"no header":        {"system", "GET", "", q, "X-Identity-Header", nil, 401, "X-IDENTITY-HEADER"},
		"wrong header":     {"system", "GET", "", q, "", http.Header{"X-Identity-Header": {"x"}}, 401, "X-IDENTITY-HEADER"},
		"old protocol":     {"system", "GET", "", "api-version=2017-09-01&" + vaultResource, "", nil, 400, "api-version '2017-09-01'"},
		"no resource":      {"system", "GET", "", "api-version=2019-08-01", "", nil, 400, "'resource' is missing"},
		"unknown resource": {"system", "GET", "", "api-version=2019-08-01&resource=x", "", nil, 400, "AADSTS500011"},
		"POST":             {"system", "POST", "", q, "", nil, 405, "method not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			c.run(t, "appservice", func(m *machine) http.Header { return http.Header{"X-Identity-Header": {m.secret}} })
		})
	}
}

// TestAppServiceOf2017 checks App Service's older protocol.
func TestAppServiceOf2017(t *testing.T) {
	const q = "api-version=2017-09-01&" + vaultResource
	for name, c := range map[string]tokenCase{
		"system":          {"system first", "GET", "", q, "", nil, 200, systemID},
		"by client":       {"first second", "GET", "", q + "&clientid=" + secondID, "", nil, 200, secondID},
		"not attached":    {"first", "GET", "", q + "&clientid=" + strayID, "", nil, 500, "unexpected error occured"},
		"no secret":       {"system", "GET", "", q, "Secret", nil, 401, "missing or wrong"},
		"wrong secret":    {"system", "GET", "", q, "", http.Header{"Secret": {"x"}}, 401, "wrong"},
		"Cloud Shell's":   {"system", "POST", "", q, "Secret", nil, 405, "method not allowed"},
		"another version": {"system", "GET", "", "api-version=2018-02-01&" + vaultResource, "", nil, 401, "missing or wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			c.run(t, "appservice", func(m *machine) http.Header { return http.Header{"Secret": {m.secret}} })
		})
	}
}

func TestCloudShell(t *testing.T) {

	for name, c := range map[string]tokenCase{
		"person":           {"person system", "POST", "", vaultResource, "", nil, 200, personID},
		"no person":        {"system", "POST", "", vaultResource, "", nil, 400, "'resource' is missing"},
		"GET":              {"person", "GET", "", vaultResource, "", nil, 405, "method not allowed"},
		"no header":        {"person", "POST", "", vaultResource, "Metadata", nil, 400, "bad_request_102"},
		"no identity":      {"first second", "POST", "", vaultResource, "", nil, 400, "Identity not found"},
		"unknown resource": {"person", "POST", "", "resource=x", "", nil, 400, "AADSTS500011"},
	} {
		t.Run(name, func(t *testing.T) {
			a := build(t, "platform: cloudshell\nattached: ["+strings.ReplaceAll(c.attached, " ", ", ")+"]"+identities)
			checkCloudShell(t, a, c, name == "no person")
		})
	}
}

// checkCloudShell sends the query as a form, or, if inURL is true, in the URL,
// where it is ignored.
func checkCloudShell(t *testing.T, a *Azure, c tokenCase, inURL bool) {
	t.Helper()
	target, body := a.platform.path, c.query
	if inURL {
		target, body = target+"?"+c.query, ""
	}
	r, _ := http.NewRequest(c.method, "http://127.0.0.1"+target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Metadata", "true")
	r.Header.Del(c.drop)
	w := serve(a.Identity(), r)
	got := w.Body.String()
	if w.Code == 200 {
		got = clientOf(t, a, decoded[tokenResponse](t, w).AccessToken)
	}
	if w.Code != c.status || !strings.Contains(got, c.want) {
		t.Errorf("answer = %d %s, want %d %s", w.Code, got, c.status, c.want)
	}
}

func TestServiceFabric(t *testing.T) {
	const q = "api-version=2019-07-01-preview&" + vaultResource
	for name, c := range map[string]tokenCase{
		"assigned":         {"first", "GET", "", q, "", nil, 200, firstID},
		"no secret":        {"first", "GET", "", q, "Secret", nil, 400, "SecretHeaderNotFound"},
		"api-version":      {"first", "GET", "", "api-version=2019-08-01&" + vaultResource, "", nil, 400, "InvalidApiVersion"},
		"no resource":      {"first", "GET", "", "api-version=2019-07-01-preview", "", nil, 400, "ArgumentNullOrEmpty"},
		"no identity":      {"", "GET", "", q, "", nil, 404, "ManagedIdentityNotFound"},
		"unknown resource": {"first", "GET", "", "api-version=2019-07-01-preview&resource=x", "", nil, 400, "AADSTS500011"},
		"POST":             {"first", "POST", "", q, "", nil, 405, "method not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			c.run(t, "servicefabric", func(m *machine) http.Header { return http.Header{"Secret": {m.secret}} })
		})
	}
}
