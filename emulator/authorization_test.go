package emulator

import (
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	roleSubscription = "/subscriptions/00000000-1111-2222-3333-444444444444"
	roleGroup        = roleSubscription + "/resourceGroups/rg"
	roleWorkspace    = roleGroup + "/providers/Microsoft.MachineLearningServices/workspaces/ws1"
	roleVault        = roleGroup + "/providers/Microsoft.KeyVault/vaults/shut"
	getSecret        = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	listSecrets      = "Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action"
)

// roles is an Azure in which roles come in every way.
const roles = `
identities:
  direct: {}
  grouped: {}
  managed: {}
  owner: {client_secret: s}
  reader: {client_secret: s}
  custom: {}
  some: {}
  denied: {}
  lister: {}
attached: [direct]
groups: {inner: [grouped], outer: [inner]}
management_groups: {corp: [00000000-1111-2222-3333-444444444444]}
roles:
  wide: {data_actions: ["Microsoft.KeyVault/*/action"], not_data_actions: ["Microsoft.KeyVault/vaults/secrets/setSecret/action"]}
  narrow: {data_actions: ["Microsoft.KeyVault/*"], not_data_actions: ["*/getSecret/action"]}
role_assignments:
  - {principal: direct, role: Key Vault Secrets User, scope: shut}
  - {principal: outer, role: Key Vault Secrets User, scope: ` + roleGroup + `}
  - {principal: managed, role: Key Vault Secrets Officer, scope: /providers/Microsoft.Management/managementGroups/corp}
  - {principal: owner, role: Owner, scope: ` + roleSubscription + `}
  - {principal: reader, role: Reader, scope: /}
  - {principal: custom, role: narrow, scope: shut}
  - {principal: some, role: Key Vault Secrets User, scope: shut, condition: "@Resource[Microsoft.KeyVault/vaults/secrets:name] StringStartsWith 'app-'"}
  - {principal: denied, role: Key Vault Administrator, scope: shut}
  - {principal: lister, role: AzureML Data Scientist, scope: ` + roleWorkspace + `}
deny_assignments:
  - {name: locked, principals: [denied], scope: ` + roleGroup + `, data_actions: ["Microsoft.KeyVault/vaults/secrets/*"]}
vaults:
  shut: {readers: [], secrets: {db: x, app-db: x}}
  policy: {permission_model: access_policy, readers: [], secrets: {db: x}}
workspaces:
  ` + roleWorkspace + `:
    connection_readers: []
    endpoint_key_readers: []
    connections: {c: {auth_type: ApiKey, credentials: {key: k}}}
    online_endpoints: {e: {auth_mode: key, primary_key: p, identities: [direct]}}
`

func TestRolesTakeEffect(t *testing.T) {
	a := build(t, roles)
	for _, c := range []struct {
		who, secret string
		want        int
	}{
		{"direct", "db", 200}, {"grouped", "db", 200}, {"managed", "db", 200}, {"owner", "db", 403}, {"reader", "db", 403},
		{"custom", "db", 403}, {"some", "db", 403}, {"some", "app-db", 200}, {"denied", "db", 403}, {"lister", "db", 403},
	} {
		w := send(a.Stores(), "GET", "https://shut.vault.azure.net/secrets/"+c.secret+"?api-version=7.4", tokenFor(a, c.who, vaultAudience))
		if w.Code != c.want {
			t.Errorf("%s gets %s: %d, want %d", c.who, c.secret, w.Code, c.want)
		}
	}
	for who, want := range map[string]int{"lister": 200, "owner": 200, "reader": 403, "direct": 403} {
		for _, call := range []string{"/connections/c/listsecrets", "/onlineEndpoints/e/listKeys"} {
			w := send(a.Stores(), "POST", arm+roleWorkspace+call+version, tokenFor(a, who, armAudience))
			if w.Code != want {
				t.Errorf("%s %s: %d, want %d", who, call, w.Code, want)
			}
		}
	}
}

