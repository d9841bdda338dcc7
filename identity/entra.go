package identity

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"

	"azinject/transport"
)

// maxTokens is how many tokens are requested at the same time: for vaults and
// for Resource Manager.
const maxTokens = 2

// newEntra returns the credential for an application. It makes its own request,
// because the SDK's credentials for a service account and a client secret would
// add 0.48 MB to the program. Unlike those it does no instance discovery (the
// authority is a cloud's, or named by the deployment), and knows no regional
// endpoints and no other tenants. With an AKS identity binding the same request
// goes to its proxy.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
func newEntra(selected Selection) (azcore.TokenCredential, error) {
	a := selected.application
	if _, err := a.prove(url.Values{}); err != nil {
		return nil, err // a missing file fails before any request
	}
	_, server, _ := strings.Cut(a.authority, "://")
	host, path, _ := strings.Cut(server+"/"+a.tenant+"/oauth2/v2.0/token", "/")
	endpoint, client := "https://"+host, policy.Transporter(transport.ForStore(maxTokens, transport.MaxToken))
	if a.binding != nil {
		endpoint, client = a.binding.proxy, a.binding
		if _, err := a.binding.trusting(); err != nil {
			return nil, err
		}
	}
	return &remote{
		selected: selected,
		endpoint: endpoint,
		pipeline: newPipeline(client),
		newRequest: func(ctx context.Context, options policy.TokenRequestOptions) (*policy.Request, string, error) {
			form := url.Values{
				"grant_type": {"client_credentials"},
				"client_id":  {a.client},
				"scope":      options.Scopes,
			}
			proof, err := a.prove(form)
			if err != nil {
				return nil, "", err
			}
			req, err := runtime.NewRequest(ctx, http.MethodPost, endpoint+"/"+path)
			if err != nil {
				return nil, "", err
			}
			req.Raw().Host = host // of Microsoft Entra, for the proxy too
			body := streaming.NopCloser(strings.NewReader(form.Encode()))
			return req, proof, req.SetBody(body, "application/x-www-form-urlencoded")
		},
	}, nil
}

// prove puts the application's proof into a form, and returns it too. It reads a
// service account's token every time, because Kubernetes renews it.
func (a *application) prove(form url.Values) (proof string, err error) {
	if a.secret != nil {
		form.Set("client_secret", a.secret())
		return a.secret(), nil
	}
	assertion, err := a.readTokenFile()
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", assertion)
	return assertion, err
}
