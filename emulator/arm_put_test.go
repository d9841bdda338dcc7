package emulator

import (
	"strings"
	"testing"
)

const (
	puttable      = roleGroup + "/providers/Microsoft.KeyVault/vaults/policy"
	boundIdentity = roleGroup + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai"
)

// changeable is roles with an identity to change.
var changeable = strings.Replace(roles, "identities:\n", "identities:\n  uai: {resource_id: "+boundIdentity+"}\n", 1)

// vaultJSON returns a vault's body with one access policy, changed by replacing
// old with new.
func vaultJSON(a *Azure, who, old, new string) string {
	body := `{"location":"eastus","properties":{"tenantId":"` + DefaultTenant + `","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":false,` +
		`"accessPolicies":[{"tenantId":"` + DefaultTenant + `","objectId":"` + a.config.principal(who) + `","permissions":{"secrets":["get"]}}]}}`
	return strings.Replace(body, old, new, 1)
}

func TestPutVault(t *testing.T) {
	a := build(t, changeable)
	const path, secret = puttable + "?api-version=2022-07-01", "https://policy.vault.azure.net/secrets/db?api-version=7.4"
	for _, who := range []string{"direct", "grouped"} {
		if w := put(a, "PUT", path, "owner", vaultJSON(a, who, "", "")); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, other := range []string{"direct", "grouped"} {
			w := send(a.Stores(), "GET", secret, tokenFor(a, other, vaultAudience))
			if (w.Code == 200) != (who == other) {
				t.Errorf("with the policy of %s, %s gets %d", who, other, w.Code)
			}
		}
	}
	for what, c := range map[string]struct {
		path, who, body string
		want            wantRefusal
	}{
		"no right":    {path, "reader", vaultJSON(a, "direct", "", ""), wantRefusal{403, "AuthorizationFailed", "", "Microsoft.KeyVault/vaults/write"}},
		"new":         {strings.Replace(path, "policy", "none", 1), "owner", vaultJSON(a, "direct", "", ""), wantRefusal{400, "BadRequest", "", "makes no vaults"}},
		"not JSON":    {path, "owner", "{", wantRefusal{400, "InvalidRequestContent", "", ""}},
		"no location": {path, "owner", vaultJSON(a, "direct", `"location":"eastus",`, ""), wantRefusal{400, "LocationRequired", "", ""}},
		"elsewhere":   {path, "owner", vaultJSON(a, "direct", "eastus", "westus"), wantRefusal{409, "InvalidResourceLocation", "", "'eastus'"}},
		"no SKU":      {path, "owner", vaultJSON(a, "direct", `"sku":{"family":"A","name":"standard"},`, ""), wantRefusal{400, "VaultInvalidParameter", "", ""}},
		"by role":     {path, "owner", vaultJSON(a, "direct", "false", "true"), wantRefusal{400, "BadRequest", "", "permission model"}},
		"not by role": {strings.Replace(path, "policy", "shut", 1), "owner", vaultJSON(a, "direct", "", ""), wantRefusal{400, "BadRequest", "", "permission model"}},
	} {
		t.Run(what, func(t *testing.T) { c.want.check(t, put(a, "PUT", c.path, c.who, c.body)) })
	}
}

func TestPutFederation(t *testing.T) {
	a := build(t, changeable)
	path := func(name string) string {
		return boundIdentity + "/federatedIdentityCredentials/" + name + "?api-version=2023-01-31"
	}
	const body = `{"properties":{"issuer":"https://issuer/","subject":"system:serviceaccount:n:a","audiences":["api://AzureADTokenExchange"]}}`
	if w := put(a, "PUT", path("one"), "owner", body); w.Code != 201 || !strings.Contains(w.Body.String(), `"name":"one"`) {
		t.Errorf("first: %d %s", w.Code, w.Body)
	}
	if w := put(a, "PUT", path("one"), "owner", strings.Replace(body, "n:a", "n:b", 1)); w.Code != 200 {
		t.Errorf("changed: %d %s", w.Code, w.Body)
	}
	people := a.stores["login.microsoftonline.com"].(*entra).directory
	if got := people.federationsOf(people.member(a.config.principal("uai"))); len(got) != 1 || got[0].Subject != "system:serviceaccount:n:b" {
		t.Errorf("trusted: %+v", got)
	}
	for what, c := range map[string]struct {
		path, who, body string
		want            wantRefusal
	}{
		"no right":      {path("two"), "reader", body, wantRefusal{403, "AuthorizationFailed", "", "federatedIdentityCredentials/write"}},
		"no identity":   {strings.Replace(path("two"), "/uai/", "/none/", 1), "owner", body, wantRefusal{404, "ParentResourceNotFound", "", "/none'"}},
		"name":          {path("a"), "owner", body, wantRefusal{400, "BadRequest", "", "'a'"}},
		"issuer":        {path("two"), "owner", strings.Replace(body, "https", "http", 1), wantRefusal{400, "BadRequest", "", "URL"}},
		"two audiences": {path("two"), "owner", strings.Replace(body, `["`, `["x","`, 1), wantRefusal{400, "BadRequest", "", "one audience"}},
		"there already": {path("two"), "owner", strings.Replace(body, "n:a", "n:b", 1), wantRefusal{409, "Conflict", "", "already exists"}},
		"old version":   {strings.Replace(path("two"), "2023-01-31", "2018-11-30", 1), "owner", body, wantRefusal{400, "InvalidResourceType", "", ""}},
	} {
		t.Run(what, func(t *testing.T) { c.want.check(t, put(a, "PUT", c.path, c.who, c.body)) })
	}
}

