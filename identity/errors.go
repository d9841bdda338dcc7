package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"azinject/transport"
)

// TokenError reports that there is no token.
type TokenError struct {
	// Audience of the token.
	Audience string
	// Selected says what kind of credential was asked, and for which identity.
	Selected Selection
	// Platform whose identity endpoint was asked, if it was a managed
	// identity's.
	Platform Platform
	// Endpoint that was asked, without its query; "" if none was.
	Endpoint string
	// Status of the last answer, 0 if there was none; Code and Message are the
	// endpoint's own and may be empty. Of what Microsoft Entra says, Message is
	// the first sentence.
	Status  int
	Code    string
	Message string
	// AADSTS is the number that Microsoft Entra has for the reason, 0 if there
	// is none. Numbers may change, and are for hints only.
	// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
	AADSTS int
	// NoToken says that an answer of status 200 had no access token in it.
	NoToken bool
	// Err is the cause. For command-line tools it wraps [ErrNotInstalled] or
	// [ErrNotSignedIn], or neither.
	Err error
}

// Why a command-line tool gives no token.
var (
	ErrNotInstalled = errors.New("not installed, or not in PATH")
	ErrNotSignedIn  = errors.New("it asks for a sign-in")
)

func (e *TokenError) Error() string {
	text := fmt.Sprintf("no token for %s: %s", e.Audience, e.source())
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

// source is who was asked.
func (e *TokenError) source() string {
	switch e.Selected.Kind {
	case WorkloadIdentity, Environment:
		return "Microsoft Entra"
	case OnBehalfOf:
		return "the on-behalf-of endpoint"
	case AzureCLI, Developer:
		return "Azure CLI"
	case AzureDeveloperCLI:
		return "Azure Developer CLI"
	default:
		return "the managed identity endpoint of " + e.Platform.String()
	}
}

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// Absent says whether there is no identity endpoint on this machine: nothing
// answers where IMDS would be, or what answers is Docker Desktop's stand-in. It
// is false for all that was named by a variable.
func (e *TokenError) Absent() bool {
	if e.Selected.Kind != ManagedIdentity || e.Platform != IMDS {
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
	return transport.Transient(e.Status) || e.Selected.Kind == ManagedIdentity && e.Platform == IMDS && imdsTransient(e.Status)
}

// address is u as messages name it, without what may be a secret in it.
func address(u url.URL) string {
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
