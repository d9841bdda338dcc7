// Package identity obtains tokens with the container's managed identity.
//
// [Select] reads from the environment which identity is meant, [New] returns
// the credential, and [Shared] makes it one request for a token per audience, however
// many wait for it. The package knows nothing of secrets or references.
package identity

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"azinject/resolve/transport"
)

// Platform is where managed identities come from.
type Platform int

// The platforms, in the words of [Platform.String].
const (
	IMDS Platform = iota
	AppService
	AzureML
	CloudShell
	ServiceFabric
	Arc
)

func (p Platform) String() string {
	return [...]string{"the instance metadata service (IMDS)", "App Service or Container Apps", "Azure Machine Learning",
		"Cloud Shell", "Service Fabric", "Azure Arc"}[p]
}

// sources are the platforms as the SDK names them.
var sources = map[managedidentity.Source]Platform{
	managedidentity.DefaultToIMDS: IMDS,
	managedidentity.AppService:    AppService,
	managedidentity.AzureML:       AzureML,
	managedidentity.CloudShell:    CloudShell,
	managedidentity.ServiceFabric: ServiceFabric,
	managedidentity.AzureArc:      Arc,
}

// New returns the credential for the selected managed identity, on whichever
// platform the process's own environment shows; where it shows none, the one that is left is IMDS.
// The endpoint is never reached through a proxy. GetToken repeats the request until its context
// ends, unless the answer is final or IMDS is not there at all, and returns a [*TokenError].
func New(selected Selection) (azcore.TokenCredential, error) {
	source, err := managedidentity.GetSource()
	if err != nil {
		return nil, err
	}
	platform := sources[source]
	if selected.Variable != Setting && (platform == CloudShell || platform == ServiceFabric) {
		// These know one identity. The variable was not set for azinject.
		selected = Selection{}
	}
	var client policy.Transporter = transport.ForIdentity()
	if platform != ServiceFabric {
		// The SDK puts its own on top, to pin Service Fabric's certificate.
		client = transport.Bounded{Client: transport.ForIdentity()}
	}
	c, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
		ID: selected.ID,
		ClientOptions: azcore.ClientOptions{
			Transport:       client,
			Retry:           policy.RetryOptions{MaxRetries: -1}, // none but ours
			PerCallPolicies: []policy.Policy{observer{}, newRetry(platform)},
		},
	})
	if err != nil {
		return nil, &SelectionError{selected.Variable, err}
	}
	return &managedIdentity{credential: c, platform: platform, selected: selected}, nil
}

// newRetry returns the policy that repeats requests for tokens. An endpoint
// that the platform has named will come up, if it is not up yet. IMDS may not be there at
// all, but once it has answered, it is.
func newRetry(platform Platform) *transport.Retry {
	// With the last attempt, of 3 seconds, this is under 10.
	const guess = 6 * time.Second
	r := &transport.Retry{Attempt: 30 * time.Second, Again: transport.Transient, Patience: transport.Patience}
	if platform == IMDS {
		var answered atomic.Bool
		r.Again = func(status int) bool {
			answered.Store(true)
			return imdsTransient(status)
		}
		r.Patience = func(c transport.Cause) time.Duration {
			if c == transport.NoConnection && !answered.Load() {
				return guess
			}
			return transport.Patience(c)
		}
	}
	return r
}

// imdsTransient knows the two more statuses with which IMDS says that it is
// being updated.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
func imdsTransient(status int) bool {
	return status == http.StatusNotFound || status == http.StatusGone || transport.Transient(status)
}

// managedIdentity is a credential whose errors are facts.
type managedIdentity struct {
	credential azcore.TokenCredential
	platform   Platform
	selected   Selection
}

// GetToken implements [azcore.TokenCredential].
func (m *managedIdentity) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	seen := &exchange{}
	token, err := m.credential.GetToken(context.WithValue(ctx, exchangeKey{}, seen), options)
	if err != nil || token.Token == "" { // which the SDK takes for one
		e := &TokenError{Audience: audience(options.Scopes), Platform: m.platform, Selected: m.selected}
		e.explain(seen, err)
		return azcore.AccessToken{}, e
	}
	return token, nil
}

// audience is the resource that a scope stands for in the protocols of
// managed identities.
func audience(scopes []string) string {
	return strings.TrimSuffix(strings.Join(scopes, " "), "/.default")
}
