package identity

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"azinject/transport"
)

// newManagedIdentity returns the credential for a managed identity. Its endpoint
// is never reached through a proxy.
func newManagedIdentity(selected Selection) (azcore.TokenCredential, error) {
	var client policy.Transporter = transport.ForIdentity()
	if protocol() == managedidentity.ServiceFabric {
		// The SDK adds to it, to pin Service Fabric's certificate.
		client = transport.ForIdentity().Client
	}
	c, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
		ID:            selected.ID,
		ClientOptions: transport.Options(client, observer{}, managedRetry(onIMDS(), selected)),
	})
	if err != nil {
		return nil, mistake(endpointVariable, "do not set this or "+thumbprintVariable+" yourself: Service Fabric does, to an https address and the SHA-1 thumbprint of its certificate")
	}
	return &managedIdentity{c, selected}, nil
}

// guess is how long to look for an IMDS that may not exist. With the last attempt
// to connect it is just under 10 seconds.
const guess = 8900 * time.Millisecond

// managedRetry returns the policy that retries token requests. An endpoint that
// the platform names will come up. IMDS may not exist at all, but it does once it
// has answered. It is also taken to exist if an identity was asked for, and where
// variables show a platform: in Container Instances it may come up many seconds
// late.
func managedRetry(imds bool, selected Selection) *transport.Retry {
	r := newRetry()
	if !imds {
		return r
	}
	var exists atomic.Bool
	exists.Store(selected.Variable+selected.KindVariable != "" || selected.Platform() != IMDS)
	r.Again = func(status int) bool {
		exists.Store(true)
		return imdsTransient(status)
	}
	r.Patience = func(c transport.Cause) time.Duration {
		if c == transport.NoConnection && !exists.Load() {
			return guess
		}
		return transport.Patience(c)
	}
	return r
}

// imdsTransient reports whether a status is transient, including the two with
// which IMDS says that it is being updated.
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
func imdsTransient(status int) bool {
	return status == http.StatusNotFound || status == http.StatusGone || transport.Transient(status)
}

// managedIdentity is the SDK's credential with errors that are facts.
type managedIdentity struct {
	credential azcore.TokenCredential
	selected   Selection
}

// GetToken implements [azcore.TokenCredential].
func (m *managedIdentity) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	seen := &exchange{}
	token, err := m.credential.GetToken(context.WithValue(ctx, exchangeKey{}, seen), options)
	if err == nil {
		return token, nil
	}
	// The facts are those that were seen. The SDK's error may quote an answer.
	e := &TokenError{Audience: audience(options), Platform: m.selected.Platform(), Selected: m.selected, Endpoint: seen.endpoint, Err: cmp.Or(seen.err, errAddress)}
	if seen.response != nil {
		e.parse(seen.response)
	} else if isWithoutIdentity() {
		e.Reason, e.Err = NoIdentity, errNoIdentity
	}
	return azcore.AccessToken{}, e
}

var (
	errAddress    = errors.New("the endpoint's address is malformed, so no request could be made")
	errNoIdentity = errors.New("MSI_ENDPOINT is " + noResponder + ": this compute has no managed identity")
)

// exchange records the result of the last request for a managed identity's token,
// because the SDK's errors are texts of many lines.
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
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		return response, err
	}
	return response, simplify(response)
}

// simplify leaves of an answer only the token, when it expires, and the names with
// which Azure Arc confirms whose it is. The SDK panics if the answer is null, and
// refuses it if a member that nobody needs has another form, or if it expires on a
// date, which App Service's protocol of 2017 sends. The error is errNoToken.
func simplify(response *http.Response) error {
	body, _ := runtime.Payload(response) // already read
	token, err := parseToken(body, time.Now())
	if err != nil {
		return err
	}
	var answer map[string]any
	json.Unmarshal(body, &answer)
	simple := map[string]any{"access_token": token.Token, "expires_on": token.ExpiresOn.Unix()}
	for _, name := range []string{"client_id", "object_id", "msi_res_id", "mi_res_id"} {
		simple[name] = answer[name]
	}
	body, _ = json.Marshal(simple)
	response.Body = io.NopCloser(bytes.NewReader(body))
	runtime.Payload(response) // after which it can be read twice
	return nil
}
