package emulator

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const userID = "55555555-0000-4000-8000-000000000002"

func TestOnBehalfOf(t *testing.T) {
	a := launch(t, `
platform: on_behalf_of
attached: [alice, cluster]
identities:
  alice: {object_id: `+userID+`, user: true}
  cluster: {client_id: `+firstID+`, resource_id: /subscriptions/s/uai}
  stray: {client_id: `+strayID+`, resource_id: /subscriptions/s/stray}
`)
	obo, msi := environ(a, "OBO_ENDPOINT"), environ(a, "MSI_ENDPOINT")
	secret := http.Header{"Secret": {environ(a, "MSI_SECRET")}}
	for name, c := range map[string]struct {
		method, url string
		header      http.Header
		status      int
		want        string // in the body, all of it if empty
	}{
		"user":             {"GET", obo + "?" + vaultResource, nil, 200, `"resource":"https://vault.azure.net","token_type":"Bearer"}`},
		"no resource":      {"GET", obo, nil, 400, "'resource' is missing"},
		"unknown resource": {"GET", obo + "?resource=x", nil, 400, "AADSTS500011"},
		"POST":             {"POST", obo + "?" + vaultResource, nil, 405, "method not allowed"},
		"elsewhere":        {"GET", obo + "/x?" + vaultResource, nil, 404, "not found"},
		"MSI":              {"GET", msi + "?" + vaultResource, secret, 200, ""},
		"MSI, empty":       {"GET", msi + "?clientid=&" + vaultResource, secret, 200, ""},
		"MSI, client":      {"GET", msi + "?clientid=" + firstID + "&" + vaultResource, secret, 200, `"access_token":`},
		"MSI, not a GUID":  {"GET", msi + "?clientid=clientid&" + vaultResource, secret, 400, "Identity not found"},
		"MSI, stray":       {"GET", msi + "?clientid=" + strayID + "&" + vaultResource, secret, 400, "Identity not found"},
		"MSI, no secret":   {"GET", msi + "?clientid=" + firstID + "&" + vaultResource, nil, 401, "Invalid secret token header: ."},
	} {
		t.Run(name, func(t *testing.T) {
			got := see(direct(t), request(t, c.method, c.url, c.header))
			if got.status != c.status || !strings.Contains(got.body, c.want) || c.want == "" && got.body != "" {
				t.Errorf("seen %+v, want %d %s", got, c.status, c.want)
			}
		})
	}
	if !strings.HasSuffix(obo, "/OBO/token") || !strings.HasSuffix(msi, "/MSI/token") || environ(a, "AZUREML_OBO_ENABLED") != "True" || environ(a, "DEFAULT_IDENTITY_CLIENT_ID") != firstID {
		t.Errorf("Environ = %v", a.Environ())
	}
}

// TestOnBehalfOfClaims shows the user's token to a vault that admits the user.
func TestOnBehalfOfClaims(t *testing.T) {
	a := build(t, "platform: on_behalf_of\nidentities: {alice: {object_id: "+userID+", user: true}}\nvaults: {hers: {readers: [alice], secrets: {db: x}}}")
	answer := decoded[tokenResponse](t, send(a.Identity(), "GET", "http://127.0.0.1/obo/token?"+vaultResource, nil))
	got := payload(t, answer.AccessToken)
	for claim, want := range map[string]any{"idtyp": "user", "oid": userID, "upn": "alice@emulated.example", "unique_name": "alice@emulated.example", "aud": "https://vault.azure.net", "xms_mirid": nil, "exp": answer.ExpiresOn} {
		if got[claim] != want {
			t.Errorf("claim %s = %v, want %v", claim, got[claim], want)
		}
	}
	header := http.Header{"Authorization": {"Bearer " + answer.AccessToken}}
	if w := send(a.Stores(), "GET", "https://hers.vault.azure.net/secrets/db?api-version=7.4", header); w.Code != 200 {
		t.Errorf("vault: %d %s", w.Code, w.Body)
	}
}

