package identity

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// The variables of an AKS identity binding, which AKS' webhook sets together with
// those of workload identity.
// https://learn.microsoft.com/azure/aks/identity-bindings-concepts
const (
	proxyVariable  = "AZURE_KUBERNETES_TOKEN_PROXY"
	nameVariable   = "AZURE_KUBERNETES_SNI_NAME"
	caFileVariable = "AZURE_KUBERNETES_CA_FILE"
	caDataVariable = "AZURE_KUBERNETES_CA_DATA"
)

// bindingAudience is the audience of a service account's token for a binding.
const bindingAudience = "api://AKSIdentityBinding"

// IdentityBinding is the [Platform] of [WorkloadIdentity] with an AKS identity
// binding.
const IdentityBinding Platform = "an AKS identity binding"

// binding is the token proxy of an AKS identity binding, which requests go to
// instead of Microsoft Entra. Its rules are those of the SDK's
// WorkloadIdentityCredential with EnableAzureProxy.
type binding struct {
	proxy  string // its address, without a slash at the end
	name   string // in the proxy's certificate, "" for the name of its host
	caFrom string // the variable of the only CA, "" for the usual roots
	caFile string

	mu     sync.Mutex
	ca     string           // in PEM format
	client transport.Client // trusts ca, and is zero at first
}

// bindingVariable returns the first variable of a binding that is set, "" if none
// is.
func bindingVariable(getenv func(string) string) string {
	for _, name := range []string{proxyVariable, nameVariable, caFileVariable, caDataVariable} {
		if getenv(name) != "" {
			return name
		}
	}
	return ""
}

// alone returns the mistake that variable is not set, although another variable
// of a binding is.
func alone(variable, other string) error {
	return mistake(variable, "not set, but "+other+" is; AKS' webhook sets both in pods with the annotation azure.workload.identity/use-identity-binding: \"true\", so set neither yourself")
}

// readBinding reads the binding, nil if no variable of one is set.
func readBinding(getenv func(string) string) (*binding, error) {
	b := &binding{name: getenv(nameVariable), caFile: getenv(caFileVariable), ca: getenv(caDataVariable)}
	b.proxy = strings.TrimRight(getenv(proxyVariable), "/")
	first := bindingVariable(getenv)
	switch {
	case first == "":
		return nil, nil
	case first != proxyVariable:
		return nil, alone(proxyVariable, first)
	case !isAuthority(b.proxy):
		return nil, mistake(proxyVariable, "write the https address of the token proxy, without user, query and fragment")
	case strings.ContainsFunc(b.name, isOther):
		return nil, mistake(nameVariable, "write the host name in the token proxy's certificate, and nothing else")
	case b.caFile != "" && b.ca != "":
		return nil, mistake(caFileVariable, caDataVariable+" is set too; remove one of the two, or leave one empty if AKS' webhook sets both")
	case b.caFile != "" && !isPath(b.caFile):
		return nil, mistake(caFileVariable, "write the path of a file, which begins with a slash; certificates themselves go into "+caDataVariable)
	case b.caFile != "":
		b.caFrom = caFileVariable
	case b.ca != "":
		b.caFrom = caDataVariable
	}
	return b, nil
}

// Do implements [policy.Transporter].
func (b *binding) Do(req *http.Request) (*http.Response, error) {
	client, err := b.trusting()
	if err != nil {
		return nil, err
	}
	return client.Do(req)
}

// trusting returns the client for the CA as it is now. It reads a file every
// time, because Kubernetes renews it. While the file is empty, which it may be for
// a moment, it returns the last client. The error is a [*SelectionError].
func (b *binding) trusting() (transport.Client, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ca, isNew := b.ca, b.client.Client == nil
	var err error
	if b.caFile != "" {
		if ca, err = readSmallFile(b.caFile, "certificates"); ca == "" {
			ca = b.ca
		}
	}
	if err == nil && ca == b.ca && !isNew {
		return b.client, nil
	}
	var only *x509.CertPool
	if b.caFrom != "" {
		only = x509.NewCertPool()
		if err == nil && !only.AppendCertsFromPEM([]byte(ca)) {
			err = errors.New(cmp.Or(b.caFile, "this") + " contains no certificate in PEM format")
		}
	}
	if err != nil {
		return b.client, &SelectionError{b.caFrom, fmt.Errorf("%w; leave this to AKS' webhook", err)}
	}
	if !isNew {
		b.client.CloseIdleConnections()
	}
	b.ca, b.client = ca, transport.ForServer(b.name, only, maxTokens, transport.MaxToken)
	return b.client, nil
}

// isForBinding reports whether a service account's token is for a binding.
func isForBinding(token string) bool {
	var claims struct{ Aud any } // a string or an array
	return parsePayload(token, &claims) && strings.Contains(fmt.Sprint(claims.Aud), bindingAudience)
}

var _ policy.Transporter = (*binding)(nil)
