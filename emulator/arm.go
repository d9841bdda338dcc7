package emulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const location = "eastus"

// creation is when everything in the emulated Azure was created.
var creation = time.Date(2024, 3, 22, 14, 56, 56, 0, time.UTC)

// armVersions lists the api-versions of Microsoft.MachineLearningServices with
// listsecrets.
var armVersions = []string{
	"2023-02-01-preview", "2023-04-01-preview", "2023-06-01-preview", "2023-08-01-preview", "2024-01-01-preview", "2024-04-01",
	"2024-04-01-preview", "2024-07-01-preview", "2024-10-01", "2024-10-01-preview", "2025-01-01-preview", "2025-04-01",
	"2025-04-01-preview", "2025-06-01", "2025-07-01-preview", "2025-12-01", "2026-03-01",
}

// resourceManager is Azure Resource Manager with its workspaces.
type resourceManager struct {
	cloud      cloud
	issuer     *issuer
	workspaces map[string]*workspace // by lower-case ID
	rights     *authorization
	resources  resources
	directory  *directory
	answering  bool // checkAccess
}

// call is an action on something in a workspace,
// /subscriptions/S/resourceGroups/R/providers/P/workspaces/W/{connections|onlineEndpoints}/NAME/ACTION.
type call struct {
	path                                []string
	subscription, group, workspace      string
	collection, name, action, versionID string
}

// route holds the fixed segments of a call's path in lower case, and "" for
// names.
var route = []string{"subscriptions", "", "resourcegroups", "", "providers", "microsoft.machinelearningservices", "workspaces", "", "", "", ""}

// parseCall returns the call that the request makes. ok is false if its path
// has another form.
func parseCall(r *http.Request) (c call, ok bool) {
	p := segments(r.URL)
	if len(p) != len(route) || strings.EqualFold(p[8], "providers") {
		return call{}, false
	}
	for i, literal := range route {
		if literal != "" && !strings.EqualFold(literal, p[i]) {
			return call{}, false
		}
	}
	return call{
		path: p, subscription: p[1], group: p[3], workspace: p[7],
		collection: strings.ToLower(p[8]), name: p[9], action: strings.ToLower(p[10]),
		versionID: r.URL.Query().Get("api-version"),
	}, true
}

// prefix returns the first n path segments as a resource ID, in the caller's
// spelling.
func (c call) prefix(n int) string { return "/" + strings.Join(c.path[:n], "/") }

func (m *resourceManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ms-Request-Id", derivedGUID(r.URL.Path))
	answer, refused := m.act(r)
	reply(w, answer, refused)
}

func (m *resourceManager) act(r *http.Request) (any, *refusal) {
	caller, refused := m.authenticate(r.Header.Get("Authorization"))
	if refused != nil {
		return nil, refused
	}
	c, ok := parseCall(r)
	switch {
	case r.URL.Query().Get("api-version") == "":
		return nil, refuse(http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	case !ok:
		return m.operate(r, caller)
	case !slices.Contains(armVersions, strings.ToLower(c.versionID)):
		return nil, refuse(http.StatusBadRequest, "NoRegisteredProviderFound", "No registered resource provider found for location '%s' and API version '%s' for type 'workspaces'. The supported api-versions are '%s'. The supported locations are '%s'.",
			location, c.versionID, strings.Join(armVersions, ", "), location)
	case r.Method != http.MethodPost:
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The requested resource does not support http method '%s'.", r.Method).with("Allow", http.MethodPost)
	}
	ws, refused := m.workspaceOf(c, caller)
	if refused != nil {
		return nil, refused
	}
	return ws.act(c, caller)
}

// authenticate returns the token's claims, or refuses with ARM's codes and
// header.
func (m *resourceManager) authenticate(authorization string) (claims, *refusal) {
	token := bearer(authorization)
	if token == "" {
		return claims{}, m.unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
	}
	c, err := m.issuer.verify(token)
	const layout = "1/2/2006 3:04:05 PM"
	switch {
	case err == errTokenExpired:
		return c, m.unauthorized("ExpiredAuthenticationToken", fmt.Sprintf("The access token expiry UTC time '%s' is earlier than current UTC time '%s'.",
			time.Unix(c.Expires, 0).UTC().Format(layout), m.issuer.now().UTC().Format(layout)))
	case err != nil:
		return c, m.unauthorized("InvalidAuthenticationToken", "The access token is invalid.")
	case !slices.Contains(m.cloud.armAudiences, c.Audience):
		return c, m.unauthorized("InvalidAuthenticationTokenAudience", fmt.Sprintf("The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'.",
			c.Audience, strings.Join(m.cloud.armAudiences, "','")))
	}
	return c, nil
}

func (m *resourceManager) unauthorized(code, message string) *refusal {
	return refuse(http.StatusUnauthorized, code, "%s", message).with("WWW-Authenticate",
		fmt.Sprintf("Bearer authorization_uri=%q, error=\"invalid_token\", error_description=%q", m.cloud.authority+m.issuer.tenant, message))
}

// workspaceOf returns the call's workspace. ARM authorizes before it looks for
// the resource, so only a caller with a role on the subscription learns that a
// name is wrong. Others are forbidden.
func (m *resourceManager) workspaceOf(c call, caller claims) (*workspace, *refusal) {
	if ws := m.workspaces[strings.ToLower(c.prefix(8))]; ws != nil {
		return ws, nil
	}
	mayKnow, inSubscription := m.search(c.prefix(2))
	_, inGroup := m.search(c.prefix(4))
	switch {
	case !inSubscription && !isGUID(c.subscription):
		return nil, refuse(http.StatusBadRequest, "InvalidSubscriptionId", "The provided subscription identifier '%s' is malformed or invalid.", c.subscription)
	case !inSubscription:
		return nil, refuse(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", c.subscription)
	case !mayKnow:
		return nil, c.forbidden(caller)
	case !inGroup:
		return nil, refuse(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", c.group)
	}
	return nil, notFound("Microsoft.MachineLearningServices/workspaces/"+c.workspace, c.group)
}

// notFound returns ARM's refusal of a resource that a group does not contain.
func notFound(resource, group string) *refusal {
	return refuse(http.StatusNotFound, "ResourceNotFound", "The Resource '%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", resource, group)
}

// search reports whether a workspace exists below the ID, and whether everybody
// may read one there, which stands for a role on the ID.
func (m *resourceManager) search(id string) (open, exists bool) {
	prefix := strings.ToLower(id) + "/"
	for name, ws := range m.workspaces {
		if strings.HasPrefix(name, prefix) {
			exists = true
			open = open || ws.ConnectionReaders == nil
		}
	}
	return open, exists
}

// roleAction returns the action that a role must allow for the call.
func (c call) roleAction() string {
	name := map[string]string{"listsecrets": "connections/listsecrets", "listkeys": "onlineEndpoints/listKeys", "token": "onlineEndpoints/token"}[c.action]
	return "Microsoft.MachineLearningServices/workspaces/" + name + "/action"
}

func (c call) forbidden(caller claims) *refusal {
	return forbidden(caller, c.roleAction(), c.prefix(10))
}

// forbidden returns ARM's refusal of a caller without a role. The end of its
// text is from memory.
func forbidden(caller claims, action, scope string) *refusal {
	return refuse(http.StatusForbidden, "AuthorizationFailed", "The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		cmp.Or(caller.UPN, caller.AppID), caller.ObjectID, action, scope)
}
