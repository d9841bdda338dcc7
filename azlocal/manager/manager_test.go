package manager

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"azinject/azlocal/rbac"
	"azinject/resolve"
	"azinject/transport"
)

const (
	guid  = "aaaaaaaa-0000-4000-8000-000000000001"
	vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1"
)

// serve returns a client whose requests the function answers.
func serve(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return newClient(server.URL, server.Client(), transport.Refusals{})
}

// with answers every request with this body.
func with(t *testing.T, status int, body string) *Client {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

func TestErrors(t *testing.T) {
	w := resolve.Workspace{Subscription: "s", ResourceGroup: "r", Name: "w"}
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{404, `{"error":{"code":"ResourceNotFound","message":"x"}}`, `online endpoint "e" in workspace "w": not found (404 ResourceNotFound)`},
		{404, "", `online endpoint "e" in workspace "w": not found (404)`},
		{403, "", `online endpoint "e" in workspace "w": access denied (403)`},
		{403, `{"error":{"code":"AuthorizationFailed","message":"x"}}`, `online endpoint "e" in workspace "w": access denied (403 AuthorizationFailed)`},
		{400, `{"error":{"code":"BadRequest","message":"a\nb"}}`, `online endpoint "e" in workspace "w": 400 BadRequest: a b`},
		{500, `<html>`, `online endpoint "e" in workspace "w": 500`},
		{200, `<html>`, `online endpoint "e" in workspace "w": the answer is not the expected JSON`},
		{200, `{"identity":3}`, `online endpoint "e" in workspace "w": the answer is not the expected JSON`},
	} {
		_, err := with(t, c.status, c.body).Endpoint(t.Context(), w, "e")
		if err == nil || err.Error() != c.want {
			t.Errorf("%d %s: %v, want %s", c.status, c.body, err, c.want)
		}
		if IsNotFound(err) != (c.status == 404) || IsForbidden(err) != (c.status == 403) {
			t.Errorf("%d: IsNotFound %t, IsForbidden %t", c.status, IsNotFound(err), IsForbidden(err))
		}
	}
}

func TestPathsAndFiltersAreEncoded(t *testing.T) {
	var seen []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.RequestURI)
		io.WriteString(w, `{"value":[]}`)
	})
	if _, err := c.Find(t.Context(), "s", "Microsoft.KeyVault/vaults", "kv1"); err != nil {
		t.Fatal(err)
	}
	c.Rights(t.Context(), "/subscriptions/s/resourceGroups/a b", guid)
	for _, uri := range seen {
		if strings.ContainsAny(uri, " '") {
			t.Errorf("%s is not encoded", uri)
		}
	}
	if len(seen) != 4 || !strings.HasPrefix(seen[2], "/subscriptions/s/resourceGroups/a%20b/providers/") {
		t.Errorf("requests = %q", seen)
	}
}

