package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// assertionType is the only type of client assertions.
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// longestAssertion is the longest lifetime of another issuer's token.
const longestAssertion = 25 * time.Hour

// tokenForm is what a client sends to get a token.
type tokenForm struct{ clientID, scope, secret, assertion string }

// form returns the request's form. It ignores the URL's query. invalid is what
// parsing it returned.
func (e *entra) form(r *http.Request, tenant string, invalid error) (tokenForm, *denial) {
	id, secret := basic(r)
	q := r.PostForm
	f := tokenForm{cmp.Or(q.Get("client_id"), id), q.Get("scope"), cmp.Or(q.Get("client_secret"), secret), q.Get("client_assertion")}
	switch grant := q.Get("grant_type"); {
	case r.Method != http.MethodPost:
		return f, wrongMethod(r, "POST, OPTIONS")
	case tenant == "common" || tenant == "organizations": // status from memory
		return f, deny(http.StatusBadRequest, "invalid_request", "AADSTS50059: No tenant-identifying information found in either the request or implied by any provided credentials.")
	case !e.isTenant(tenant):
		return f, e.unknownTenant("invalid_request", tenant)
	case invalid != nil:
		return f, malformed()
	case grant == "":
		return f, lacking("grant_type")
	case grant != "client_credentials": // from memory
		return f, deny(http.StatusBadRequest, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant type '%s'.", grant)
	case f.clientID == "":
		return f, lacking("client_id")
	case f.scope == "":
		return f, lacking("scope")
	case f.assertion != "" && q.Get("client_assertion_type") == "": // unconfirmed
		return f, lacking("client_assertion_type")
	case f.assertion != "" && q.Get("client_assertion_type") != assertionType: // unconfirmed
		return f, malformed()
	}
	return f, nil
}

// basic returns the ID and secret of RFC 6749's Authorization header, which
// clients escape as in a URL.
func basic(r *http.Request) (id, secret string) {
	id, secret, _ = r.BasicAuth()
	id, badID := url.QueryUnescape(id)
	secret, badSecret := url.QueryUnescape(secret)
	if badID != nil || badSecret != nil {
		return "", ""
	}
	return id, secret
}

func lacking(parameter string) *denial {
	return deny(http.StatusBadRequest, "invalid_request", "AADSTS900144: The request body must contain the following parameter: '%s'.", parameter)
}

// wrongMethod returns a refusal whose text is from memory.
func wrongMethod(r *http.Request, right string) *denial {
	return deny(http.StatusBadRequest, "invalid_request", "AADSTS900561: The endpoint only accepts %s requests. Received a %s request.", right, r.Method)
}

func malformed() *denial {
	return deny(http.StatusBadRequest, "invalid_request", "AADSTS9002313: Invalid request. Request is malformed or invalid.")
}

// authenticate returns the value of the token's claim appidacr: 1 if the client
// has shown its secret, 2 if it has shown an assertion.
func (e *entra) authenticate(client *identity, f tokenForm) (proof string, denied *denial) {
	switch {
	case f.assertion != "":
		return "2", e.checkAssertion(client, f.assertion)
	case f.secret == "":
		return "", deny(http.StatusUnauthorized, "invalid_client", "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")
	case !e.directory.accepts(client, f.secret, e.issuer.now()):
		return "", deny(http.StatusUnauthorized, "invalid_client", "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", client.clientID)
	}
	return "1", nil
}

// checkAssertion checks that the client trusts the workload. What the service says
// where a client trusts several and not this one is unconfirmed: here it is about
// the last.
func (e *entra) checkAssertion(client *identity, assertion string) *denial {
	payload, genuine := e.cluster.open(assertion)
	var a workloadClaims
	if err := json.Unmarshal(payload, &a); err != nil {
		return deny(http.StatusBadRequest, "invalid_request", "AADSTS50027: JWT token is invalid or malformed.")
	}
	// status from memory
	denied := deny(http.StatusUnauthorized, "invalid_client", "AADSTS70025: The client '%s'(%s) has no configured federated identity credentials.", client.clientID, client.name)
	for _, trusted := range e.directory.federationsOf(client) {
		if denied = matchAssertion(a, trusted.FederatedCredential); denied == nil {
			break
		}
	}
	switch {
	case denied != nil:
		return denied
	case !genuine: // unconfirmed
		return deny(http.StatusUnauthorized, "invalid_client", "AADSTS50013: Assertion failed signature validation. [Reason - The key was not found.]")
	}
	return e.checkValidity(a)
}

// matchAssertion compares byte by byte, as the service has done since 2024,
// https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes.
func matchAssertion(a workloadClaims, trusted FederatedCredential) *denial {
	switch {
	case a.Issuer != trusted.Issuer:
		return mismatch("AADSTS700211", "issuer", a.Issuer, "")
	case !slices.Contains(a.Audience, trusted.Audience):
		return mismatch("AADSTS700212", "audience", strings.Join(a.Audience, ","), "")
	case a.Subject != trusted.Subject && strings.EqualFold(a.Subject, trusted.Subject):
		return mismatch("AADSTS7002138", "subject", a.Subject, " The subject matches with case-insensitive comparison, but not with case-sensitive comparison.")
	case a.Subject != trusted.Subject:
		return mismatch("AADSTS700213", "subject", a.Subject, "")
	}
	return nil
}

func mismatch(code, claim, value, more string) *denial {
	return deny(http.StatusUnauthorized, "invalid_client", "%s: No matching federated identity record found for presented assertion %s '%s'.%s Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
		code, claim, value, more)
}

func (e *entra) checkValidity(a workloadClaims) *denial {
	const layout = "2006-01-02T15:04:05.0000000Z"
	now, from, to := e.issuer.now(), time.Unix(a.NotBefore, 0), time.Unix(a.Expires, 0)
	switch {
	case to.Sub(time.Unix(a.IssuedAt, 0)) > longestAssertion:
		return deny(http.StatusBadRequest, "invalid_request", "AADSTS70023: External OIDC Provider token must have a lifetime of less than or equal to 1.01:00:00. Token issued at %d. Token expires on %d.", a.IssuedAt, a.Expires)
	case now.Before(from) || !now.Before(to):
		return deny(http.StatusUnauthorized, "invalid_client", "AADSTS700024: Client assertion is not within its valid time range. Current time: %s, assertion valid from %s, expiry time of assertion %s. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
			now.UTC().Format(layout), from.UTC().Format(layout), to.UTC().Format(layout))
	}
	return nil
}