// TestSubscriptionOfARole has a subscription in which there is nothing, except a role.
func TestSubscriptionOfARole(t *testing.T) {
	a := build(t, "attached: []\nidentities: {owner: {}, other: {}}\nrole_assignments: [{principal: owner, role: Owner, scope: "+roleSubscription+"}]\n")
	for who, want := range map[string]bool{"owner": true, "other": false} {
		if w := put(a, "GET", "/subscriptions?api-version=2019-11-01", who, ""); w.Code != 200 || strings.Contains(w.Body.String(), roleSubscription) != want {
			t.Errorf("%s sees %s", who, w.Body)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	a := build(t, roles)
	type list struct {
		Value []struct{ SubscriptionID, TenantID, State string }
	}
	for who, want := range map[string]int{"owner": 1, "reader": 1, "lister": 1, "direct": 0, "managed": 0} {
		w := put(a, "GET", "/subscriptions?api-version=2019-11-01", who, "")
		got := decoded[list](t, w).Value
		if w.Code != 200 || len(got) != want || want == 1 && (got[0].SubscriptionID != roleSubscription[len("/subscriptions/"):] || got[0].State != "Enabled" || got[0].TenantID != DefaultTenant) {
			t.Errorf("%s sees %s", who, w.Body)
		}
	}
	if w := put(a, "GET", "/tenants?api-version=2022-12-01", "direct", ""); w.Code != 200 || decoded[list](t, w).Value[0].TenantID != DefaultTenant {
		t.Errorf("tenants: %s", w.Body)
	}
	if w := put(a, "GET", roleSubscription+"?api-version=2022-12-01", "owner", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"id":"`+roleSubscription+`"`) {
		t.Errorf("subscription: %s", w.Body)
	}
	for what, c := range map[string]struct {
		path, who string
		want      wantRefusal
	}{
		"version":   {"/subscriptions?api-version=2019-11-02", "owner", wantRefusal{400, "InvalidResourceType", "", ""}},
		"unseen":    {roleSubscription + "?api-version=2022-12-01", "direct", wantRefusal{403, "AuthorizationFailed", "", "Microsoft.Resources/subscriptions/read"}},
		"not there": {"/subscriptions/x?api-version=2022-12-01", "owner", wantRefusal{404, "SubscriptionNotFound", "", "'x'"}},
	} {
		t.Run(what, func(t *testing.T) { c.want.check(t, put(a, "GET", c.path, c.who, "")) })
	}
}

// TestRolesOfWorkspace checks that authorization of a workspace is not taken for
// something in it.
func TestRolesOfWorkspace(t *testing.T) {
	a := build(t, roles)
	for _, kind := range []string{"roleAssignments", "roleDefinitions"} {
		w := put(a, "GET", roleWorkspace+"/providers/Microsoft.Authorization/"+kind+"?api-version=2022-04-01", "reader", "")
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"Microsoft.Authorization/`+kind+`"`) {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
}

func TestPutRole(t *testing.T) {
	a := build(t, changeable)
	const guid, other = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
	path := func(name string) string {
		return roleGroup + "/providers/Microsoft.Authorization/roleDefinitions/" + name + "?api-version=2022-04-01"
	}
	const body = `{"properties":{"roleName":"Reads","type":"CustomRole","assignableScopes":["` + roleGroup + `"],"permissions":[{"dataActions":["` + getSecret + `"]}]}}`
	if w := put(a, "PUT", path(guid), "owner", body); w.Code != 201 || !strings.Contains(w.Body.String(), `"roleName":"Reads"`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	assignment := `{"properties":{"roleDefinitionId":"` + guid + `","principalId":"` + a.config.principal("lister") + `"}}`
	if w := put(a, "PUT", roleVault+"/providers/Microsoft.Authorization/roleAssignments/"+guid+"?api-version=2022-04-01", "owner", assignment); w.Code != 201 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := send(a.Stores(), "GET", "https://shut.vault.azure.net/secrets/db?api-version=7.4", tokenFor(a, "lister", vaultAudience)); w.Code != 200 {
		t.Errorf("the role has no effect: %d %s", w.Code, w.Body)
	}
	for what, c := range map[string]struct {
		name, who, body string
		want            wantRefusal
	}{
		"no right":    {other, "reader", body, wantRefusal{403, "AuthorizationFailed", "", "roleDefinitions/write"}},
		"not JSON":    {other, "owner", "{", wantRefusal{400, "InvalidRequestContent", "", ""}},
		"not a GUID":  {"x", "owner", body, wantRefusal{400, "InvalidRoleDefinitionId", "", ""}},
		"built in":    {other, "owner", strings.Replace(body, "CustomRole", "BuiltInRole", 1), wantRefusal{400, "InvalidRoleDefinition", "", ""}},
		"other scope": {other, "owner", strings.Replace(body, roleGroup, "/subscriptions/x", 1), wantRefusal{400, "InvalidRoleDefinition", "", ""}},
		"same name":   {other, "owner", body, wantRefusal{409, "RoleDefinitionWithSameNameExists", "", ""}},
	} {
		t.Run(what, func(t *testing.T) { c.want.check(t, put(a, "PUT", path(c.name), c.who, c.body)) })
	}
}