// TestLists checks that pages are followed, but not to another host, which would
// get the token.
func TestLists(t *testing.T) {
	var c *Client
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("page") {
		case "":
			fmt.Fprintf(w, `{"value":[{"name":"a"}],"nextLink":"%s/x?page=2"}`, c.address)
		case "2":
			fmt.Fprintf(w, `{"value":[{"name":"b"}],"nextLink":"%s/x?page=3"}`, c.address)
		case "3":
			fmt.Fprintf(w, `{"value":[],"nextLink":"%s.evil.example/x"}`, c.address)
		}
	})
	all, err := list[graphResource](t.Context(), c, "things", "/x", "1", "")
	if err == nil || err.Error() != "things: the list continues on another host" || all != nil {
		t.Errorf("list = %v, %v", all, err)
	}
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"value":[],"nextLink":"%s/x"}`, c.address)
	})
	if _, err := list[graphResource](t.Context(), c, "things", "/x", "1", ""); err == nil || err.Error() != "things: the list does not end" {
		t.Errorf("endless list: %v", err)
	}
}

func TestCheckAccess(t *testing.T) {
	get := []rbac.Action{{Name: "a/get/action", Data: true}}
	for body, want := range map[string][2]bool{
		`[{"accessDecision":"Allowed","actionId":"a/get/action","isDataAction":true}]`: {true, true},
		`[{"accessDecision":"Allowed","actionId":"A/GET/action"}]`:                     {true, true},
		`[{"accessDecision":"NotAllowed","actionId":"a/get/action"}]`:                  {false, true},
		`[{"accessDecision":"Denied","actionId":"a/get/action"}]`:                      {false, true},
		`[{"accessDecision":"allowed","actionId":"a/get/action"}]`:                     {false, true},
		`[{"actionId":"a/get/action"}]`:                                                {false, false},
		`[{"accessDecision":"Allowed","actionId":"another"}]`:                          {false, false},
		`[{"accessDecision":"Allowed"},{"accessDecision":"Allowed"}]`:                  {false, false},
		`[]`: {false, false}, `{"value":[]}`: {false, false}, `<html>`: {false, false},
	} {
		allowed, ok := with(t, 200, body).CheckAccess(t.Context(), vault, guid, get)
		if allowed != want[0] || ok != want[1] {
			t.Errorf("%s: %t, %t", body, allowed, ok)
		}
	}
	if _, ok := with(t, 404, `[]`).CheckAccess(t.Context(), vault, guid, get); ok {
		t.Error("404 is an answer")
	}
}

func TestAssign(t *testing.T) {
	var paths []string
	var body map[string]map[string]string
	answers := []string{"PrincipalNotFound", "RoleAssignmentExists"}
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		json.NewDecoder(r.Body).Decode(&body)
		code := answers[0]
		answers = answers[1:]
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"error":{"code":%q}}`, code)
	})
	existed, err := c.Assign(t.Context(), vault, "4633458b-17de-408a-b874-0445c86b69e6", guid, "ServicePrincipal")
	if !existed || err != nil {
		t.Errorf("Assign = %t, %v", existed, err)
	}
	want := vault + "/providers/Microsoft.Authorization/roleAssignments/" + AssignmentName(strings.ToUpper(vault), strings.ToUpper(guid), "4633458B-17DE-408A-B874-0445C86B69E6")
	if len(paths) != 2 || paths[0] != want || paths[1] != want {
		t.Errorf("paths = %q, want %q twice", paths, want)
	}
	if p := body["properties"]; p["principalId"] != guid || p["principalType"] != "ServicePrincipal" || p["roleDefinitionId"] != "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6" {
		t.Errorf("body = %v", body)
	}
	if AssignmentName(vault, guid, "a") == AssignmentName(vault, guid, "b") || AssignmentName(vault, guid, "a") == AssignmentName(vault+"2", guid, "a") {
		t.Error("two assignments have one name")
	}
	ctx, cancel := context.WithCancel(t.Context())
	c = serve(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel() // while it waits for the principal
		w.WriteHeader(400)
		io.WriteString(w, `{"error":{"code":"PrincipalNotFound"}}`)
	})
	if existed, err := c.Assign(ctx, vault, "r", guid, "ServicePrincipal"); existed || err == nil {
		t.Errorf("interrupted: %t, %v", existed, err)
	}
	if existed, err := with(t, 201, `{}`).Assign(t.Context(), vault, "r", guid, "ServicePrincipal"); existed || err != nil {
		t.Errorf("201: %t, %v", existed, err)
	}
}

