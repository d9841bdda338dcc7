package identity

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

// newOnBehalfOf returns the credential for the user who submitted the job. The
// endpoint is on this machine, so it is never reached through a proxy. The
// protocol is not documented. It is that of AzureMLOnBehalfOfCredential in
// azure-ai-ml, which however ignores the status of an answer.
// https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/ml/azure-ai-ml/azure/ai/ml/identity
func newOnBehalfOf(selected Selection) *remote {
	return &remote{
		selected: selected,
		endpoint: address(*selected.endpoint),
		pipeline: newPipeline(transport.ForIdentity()),
		newRequest: func(ctx context.Context, options policy.TokenRequestOptions) (*policy.Request, string, error) {
			u := *selected.endpoint
			u.RawQuery = strings.TrimPrefix(u.RawQuery+"&resource="+url.QueryEscape(audience(options)), "&")
			req, err := runtime.NewRequest(ctx, http.MethodGet, u.String())
			return req, selected.endpoint.RawQuery, err
		},
	}
}
