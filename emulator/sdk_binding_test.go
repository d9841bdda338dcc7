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

const sdkBinding = "platform: identity_binding\nidentities: {app: {client_id: " + sdkApp + ", resource_id: /subscriptions/s/uai, binding: {subject: 'system:serviceaccount:ns:sa'}}}\n"

// fromBinding makes azidentity's credential for identity bindings. It ignores the
// client of the options.
func fromBinding(o policy.ClientOptions) (azcore.TokenCredential, error) {
	return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: o, EnableAzureProxy: true})
}

func TestGoSDKReadsSecretsThroughABinding(t *testing.T) {
	azure, client := begin(t, sdkBinding+sdkStores)
	credential, err := fromBinding(policy.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := azsecrets.NewClient("https://open.vault.azure.net", credential, &azsecrets.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}})
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := secrets.GetSecret(t.Context(), "db", "", nil); err != nil || *answer.Value != "two" {
		t.Fatalf("GetSecret: %v, or a wrong secret", err)
	}
	// It discovers the authority first, all through the proxy.
	want := map[string]int{emulator.KindToken: 3, emulator.KindDiscovery: 0, emulator.KindEntra: 0, emulator.KindSecret: 1}
	for kind, n := range want {
		if got := azure.Counts()[kind]; got != n {
			t.Errorf("requests of kind %s = %d, want %d", kind, got, n)
		}
	}
}

func TestGoSDKIsNotLetThroughABinding(t *testing.T) {
	const vault = "https://vault.azure.net/.default"
	for name, c := range map[string]struct {
		config string
		from   sdkCredential
		status int
		want   string // in the error's text
	}{
		"proxy not enabled": {sdkBinding, fromPod, 401, "AADSTS700211"},
		"no ClusterRole":    {sdkBinding + "service_account_token: {subject: 'system:serviceaccount:ns:other'}", fromBinding, 403, "cannot use-managed-identity"},
		"plain token":       {sdkBinding + "service_account_token: {audience: 'api://AzureADTokenExchange'}", fromBinding, 401, "Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := begin(t, c.config)
			_, err := signIn(t, client, cloud.Configuration{}, c.from, vault)
			bad := new(azidentity.AuthenticationFailedError)
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.want) || bad.RawResponse == nil || bad.RawResponse.StatusCode != c.status {
				t.Fatalf("error = %v, want %d and %s", err, c.status, c.want)
			}
		})
	}
}

// TestGoSDKNeedsTheBindingsCA takes the name or the CA away.
func TestGoSDKNeedsTheBindingsCA(t *testing.T) {
	for _, variable := range []string{"AZURE_KUBERNETES_SNI_NAME", "AZURE_KUBERNETES_CA_FILE"} {
		azure, _ := begin(t, sdkBinding)
		t.Setenv(variable, "")
		_, err := signIn(t, http.DefaultClient, cloud.Configuration{}, fromBinding, "https://vault.azure.net/.default")
		if err == nil || azure.Counts()[emulator.KindToken] != 0 {
			t.Errorf("without %s: %v, with %v; want no connection", variable, err, azure.Requests())
		}
	}
}
