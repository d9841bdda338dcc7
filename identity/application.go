package identity

import (
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
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
	secretVariable      = "AZURE_CLIENT_SECRET"
	certificateVariable = "AZURE_CLIENT_CERTIFICATE_PATH"
	userVariable        = "AZURE_USERNAME"
	passwordVariable    = "AZURE_PASSWORD"
	authorityVariable   = "AZURE_AUTHORITY_HOST"
)

// application is who Microsoft Entra is asked for tokens as, with one of
// two proofs.
type application struct {
	authority string // https://HOST, without a slash at its end
	tenant    string
	client    string

	tokenFile string        // of a Kubernetes service account
	secret    func() string // because a func cannot be printed by mistake
}

var (
	errNoWebhook    = errors.New("this is not set; Kubernetes' webhook for workload identities sets it in pods that have the label azure.workload.identity/use: \"true\"")
	errNoAnnotation = errors.New("this is not set; Kubernetes' webhook takes it from the annotation azure.workload.identity/client-id of the service account; " + Setting + " may have the client ID instead")
	errIncomplete   = errors.New("this is not set; EnvironmentCredential needs AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET")
	errCertificate  = errors.New("azinject does not sign in with a certificate; set AZURE_CLIENT_SECRET, or select WorkloadIdentityCredential with " + CredentialSetting)
	errPassword     = errors.New("azinject does not sign in with a user's name and password, which Microsoft Entra refuses where it wants a second factor; set AZURE_CLIENT_SECRET")
	errClientOnly   = errors.New("WorkloadIdentityCredential takes a client ID only; for a managed identity, set " + CredentialSetting + " to ManagedIdentityCredential")
	errNotClient    = errors.New("write the client ID of an application or managed identity, a GUID")
	errNotTenant    = errors.New("write the ID of a Microsoft Entra tenant, a GUID, or one of its domain names")
	errNotPath      = errors.New("write the path of a file, which begins with a slash")
	errNotAuthority = errors.New("write an https address, such as https://login.microsoftonline.com/")
	errReference    = errors.New("this is a reference to a secret, which only an identity can resolve; write the client secret itself, or select another credential with " + CredentialSetting)
)

// readWorkload reads the application that a Kubernetes service account stands for.
func (s *Selection) readWorkload(getenv func(string) string) error {
	if _, ok := s.ID.(azidentity.ClientID); s.ID != nil && !ok {
		return &SelectionError{Setting, errClientOnly}
	}
	path := getenv(tokenFileVariable)
	if err := checkPath(path, errNoWebhook); err != nil {
		return &SelectionError{tokenFileVariable, err}
	}
	return s.finish(getenv, &application{tokenFile: path}, errNoAnnotation, errNoWebhook)
}

// readApplication reads an application with a secret.
func (s *Selection) readApplication(getenv func(string) string) error {
	secret := getenv(secretVariable)
	switch {
	case isReference(secret):
		return &SelectionError{secretVariable, errReference}
	case secret != "":
		return s.finish(getenv, &application{secret: func() string { return secret }}, errIncomplete, errIncomplete)
	case getenv(certificateVariable) != "":
		return &SelectionError{certificateVariable, errCertificate}
	case getenv(userVariable) != "":
		return &SelectionError{userVariable, errPassword}
	default:
		return &SelectionError{secretVariable, errIncomplete}
	}
}

// finish adds what all applications have. noClient and noTenant are the errors
// for what is not set. Without an address of its own, Microsoft Entra is that of the cloud.
func (s *Selection) finish(getenv func(string) string, a *application, noClient, noTenant error) (err error) {
	if s.ID == nil {
		client := getenv(clientVariable)
		if !isGUID(client) {
			return &SelectionError{clientVariable, either(client == "", noClient, errNotClient)}
		}
		s.ID, s.Variable = azidentity.ClientID(client), clientVariable
	}
	a.client = s.ID.String()
	if a.tenant = getenv(tenantVariable); !isTenant(a.tenant) {
		return &SelectionError{tenantVariable, either(a.tenant == "", noTenant, errNotTenant)}
	}
	if host := getenv(authorityVariable); host != "" {
		if a.authority, err = parseAuthority(host); err != nil {
			return &SelectionError{authorityVariable, err}
		}
	} else {
		a.authority = strings.TrimRight(authorityOf(getenv("AZUREML_CURRENT_CLOUD")), "/")
	}
	s.application = a
	return nil
}

func authorityOf(name string) string {
	switch name {
	case "AzureChinaCloud":
		return cloud.AzureChina.ActiveDirectoryAuthorityHost
	case "AzureUSGovernment":
		return cloud.AzureGovernment.ActiveDirectoryAuthorityHost
	default:
		return cloud.AzurePublic.ActiveDirectoryAuthorityHost
	}
}

// parseAuthority checks the address that the proof is sent to.
func parseAuthority(value string) (string, error) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || !hasHost(u) || u.User != nil || strings.ContainsAny(value, "?#") || strings.Contains(u.Path, "..") {
		return "", errNotAuthority
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// hasHost says whether u names a host, and a port that there can be, if any.
func hasHost(u *url.URL) bool {
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return u.Hostname() != "" && (u.Port() == "" || err == nil)
}

// isTenant refuses what would be another path of the address, and the words
// that Microsoft Entra has for any tenant, in which an application cannot sign in.
func isTenant(s string) bool {
	isOther := func(r rune) bool {
		return !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.", r)
	}
	return isGUID(s) || !strings.ContainsFunc(s, isOther) && strings.Contains(strings.Trim(s, "."), ".")
}

// isReference finds what the one who deploys takes for a secret and has yet to
// be resolved. None of Microsoft Entra's client secrets looks like one.
func isReference(s string) bool {
	lower := strings.ToLower(s)
	return strings.Contains(s, "${{") || strings.HasPrefix(lower, "keyvault:") || strings.HasPrefix(lower, "azureml:") || strings.HasPrefix(lower, "@microsoft.keyvault(")
}

// checkPath refuses relative paths, because what is refused is not quoted, but
// the path of a file that cannot be read is: it must not be the content instead.
func checkPath(path string, missing error) error {
	switch {
	case path == "":
		return missing
	case !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, unicode.IsControl):
		return errNotPath
	default:
		return nil
	}
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

func either(condition bool, yes, no error) error {
	if condition {
		return yes
	}
	return no
}
