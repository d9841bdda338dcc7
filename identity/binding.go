package identity

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

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
// WorkloadIdentityCredential with EnableAzureProxy, except that the CA's file is
// read once: a start is over before Kubernetes renews it.
type binding struct {
	proxy  string // its address, without a slash at the end
	name   string // in the proxy's certificate, "" for the name of its host
	caFile string // of the only CA, "" for ca
	ca     string // in PEM format, "" for caFile or the usual roots
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
	}
	return b, nil
}

// client returns the client for the proxy. The error is a [*SelectionError].
func (b *binding) client() (transport.Client, error) {
	if b.caFile+b.ca == "" {
		return transport.ForServer(b.name, nil, maxTokens, transport.MaxToken), nil
	}
	variable, ca, err := caDataVariable, b.ca, error(nil)
	if b.caFile != "" {
		variable = caFileVariable
		ca, err = readSmallFile(b.caFile, "certificates")
	}
	only := x509.NewCertPool()
	if err == nil && !only.AppendCertsFromPEM([]byte(ca)) {
		err = errors.New(cmp.Or(b.caFile, "this") + " contains no certificate in PEM format")
	}
	if err != nil {
		return transport.Client{}, &SelectionError{variable, fmt.Errorf("%w; leave this to AKS' webhook", err)}
	}
	return transport.ForServer(b.name, only, maxTokens, transport.MaxToken), nil
}

// isForBinding reports whether a service account's token is for a binding.
func isForBinding(token string) bool {
	var claims struct{ Aud any } // a string or an array
	return parsePayload(token, &claims) && strings.Contains(fmt.Sprint(claims.Aud), bindingAudience)
}
