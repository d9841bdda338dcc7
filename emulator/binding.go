package emulator

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What AKS sets for pods with an identity binding.
// https://learn.microsoft.com/azure/aks/identity-bindings-concepts
const (
	bindingAudience = "api://AKSIdentityBinding"
	// bindingPath is where the token proxy is, and bindingName the name in its
	// certificate. Both are made up, and clients have to use them.
	bindingPath = "/token-proxy"
	bindingName = "emulated.ests.aks"
	// bindingGroup is the API group in which a cluster's roles have the client IDs
	// of identities as resources.
	bindingGroup = "cid.wi.aks.azure.com"
)

// bindingIssuer returns the issuer that an identity trusts after it was bound to
// a cluster, and whose tokens only the proxy gets.
func (c *Config) bindingIssuer(clientID string) string {
	return "https://ib.oic.prod-aks.azure.com/" + c.tenant() + "/" + clientID
}

// tokenProxy is the proxy of AKS identity bindings, through which pods reach
// Microsoft Entra. It serves what the SDKs request, and only over connections for
// its own name. What it sends when it refuses is not documented. It is assumed to
// be the Status of Kubernetes' API, and to depend on the Host header.
type tokenProxy struct{ azure *Azure }

func (p *tokenProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	login, ok := p.azure.stores[storeHost(r)].(*entra)
	path, under := strings.CutPrefix(r.URL.Path, bindingPath)
	switch {
	case r.TLS == nil || r.TLS.ServerName != bindingName:
		writeStatus(w, http.StatusMisdirectedRequest, "", "the server name is not "+bindingName)
	case !ok || !under:
		writeStatus(w, http.StatusNotFound, "NotFound", "the server could not find the requested resource")
	default:
		r = r.Clone(r.Context()) // the log has the whole path
		r.URL.Path, r.URL.RawPath = path, ""
		if segments := segments(r.URL); isTokenPath(path) && len(segments) == 4 {
			p.exchange(login, segments[0], w, r)
		} else {
			login.ServeHTTP(w, r)
		}
	}
}

// exchange gets a token for a pod's own. The identity trusts the cluster, which
// authorizes the service account.
func (p *tokenProxy) exchange(login *entra, tenant string, w http.ResponseWriter, r *http.Request) {
	form, denied := login.form(r, tenant, r.ParseForm())
	if denied != nil {
		denied.write(w, r, login.issuer.now())
		return
	}
	payload, genuine := login.cluster.open(form.assertion)
	var a workloadClaims
	if err := json.Unmarshal(payload, &a); err != nil || !genuine || !slices.Contains(a.Audience, bindingAudience) || login.checkValidity(a) != nil {
		writeStatus(w, http.StatusUnauthorized, "Unauthorized", "Unauthorized")
		return
	}
	client := login.directory.clients[strings.ToLower(form.clientID)]
	if client == nil || client.bound == nil || client.bound.Subject != a.Subject {
		writeStatus(w, http.StatusForbidden, "Forbidden", fmt.Sprintf("%s.%s is forbidden: User %q cannot use-managed-identity resource %q in API group %q at the cluster scope",
			form.clientID, bindingGroup, a.Subject, form.clientID, bindingGroup))
		return
	}
	resource, denied := login.resource(form.scope)
	if denied != nil {
		denied.write(w, r, login.issuer.now())
		return
	}
	writeJSON(w, http.StatusOK, login.issue(client, resource, "2"))
}

// kubernetesStatus is a refusal of Kubernetes' API.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
type kubernetesStatus struct {
	Kind       string   `json:"kind"`
	APIVersion string   `json:"apiVersion"`
	Metadata   struct{} `json:"metadata"`
	Status     string   `json:"status"`
	Message    string   `json:"message"`
	Reason     string   `json:"reason,omitempty"`
	Code       int      `json:"code"`
}

func writeStatus(w http.ResponseWriter, status int, reason, message string) {
	writeJSON(w, status, kubernetesStatus{Kind: "Status", APIVersion: "v1", Status: "Failure", Message: message, Reason: reason, Code: status})
}

// bindingEnviron returns the variables that the webhook adds to a pod with an
// identity binding. The proxy has a CA of its own.
func (a *Azure) bindingEnviron(base string) ([]string, error) {
	environ, err := a.podEnviron(&FederatedCredential{a.config.clusterIssuer(), a.principal().bound.Subject, bindingAudience})
	if err != nil {
		return nil, err
	}
	ca, err := a.writeFile("ca.crt", a.binding.pem())
	return append(environ,
		"AZURE_KUBERNETES_TOKEN_PROXY="+base+bindingPath,
		"AZURE_KUBERNETES_SNI_NAME="+bindingName,
		"AZURE_KUBERNETES_CA_FILE="+ca,
	), err
}

// bindingTLS returns the proxy's side of TLS. Clients that do not name it get no
// connection.
func (a *Azure) bindingTLS() (config *tls.Config, err error) {
	if a.binding, err = newAuthority(a.config.Certificate); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName != bindingName {
			return nil, fmt.Errorf("no such host in the emulator: %q", hello.ServerName)
		}
		return a.binding.leaf(bindingName)
	}}, nil
}
