package identity

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

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