// TestDeniedAmongAll checks that a deny assignment also counts in stores that
// everybody may read.
func TestDeniedAmongAll(t *testing.T) {
	a := build(t, `
identities: {free: {}, denied: {}}
attached: [free]
role_assignments: [{principal: free, role: Reader, scope: `+roleSubscription+`}]
deny_assignments:
  - {name: locked, principals: [denied], scope: `+roleSubscription+`, actions: ["*"], data_actions: ["*"]}
vaults: {open: {secrets: {db: x}}}
app_configurations: {store1: {keys: {k: v}}}
workspaces:
  `+roleWorkspace+`:
    connections: {c: {auth_type: ApiKey, credentials: {key: k}}}
    online_endpoints: {e: {auth_mode: key, primary_key: p}}
`)
	w := send(a.Stores(), "GET", arm+roleSubscription+"/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01", tokenFor(a, "free", armAudience))
	if w.Code != 200 || strings.Contains(w.Body.String(), "null") {
		t.Errorf("the deny assignments: %d %s", w.Code, w.Body)
	}
	for _, c := range []struct{ method, url, audience string }{
		{"GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", vaultAudience},
		{"GET", "https://store1.azconfig.io/kv/k?api-version=1.0", "https://store1.azconfig.io"},
		{"POST", arm + roleWorkspace + "/connections/c/listsecrets" + version, armAudience},
		{"POST", arm + roleWorkspace + "/onlineEndpoints/e/listKeys" + version, armAudience},
	} {
		for who, want := range map[string]int{"free": 200, "denied": 403} {
			if w := send(a.Stores(), c.method, c.url, tokenFor(a, who, c.audience)); w.Code != want {
				t.Errorf("%s, %s: %d, want %d", c.url, who, w.Code, want)
			}
		}
	}
}

