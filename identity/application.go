package identity

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The variables of applications, which Kubernetes' workload identity webhook or
// the deployment sets.
// https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html
// https://learn.microsoft.com/azure/developer/go/sdk/authentication/authentication-overview
const (
	tenantVariable      = "AZURE_TENANT_ID"
	clientVariable      = "AZURE_CLIENT_ID"
	tokenFileVariable   = "AZURE_FEDERATED_TOKEN_FILE"
	certificateVariable = "AZURE_CLIENT_CERTIFICATE_PATH"
	userVariable        = "AZURE_USERNAME"
	passwordVariable    = "AZURE_PASSWORD"
	authorityVariable   = "AZURE_AUTHORITY_HOST"
)

// ClientSecretVariable contains the secret of an application, for [Environment].
const ClientSecretVariable = "AZURE_CLIENT_SECRET"

// application is a Microsoft Entra application and its proof: a client secret,
// or the token of a Kubernetes service account.
type application struct {
	authority string // https://HOST, without a slash at its end
	tenant    string
	client    string

	tokenFile string        // of a Kubernetes service account
	binding   *binding      // nil without an AKS identity binding
	secret    func() string // because a func cannot be printed by mistake
}

var (
	errNoWebhook = errors.New("not set; Kubernetes' workload identity webhook sets it in pods with the label azure.workload.identity/use: \"true\"")
	errNoClient  = errors.New("not set; add the annotation azure.workload.identity/client-id to the service account, from which Kubernetes' webhook takes it, or set " + Setting + " to the client ID")
)

// readWorkload reads the application that a Kubernetes service account stands
// for.
func (s *Selection) readWorkload(getenv func(string) string, authority string) error {
	if _, ok := s.ID.(azidentity.ClientID); s.ID != nil && !ok {
		return mistake(Setting, "WorkloadIdentityCredential takes a client ID only; for a managed identity, set "+CredentialSetting+" to ManagedIdentityCredential")
	}
	path := getenv(tokenFileVariable)
	switch other := bindingVariable(getenv); {
	case path == "" && other != "":
		return alone(tokenFileVariable, other)
	case path == "":
		return &SelectionError{tokenFileVariable, errNoWebhook}
	case !isPath(path):
		return mistake(tokenFileVariable, "write the path of a file, which begins with a slash")
	}
	b, err := readBinding(getenv)
	if err != nil {
		return err
	}
	return s.readClient(getenv, authority, &application{tokenFile: path, binding: b}, errNoClient, errNoWebhook)
}

var errIncomplete = errors.New("not set; EnvironmentCredential needs AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")

// readApplication reads an application with a secret.
func (s *Selection) readApplication(getenv func(string) string, authority string) error {
	secret := getenv(ClientSecretVariable)
	switch {
	case secret != "":
		return s.readClient(getenv, authority, &application{secret: func() string { return secret }}, errIncomplete, errIncomplete)
	case getenv(certificateVariable) != "":
		return mistake(certificateVariable, "azinject does not sign in with a certificate; set AZURE_CLIENT_SECRET, or select WorkloadIdentityCredential with "+CredentialSetting)
	case getenv(userVariable) != "":
		return mistake(userVariable, "azinject does not sign in with a user's name and password; set AZURE_CLIENT_SECRET")
	default:
		return &SelectionError{ClientSecretVariable, errIncomplete}
	}
}

// readClient reads what all applications have into a. noClient and noTenant are
// the errors for what is not set.
func (s *Selection) readClient(getenv func(string) string, authority string, a *application, noClient, noTenant error) error {
	if s.ID == nil {
		s.ID, s.Variable = azidentity.ClientID(getenv(clientVariable)), clientVariable
	}
	a.client, a.tenant = s.ID.String(), getenv(tenantVariable)
	host := getenv(authorityVariable)
	a.authority = strings.TrimRight(cmp.Or(host, authority), "/")
	switch {
	case a.client == "":
		return &SelectionError{s.Variable, noClient}
	case isWrapped(a.client):
		return &SelectionError{s.Variable, errWrapped}
	case !isGUID(a.client):
		return mistake(s.Variable, "write the client ID of an application or managed identity, a GUID")
	case a.tenant == "":
		return &SelectionError{tenantVariable, noTenant}
	case isWrapped(a.tenant):
		return &SelectionError{tenantVariable, errWrapped}
	case !isTenant(a.tenant):
		return mistake(tenantVariable, "write the ID of a Microsoft Entra tenant, a GUID, or one of its domain names")
	case host != "" && !isAuthority(host):
		return mistake(authorityVariable, "write an https address, such as https://login.microsoftonline.com/")
	}
	s.application = a
	return nil
}

// isAuthority checks the address that the proof is sent to.
func isAuthority(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Scheme == "https" && hasHost(u) && u.User == nil && !strings.ContainsAny(value, "?#") && !strings.Contains(u.Path, "..")
}

// hasHost reports whether u names a host, and no impossible port.
func hasHost(u *url.URL) bool {
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Hostname() != "" && (u.Port() == "" || err == nil)
}

// isTenant reports whether s is a tenant's ID or domain name. It refuses what
// would be another path of the address, and Microsoft Entra's words for any
// tenant, in which an application cannot sign in.
func isTenant(s string) bool {
	return isGUID(s) || !strings.ContainsFunc(s, isOther) && strings.Contains(strings.Trim(s, "."), ".")
}

// isOther reports whether r is never in a host name.
func isOther(r rune) bool {
	return !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.", r)
}

// TokenFileError reports that the file of a Kubernetes service account's token
// cannot be used.
type TokenFileError struct{ error }

// Unwrap returns the cause.
func (e *TokenFileError) Unwrap() error { return e.error }

// readTokenFile returns the service account's token. Kubernetes renews it in the
// file long before it expires. Nothing else that a file may contain is sent. The
// error is a [*SelectionError] that wraps a [*TokenFileError].
func (a *application) readTokenFile() (string, error) {
	token, err := readSmallFile(a.tokenFile, "a token")
	if err == nil && !isJWT(token) {
		err = errors.New(a.tokenFile + " does not contain a JSON Web Token")
	}
	if err != nil {
		return "", &SelectionError{tokenFileVariable, &TokenFileError{err}}
	}
	return token, nil
}

// isPath reports whether value can be the absolute path of a file. Reports quote
// the path of a file that cannot be read, and somebody may have set the variable
// to what belongs into the file.
func isPath(value string) bool {
	return strings.HasPrefix(value, "/") && !strings.ContainsFunc(value, unicode.IsControl)
}

// readSmallFile returns what a file contains, without the blanks around it, and
// "" if its size is 0. Reading anything but a regular file might never end, and
// neither might some files in /proc, whose size is 0.
func readSmallFile(path, what string) (string, error) {
	const maxSize = 64 << 10
	info, err := os.Stat(path)
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return "", fmt.Errorf("%s: %w", path, wrong.Err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxSize {
		return "", fmt.Errorf("%s is not a file with %s", path, what)
	}
	if info.Size() == 0 {
		return "", nil
	}
	content, err := os.ReadFile(path)
	return strings.TrimSpace(string(content)), err
}
