package emulator_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"azinject/emulator"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

const sdkWorkspace = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"

const sdkStores = `
vaults:
  open: {secrets: {db: {versions: [{version: old, value: one}, {value: two}]}}}
  shut: {readers: [], secrets: {db: x}}
  open.vault.azure.cn: {secrets: {db: two}}
  open.vault.usgovcloudapi.net: {secrets: {db: two}}
workspaces:
  ` + sdkWorkspace + `:
    connections: {aoai: {auth_type: ApiKey, credentials: {key: k}}}
`

// sdkPlatforms lists the platforms on which azidentity finds an identity without
// needing an address or a file of the machine.
var sdkPlatforms = []struct{ platform, clientID, suffix string }{
	{"azureml", "aaaaaaaa-0000-4000-8000-000000000001", "vault.azure.net"},
	{"azureml_cluster", "", "vault.azure.net"},
	{"azureml_serverless", "aaaaaaaa-0000-4000-8000-000000000011", "vault.azure.net"},
	{"azureml_instance", "aaaaaaaa-0000-4000-8000-000000000012", "vault.azure.net"},
	{"azureml_kubernetes", "", "vault.azure.net"},
	{"appservice", "aaaaaaaa-0000-4000-8000-000000000002", "vault.azure.net"},
	{"foundry_agent", "aaaaaaaa-0000-4000-8000-000000000013", "vault.azure.net"},
	{"cloudshell", "", "vault.azure.cn"},
	{"servicefabric", "", "vault.usgovcloudapi.net"},
}

// begin starts an Azure, points azidentity at it through the environment, and
// returns a client for the stores. Go reads HTTPS_PROXY and SSL_CERT_FILE only
// once per process, so the client has these two.
func begin(t *testing.T, config string) (*emulator.Azure, *http.Client) {
	t.Helper()
	c, err := emulator.Parse([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	azure, err := emulator.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { azure.Close() })
	for _, name := range []string{
		"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET", "DEFAULT_IDENTITY_CLIENT_ID",
		"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
		"AZURE_KUBERNETES_TOKEN_PROXY", "AZURE_KUBERNETES_SNI_NAME", "AZURE_KUBERNETES_CA_FILE", "AZURE_KUBERNETES_CA_DATA",
	} {
		t.Setenv(name, "")
	}
	environ := map[string]string{}
	for _, kv := range azure.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		environ[name] = value
		if _, ok := os.LookupEnv(name); ok { // one of those above
			t.Setenv(name, value)
		}
	}
	return azure, transport(t, environ)
}

func transport(t *testing.T, environ map[string]string) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(environ["SSL_CERT_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	proxy, err := url.Parse(environ["HTTPS_PROXY"])
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// uncached requests each token from the emulator. MSAL caches the tokens of
// managed identities per process, where those of earlier Azures would be found,
// but ignores its cache if there are claims.
type uncached struct{ azcore.TokenCredential }

func (c uncached) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	o.Claims = "{}"
	return c.TokenCredential.GetToken(ctx, o)
}

func credential(t *testing.T, clientID string) azcore.TokenCredential {
	t.Helper()
	o := &azidentity.ManagedIdentityCredentialOptions{}
	if clientID != "" {
		o.ID = azidentity.ClientID(clientID)
	}
	c, err := azidentity.NewManagedIdentityCredential(o)
	if err != nil {
		t.Fatal(err)
	}
	return uncached{c}
}

func identitiesOf(platform, clientID string) string {
	if clientID == "" {
		return "platform: " + platform + "\nidentities: {me: {}}\n"
	}
	return "platform: " + platform + "\nidentities: {me: {client_id: " + clientID + ", resource_id: /subscriptions/s/uai}}\n"
}

func TestGoSDKReadsSecrets(t *testing.T) {
	for _, p := range sdkPlatforms {
		t.Run(p.platform, func(t *testing.T) {
			azure, client := begin(t, identitiesOf(p.platform, p.clientID)+sdkStores)
			options := &azsecrets.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}}
			secrets, err := azsecrets.NewClient("https://open."+p.suffix, credential(t, p.clientID), options)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := secrets.GetSecret(t.Context(), "db", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if *answer.Value != "two" || answer.ID.Name() != "db" {
				t.Errorf("secret = %q, ID %s", *answer.Value, *answer.ID)
			}
			_, err = secrets.GetSecret(t.Context(), "nope", "", nil)
			if bad := new(azcore.ResponseError); !errors.As(err, &bad) || bad.StatusCode != 404 || bad.ErrorCode != "SecretNotFound" {
				t.Errorf("missing secret: %v", err)
			}
			want := map[string]int{emulator.KindToken: 1, emulator.KindConnect: 1, emulator.KindChallenge: 1, emulator.KindSecret: 2}
			for kind, n := range want {
				if got := azure.Counts()[kind]; got != n {
					t.Errorf("requests of kind %s = %d, want %d", kind, got, n)
				}
			}
		})
	}
}

func TestGoSDKSeesRefusals(t *testing.T) {
	const id = "aaaaaaaa-0000-4000-8000-000000000003"
	_, client := begin(t, identitiesOf("azureml", id)+sdkStores)
	options := &azsecrets.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}}
	secrets, err := azsecrets.NewClient("https://shut.vault.azure.net", credential(t, id), options)
	if err != nil {
		t.Fatal(err)
	}
	_, err = secrets.GetSecret(t.Context(), "db", "", nil)
	if bad := new(azcore.ResponseError); !errors.As(err, &bad) || bad.StatusCode != 403 || !strings.Contains(err.Error(), "ForbiddenByRbac") {
		t.Errorf("unreadable secret: %v", err)
	}
	// A compute cluster's empty response.
	begin(t, identitiesOf("azureml_cluster", ""))
	t.Setenv("DEFAULT_IDENTITY_CLIENT_ID", "")
	_, err = credential(t, "").GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://ml.azure.com/.default"}})
	if err == nil || !strings.Contains(err.Error(), "unexpected end of JSON input") {
		t.Errorf("token without a client ID: %v", err)
	}
}

func TestGoSDKListsConnectionSecrets(t *testing.T) {
	const id = "aaaaaaaa-0000-4000-8000-000000000004"
	_, client := begin(t, identitiesOf("azureml", id)+sdkStores)
	manager, err := arm.NewClient("emulator", "v1.0.0", credential(t, id), &arm.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}})
	if err != nil {
		t.Fatal(err)
	}
	for connection, want := range map[string]int{"aoai": 200, "nope": 404} {
		url := runtime.JoinPaths(manager.Endpoint(), sdkWorkspace, "connections", connection, "listsecrets")
		request, err := runtime.NewRequest(t.Context(), http.MethodPost, url+"?api-version=2024-04-01")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := manager.Pipeline().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Properties struct{ Credentials map[string]string }
		}
		if err := runtime.UnmarshalAsJSON(answer, &body); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != want || want == 200 && body.Properties.Credentials["key"] != "k" {
			t.Errorf("%s: %d %v, want %d", connection, answer.StatusCode, body, want)
		}
	}
}
