package resolve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

// Failure is something wrong with the value of a variable.
type Failure struct {
	Variable string
	Err      error
}

// ErrNoWorkspace reports a reference that names no workspace in a container
// that does not know its own.
var ErrNoWorkspace = errors.New("the reference names no workspace and none is known: set AZINJECT_WORKSPACE " +
	"(AML_DEPLOYMENT_RESOURCE_ID and the AZUREML_ARM_ variables, which Azure Machine Learning sets, are not there)")

// ErrNotAsked reports an object that was never asked for, because all the time
// went by with others of its store.
var ErrNotAsked = errors.New("time was up before it was asked for")

// FetchError reports that a store did not give an object.
type FetchError struct {
	Object Object
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Code and Message are the service's own; Code is the inner one where there
	// are two. Both may be empty.
	Code    string
	Message string
	// Err is the cause.
	Err error
}

func (e *FetchError) Error() string {
	text := e.Object.String() + ": "
	if e.Status == 0 {
		return text + transport.OneLine(e.Err.Error())
	}
	text += fmt.Sprintf("%s (%s)", outcome(e.Status), strings.TrimSpace(fmt.Sprint(e.Status, " ", e.Code)))
	if e.Message != "" && !e.selfExplaining() {
		text += ": " + e.Message
	}
	return text
}

// selfExplaining says whether the code is known well enough to do without the
// message, which for these is long and the same every time.
func (e *FetchError) selfExplaining() bool {
	return e.Code == "SecretNotFound" || e.Denial() > DeniedOtherwise && e.Code != ""
}

// Unwrap returns the cause.
func (e *FetchError) Unwrap() error { return e.Err }

// outcome says in words what a status means for the one who asked.
func outcome(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "token refused"
	case status == http.StatusForbidden:
		return "access denied"
	case status == http.StatusNotFound:
		return "not found"
	case status == http.StatusTooManyRequests:
		return "throttled"
	case status >= http.StatusMultipleChoices && status < http.StatusBadRequest:
		return "redirected, which is not followed"
	case status >= http.StatusInternalServerError:
		return "service error"
	default:
		return "request refused"
	}
}

// newFetchError takes the facts out of what the SDK returned.
func newFetchError(o Object, err error) *FetchError {
	e := &FetchError{Object: o, Err: err}
	if token, ok := errors.AsType[*tokenError](err); ok {
		e.Err = token.error
	} else if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		e.Status = response.StatusCode
		if response.RawResponse != nil {
			e.Code, e.Message = serviceError(response.RawResponse)
		}
	} else if request, ok := errors.AsType[*transport.Error](err); ok {
		e.Err = request // without what the SDK says around it
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		e.Err = &transport.Error{Cause: transport.NoAnswer, Err: err}
	}
	return e
}

// serviceError reads the error in the body of an answer, in the format of
// Azure's services: {"error": {"code", "message", "innererror": {"code"}}}. Of
// any other body it returns nothing: that may be anything, and is not to be
// printed.
// https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#handling-errors
func serviceError(response *http.Response) (code, message string) {
	body, err := runtime.Payload(response)
	if err != nil {
		return "", ""
	}
	var answer struct {
		Error struct {
			Code       string
			Message    string
			InnerError struct{ Code string }
		}
	}
	if json.Unmarshal(body, &answer) != nil {
		return "", ""
	}
	code = answer.Error.Code
	if inner := answer.Error.InnerError.Code; inner != "" {
		code = inner
	}
	return transport.OneLine(code), transport.OneLine(answer.Error.Message)
}

// PartError reports that a connection or endpoint has no such part.
type PartError struct {
	Object Object
	Part   Part
	Key    string
	// Have lists the names that there are, sorted.
	Have []string
}

func (e *PartError) Error() string {
	kind := "connection"
	if e.Object.Kind != Connection {
		kind = "online endpoint"
	}
	text := fmt.Sprintf("%s %q: no %s", kind, e.Object.Name, strings.TrimSuffix(string(e.Part), "s"))
	if e.Part == Metadata {
		text = fmt.Sprintf("%s %q: no metadata value", kind, e.Object.Name)
	}
	if e.Key != "" {
		text += fmt.Sprintf(" %q", e.Key)
	}
	switch {
	case e.Part == Target:
		return text
	case len(e.Have) == 0:
		return text + "; it has none"
	}
	quoted := make([]string, min(len(e.Have), maxListed))
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%q", e.Have[i])
	}
	text += "; it has " + strings.Join(quoted, ", ")
	if more := len(e.Have) - len(quoted); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// maxListed is how many names a message lists.
const maxListed = 20