func TestVault(t *testing.T) {
	vaultWith := func(members string) string {
		return `{"properties":{"vaultUri":"https://KV1.vault.azure.net/","tenantId":"` + guid + `",` + members + `}}`
	}
	for _, c := range []struct {
		body     string
		byPolicy bool
		network  []string
	}{
		{vaultWith(`"enableRbacAuthorization":true`), false, nil},
		{vaultWith(`"enableRbacAuthorization":false`), true, nil},
		{vaultWith(`"enableRbacAuthorization":null`), true, nil},
		{vaultWith(`"networkAcls":null,"publicNetworkAccess":"Enabled"`), true, nil},
		{vaultWith(`"networkAcls":{"defaultAction":"Allow","ipRules":[{"value":"1.2.3.4/32"}]}`), true, nil},
		{vaultWith(`"networkAcls":{"defaultAction":"Deny"}`), true, []string{"the firewall lets in private endpoints only"}},
		{vaultWith(`"networkAcls":{"defaultAction":"deny","ipRules":[{"value":"1.2.3.4/32"}],"virtualNetworkRules":[{"id":"/x\n"}]}`), true, []string{"the firewall lets in 1.2.3.4/32, /x and private endpoints"}},
		{vaultWith(`"publicNetworkAccess":"disabled","privateEndpointConnections":[{},{}],"networkAcls":{"defaultAction":"Deny"}`), true,
			[]string{"public network access is disabled: only private endpoints lead there, of which it has 2"}},
	} {
		v, err := with(t, 200, c.body).Vault(t.Context(), vault, "kv1.vault.azure.net")
		if err != nil || v.ByPolicy != c.byPolicy || !slices.Equal(v.Network, c.network) {
			t.Errorf("%s: %+v, %v", c.body, v, err)
		}
	}
	if _, err := with(t, 200, vaultWith(`"x":0`)).Vault(t.Context(), vault, "kv2.vault.azure.net"); err == nil {
		t.Error("another vault was taken")
	}
	policies := vaultWith(`"accessPolicies":[{"objectId":"a","permissions":{"secrets":["List","GET"]}},{"objectId":"b","permissions":{"secrets":["All"]}},` +
		`{"objectId":"c","permissions":{"secrets":["set","$(x)"]}},{"objectId":"d","applicationId":"e","permissions":{"secrets":["get"]}},{"objectId":"f","permissions":{"keys":["get"]}}]`)
	v, err := with(t, 200, policies).Vault(t.Context(), vault, "kv1.vault.azure.net")
	want := []Policy{{"a", false, true, []string{"list", "get"}}, {"b", false, true, []string{"all"}}, {"c", false, false, []string{"set"}}, {"d", true, true, []string{"get"}}, {"f", false, false, nil}}
	if err != nil || !reflect.DeepEqual(v.Policies, want) {
		t.Errorf("policies = %+v, %v, want %+v", v.Policies, err, want)
	}
}

// TestFind checks that only the resource that was asked for is taken, and nothing
// that a shell would run.
func TestFind(t *testing.T) {
	for id, want := range map[string]string{
		vault:                  vault,
		strings.ToUpper(vault): strings.ToUpper(vault),
		vault + "2":            "",
		"/subscriptions/s/resourceGroups/$(x)/providers/Microsoft.KeyVault/vaults/kv1": "",
		"/subscriptions/s/resourceGroups/a b/providers/Microsoft.KeyVault/vaults/kv1":  "",
		"/subscriptions/s/resourceGroups/rg/providers/Evil/vaults/kv1":                 "",
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			json.NewEncoder(w).Encode(map[string]any{"value": []any{map[string]string{"id": id}}, "data": []any{map[string]string{"id": id}}})
		})
		if got, err := c.Find(t.Context(), "s", "Microsoft.KeyVault/vaults", "kv1"); got != want || err != nil {
			t.Errorf("Find of %s = %q, %v", id, got, err)
		}
	}
}

func TestOwner(t *testing.T) {
	w := resolve.Workspace{Subscription: "s", ResourceGroup: "r", Name: "w"}
	const assigned = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
	o, err := with(t, 200, `{"identity":{"type":"SystemAssigned, UserAssigned","principalId":"`+guid+`","userAssignedIdentities":{"`+assigned+`":{"clientId":"c","principalId":"`+guid+`"},"/x;y":{"principalId":"`+guid+`"},"/z":{"principalId":"no"}}},`+
		`"properties":{"authMode":"AADToken","properties":{"enforce_access_to_default_secret_stores":"Enabled","other":1}}}`).Compute(t.Context(), w, "c")
	if err != nil || o.System == nil || o.System.ObjectID != guid || !slices.Equal(o.Assigned, []Identity{{guid, "c", assigned}}) || !o.Enforces || o.AuthMode != "AADToken" {
		t.Errorf("owner = %+v, %v", o, err)
	}
	o, err = with(t, 200, `{"identity":null,"properties":{}}`).Endpoint(t.Context(), w, "e")
	if err != nil || o.System != nil || o.Assigned != nil || o.Enforces {
		t.Errorf("owner without identity = %+v, %v", o, err)
	}
}
