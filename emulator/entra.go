package emulator

import (
	"net/http"
	"strings"
)

// An entra is Microsoft Entra in one cloud, as far as applications sign in to
// it,
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
// It has one tenant, the same one in every cloud. Its refusals have the words
// that the service was seen to use since 2023, unless a comment says otherwise.
type entra struct {
	cloud     cloud
	issuer    *issuer
	cluster   signer               // of the assertions of workloads
	clients   map[string]*identity // :: lower-case client ID → application or managed identity
	resources map[string]bool
}

func newEntra(c *Config, in cloud, i *issuer, cluster signer) *entra {
	e := &entra{cloud: in, issuer: i, cluster: cluster, clients: map[string]*identity{}, resources: c.resources(in)}
	for name, id := range sorted(c.Identities) {
		if !id.User {
			full := c.identity(name)
			e.clients[strings.ToLower(full.clientID)] = full
		}
	}
	return e
}

func (e *entra) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var answer any
	var denied *denial
	switch parts := segments(r.URL); {
	case isTokenPath(r.URL.Path) && len(parts) == 4:
		answer, denied = e.token(r, parts[0])
	case strings.EqualFold(r.URL.Path, "/common/discovery/instance"):
		answer, denied = e.instance(r)
	case strings.HasSuffix(strings.ToLower(r.URL.Path), "/v2.0/.well-known/openid-configuration") && len(parts) == 4:
		answer, denied = e.configuration(r, parts[0])
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("X-Ms-Request-Id", traceID(r))
	if denied != nil {
		denied.write(w, r, e.issuer.now())
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

func isTokenPath(path string) bool {
	return strings.HasSuffix(strings.ToLower(path), "/oauth2/v2.0/token")
}

// An entraToken is the success of the token endpoint.
type entraToken struct {
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	ExtExpiresIn int64  `json:"ext_expires_in"`
	AccessToken  string `json:"access_token"`
}

// token answers a request for a token. In which order the service checks is not
// documented. Its second version issues tokens of the first to Key Vault and
// Resource Manager: the form is the resource's choice.
func (e *entra) token(r *http.Request, tenant string) (any, *denial) {
	form, denied := e.form(r, tenant)
	if denied != nil {
		return nil, denied
	}
	client := e.clients[strings.ToLower(form.clientID)]
	if client == nil {
		return nil, deny(http.StatusBadRequest, "unauthorized_client", "AADSTS700016: Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
			form.clientID, e.issuer.tenant)
	}
	proof, denied := e.authenticate(client, form)
	if denied != nil {
		return nil, denied
	}
	resource, denied := e.resource(form.scope)
	if denied != nil {
		return nil, denied
	}
	c := e.issuer.claims(client, resource, shortLifetime)
	c.AppIDACR = proof
	lifetime := int64(shortLifetime.Seconds())
	return entraToken{"Bearer", lifetime, lifetime, e.issuer.sign(c)}, nil
}

// isTenant compares as the service does, which takes the ID or a domain name;
// the one here has no domain.
func (e *entra) isTenant(name string) bool { return strings.EqualFold(name, e.issuer.tenant) }

// unknownTenant is refused with another code in discovery than when a token is
// asked for.
func (e *entra) unknownTenant(code, name string) *denial {
	return deny(http.StatusBadRequest, code, "AADSTS90002: Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", name)
}

// resource reads a scope, which names one resource. Clients add scopes of
// OpenID Connect, which have no meaning here.
func (e *entra) resource(scope string) (string, *denial) {
	var resources []string
	for _, s := range strings.Fields(scope) {
		switch resource, ok := strings.CutSuffix(s, "/.default"); {
		case s == "openid" || s == "offline_access" || s == "profile" || s == "email":
		case ok:
			resources = append(resources, resource)
		default:
			return "", invalidScope(scope)
		}
	}
	switch {
	case len(resources) == 0:
		return "", invalidScope(scope)
	case len(resources) > 1: // from memory
		return "", deny(http.StatusBadRequest, "invalid_scope", "AADSTS28000: Provided value for the input parameter scope is not valid because it contains more than one resource. Scope %s is not valid.", scope)
	case !e.resources[resources[0]]:
		return "", deny(http.StatusBadRequest, "invalid_resource", "%s", unknownResource(resources[0], e.issuer.tenant))
	}
	return resources[0], nil
}

func invalidScope(scope string) *denial {
	return deny(http.StatusBadRequest, "invalid_scope", "AADSTS1002012: The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
}