// TestEnvironOfApplications checks values, TestEnviron only names.
func TestEnvironOfApplications(t *testing.T) {
	a := launch(t, "platform: service_principal\nattached: [me]\nidentities: {me: {client_id: "+firstID+", client_secret: s}, other: {client_secret: t}}")
	for name, want := range map[string]string{"AZURE_TENANT_ID": DefaultTenant, "AZURE_CLIENT_ID": firstID, "AZURE_CLIENT_SECRET": "s"} {
		if got := environ(a, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	a = launch(t, trusting)
	for name, want := range map[string]string{"AZURE_TENANT_ID": DefaultTenant, "AZURE_CLIENT_ID": appID, "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/"} {
		if got := environ(a, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	file := environ(a, "AZURE_FEDERATED_TOKEN_FILE")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("the directory of %s is still there: %v", file, err)
	}
}

// TestApplicationsAreNotAttached requests an application's token from an identity
// endpoint.
func TestApplicationsAreNotAttached(t *testing.T) {
	a := build(t, "identities: {me: {client_id: "+systemID+"}, app: {client_id: "+firstID+", client_secret: s}}")
	header := http.Header{"X-Identity-Header": {a.machine.secret}}
	for query, want := range map[string]int{"": 200, "&client_id=" + firstID: 500} {
		if w := send(a.Identity(), "GET", "http://127.0.0.1/msi/token?api-version=2019-08-01&"+vaultResource+query, header); w.Code != want {
			t.Errorf("%q: %d %s, want %d", query, w.Code, w.Body, want)
		}
	}
}

func TestEnviron(t *testing.T) {
	const me = "\nidentities: {me: {}}\n"
	online := []string{"AML_APP_ROOT", "AZUREML_MODEL_DIR", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"}
	run := []string{"AZUREML_RUN_ID", "MSI_ENDPOINT"}
	always := []string{"HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
	for config, want := range map[string][]string{
		"platform: azureml" + me: online,
		"platform: azureml" + me + "deployment: " + openWorkspace + "/onlineEndpoints/e/deployments/d": append(slices.Clip(online), "AML_DEPLOYMENT_RESOURCE_ID"),
		me:                                  {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"},
		"platform: servicefabric" + me:      {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"},
		"platform: cloudshell" + me:         {"MSI_ENDPOINT"},
		"platform: none":                    nil,
		"platform: foundry_agent" + me:      {"FOUNDRY_AGENT_INSTANCE_CLIENT_ID", "FOUNDRY_AGENT_NAME", "FOUNDRY_AGENT_TENANT_ID", "FOUNDRY_HOSTING_ENVIRONMENT", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "PORT"},
		"platform: azureml_cluster" + me:    append(slices.Clip(run), "DEFAULT_IDENTITY_CLIENT_ID", "MSI_SECRET"),
		"platform: azureml_serverless" + me: append(slices.Clip(run), "DEFAULT_IDENTITY_CLIENT_ID", "MSI_SECRET"),
		"platform: azureml_kubernetes" + me: append(slices.Clip(run), "OBO_ENDPOINT"),
		"platform: azureml_kubernetes" + me + "workspaces: {" + openWorkspace + ": {}}":                      append(slices.Clip(run), "OBO_ENDPOINT", "AZUREML_ARM_SUBSCRIPTION", "AZUREML_ARM_RESOURCEGROUP", "AZUREML_ARM_WORKSPACE_NAME"),
		"platform: azureml_instance\nidentities: {me: {user: true}}":                                         {"DEFAULT_IDENTITY_CLIENT_ID", "MSI_ENDPOINT", "MSI_SECRET"},
		"platform: on_behalf_of\nidentities: {me: {user: true}}":                                             append(slices.Clip(run), "AZUREML_OBO_ENABLED", "MSI_SECRET", "OBO_ENDPOINT"),
		"platform: on_behalf_of\nidentities: {me: {user: true}, it: {}}":                                     append(slices.Clip(run), "AZUREML_OBO_ENABLED", "DEFAULT_IDENTITY_CLIENT_ID", "MSI_SECRET", "OBO_ENDPOINT"),
		"platform: service_principal\nidentities: {me: {client_secret: s}}":                                  {"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"},
		"platform: workload_identity\nidentities: {me: {federated: {subject: system:serviceaccount:ns:sa}}}": {"AZURE_AUTHORITY_HOST", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"},
	} {
		var got []string
		for _, kv := range launch(t, config).Environ() {
			name, _, _ := strings.Cut(kv, "=")
			got = append(got, name)
		}
		want = append(want, always...)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: variables %v, want %v", config, got, want)
		}
	}
}
