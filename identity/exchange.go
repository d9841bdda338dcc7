package identity

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// exchange records what came of the last request for a managed identity's
// token, because the SDK's errors are texts of many lines with the facts somewhere in them.
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

// explain takes the facts out of what was seen, or else out of the SDK's
// error, whose text is not printed: it may quote an answer.
func (e *TokenError) explain(seen *exchange, err error) {
	e.Endpoint, e.Err = seen.endpoint, errors.New("no request could be made: is MSI_ENDPOINT, or IDENTITY_ENDPOINT, an address?")
	switch {
	case seen.response != nil:
		e.Status = seen.response.StatusCode
		e.NoToken = e.Status == http.StatusOK && !hasToken(seen.response)
		e.Code, e.Message = endpointError(seen.response)
		e.Err = err
	case seen.err != nil:
		e.Err = seen.err
	}
}

func hasToken(response *http.Response) bool {
	body, err := runtime.Payload(response)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	return err == nil && json.Unmarshal(body, &answer) == nil && answer.AccessToken != ""
}

// endpointError reads why a managed identity endpoint gives no token.
func endpointError(response *http.Response) (code, message string) {
	body, err := runtime.Payload(response)
	if err != nil {
		return "", ""
	}
	code, message = parseError(body)
	return code, strings.Join(strings.Fields(message), " ")
}
