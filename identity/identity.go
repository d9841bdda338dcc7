// Package identity obtains tokens with the container's managed identity.
//
// [Select] reads from the environment which identity is meant, [New] returns
// the credential, and [Shared] makes it one request for a token per audience, however
// many wait for it. The package knows nothing of secrets or references.
package identity

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
)

// New returns the credential for the selected managed identity, on whichever
// platform the process's own environment shows: App Service and Container
// Apps, Azure Machine Learning, Cloud Shell, Service Fabric, Azure Arc, or
// the instance metadata service (IMDS) of a virtual machine. The endpoint is
// never reached through a proxy. Its GetToken returns a [*TokenError].
func New(selected Selection) (azcore.TokenCredential, error) {
	source, err := managedidentity.GetSource()
	if err != nil {
		return nil, err
	}
	if selected.Variable != Setting && (source == managedidentity.CloudShell || source == managedidentity.ServiceFabric) {
		// These know one identity. The variable was not set for azinject.
		selected = Selection{}
	}
	options := &azidentity.ManagedIdentityCredentialOptions{
		ID: selected.ID,
		ClientOptions: azcore.ClientOptions{
			Transport:        newClient(),
			PerRetryPolicies: []policy.Policy{observer{}},
		},
	}
	c, err := azidentity.NewManagedIdentityCredential(options)
	if err != nil {
		return nil, &SelectionError{selected.Variable, err}
	}
	return &managedIdentity{credential: c, platform: platforms[source]}, nil
}

// platforms are the sources of tokens as people know them.
var platforms = map[managedidentity.Source]string{
	managedidentity.AppService:    "App Service or Container Apps",
	managedidentity.AzureML:       "Azure Machine Learning",
	managedidentity.CloudShell:    "Cloud Shell",
	managedidentity.ServiceFabric: "Service Fabric",
	managedidentity.AzureArc:      "Azure Arc",
	managedidentity.DefaultToIMDS: "the instance metadata service (IMDS)",
}

// newClient returns the HTTP client for identity endpoints. They are on this
// machine, a proxy is not, and it must not see a token.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
func newClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: nil, DialContext: dialer.DialContext},
	}
}

// managedIdentity is a credential whose errors are facts.
type managedIdentity struct {
	credential azcore.TokenCredential
	platform   string
}

// GetToken implements [azcore.TokenCredential].
func (m *managedIdentity) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	seen := &exchange{}
	token, err := m.credential.GetToken(context.WithValue(ctx, exchangeKey{}, seen), options)
	if err != nil {
		return azcore.AccessToken{}, newTokenError(options.Scopes, m.platform, seen, err)
	}
	return token, nil
}

// audience is the resource that a scope stands for in the protocols of
// managed identities.
func audience(scopes []string) string {
	return strings.TrimSuffix(strings.Join(scopes, " "), "/.default")
}
