package resolve

import (
	"context"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"azinject/transport"
)

// vaultAPIVersion is older than the SDK's, because sovereign clouds and Azure
// Stack get new versions late. Reading a secret has not changed since.
const vaultAPIVersion = "7.4"

// vault is one key vault.
type vault struct{ client *azsecrets.Client }

func newVault(address, scope string, tokens azcore.TokenCredential, client policy.Transporter) (*vault, error) {
	options := transport.Options(client, transport.Refusals{}, &auth{tokens: tokens, scope: scope}, transport.NewRetry(maxAttempt))
	options.APIVersion = vaultAPIVersion
	// Without a credential the SDK leaves authentication to our policy.
	c, err := azsecrets.NewClient(address, nil, &azsecrets.ClientOptions{ClientOptions: options})
	return &vault{client: c}, err
}

// vaultScope returns the scope of the tokens for a vault in a known cloud, ""
// for any other: those name it in their challenge.
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
		return content{}, err
	}
	if response.Value == nil {
		return content{}, errUnexpected
	}
	value := NewSecret(*response.Value)
	c := content{get: func(Reference) (Secret, error) { return value, nil }}
	if response.ID != nil && checkSecretVersion(response.ID.Version(), 0) == nil {
		c.version = response.ID.Version()
	}
	if response.Attributes != nil && response.Attributes.Expires != nil {
		c.expires = *response.Attributes.Expires
	}
	return c, nil
}
