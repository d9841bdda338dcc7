package identity

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"azinject/resolve/transport"
)

// maxTokens is how many tokens are asked for at the same time: for vaults and
// for Resource Manager.
const maxTokens = 2

// newEntra returns the credential for an application, which asks Microsoft
// Entra with the request that the SDK's would make; that one takes half a megabyte of
// program more. Instance discovery, an unauthenticated request to ask whether the authority is one of
// Microsoft's, is not made: the address is either that of a cloud, and known, or the deployment's own,
// perhaps of a network where nobody could say. Nor is there an address for a
// region (AZURE_REGIONAL_AUTHORITY_NAME), or a token of another tenant than the application's own.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
func newEntra(selected Selection) (azcore.TokenCredential, error) {
	a := selected.application
	address := a.authority + "/" + a.tenant + "/oauth2/v2.0/token"
	prove, err := a.prover()
	if err != nil {
		return nil, err
	}
	return &remote{
		selected: selected,
		endpoint: a.authority,
		pipeline: newPipeline(transport.ForStore(maxTokens)),
		newRequest: func(ctx context.Context, options policy.TokenRequestOptions) (*policy.Request, string, error) {
			form := url.Values{
				"grant_type": {"client_credentials"},
				"client_id":  {a.client},
				"scope":      options.Scopes,
			}
			proof, err := prove(form)
			if err != nil {
				return nil, "", err
			}
			req, err := runtime.NewRequest(ctx, http.MethodPost, address)
			if err != nil {
				return nil, "", err
			}
			return req, proof, req.SetBody(body(form), "application/x-www-form-urlencoded")
		},
	}, nil
}

// prover returns a function that puts the application's proof into a form, and
// returns it too. A service account's token is read now, so that a file which is not there fails before
// anything is asked, and every time, because it is renewed.
func (a *application) prover() (func(form url.Values) (proof string, err error), error) {
	if a.secret != nil {
		return func(form url.Values) (string, error) {
			form.Set("client_secret", a.secret())
			return a.secret(), nil
		}, nil
	}
	if _, err := a.readTokenFile(); err != nil {
		return nil, err
	}
	return func(form url.Values) (string, error) {
		assertion, err := a.readTokenFile()
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		return assertion, err
	}, nil
}

func body(form url.Values) io.ReadSeekCloser {
	return streaming.NopCloser(strings.NewReader(form.Encode()))
}
