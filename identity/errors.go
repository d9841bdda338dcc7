package identity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/resolve/transport"
)

// TokenError reports that the identity endpoint gave no token.
type TokenError struct {
	// Audience of the token.
	Audience string
	// Platform whose identity endpoint was asked, and for which identity.
	Platform Platform
	Selected Selection
	// Endpoint that was asked, without its query; "" if none was.
	Endpoint string
	// Status of the last answer, 0 if there was none; Code and Message are
	// the endpoint's own and may be empty.
	Status  int
	Code    string
	Message string
	// NoToken says that an answer of status 200 had no access token in it.
	NoToken bool
	// Err is the cause.
	Err error
}

func (e *TokenError) Error() string {
	text := fmt.Sprintf("no token for %s: the managed identity endpoint of %s", e.Audience, e.Platform)
	if e.Endpoint != "" {
		text += " at " + e.Endpoint
	}
	switch {
	case e.Status == 0:
		return text + ": " + e.Err.Error()
	case e.Status == http.StatusOK && e.NoToken:
		return text + " answers 200, with no token in it"
	case e.Status == http.StatusOK:
		return text + " answers 200, in a form that is not understood"
	}
	text += " answers " + strings.TrimSpace(fmt.Sprint(e.Status, " ", e.Code))
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// Absent says whether there is no identity endpoint on this machine: nothing
// answers where IMDS would be, or what answers is Docker Desktop's stand-in.
func (e *TokenError) Absent() bool {
	if e.Platform != IMDS {
		return false
	}
	var failed *transport.Error
	if errors.As(e.Err, &failed) {
		return failed.Cause == transport.NoConnection
	}
	return e.Status == http.StatusForbidden
}

// Transient says whether another answer might have come with more time.
func (e *TokenError) Transient() bool {
	var failed *transport.Error
	if errors.As(e.Err, &failed) {
		return transport.Patience(failed.Cause) > 0
	}
	return transport.Transient(e.Status) || e.Platform == IMDS && imdsTransient(e.Status)
}

// exchange records what came of the last request for a token, because the
// SDK's errors are texts of many lines with the facts somewhere in them.
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
