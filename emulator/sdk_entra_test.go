package emulator_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"azinject/emulator"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

const (
	sdkApp       = "aaaaaaaa-0000-4000-8000-000000000005"
	sdkPod       = "platform: workload_identity\nidentities: {app: {client_id: " + sdkApp + ", federated: {subject: 'system:serviceaccount:ns:sa'}}}\n"
	sdkPrincipal = "platform: service_principal\nidentities: {app: {client_id: " + sdkApp + ", client_secret: s3}}\n"
)

// sdkCredential makes one of azidentity's credentials for applications.
type sdkCredential func(policy.ClientOptions) (azcore.TokenCredential, error)

func fromPod(o policy.ClientOptions) (azcore.TokenCredential, error) {
	return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: o})
}

func fromEnvironment(o policy.ClientOptions) (azcore.TokenCredential, error) {
	return azidentity.NewEnvironmentCredential(&azidentity.EnvironmentCredentialOptions{ClientOptions: o})
}

func fromDefault(o policy.ClientOptions) (azcore.TokenCredential, error) {
	return azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: o})
}

func fromSecret(tenant, clientID, secret string) sdkCredential {
	return func(o policy.ClientOptions) (azcore.TokenCredential, error) {
		return azidentity.NewClientSecretCredential(tenant, clientID, secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: o})
	}
}

// signIn gets a token without retries.
func signIn(t *testing.T, client *http.Client, in cloud.Configuration, from sdkCredential, scope string) (azcore.AccessToken, error) {
	t.Helper()
	c, err := from(policy.ClientOptions{Transport: client, Cloud: in, Retry: policy.RetryOptions{MaxRetries: -1}})
	if err != nil {
		t.Fatal(err)
	}
	return c.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
}

func TestGoSDKReadsSecretsAsAnApplication(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		from   sdkCredential
	}{
		"workload identity":       {sdkPod, fromPod},
		"environment":             {sdkPrincipal, fromEnvironment},
		"secret":                  {sdkPrincipal, fromSecret(emulator.DefaultTenant, sdkApp, "s3")},
		"default, pod":            {sdkPod, fromDefault},
		"default, environment":    {sdkPrincipal, fromDefault},
		"workload identity, once": {sdkPod + "faults: [{match: POST login.microsoftonline.com/, times: 1, status: 503, headers: {retry-after-ms: '1'}}]\n", fromPod},
	} {
		t.Run(name, func(t *testing.T) {
			azure, client := begin(t, c.config+sdkStores)
			options := policy.ClientOptions{Transport: client}
			credential, err := c.from(options)
			if err != nil {
				t.Fatal(err)
			}
			secrets, err := azsecrets.NewClient("https://open.vault.azure.net", credential, &azsecrets.ClientOptions{ClientOptions: options})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := secrets.GetSecret(t.Context(), "db", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			if *answer.Value != "two" {
				t.Errorf("secret = %q", *answer.Value)
			}
			want := map[string]int{emulator.KindToken: 0, emulator.KindDiscovery: 2, emulator.KindEntra: 1, emulator.KindSecret: 1}
			if strings.HasSuffix(name, "once") {
				want[emulator.KindEntra] = 2
			}
			for kind, n := range want {
				if got := azure.Counts()[kind]; got != n {
					t.Errorf("requests of kind %s = %d, want %d", kind, got, n)
				}
			}
		})
	}
}

func TestGoSDKSignsInToEveryCloud(t *testing.T) {
	for scope, in := range map[string]cloud.Configuration{
		"https://management.core.windows.net//.default":      cloud.AzurePublic,
		"https://vault.azure.cn/.default":                    cloud.AzureChina,
		"https://management.core.chinacloudapi.cn//.default": cloud.AzureChina,
		"https://vault.usgovcloudapi.net/.default":           cloud.AzureGovernment,
	} {
		_, client := begin(t, sdkPrincipal)
		token, err := signIn(t, client, in, fromSecret(emulator.DefaultTenant, sdkApp, "s3"), scope)
		if err != nil || token.Token == "" {
			t.Errorf("%s: %v", scope, err)
		}
	}
}

func TestGoSDKIsNotLetIn(t *testing.T) {
	const noTenant, vault = "00000000-0000-4000-8000-000000000000", "https://vault.azure.net/.default"
	for name, c := range map[string]struct {
		config string
		from   sdkCredential
		in     cloud.Configuration
		scope  string
		status int
		want   string // in the error's text
	}{
		"wrong secret":     {sdkPrincipal, fromSecret(emulator.DefaultTenant, sdkApp, "x"), cloud.Configuration{}, vault, 401, "AADSTS7000215"},
		"unknown":          {sdkPrincipal, fromSecret(emulator.DefaultTenant, noTenant, "s3"), cloud.Configuration{}, vault, 400, "AADSTS700016"},
		"other tenant":     {sdkPrincipal, fromSecret(noTenant, sdkApp, "s3"), cloud.Configuration{}, vault, 400, "AADSTS90002"},
		"unknown resource": {sdkPrincipal, fromEnvironment, cloud.Configuration{}, "https://vault.example/.default", 400, "AADSTS500011"},
		"no resource":      {sdkPrincipal, fromEnvironment, cloud.Configuration{}, "https://vault.azure.net", 400, "AADSTS1002012"},
		"other cloud":      {sdkPrincipal, fromEnvironment, cloud.AzureChina, vault, 400, "AADSTS500011"},
		"no trust":         {sdkPod + "service_account_token: {subject: 'system:serviceaccount:ns:other'}", fromPod, cloud.Configuration{}, vault, 401, "AADSTS700213"},
		"expired":          {sdkPod + "service_account_token: {expired: true}", fromPod, cloud.Configuration{}, vault, 401, "AADSTS700024"},
		"out of order":     {sdkPod + "faults: [{match: POST login.microsoftonline.com/, status: 500}]", fromPod, cloud.Configuration{}, vault, 500, "500"},
		"captive portal":   {sdkPod + "faults: [{match: '* login.microsoftonline.com/', html: true}]", fromPod, cloud.Configuration{}, vault, 0, "Guest network"},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := begin(t, c.config)
			_, err := signIn(t, client, c.in, c.from, c.scope)
			bad := new(azidentity.AuthenticationFailedError)
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error = %v, want %s", err, c.want)
			}
			if c.status != 0 && (bad.RawResponse == nil || bad.RawResponse.StatusCode != c.status) {
				t.Errorf("answer = %v, want status %d", bad.RawResponse, c.status)
			}
		})
	}
}
