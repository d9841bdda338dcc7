package resolve

import (
	"context"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"

	"azinject/transport"
)

// vaultAPIVersion is older than the SDK's, because sovereign clouds and Azure
// Stack get new versions late. Reading a secret has not changed since.
const vaultAPIVersion = "7.4"

// keyVault is one key vault.
type keyVault struct{ client *azsecrets.Client }

func newKeyVault(address string, options policy.ClientOptions) *keyVault {
	options.APIVersion = vaultAPIVersion
	// Without a credential the SDK leaves authentication to our policy. It fails
	// only if its own version is malformed.
	c, _ := azsecrets.NewClient(address, nil, &azsecrets.ClientOptions{ClientOptions: options})
	return &keyVault{client: c}
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

func (v *keyVault) fetch(ctx context.Context, o Object) (content, error) {
	var raw *http.Response
	response, err := v.client.GetSecret(policy.WithCaptureResponse(ctx, &raw), o.Name, o.Version, nil)
	if err != nil {
		return content{}, err
	}
	body, err := runtime.Payload(raw) // already read
	if err != nil || response.Value == nil || response.ID == nil {
		return content{}, errUnexpected
	}
	// https://HOST/secrets/NAME/VERSION, which the SDK panics at in another form
	_, id, _ := strings.Cut(string(*response.ID), "/secrets/")
	name, version, _ := strings.Cut(id, "/")
	switch {
	case !strings.EqualFold(name, o.Name) || o.Version != "" && !strings.EqualFold(version, o.Version):
		return content{}, errAnother
	case !isText(body):
		return content{}, ErrNotText
	}
	value := NewSecret(*response.Value)
	pointed := pointTo(o, value, transport.Sent(raw.Request)...)
	c := content{get: func(ref Reference) (Secret, error) {
		if ref.Part == Pointer {
			return pointed(ref)
		}
		return value, nil
	}}
	if checkSecretVersion(version, 0) == nil {
		c.version = version
	}
	if response.Attributes != nil && response.Attributes.Expires != nil {
		c.expires = *response.Attributes.Expires
	}
	return c, nil
}
