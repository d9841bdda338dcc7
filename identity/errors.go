package identity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// TokenError reports that the identity endpoint gave no token.
type TokenError struct {
	// Audience of the token.
	Audience string
	// Platform whose identity endpoint was asked, in words.
	Platform string
	// Endpoint that was asked, without its query; "" if none was.
	Endpoint string
	// Status of the last answer, 0 if there was none; Code and Message are
	// the endpoint's own and may be empty.
	Status  int
	Code    string
	Message string
	// Err is the cause.
	Err error
}

func (e *TokenError) Error() string {
	text := fmt.Sprintf("no token for %s from the managed identity endpoint of %s", e.Audience, e.Platform)
	if e.Endpoint != "" {
		text += " at " + e.Endpoint
	}
	switch {
	case e.Status == 0:
		return text + ": " + e.Err.Error()
	case e.Status == http.StatusOK:
		return text + ": the answer has no token in it (200)"
	}
	text += ": " + strings.TrimSpace(fmt.Sprint(e.Status, " ", e.Code))
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// exchange records the last request for a token, because the SDK's errors
// are texts of many lines with the facts somewhere in them.
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
		u := *req.Raw().URL
		u.User, u.RawQuery = nil, ""
		*seen = exchange{endpoint: u.String(), response: response, err: err}
	}
	return response, err
}

func newTokenError(scopes []string, platform string, seen *exchange, err error) *TokenError {
	e := &TokenError{Audience: audience(scopes), Platform: platform, Endpoint: seen.endpoint, Err: err}
	switch {
	case seen.response != nil:
		e.Status = seen.response.StatusCode
		e.Code, e.Message = endpointError(seen.response)
	case seen.err != nil:
		e.Err = seen.err
		var request *url.Error
		if errors.As(seen.err, &request) {
			e.Err = request.Err // without the address and its query
		}
	}
	return e
}

// endpointError reads what identity endpoints say in their error bodies:
// {"error", "error_description"} in IMDS and Arc, {"statusCode", "message"} in App Service,
// {"error": {"code", "message"}} elsewhere. Any other body gives nothing.
func endpointError(response *http.Response) (code, message string) {
	body, err := runtime.Payload(response)
	if err != nil {
		return "", ""
	}
	var answer struct {
		Error       json.RawMessage
		Description string `json:"error_description"`
		Message     string
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", ""
	}
	var nested struct{ Code, Message string }
	if json.Unmarshal(answer.Error, &nested) != nil {
		json.Unmarshal(answer.Error, &nested.Code)
	}
	message = cmp.Or(answer.Description, nested.Message, answer.Message)
	return nested.Code, strings.Join(strings.Fields(message), " ")
}
