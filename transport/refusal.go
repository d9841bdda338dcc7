package transport

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// StatusError is an answer with a status other than 200.
type StatusError struct {
	Status int
	// Code and Message are the service's own, and may be "".
	Code, Message string
	Challenge     string // the header WWW-Authenticate
}

func (e *StatusError) Error() string { return fmt.Sprint(e.Status, " ", e.Code, ": ", e.Message) }

// Refusals is the pipeline policy that turns answers with a status other
// than 200 into a [*StatusError]. The SDK would format their bodies, at any cost.
type Refusals struct{}

// Do implements [policy.Policy].
func (Refusals) Do(req *policy.Request) (*http.Response, error) {
	response, err := req.Next()
	if err != nil || response.StatusCode == http.StatusOK {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	code, message := ParseRefusal(body, Sent(response.Request)...)
	return nil, &StatusError{response.StatusCode, code, message, response.Header.Get("WWW-Authenticate")}
}

// word matches the codes of services.
var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w.-]{1,64}$`) })

// ParseRefusal returns the code and the message in the body of a refusal, in the
// formats of Azure's services: {"error": {"code", "message", "innererror":
// {"code"}}} of most, {"error", "error_description"} of Microsoft Entra, IMDS and
// Arc, {"statusCode", "message"} of App Service, {"type", "title", "detail"} of App
// Configuration. If there are two codes, it
// returns the inner one. It returns nothing of any other body, which might
// contain anything. The code is one word, and both are cleaned, of the secrets
// that were sent too.
// https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors
func ParseRefusal(body []byte, sent ...string) (code, message string) {
	var answer struct {
		Error       json.RawMessage
		Description string `json:"error_description"`
		Message     string
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", ""
	}
	var nested struct {
		Code, Message string
		InnerError    struct{ Code string }
	}
	if json.Unmarshal(answer.Error, &nested) != nil {
		json.Unmarshal(answer.Error, &nested.Code)
	}
	var problem struct{ Type, Title, Detail string }
	json.Unmarshal(body, &problem)
	_, kind, _ := strings.Cut(problem.Type, "https://azconfig.io/errors/")
	code, message = cmp.Or(nested.InnerError.Code, nested.Code, kind), cmp.Or(answer.Description, nested.Message, answer.Message, problem.Detail, problem.Title)
	if !word().MatchString(code) {
		code = ""
	}
	return Clean(code, sent...), Clean(message, sent...)
}
