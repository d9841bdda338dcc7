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

// creation is when everything in the emulated Azure was made.
var creation = time.Date(2024, 3, 22, 14, 56, 56, 0, time.UTC)

// armVersions are api-versions of Microsoft.MachineLearningServices that have
// listsecrets.
var armVersions = []string{
	"2023-02-01-preview", "2023-04-01-preview", "2023-06-01-preview", "2023-08-01-preview", "2024-01-01-preview", "2024-04-01",
	"2024-04-01-preview", "2024-07-01-preview", "2024-10-01", "2024-10-01-preview", "2025-01-01-preview", "2025-04-01",
	"2025-04-01-preview", "2025-06-01", "2025-07-01-preview", "2025-12-01", "2026-03-01",
}

// A resourceManager is Azure Resource Manager with the workspaces of one
// subscription or more.
type resourceManager struct {
	cloud      cloud
	issuer     *issuer
	workspaces map[string]*workspace // :: lower-case ID → workspace
}

// A call is an action on something in a workspace,
// /subscriptions/S/resourceGroups/R/providers/P/workspaces/W/{connections|onlineEndpoints}/NAME/ACTION.
type call struct {
	path                                []string
	subscription, group, workspace      string
	collection, name, action, versionID string
}

// route is the literal parts of a call's path, lower case; "" is any name.
var route = []string{"subscriptions", "", "resourcegroups", "", "providers", "microsoft.machinelearningservices", "workspaces", "", "", "", ""}

// parseCall returns the call a request makes, false if it is of another form.
func parseCall(r *http.Request) (call, bool) {
	p := segments(r.URL)
	if len(p) != len(route) {
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

// scope is the ID of the first n path segments, in the caller's spelling.
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
		return nil, refuse(http.StatusNotFound, "InvalidResourceType", "The emulator has no such resource type or action.")
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

// authenticate refuses with ARM's codes and the header it sends with them.
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

// find returns the workspace of a call. What is missing is said only to those
// with a role above it: ARM authorizes a scope before it looks whether the
// scope exists, so a caller whose role is on one workspace is not told that
// another's name is misspelt.
func (m *resourceManager) workspaceOf(c call, caller claims) (*workspace, *refusal) {
	if ws := m.workspaces[strings.ToLower(c.prefix(8))]; ws != nil {
		return ws, nil
	}
	subscription, inSubscription := m.search(c.prefix(2))
	_, inGroup := m.search(c.prefix(4))
	switch {
	case !inSubscription && !isGUID(c.subscription):
		return nil, refuse(http.StatusBadRequest, "InvalidSubscriptionId", "The provided subscription identifier '%s' is malformed or invalid.", c.subscription)
	case !inSubscription:
		return nil, refuse(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", c.subscription)
	case !subscription:
		return nil, c.forbidden(caller)
	case !inGroup:
		return nil, refuse(http.StatusNotFound, "ResourceGroupNotFound", "Resource group '%s' could not be found.", c.group)
	}
	return nil, refuse(http.StatusNotFound, "ResourceNotFound", "The Resource 'Microsoft.MachineLearningServices/workspaces/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		c.workspace, c.group)
}

// look reports whether any workspace is under the scope, and whether one is
// that everybody may read, which stands for a role on the scope.
func (m *resourceManager) search(scope string) (open, exists bool) {
	prefix := strings.ToLower(scope) + "/"
	for id, ws := range m.workspaces {
		if strings.HasPrefix(id, prefix) {
			exists = true
			open = open || ws.connectionReaders == nil
		}
	}
	return open, exists
}

// forbidden is ARM's answer to a caller without a role. The end of the text is
// from memory.
func (c call) forbidden(caller claims) *refusal {
	action := map[string]string{"listsecrets": "connections/listsecrets", "listkeys": "onlineEndpoints/listKeys", "token": "onlineEndpoints/token"}[c.action]
	return refuse(http.StatusForbidden, "AuthorizationFailed", "The client '%s' with object id '%s' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/%s/action' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		cmp.Or(caller.UPN, caller.AppID), caller.ObjectID, action, c.prefix(10))
}
