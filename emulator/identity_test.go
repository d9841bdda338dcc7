package emulator

import (
	"strings"
	"testing"
)

// TestRolePropagation checks that stores refuse a new role as they refuse callers
// without one, and later admit it.
func TestRolePropagation(t *testing.T) {
	const ws = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
	a := build(t, `
identities:
  me: {}
  stranger: {resource_id: /subscriptions/00000000-1111-2222-3333-444444444444/uai}
vaults:
  rbac: {readers: [me], role_propagates_after: 2, secrets: {db: x}}
  policy: {permission_model: access_policy, role_propagates_after: 1, secrets: {db: x}}
workspaces:
  `+ws+`:
    connection_readers: [me]
    role_propagates_after: 2
    connections: {c: {auth_type: None}}
    online_endpoints: {e: {auth_mode: key, primary_key: k}}
`)
	const rbac, policy = "GET https://rbac.vault.azure.net/secrets/", "GET https://policy.vault.azure.net/secrets/"
	const connection, keys = "POST " + arm + ws + "/connections/c/listsecrets", "POST " + arm + ws + "/onlineEndpoints/e/listKeys"
	for _, step := range []struct {
		who, request string
		want         string // in the body
	}{
		{"stranger", rbac + "db", `"ForbiddenByRbac"`}, // not counted: no role is on its way
		{"", rbac + "db", `AKV10000`},
		{"me", rbac + "db", `"ForbiddenByRbac"`},
		{"me", rbac + "nope", `"ForbiddenByRbac"`},
		{"me", rbac + "nope", `"SecretNotFound"`},
		{"me", rbac + "db", `"value":"x"`},
		{"stranger", rbac + "db", `"ForbiddenByRbac"`},
		{"me", policy + "db", `"AccessDenied"`},
		{"me", policy + "db", `"value":"x"`},
		{"stranger", connection, `"AuthorizationFailed"`},
		{"me", connection, `"AuthorizationFailed"`},
		{"me", keys, `"AuthorizationFailed"`},
		{"me", connection, `"authType":"None"`},
		{"me", keys, `"primaryKey":"k"`},
	} {
		method, url, _ := strings.Cut(step.request, " ")
		audience := vaultAudience
		if method == "POST" {
			audience = armAudience
		}
		header := tokenFor(a, step.who, audience)
		if step.who == "" {
			header = nil
		}
		w := send(a.Stores(), method, url+"?api-version="+map[string]string{"GET": "7.4", "POST": "2024-10-01"}[method], header)
		if !strings.Contains(w.Body.String(), step.want) {
			t.Errorf("%s: %s: %d %s, want %s", step.who, step.request, w.Code, w.Body, step.want)
		}
	}
}
