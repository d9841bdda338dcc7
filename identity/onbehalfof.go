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

const providerVariable = "AZUREML_DATAPREP_TOKEN_PROVIDER"

// readEndpoint reads where an Azure Machine Learning job gets its user's tokens.
// Spark jobs have another protocol.
func (s *Selection) readEndpoint(getenv func(string) string) error {
	if getenv(providerVariable) == "sparkobo" {
		return mistake(providerVariable, "azinject cannot get the user's tokens in Spark jobs; select another credential with "+CredentialSetting)
	}
	value := getenv(onBehalfOfVariable)
	if value == "" {
		return mistake(onBehalfOfVariable, "not set; Azure Machine Learning sets it in jobs with identity: {type: user_identity}")
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !hasHost(u) {
		return mistake(onBehalfOfVariable, "this is not the address of Azure Machine Learning's on-behalf-of endpoint; do not set it yourself, the platform does")
	}
	s.endpoint = u
	return nil
}

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
