package resolve

import (
	"context"
	"errors"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"azinject/transport"
)

// vaultAPIVersion is pinned: sovereign clouds and Azure Stack get new versions
// later than the SDK asks for them, and reading a secret has not changed since
// this one.
const vaultAPIVersion = "7.4"

// vault is one key vault.
type vault struct{ client *azsecrets.Client }

func newVault(address, scope string, tokens azcore.TokenCredential, client policy.Transporter) (*vault, error) {
	options := transport.Options(client, &auth{tokens: tokens, scope: scope}, transport.NewRetry(maxAttempt))
	options.APIVersion = vaultAPIVersion
	// Without a credential the SDK leaves authentication to our policy.
	c, err := azsecrets.NewClient(address, nil, &azsecrets.ClientOptions{ClientOptions: options})
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
	switch {
	case err != nil && (transport.Has[*azcore.ResponseError](err) || transport.Has[*transport.Error](err) || transport.Has[*tokenError](err) || errors.Is(err, ctx.Err())):
		return content{}, err
	case err != nil || response.Value == nil:
		return content{}, errUnexpected // the SDK's own error quotes Go types
	}
	value := NewSecret(*response.Value)
	c := content{part: func(Reference) (Secret, error) { return value, nil }}
	if response.ID != nil && checkSecretVersion(response.ID.Version(), 0) == nil {
		c.version = response.ID.Version()
	}
	if response.Attributes != nil && response.Attributes.Expires != nil {
		c.expires = *response.Attributes.Expires
	}
	return c, nil
}
