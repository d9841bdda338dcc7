package identity

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"azinject/transport"
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

// Platform returns the platform whose managed identity [New] would ask for, as
// the process's own environment shows it; where it shows none, the one that is
// left is IMDS, which may not be there. ok is false for other kinds of
// credentials. No request is made.
func (s Selection) Platform() (p Platform, ok bool) {
	source, err := managedidentity.GetSource()
	return sources[source], err == nil && s.Kind == ManagedIdentity
}

// PlatformError says, in the SDK's words, that the platform takes no ID, or
// none of the kind that is selected.
type PlatformError struct{ error }

// newManagedIdentity returns the credential for a managed identity. The
// endpoint is never reached through a proxy.
func newManagedIdentity(selected Selection) (azcore.TokenCredential, error) {
	source, err := managedidentity.GetSource()
	if err != nil {
		return nil, err
	}
	platform := sources[source]
	var client policy.Transporter = transport.ForIdentity()
	if platform == ServiceFabric {
		// The SDK adds to it, to pin Service Fabric's certificate.
		client = transport.ForIdentity().Client
	}
	c, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
		ID:            selected.ID,
		ClientOptions: transport.Options(client, observer{}, managedRetry(platform)),
	})
	if err != nil {
		return nil, &SelectionError{selected.Variable, PlatformError{err}}
	}
	return &managedIdentity{credential: c, platform: platform, selected: selected}, nil
}

// managedRetry returns the policy that repeats requests for tokens. An endpoint
// that the platform has named will come up, if it is not up yet. IMDS may not
// be there at all, but once it has answered, it is.
func managedRetry(platform Platform) *transport.Retry {
	// With the last attempt, of 3 seconds, this is under 10.
	const guess = 6 * time.Second
	r := transport.NewRetry(maxAttempt)
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
		e := &TokenError{Audience: audience(options), Platform: m.platform, Selected: m.selected}
		e.explain(seen)
		return azcore.AccessToken{}, e
	}
	return token, nil
}

// exchange records what came of the last request for a managed identity's
// token, because the SDK's errors are texts of many lines with the facts
// somewhere in them.
type exchange struct {
	endpoint string
	response *http.Response
	err      error
}

type exchangeKey struct{}

// observer is the pipeline policy that fills in the exchange.
type observer struct{}

// Do implements [policy.Policy].
func (observer) Do(req *policy.Request) (*http.Response, error) {
	response, err := req.Next()
	if seen, ok := req.Raw().Context().Value(exchangeKey{}).(*exchange); ok {
		*seen = exchange{endpoint: address(*req.Raw().URL), response: response, err: err}
	}
	return response, err
}

// explain takes the facts out of what was seen, and not out of the SDK's error,
// whose text is not printed: it may quote an answer.
func (e *TokenError) explain(seen *exchange) {
	e.Endpoint, e.Err = seen.endpoint, errors.New("no request could be made: is MSI_ENDPOINT, or IDENTITY_ENDPOINT, an address?")
	switch {
	case seen.response != nil:
		e.Status = seen.response.StatusCode
		body, _ := runtime.Payload(seen.response) // which has been read
		_, unusable := parseToken(body, time.Now())
		e.NoToken = e.Status == http.StatusOK && unusable == errNoToken
		e.Code, _, e.Message = parseRefusal(body, endpointSecrets(seen.response.Request)...)
		e.Err = errRefused
	case seen.err != nil:
		e.Err = seen.err
	}
}

// endpointSecrets are what a request has shown the endpoint, and what no
// message may repeat.
func endpointSecrets(req *http.Request) []string {
	return []string{req.Header.Get("X-IDENTITY-HEADER"), req.Header.Get("Secret"), strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ")}
}
