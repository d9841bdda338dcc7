package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"azinject/transport"
)

// Failure is what is wrong with a variable. The name is "" if it is not about
// one.
type Failure struct {
	Variable string
	Err      error
}

// ErrNotAsked reports an object that was never asked for, because the other
// objects of its store took all the time.
var ErrNotAsked = errors.New("time was up before it was asked for")

// FetchError reports that a store did not return an object.
type FetchError struct {
	Object Object
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Code and Message are the service's own, and may be "". If there are two
	// codes, Code is the inner one.
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
	words := statusWords(e.Status)
	if e.Denial() != NotDenied {
		words = statusWords(http.StatusForbidden) // with Foundry's 401 too
	}
	text += fmt.Sprintf("%s (%s)", words, strings.TrimSpace(fmt.Sprint(e.Status, " ", e.Code)))
	if e.Message != "" && !e.selfExplaining() {
		text += ": " + e.Message
	}
	return text
}

// selfExplaining reports whether the code says enough without the message, which
// is long and always the same for these. Foundry's says which of two permissions is
// missing.
func (e *FetchError) selfExplaining() bool {
	return e.Code == "SecretNotFound" || e.Denial() > DeniedOtherwise && e.Code != "" && e.Object.Kind != ProjectConnection
}

// Unwrap returns the cause.
func (e *FetchError) Unwrap() error { return e.Err }

// statusWords returns what a status means for whoever asked.
func statusWords(status int) string {
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
		return "redirected, and redirects are not followed"
	case status >= http.StatusInternalServerError:
		return "service error"
	default:
		return "request refused"
	}
}

// newFetchError takes the facts out of the SDK's error.
func newFetchError(o Object, err error) *FetchError {
	e := &FetchError{Object: o, Err: err}
	if token, ok := errors.AsType[*tokenError](err); ok {
		e.Err = token.error
	} else if refused, ok := errors.AsType[*transport.StatusError](err); ok {
		e.Status, e.Code, e.Message = refused.Status, refused.Code, refused.Message
	} else if request, ok := errors.AsType[*transport.Error](err); ok {
		e.Err = request // without the SDK's words around it
	} else if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		e.Err = transport.NewError(err)
	} else if err != ErrNotAsked && err != ErrNotText && err != errAnother {
		e.Err = errUnexpected // the SDK's words quote Go types
	}
	return e
}

// ValueError reports a secret or key in App Configuration whose value cannot be
// used. Of the value it quotes nothing except plain names of members.
type ValueError struct {
	Object Object
	Reason string
}

func (e *ValueError) Error() string { return e.Object.String() + ": " + e.Reason }

// PartError reports that a connection or endpoint has no such part.
type PartError struct {
	Object Object
	Part   Part
	Key    string
	// Have lists the first of the existing names, sorted.
	Have []string
	// AuthType of a connection, or auth_mode of an endpoint, without the credential.
	AuthType string

	more int      // names that Have does not list
	sent []string // which no name may repeat
}

func (e *PartError) Error() string {
	noun := kinds[e.Object.Kind].noun
	owner := fmt.Sprintf("%s %q", noun, e.Object.Name)
	if noun == endpointNoun && e.AuthType != "" {
		owner += " with auth_mode " + e.AuthType
	}
	if e.Part == Target {
		return owner + ": no target"
	}
	missing := "no metadata value "
	if e.Part == Credentials {
		missing = "no credential "
	}
	text := owner + ": " + missing + quoted(e.Key) + "; it has "
	switch {
	case len(e.Have) > 0:
		return text + listed(e.Have, len(e.Have)+e.more, transport.MaxLine-len(text), e.quoted)
	case e.more > 0:
		return text + fmt.Sprint(e.more, " others")
	case slices.Contains(entraTypes, e.AuthType):
		return text + "no secret: it signs in with Microsoft Entra (" + e.AuthType + ")"
	case e.AuthType != "":
		return text + "none, its auth type is " + e.quoted(e.AuthType)
	default:
		return text + "none"
	}
}

// entraTypes are the auth types of connections that sign in with Microsoft Entra.
var entraTypes = []string{"AAD", "ManagedIdentity", "ProjectManagedIdentity", "UserEntraToken", "AgenticIdentityToken", "AgenticIdentityToken_Preview"}

// listed returns as many of the names as fit into the bytes that are left. There
// may be more in all.
func listed(names []string, all, left int, quote func(string) string) string {
	const maxListed, more = 20, len(" and 1000000 more")
	var text strings.Builder
	for i, name := range names {
		if name = quote(name); i > 0 {
			name = ", " + name
		}
		if i == maxListed || text.Len()+len(name)+more > left {
			names = names[:i]
			break
		}
		text.WriteString(name)
	}
	if n := all - len(names); n > 0 {
		fmt.Fprintf(&text, " and %d more", n)
	}
	return text.String()
}

// quoted returns a name that came from the service in quotes. Only a name that
// repeats what was sent, or looks like a token, is changed.
func (e *PartError) quoted(name string) string {
	if cleaned := transport.Clean(name, e.sent...); cleaned != transport.OneLine(name) {
		name = cleaned
	}
	return quoted(name)
}

// quoted returns a name in quotes, or the beginning of a long one. Names are
// whatever the connection's author has chosen.
func quoted(name string) string {
	const maxName = 100
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return strconv.Quote(name)
}
