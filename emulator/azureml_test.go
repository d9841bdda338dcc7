package emulator

import (
	"net/http"
	"strings"
	"testing"
)

// TestAzureML checks the protocol of MSI_ENDPOINT.
func TestAzureML(t *testing.T) {
	const endpoint, cluster, instance = "azureml", "azureml_cluster", "azureml_instance"
	for name, c := range map[string]struct {
		platform string
		tokenCase
	}{
		"endpoint":             {endpoint, tokenCase{"system", "GET", "/MSI/auth", vaultResource, "", nil, 200, systemID}},
		"azidentity":           {endpoint, tokenCase{"system", "GET", "/MSI/auth", "api-version=2017-09-01&clientid=&" + vaultResource, "", nil, 200, systemID}},
		"only assigned":        {endpoint, tokenCase{"first", "GET", "/MSI/auth", vaultResource, "", nil, 200, firstID}},
		"by client":            {endpoint, tokenCase{"first second", "GET", "/MSI/auth", vaultResource + "&clientid=" + secondID, "", nil, 200, secondID}},
		"client_id ignored":    {endpoint, tokenCase{"system first", "GET", "/MSI/auth", vaultResource + "&client_id=" + firstID, "", nil, 200, systemID}},
		"several":              {endpoint, tokenCase{"first second", "GET", "/MSI/auth", vaultResource, "", nil, 400, "Multiple user assigned"}},
		"not attached":         {endpoint, tokenCase{"first", "GET", "/MSI/auth", vaultResource + "&clientid=" + strayID, "", nil, 400, "Identity not found"}},
		"not a GUID":           {endpoint, tokenCase{"first", "GET", "/MSI/auth", vaultResource + "&clientid=clientid", "", nil, 400, "Identity not found"}},
		"cluster":              {cluster, tokenCase{"system", "GET", "", vaultResource, "", nil, 200, ""}},
		"cluster, empty":       {cluster, tokenCase{"system", "GET", "", vaultResource + "&clientid=", "", nil, 200, ""}},
		"cluster, client":      {cluster, tokenCase{"system", "GET", "", vaultResource + "&clientid=" + systemID, "", nil, 200, systemID}},
		"cluster, nobody":      {cluster, tokenCase{"", "GET", "", vaultResource + "&clientid=" + systemID, "", nil, 400, textNoIdentity}},
		"serverless":           {"azureml_serverless", tokenCase{"system", "GET", "", vaultResource + "&clientid=" + systemID, "", nil, 200, systemID}},
		"serverless, nobody":   {"azureml_serverless", tokenCase{"", "GET", "", vaultResource, "", nil, 400, textNoIdentity}},
		"instance":             {instance, tokenCase{"person system", "GET", "", vaultResource, "", nil, 200, personID}},
		"instance, literal":    {instance, tokenCase{"person system", "GET", "", vaultResource + "&clientid=clientid", "", nil, 200, personID}},
		"instance's identity":  {instance, tokenCase{"person system", "GET", "", vaultResource + "&clientid=" + systemID, "", nil, 200, systemID}},
		"instance, signed out": {instance, tokenCase{"system", "GET", "", vaultResource, "", nil, 400, textNoSignIn}},
		"instance, stray":      {instance, tokenCase{"person", "GET", "", vaultResource + "&clientid=" + strayID, "", nil, 400, "Identity not found"}},
		"no secret":            {instance, tokenCase{"system", "GET", "", vaultResource, "Secret", nil, 401, "Invalid secret token header: ."}},
		"wrong secret":         {cluster, tokenCase{"system", "GET", "", vaultResource, "", http.Header{"Secret": {"x"}}, 401, "Invalid secret token header: x."}},
		"no resource":          {endpoint, tokenCase{"system", "GET", "/MSI/auth", "", "", nil, 400, "'resource' is missing"}},
		"unknown resource":     {endpoint, tokenCase{"system", "GET", "/MSI/auth", "resource=https://vault.example", "", nil, 400, "AADSTS500011"}},
		"POST":                 {instance, tokenCase{"system", "POST", "", vaultResource, "", nil, 405, "method not allowed"}},
		"instance's path":      {cluster, tokenCase{"system", "GET", "/MSI/auth", vaultResource, "", nil, 404, "not found"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.run(t, c.platform, func(m *machine) http.Header { return http.Header{"Secret": {m.secret}} })
		})
	}
}

