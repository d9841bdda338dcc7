package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"azinject/transport"
)

// TokenError reports that no token was given.
type TokenError struct {
	// Audience of the token.
	Audience string
	// Selected is the credential and the identity that was asked for.
	Selected Selection
	// Platform of the managed identity endpoint or token proxy, "" if none was
	// asked.
	Platform Platform
	// Endpoint that was asked, without its query; "" if none was.
	Endpoint string
	// Status of the last answer, 0 if there was none. Code and Message are the
	// endpoint's own and may be "". Of Microsoft Entra's, Message is the first
	// sentence.
	Status  int
	Code    string
	Message string
	// AADSTS is Microsoft Entra's number for the reason, 0 if there is none.
	// Numbers may change, and are for hints only.
	// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
	AADSTS int
	// NoToken reports an answer of status 200 without an access token.
	NoToken bool
	// ForBinding reports that the service account's token, which was sent, is one
	// for AKS identity bindings. Microsoft Entra itself never takes it.
	ForBinding bool
	// Reason is what the endpoint says in a text that is known, "" if it does not.
	Reason Reason
	// Err is the cause. For command-line tools it may wrap [ErrNotInstalled] or
	// [ErrNotSignedIn].
	Err error
}

// Reason is how a text begins with which endpoints of Azure Machine Learning
// refuse. The status that comes with it is not documented.
type Reason string

// The reasons.
const (
	// NoIdentity reports a compute without a managed identity.
	// https://github.com/Azure/azure-sdk-for-python/issues/32921
	NoIdentity Reason = "InternalError"
	// NoSignIn reports a compute instance whose user's sign-in has ended, or is
	// turned off. https://github.com/Azure/azure-sdk-for-python/issues/33694
	NoSignIn Reason = "SSO failure"
	// WrongSecret reports that MSI_SECRET is not what the endpoint expects.
	// https://github.com/Azure/azure-sdk-for-net/issues/46932
	WrongSecret Reason = "Invalid secret token header"
)

// reasonIn returns the reason that a text begins with, "" if it is none.
func reasonIn(text string) Reason {
	for _, r := range []Reason{NoIdentity, NoSignIn, WrongSecret} {
		if strings.HasPrefix(strings.TrimSpace(text), string(r)) {
			return r
		}
	}
	return ""
}

// CodeDeveloper is the Code with which azlocal's endpoint refuses. Its messages
// say what to do.
const CodeDeveloper = "developer_sign_in"

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
	case e.Unconfirmed():
		text += " returned 200 with a token, but does not say that it is"
	case e.NoToken:
		text += " returned 200 without a token"
	default:
		text += " returned " + strings.TrimSpace(fmt.Sprint(e.Status, " ", e.Code))
	}
	if id := e.Selected.ID; id != nil && e.Selected.Kind == ManagedIdentity {
		text += fmt.Sprintf(" for the identity %s (%s)", id, e.Selected.Variable)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// source returns in words who was asked.
func (e *TokenError) source() string {
	if e.Platform == IdentityBinding {
		return "the token proxy of " + string(e.Platform)
	}
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
		return "the managed identity endpoint of " + string(e.Platform)
	}
}

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// Absent reports whether this machine has no identity endpoint: nothing answers
// at the address of IMDS, or only Docker Desktop's stand-in. It is false where
// variables show a platform.
func (e *TokenError) Absent() bool {
	if e.Platform != IMDS {
		return false
	}
	if failed, ok := errors.AsType[*transport.Error](e.Err); ok {
		return failed.Cause == transport.NoConnection
	}
	return e.Status == http.StatusForbidden
}

// Unconfirmed reports whether Azure Arc's agent gave a token that need not be the
// selected identity's. Old agents ignore which identity a request is for.
func (e *TokenError) Unconfirmed() bool {
	return e.Status == http.StatusOK && !e.NoToken && e.Selected.ID != nil
}

// OnBehalfOf reports whether the job's user could be asked instead, because the
// platform has set OBO_ENDPOINT.
func (e *TokenError) OnBehalfOf() bool {
	return e.Selected.Kind == ManagedIdentity && os.Getenv(onBehalfOfVariable) != ""
}

// Application reports whether an application could sign in instead, because its
// secret is in the environment.
func (e *TokenError) Application() bool {
	return e.Selected.Kind == ManagedIdentity && os.Getenv(ClientSecretVariable) != ""
}

// Transient reports whether more time might have led to another answer.
func (e *TokenError) Transient() bool {
	if failed, ok := errors.AsType[*transport.Error](e.Err); ok {
		return transport.Patience(failed.Cause) > 0
	}
	return transport.Transient(e.Status) || e.Selected.Kind == ManagedIdentity && onIMDS() && imdsTransient(e.Status)
}

// address returns u for messages, without the parts that may be secret.
func address(u url.URL) string {
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
