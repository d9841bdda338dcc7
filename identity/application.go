package identity

import (
	"cmp"
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The variables of applications, which Kubernetes' webhook for workload
// identities sets, or the one who deploys.
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

// ClientSecretVariable has the secret of an application, for [Environment].
const ClientSecretVariable = "AZURE_CLIENT_SECRET"

// application is a Microsoft Entra application and its proof: a client secret,
// or the token of a Kubernetes service account.
type application struct {
	authority string // https://HOST, without a slash at its end
	tenant    string
	client    string

	tokenFile string        // of a Kubernetes service account
	secret    func() string // because a func cannot be printed by mistake
}

var (
	errNoWebhook  = errors.New("this is not set; Kubernetes' webhook for workload identities sets it in pods that have the label azure.workload.identity/use: \"true\"")
	errIncomplete = errors.New("this is not set; EnvironmentCredential needs AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
)

// readWorkload reads the application that a Kubernetes service account stands
// for.
func (s *Selection) readWorkload(getenv func(string) string, authority string) error {
	if _, ok := s.ID.(azidentity.ClientID); s.ID != nil && !ok {
		return &SelectionError{Setting, errors.New("WorkloadIdentityCredential takes a client ID only; for a managed identity, set " + CredentialSetting + " to ManagedIdentityCredential")}
	}
	path := getenv(tokenFileVariable)
	if path == "" {
		return &SelectionError{tokenFileVariable, errNoWebhook}
	}
	// What is refused is not quoted, but the path of a file that cannot be read
	// is: it must not be the token itself.
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, unicode.IsControl) {
		return &SelectionError{tokenFileVariable, errors.New("write the path of a file, which begins with a slash")}
	}
	noClient := errors.New("this is not set; Kubernetes' webhook takes it from the annotation azure.workload.identity/client-id of the service account; " + Setting + " may have the client ID instead")
	return s.readClient(getenv, authority, &application{tokenFile: path}, noClient, errNoWebhook)
}

// readApplication reads an application with a secret.
func (s *Selection) readApplication(getenv func(string) string, authority string) error {
	secret := getenv(ClientSecretVariable)
	switch {
	case secret != "":
		return s.readClient(getenv, authority, &application{secret: func() string { return secret }}, errIncomplete, errIncomplete)
	case getenv(certificateVariable) != "":
		return &SelectionError{certificateVariable, errors.New("azinject does not sign in with a certificate; set AZURE_CLIENT_SECRET, or select WorkloadIdentityCredential with " + CredentialSetting)}
	case getenv(userVariable) != "":
		return &SelectionError{userVariable, errors.New("azinject does not sign in with a user's name and password, which Microsoft Entra refuses where it wants a second factor; set AZURE_CLIENT_SECRET")}
	default:
		return &SelectionError{ClientSecretVariable, errIncomplete}
	}
}

// readClient adds what all applications have. noClient and noTenant are the
// errors for what is not set.
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
	case !isGUID(a.client):
		return &SelectionError{s.Variable, errors.New("write the client ID of an application or managed identity, a GUID")}
	case a.tenant == "":
		return &SelectionError{tenantVariable, noTenant}
	case !isTenant(a.tenant):
		return &SelectionError{tenantVariable, errors.New("write the ID of a Microsoft Entra tenant, a GUID, or one of its domain names")}
	case host != "" && !isAuthority(host):
		return &SelectionError{authorityVariable, errors.New("write an https address, such as https://login.microsoftonline.com/")}
	}
	s.application = a
	return nil
}

// isAuthority checks the address that the proof is sent to.
func isAuthority(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Scheme == "https" && hasHost(u) && u.User == nil && !strings.ContainsAny(value, "?#") && !strings.Contains(u.Path, "..")
}

// hasHost says whether u names a host, and a port that there can be, if any.
func hasHost(u *url.URL) bool {
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Hostname() != "" && (u.Port() == "" || err == nil)
}

// isTenant refuses what would be another path of the address, and the words
// that Microsoft Entra has for any tenant, in which an application cannot sign
// in.
func isTenant(s string) bool {
	isOther := func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.", r)
	}
	return isGUID(s) || !strings.ContainsFunc(s, isOther) && strings.Contains(strings.Trim(s, "."), ".")
}

// readTokenFile returns the service account's token, which is renewed in the
// file long before it expires. The error is a [*SelectionError].
func (a *application) readTokenFile() (string, error) {
	const most = 64 << 10
	info, err := os.Stat(a.tokenFile)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > most) {
		// reading anything else might never end
		err = errors.New(a.tokenFile + " is not a file that a token could be in")
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(a.tokenFile)
	}
	token := strings.TrimSpace(string(content))
	if err == nil && token == "" {
		err = errors.New(a.tokenFile + " is empty")
	}
	if err != nil {
		return "", &SelectionError{tokenFileVariable, err}
	}
	return token, nil
}
