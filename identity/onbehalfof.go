package identity

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

const (
	endpointVariable = "OBO_ENDPOINT"
	providerVariable = "AZUREML_DATAPREP_TOKEN_PROVIDER"
)

var (
	errNoJob       = errors.New("this is not set; Azure Machine Learning sets it in jobs that have identity: {type: user_identity}")
	errSpark       = errors.New("users' tokens of Spark jobs cannot be had by azinject; select another credential with " + CredentialSetting)
	errNotEndpoint = errors.New("this should be the address of Azure Machine Learning's on-behalf-of endpoint; it comes from the platform")
)

// readEndpoint reads where an Azure Machine Learning job gets its user's
// tokens. Jobs of Spark have another protocol.
func (s *Selection) readEndpoint(getenv func(string) string) error {
	if getenv(providerVariable) == "sparkobo" {
		return &SelectionError{providerVariable, errSpark}
	}
	value := getenv(endpointVariable)
	if value == "" {
		return &SelectionError{endpointVariable, errNoJob}
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !hasHost(u) {
		return &SelectionError{endpointVariable, errNotEndpoint}
	}
	s.endpoint = u
	return nil
}

// newOnBehalfOf returns the credential for the user who submitted the job. The
// endpoint is on this machine, and never reached through a proxy. The protocol
// is undocumented; this is that of AzureMLOnBehalfOfCredential in azure-ai-ml,
// except that an answer's status is not ignored.
// https://github.com/Azure/azure-sdk-for-python/tree/main/sdk/ml/azure-ai-ml/azure/ai/ml/identity
func newOnBehalfOf(selected Selection) *remote {
	query := selected.endpoint.RawQuery
	if query != "" {
		query += "&"
	}
	return &remote{
		selected: selected,
		endpoint: address(*selected.endpoint),
		pipeline: newPipeline(transport.ForIdentity()),
		newRequest: func(ctx context.Context, options policy.TokenRequestOptions) (*policy.Request, string, error) {
			u := *selected.endpoint
			u.RawQuery = query + "resource=" + url.QueryEscape(audience(options))
			req, err := runtime.NewRequest(ctx, http.MethodGet, u.String())
			return req, "", err
		},
	}
}