// TestGroupsRead checks that the readers of every store may be groups.
func TestGroupsRead(t *testing.T) {
	const endpoint = "https://acct.services.ai.azure.com/api/projects/p"
	a := build(t, `
identities: {in: {}, out: {}}
attached: [in]
groups: {team: [in]}
vaults: {shut: {readers: [team], secrets: {db: x}}}
app_configurations: {store1: {readers: [team], keys: {k: v}}}
projects: {"`+endpoint+`": {readers: [team], connections: {c: {auth_type: ApiKey, credentials: {key: k}}}}}
workspaces: {`+roleWorkspace+`: {connection_readers: [team], connections: {c: {auth_type: ApiKey, credentials: {key: k}}}}}
`)
	for _, c := range []struct {
		method, url, audience string
		refused               int
	}{
		{"GET", "https://shut.vault.azure.net/secrets/db?api-version=7.4", vaultAudience, 403},
		{"GET", "https://store1.azconfig.io/kv/k?api-version=1.0", "https://store1.azconfig.io", 403},
		{"POST", endpoint + "/connections/c/getConnectionWithCredentials?api-version=v1", "https://ai.azure.com", 401},
		{"POST", arm + roleWorkspace + "/connections/c/listsecrets" + version, armAudience, 403},
	} {
		for who, want := range map[string]int{"in": 200, "out": c.refused} {
			if w := send(a.Stores(), c.method, c.url, tokenFor(a, who, c.audience)); w.Code != want {
				t.Errorf("%s, %s: %d, want %d", c.url, who, w.Code, want)
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    bool
	}{
		{"*", true}, {"Microsoft.KeyVault/*", true}, {"*/action", true}, {"microsoft.keyvault/vaults/SECRETS/getsecret/ACTION", true},
		{"Microsoft.KeyVault/*/getSecret/*", true}, {"*/read", false}, {"Microsoft.KeyVault/vaults/secrets", false}, {"Microsoft.KeyVault/*/x/*", false},
		{"", false}, {"KeyVault/*", false}, {"Microsoft.KeyVault/vaults/secrets/getSecret/action/*", false},
	} {
		if got := matchesPattern(c.pattern, getSecret); got != c.want {
			t.Errorf("matchesPattern(%q) = %t", c.pattern, got)
		}
	}
}

// put sends a body to Resource Manager.
func put(a *Azure, method, path, who, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, arm+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+tokenOf(a, who, armAudience))
	return serve(a.Stores(), r)
}

func TestAssignmentRefused(t *testing.T) {
	a := build(t, roles)
	const name, other = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
	path := func(guid string) string {
		return roleVault + "/providers/Microsoft.Authorization/roleAssignments/" + guid + "?api-version=2022-04-01"
	}
	body := func(role, principal, kind string) string {
		return `{"properties":{"roleDefinitionId":"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/` + role + `","principalId":"` + principal + `","principalType":"` + kind + `"}}`
	}
	direct, custom := a.config.principal("direct"), a.config.principal("custom")
	good := body(secretsUser.guid, custom, "ServicePrincipal")
	if w := put(a, "PUT", path(name), "owner", good); w.Code != 201 {
		t.Fatalf("first: %d %s", w.Code, w.Body)
	}
	if w := put(a, "PUT", path(name), "owner", good); w.Code != 200 {
		t.Errorf("again: %d %s", w.Code, w.Body)
	}
	if w := send(a.Stores(), "GET", "https://shut.vault.azure.net/secrets/db?api-version=7.4", tokenFor(a, "custom", vaultAudience)); w.Code != 200 {
		t.Errorf("the role has no effect: %d %s", w.Code, w.Body)
	}
	for what, c := range map[string]struct {
		path, who, body string
		want            wantRefusal
	}{
		"another name":     {path(other), "owner", good, wantRefusal{409, "RoleAssignmentExists", "", "is " + strings.ReplaceAll(name, "-", "") + "."}},
		"another role":     {path(name), "owner", body(connectionReader.guid, custom, ""), wantRefusal{400, "RoleAssignmentUpdateNotPermitted", "", ""}},
		"no right":         {path(other), "reader", good, wantRefusal{403, "AuthorizationFailed", "", "action 'Microsoft.Authorization/roleAssignments/write' over scope '" + roleVault + "'"}},
		"unknown":          {path(other), "owner", body(secretsUser.guid, other, "ServicePrincipal"), wantRefusal{400, "PrincipalNotFound", "", "aaaaaaaa000040008000000000000002"}},
		"wrong type":       {path(other), "owner", body(connectionReader.guid, direct, "User"), wantRefusal{400, "UnmatchedPrincipalType", "", "has type 'ServicePrincipal'"}},
		"no such role":     {path(other), "owner", body(other, direct, ""), wantRefusal{404, "RoleDefinitionDoesNotExist", "", ""}},
		"not a GUID":       {path("x"), "owner", good, wantRefusal{400, "InvalidRoleAssignmentId", "", ""}},
		"not JSON":         {path(other), "owner", "{", wantRefusal{400, "InvalidRequestContent", "", ""}},
		"version":          {strings.Replace(path(other), "2022-04-01", "2022-04-02", 1), "owner", good, wantRefusal{400, "InvalidResourceType", "", "2022-04-01"}},
		"policy, no right": {roleVault + "/accessPolicies/add?api-version=2024-11-01", "reader", `{}`, wantRefusal{403, "AuthorizationFailed", "", "vaults/accessPolicies/write"}},
		"policy kind":      {roleVault + "/accessPolicies/set?api-version=2024-11-01", "owner", `{}`, wantRefusal{400, "BadRequest", "", "'set'"}},
		"policy tenant":    {roleVault + "/accessPolicies/add?api-version=2024-11-01", "owner", `{"properties":{"accessPolicies":[{"tenantId":"11111111-2222-3333-4444-555555555555","objectId":"11111111-2222-3333-4444-555555555555","permissions":{"secrets":["get"]}}]}}`, wantRefusal{400, "BadRequest", "", "'accessPolicies'"}},
		"policy of nobody": {roleVault + "/accessPolicies/add?api-version=2024-11-01", "owner", `{"properties":{"accessPolicies":[{"tenantId":"` + DefaultTenant + `","objectId":"","permissions":{"secrets":["get"]}}]}}`, wantRefusal{400, "BadRequest", "", "'accessPolicies'"}},
		"no such vault":    {roleVault + "x/accessPolicies/add?api-version=2024-11-01", "owner", `{}`, wantRefusal{404, "ResourceNotFound", "", "vaults/shutx"}},
	} {
		t.Run(what, func(t *testing.T) { c.want.check(t, put(a, "PUT", c.path, c.who, c.body)) })
	}
}

func TestReadingRefused(t *testing.T) {
	a := build(t, roles)
	for what, c := range map[string]struct {
		method, path, who string
		want              wantRefusal
	}{
		"assignments":     {"GET", roleVault + "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01", "direct", wantRefusal{403, "AuthorizationFailed", "", "roleAssignments/read"}},
		"filter":          {"GET", roleVault + "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=scope+eq+'x'", "reader", wantRefusal{400, "UnsupportedQuery", "", ""}},
		"denials":         {"GET", roleVault + "/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01", "direct", wantRefusal{403, "AuthorizationFailed", "", "denyAssignments/read"}},
		"role":            {"GET", roleSubscription + "/providers/Microsoft.Authorization/roleDefinitions/x?api-version=2022-04-01", "reader", wantRefusal{404, "RoleDefinitionDoesNotExist", "", ""}},
		"vault":           {"GET", roleVault + "?api-version=2024-11-01", "direct", wantRefusal{403, "AuthorizationFailed", "", "Microsoft.KeyVault/vaults/read"}},
		"missing vault":   {"GET", roleVault + "x?api-version=2024-11-01", "reader", wantRefusal{404, "ResourceNotFound", "", "Microsoft.KeyVault/vaults/shutx"}},
		"endpoint":        {"GET", roleWorkspace + "/onlineEndpoints/none?api-version=2024-04-01", "reader", wantRefusal{404, "ResourceNotFound", "", "Microsoft.MachineLearningServices/workspaces/ws1/onlineEndpoints/none"}},
		"method":          {"DELETE", roleVault + "?api-version=2024-11-01", "owner", wantRefusal{405, "MethodNotAllowed", "", ""}},
		"checkAccess":     {"POST", roleVault + "/providers/Microsoft.Authorization/checkAccess?api-version=2018-09-01-preview", "owner", wantRefusal{404, "InvalidResourceType", "", ""}},
		"query":           {"POST", "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01", "owner", wantRefusal{400, "BadRequest", "", ""}},
		"resource filter": {"GET", roleSubscription + "/resources?api-version=2021-04-01&$filter=x", "owner", wantRefusal{400, "InvalidFilterInQueryString", "", ""}},
	} {
		t.Run(what, func(t *testing.T) { c.want.check(t, put(a, c.method, c.path, c.who, `{"query":"resources"}`)) })
	}
}

func TestCheckAccess(t *testing.T) {
	a := build(t, roles+"check_access: true\n")
	ask := func(who string) []accessAnswer {
		body := `{"Subject":{"Attributes":{"ObjectId":"` + a.config.principal(who) + `"}},"Actions":[{"Id":"` + getSecret + `","IsDataAction":true},{"Id":"` + listSecrets + `"}]}`
		w := put(a, "POST", roleVault+"/secrets/app-x/providers/Microsoft.Authorization/checkAccess?api-version=2018-09-01-preview", "reader", body)
		return decoded[[]accessAnswer](t, w)
	}
	for who, want := range map[string]string{"direct": "Allowed", "grouped": "Allowed", "some": "Allowed", "custom": "NotAllowed", "denied": "Denied"} {
		got := ask(who)
		if len(got) != 2 || got[0].Decision != want || got[1].Decision != "NotAllowed" || (got[0].Role != nil) != (want == "Allowed") || (got[0].Denial != nil) != (want == "Denied") {
			t.Errorf("%s: %+v, want %s", who, got, want)
		}
	}
}

func TestRoleMistakes(t *testing.T) {
	for config, want := range map[string]string{
		"identities: {a: {}}\ngroups: {a: []}":                                                                                       "line 2: groups.a: an identity has this name too",
		"identities: {a: {}}\ngroups: {g: [b]}":                                                                                      `line 2: groups.g: no identity or group "b"`,
		"identities: {a: {}}\nrole_assignments: [{principal: a, role: King, scope: /}]":                                              `line 2: role_assignments.0.role: "King" is not one of the emulator's built-in roles, and not under roles`,
		"identities: {a: {}}\nrole_assignments: [{principal: b, role: Owner, scope: /}]":                                             `line 2: role_assignments.0.principal: no identity "b"`,
		"identities: {a: {}}\nrole_assignments: [{principal: a, role: Owner, scope: x}]":                                             "line 2: role_assignments.0.scope: write the ARM ID",
		"identities: {a: {}}\nrole_assignments: [{principal: a, role: Owner, scope: /, condition: x}]":                               "line 2: role_assignments.0.condition: the emulator only knows",
		"identities: {a: {}}\ndeny_assignments: [{name: d, principals: [b], scope: /}]":                                              `line 2: deny_assignments.0.principals: no identity "b"`,
		"identities: {a: {}}\nworkspaces: {" + roleWorkspace + ": {computes: {c: {identities: [b]}}}}":                               `.computes.c.identities: no identity "b"`,
		"identities: {a: {}}\nworkspaces: {" + roleWorkspace + ": {online_endpoints: {e: {auth_mode: aad_token, identities: [b]}}}}": `.online_endpoints.e.identities: no identity "b"`,
	} {
		if _, err := Parse([]byte(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", config, err, want)
		}
	}
}