// TestOnlineEndpoint checks the protocol of IDENTITY_ENDPOINT on managed online
// endpoints.
func TestOnlineEndpoint(t *testing.T) {
	const q = "api-version=2019-08-01&" + vaultResource
	for name, c := range map[string]tokenCase{
		"system":       {"system first", "GET", "", q, "", nil, 200, systemID},
		"assigned":     {"first", "GET", "", q, "", nil, 200, firstID},
		"by client":    {"first second", "GET", "", q + "&client_id=" + secondID, "", nil, 200, secondID},
		"several":      {"first second", "GET", "", q, "", nil, 400, "Multiple user assigned"},
		"not attached": {"first", "GET", "", q + "&client_id=" + strayID, "", nil, 400, "Identity not found"},
		"no header":    {"system", "GET", "", q, "X-Identity-Header", nil, 401, "X-IDENTITY-HEADER"},
		"other secret": {"system", "GET", "", q, "", http.Header{"X-Identity-Header": {"x"}}, 401, "X-IDENTITY-HEADER"},
		"old protocol": {"system", "GET", "", "api-version=2017-09-01&" + vaultResource, "", nil, 400, "not supported"},
		"no resource":  {"system", "GET", "", "api-version=2019-08-01", "", nil, 400, "'resource' is missing"},
		"POST":         {"system", "POST", "", q, "", nil, 405, "method not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			c.run(t, "azureml", func(m *machine) http.Header { return http.Header{"X-Identity-Header": {m.secret}} })
		})
	}
	a := launch(t, "platform: azureml\nidentities: {me: {}}")
	got := see(direct(t), request(t, "GET", environ(a, "IDENTITY_ENDPOINT")+"?"+q, http.Header{"X-Identity-Header": {environ(a, "IDENTITY_HEADER")}}))
	if got.status != 200 || got.length != -1 || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json") {
		t.Errorf("seen %+v, want JSON in chunks", got)
	}
}

// TestAzureMLOnKubernetes checks that a job on Kubernetes needs no secret.
func TestAzureMLOnKubernetes(t *testing.T) {
	for name, c := range map[string]tokenCase{
		"system":      {"system", "POST", "", vaultResource, "", nil, 200, systemID},
		"no header":   {"system", "POST", "", vaultResource, "Metadata", nil, 400, "bad_request_102"},
		"GET":         {"system", "GET", "", vaultResource, "", nil, 405, "method not allowed"},
		"no identity": {"", "POST", "", vaultResource, "", nil, 400, "Identity not found"},
	} {
		t.Run(name, func(t *testing.T) {
			a := build(t, "platform: azureml_kubernetes\nattached: ["+c.attached+"]"+identities)
			checkCloudShell(t, a, c, false)
		})
	}
}

// TestCompute checks DEFAULT_IDENTITY_CLIENT_ID on Azure Machine Learning's
// compute, and the tokens of requests with it and without a client ID.
func TestCompute(t *testing.T) {
	for name, c := range map[string]struct {
		compute, attached string
		variable          string
		with, without     string // the client ID in the token, "" if there is none
	}{
		"cluster":              {"cluster", "first", firstID, firstID, ""},
		"cluster, system":      {"cluster", "first, system", systemID, systemID, ""},
		"cluster, several":     {"cluster", "second, first", firstID, firstID, ""},
		"cluster, a person":    {"cluster", "person, first", firstID, firstID, ""},
		"instance":             {"instance", "person", "clientid", personID, personID},
		"instance's identity":  {"instance", "person, first", firstID, firstID, personID},
		"instance, its system": {"instance", "person, system", systemID, systemID, personID},
	} {
		t.Run(name, func(t *testing.T) {
			a := launch(t, "platform: azureml_"+c.compute+"\nattached: ["+c.attached+"]"+identities)
			if got := environ(a, "DEFAULT_IDENTITY_CLIENT_ID"); got != c.variable {
				t.Errorf("DEFAULT_IDENTITY_CLIENT_ID = %q, want %q", got, c.variable)
			}
			for clientID, want := range map[string]string{c.variable: c.with, "": c.without} {
				w := send(a.Identity(), "GET", "http://127.0.0.1"+a.platform.path+"?clientid="+clientID+"&"+vaultResource, http.Header{"Secret": {a.machine.secret}})
				got := ""
				if w.Body.Len() > 0 {
					got = clientOf(t, a, decoded[tokenResponse](t, w).AccessToken)
				}
				if w.Code != 200 || got != want {
					t.Errorf("clientid=%s: %d, a token for %q, want %q", clientID, w.Code, got, want)
				}
			}
		})
	}
}
