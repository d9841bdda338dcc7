package emulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// operation is what Resource Manager does for requests of a form.
type operation struct {
	method string
	// path holds the segments in lower case, and * for a name. It begins with ~ if
	// any scope may come before it.
	path     string
	versions []string
	serve    func(*resourceManager, *armRequest) (any, *refusal)
}

// authorizationVersions lists api-versions of Microsoft.Authorization. Conditions
// came with the newer ones.
var authorizationVersions = []string{"2015-07-01", "2018-01-01-preview", "2018-07-01-preview", "2020-04-01-preview", "2022-04-01", "2022-05-01-preview"}

var operations = []operation{
	{"GET", "~/providers/microsoft.authorization/roleassignments", authorizationVersions, (*resourceManager).listAssignments},
	{"GET", "~/providers/microsoft.authorization/roleassignments/*", authorizationVersions, (*resourceManager).getAssignment},
	{"PUT", "~/providers/microsoft.authorization/roleassignments/*", authorizationVersions, (*resourceManager).putAssignment},
	{"GET", "~/providers/microsoft.authorization/roledefinitions", authorizationVersions, (*resourceManager).listRoles},
	{"GET", "~/providers/microsoft.authorization/roledefinitions/*", authorizationVersions, (*resourceManager).getRole},
	{"PUT", "~/providers/microsoft.authorization/roledefinitions/*", authorizationVersions, (*resourceManager).putRole},
	{"GET", "~/providers/microsoft.authorization/denyassignments", authorizationVersions, (*resourceManager).listDenials},
	{"POST", "~/providers/microsoft.authorization/checkaccess", []string{"2018-09-01-preview"}, (*resourceManager).checkAccess},
	{"POST", "/providers/microsoft.resourcegraph/resources", []string{"2021-03-01", "2022-10-01", "2024-04-01"}, (*resourceManager).graph},
	{"GET", "/tenants", subscriptionVersions, (*resourceManager).listTenants},
	{"GET", "/subscriptions", subscriptionVersions, (*resourceManager).listSubscriptions},
	{"GET", "/subscriptions/*", subscriptionVersions, (*resourceManager).getSubscription},
	{"GET", "/subscriptions/*/resources", []string{"2015-11-01", "2020-10-01", "2021-04-01", "2025-04-01"}, (*resourceManager).listResources},
	{"GET", "/subscriptions/*/providers/microsoft.keyvault/vaults", vaultManagement, listOf("Microsoft.KeyVault/vaults")},
	{"GET", "/subscriptions/*/providers/microsoft.appconfiguration/configurationstores", appConfigurationManagement, listOf("Microsoft.AppConfiguration/configurationStores")},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.appconfiguration/configurationstores/*", appConfigurationManagement, (*resourceManager).getResource},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.keyvault/vaults/*", vaultManagement, (*resourceManager).getResource},
	{"PUT", "/subscriptions/*/resourcegroups/*/providers/microsoft.keyvault/vaults/*", vaultManagement, (*resourceManager).putVault},
	{"PUT", "/subscriptions/*/resourcegroups/*/providers/microsoft.keyvault/vaults/*/accesspolicies/*", vaultManagement, (*resourceManager).putPolicies},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.managedidentity/userassignedidentities/*", identityVersions, (*resourceManager).getResource},
	{"PUT", "/subscriptions/*/resourcegroups/*/providers/microsoft.managedidentity/userassignedidentities/*/federatedidentitycredentials/*", identityVersions[1:], (*resourceManager).putFederation},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.cognitiveservices/accounts/*/projects/*", foundryManagement, (*resourceManager).getResource},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.machinelearningservices/workspaces/*", armVersions, (*resourceManager).getResource},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.machinelearningservices/workspaces/*/onlineendpoints/*", armVersions, (*resourceManager).getResource},
	{"GET", "/subscriptions/*/resourcegroups/*/providers/microsoft.machinelearningservices/workspaces/*/computes/*", armVersions, (*resourceManager).getResource},
}

// vaultManagement lists api-versions of Microsoft.KeyVault.
var vaultManagement = []string{"2019-09-01", "2021-10-01", "2022-07-01", "2023-02-01", "2023-07-01", "2024-11-01", "2026-02-01"}

// appConfigurationManagement lists api-versions of Microsoft.AppConfiguration.
var appConfigurationManagement = []string{"2022-05-01", "2023-03-01", "2024-05-01"}

// foundryManagement lists api-versions of Microsoft.CognitiveServices with projects.
var foundryManagement = []string{"2025-04-01-preview", "2025-06-01"}

// identityVersions lists api-versions of Microsoft.ManagedIdentity. The first has
// no federated credentials.
var identityVersions = []string{"2018-11-30", "2022-01-31-preview", "2023-01-31", "2024-11-30"}

// armRequest is a request for an operation.
type armRequest struct {
	*http.Request
	caller claims
	path   []string // segments
	scope  string   // before what ~ stands for; "/" for the root
}

// name returns the last segment.
func (r *armRequest) name() string { return r.path[len(r.path)-1] }

// id returns the path as an ARM ID, in the caller's spelling.
func (r *armRequest) id() string { return "/" + strings.Join(r.path, "/") }

// operate serves everything except calls on what is in a workspace.
func (m *resourceManager) operate(r *http.Request, caller claims) (any, *refusal) {
	request := &armRequest{Request: r, caller: caller, path: segments(r.URL)}
	var allowed []string
	for _, o := range operations {
		if !o.matches(request) {
			continue
		}
		if o.method != r.Method {
			allowed = append(allowed, o.method)
			continue
		}
		if version := r.URL.Query().Get("api-version"); !slices.Contains(o.versions, strings.ToLower(version)) {
			return nil, refuse(http.StatusBadRequest, "InvalidResourceType", "The resource type could not be found in the namespace for api version '%s'. The supported api-versions are '%s'.",
				version, strings.Join(o.versions, ","))
		}
		return o.serve(m, request)
	}
	if allowed != nil {
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The requested resource does not support http method '%s'.", r.Method).with("Allow", strings.Join(allowed, ", "))
	}
	return nil, unknownType()
}

func unknownType() *refusal {
	return refuse(http.StatusNotFound, "InvalidResourceType", "The emulator has no such resource type or action.")
}

// matches reports whether the request has the operation's path, and if so sets
// the scope.
func (o *operation) matches(r *armRequest) bool {
	form, extension := strings.CutPrefix(o.path, "~")
	wanted := strings.Split(strings.Trim(form, "/"), "/")
	at := len(r.path) - len(wanted)
	if at < 0 || at > 0 && !extension || at%2 == 1 {
		return false
	}
	for i, word := range wanted {
		if word != "*" && !strings.EqualFold(word, r.path[at+i]) {
			return false
		}
	}
	r.scope = "/" + strings.Join(r.path[:at], "/")
	return true
}

// created is sent with status 201.
type created struct{ any }

// authorize refuses a caller without a role for the action on the scope.
func (m *resourceManager) authorize(caller claims, action, scope string) *refusal {
	if m.rights.allows(caller.ObjectID, action, false, scope) {
		return nil
	}
	return forbidden(caller, action, scope)
}

// pageSize is how much of a list comes at a time.
const pageSize = 20

// listing is a page of a list.
type listing struct {
	Value    []any  `json:"value"`
	NextLink string `json:"nextLink,omitempty"`
}

// page returns the page of a list that the request asks for.
func (r *armRequest) page(all []any) (any, *refusal) {
	query := r.URL.Query()
	from, err := strconv.Atoi(query.Get("$skipToken"))
	if query.Get("$skipToken") != "" && (err != nil || from < 0 || from > len(all)) {
		return nil, refuse(http.StatusBadRequest, "InvalidSkipToken", "The skip token is invalid.") // wording unconfirmed
	}
	to := min(from+pageSize, len(all))
	l := listing{Value: append([]any{}, all[from:to]...)}
	if to < len(all) {
		query.Set("$skipToken", strconv.Itoa(to))
		l.NextLink = "https://" + r.Host + r.URL.EscapedPath() + "?" + query.Encode()
	}
	return l, nil
}

// decode reads the request's body.
func (r *armRequest) decode(into any) *refusal {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		return refuse(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized.")
	}
	return nil
}
