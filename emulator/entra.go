package emulator

import (
	"net/http"
	"strings"
)

// entra is the part of Microsoft Entra where applications and people sign in, in
// one cloud,
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
// It has one tenant, the same in every cloud. Its refusals quote the service as
// recorded since 2023, unless a comment says otherwise.
type entra struct {
	cloud     cloud
	issuer    *issuer
	cluster   signer // signs the assertions of workloads
	directory *directory
	resources map[string]bool
}

func (e *entra) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var answer any
	var denied *denial
	switch parts := segments(r.URL); {
	case isTokenPath(r.URL.Path) && len(parts) == 4:
		answer, denied = e.token(r, parts[0])
	case isDevicePath(r.URL.Path) && len(parts) == 4:
		answer, denied = e.startSignIn(r, parts[0])
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

// entraToken is the token endpoint's response.
type entraToken struct {
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	ExtExpiresIn int64  `json:"ext_expires_in"`
	AccessToken  string `json:"access_token"`
}

// token serves the second version's token endpoint. It issues tokens of the
// first version, because that is what Key Vault and Resource Manager ask for.
// The order of the checks is not documented.
func (e *entra) token(r *http.Request, tenant string) (any, *denial) {
	invalid := r.ParseForm()
	if grant := r.PostForm.Get("grant_type"); grant == deviceGrant || grant == refreshGrant {
		return e.finishSignIn(r, tenant, invalid)
	}
	form, denied := e.form(r, tenant, invalid)
	if denied != nil {
		return nil, denied
	}
	client := e.directory.clients[strings.ToLower(form.clientID)]
	if client == nil {
		return nil, e.unknownApplication(form.clientID)
	}
	proof, denied := e.authenticate(client, form)
	if denied != nil {
		return nil, denied
	}
	resource, denied := e.resource(form.scope)
	if denied != nil {
		return nil, denied
	}
	return e.issue(client, resource, proof), nil
}

// issue returns a token's response. proof is the claim appidacr.
func (e *entra) issue(client *identity, resource, proof string) entraToken {
	c := e.issuer.claims(client, resource, shortLifetime)
	c.AppIDACR = proof
	lifetime := int64(shortLifetime.Seconds())
	return entraToken{"Bearer", lifetime, lifetime, e.issuer.sign(c)}
}

func (e *entra) unknownApplication(id string) *denial {
	return deny(http.StatusBadRequest, "unauthorized_client", "AADSTS700016: Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
		id, e.issuer.tenant)
}

// isTenant reports whether the name is the tenant's ID. The service also accepts
// a domain, which this tenant does not have.
func (e *entra) isTenant(name string) bool { return strings.EqualFold(name, e.issuer.tenant) }

// unknownTenant returns the refusal of a wrong tenant. Its code differs between
// discovery and tokens.
func (e *entra) unknownTenant(code, name string) *denial {
	return deny(http.StatusBadRequest, code, "AADSTS90002: Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", name)
}

// resource returns the only resource in a scope. Clients add OpenID Connect's
// scopes, which it ignores.
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
