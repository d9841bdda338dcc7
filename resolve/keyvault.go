package resolve

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
)

// vaultAPIVersion is the version of Key Vault's API that is asked for. The
// SDK's default is months old at most, and sovereign clouds and Azure Stack get new versions late;
// reading a secret has not changed since this one.
const vaultAPIVersion = "7.4"

// vault is one key vault.
type vault struct{ client *azsecrets.Client }

func newVault(host string, tokens azcore.TokenCredential, client *http.Client) (*vault, error) {
	options := azsecrets.ClientOptions{ClientOptions: policy.ClientOptions{
		APIVersion:       vaultAPIVersion,
		Transport:        client,
		PerRetryPolicies: []policy.Policy{&vaultAuth{tokens: tokens, scope: vaultScope(host)}},
	}}
	// Without a credential the SDK leaves authentication to the policy above.
	c, err := azsecrets.NewClient("https://"+host, nil, &options)
	return &vault{client: c}, err
}

// vaultScope returns the scope of the tokens for a vault in a known cloud, and
// "" for any other: those name it in their challenge.
func vaultScope(host string) string {
	for _, suffix := range vaultSuffixes {
		if strings.HasSuffix(host, suffix) {
			return "https://" + strings.TrimPrefix(suffix, ".") + "/.default"
		}
	}
	return ""
}

func (v *vault) fetch(ctx context.Context, o Object) (content, error) {
	response, err := v.client.GetSecret(ctx, o.Name, o.Version, nil)
	if err != nil {
		return nil, err
	}
	if response.Value == nil {
		return nil, errors.New("the response has no value")
	}
	return vaultSecret{NewSecret(*response.Value)}, nil
}

// vaultSecret is the content of a VaultSecret, which has one part.
type vaultSecret struct{ value Secret }

func (s vaultSecret) part(Reference) (Secret, error) { return s.value, nil }
