package rbac

import (
	"strings"
	"testing"
)

// The cases of Microsoft's documentation, where there is one for the point:
// https://learn.microsoft.com/azure/role-based-access-control/role-definitions
// https://learn.microsoft.com/azure/role-based-access-control/scope-overview
// https://learn.microsoft.com/azure/role-based-access-control/deny-assignments

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, action string
		want            bool
	}{
		// "Control and data actions": the examples of wildcards
		{"*", "Microsoft.Compute/virtualMachines/read", true},
		{"*/read", "Microsoft.Compute/virtualMachines/read", true},
		{"*/read", "Microsoft.Compute/virtualMachines/write", false},
		{"Microsoft.Compute/*", "Microsoft.Compute/virtualMachines/restart/action", true},
		{"Microsoft.Network/*", "Microsoft.Compute/virtualMachines/read", false},
		{"Microsoft.Compute/virtualMachines/*", "Microsoft.Compute/virtualMachines/extensions/write", true},
		{"microsoft.web/sites/restart/Action", "Microsoft.Web/sites/restart/action", true},
		{"Microsoft.CostManagement/exports/*", "Microsoft.CostManagement/exports/run/action", true},
		{"Microsoft.CostManagement/exports/*", "Microsoft.CostManagement/exportsx/read", false},
		// a wildcard inside
		{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/roleAssignments/delete", true},
		{"Microsoft.Authorization/*/Write", "Microsoft.Authorization/write", false},
		{"Microsoft.MachineLearningServices/workspaces/onlineEndpoints/*/action", "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action", true},
		{"Microsoft.MachineLearningServices/workspaces/computes/*/write", "Microsoft.MachineLearningServices/workspaces/computes/write", false},
		{"Microsoft.*/*/getSecret/action", "Microsoft.KeyVault/vaults/secrets/getSecret/action", true},
		{"**", "x", true}, {"a*b*c", "aXbXbc", true}, {"a*b*c", "aXcXb", false}, {"*a", "aab", false}, {"ab*", "ab", true},
		{"", "", true}, {"", "x", false}, {"x", "", false}, {"*", "", true},
		// no other character is special
		{"Microsoft.KeyVault/vaults/?ead", "Microsoft.KeyVault/vaults/read", false},
		{"Microsoft.KeyVault/vaults/.*", "Microsoft.KeyVault/vaults/read", false},
	} {
		if got := Matches(c.pattern, c.action); got != c.want {
			t.Errorf("Matches(%q, %q) = %t", c.pattern, c.action, got)
		}
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("a*b", "aXb")
	f.Add("*a*", "bab")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 50 || len(text) > 50 {
			return
		}
		if !Matches(text+"*", text) || !Matches("*"+text, text) || !Matches(text, text) {
			t.Errorf("%q does not match itself", text)
		}
		if got, want := matches(pattern, text), slow(pattern, text); got != want {
			t.Errorf("matches(%q, %q) = %t, want %t", pattern, text, got, want)
		}
	})
}

// slow is the definition of matches.
func slow(pattern, text string) bool {
	before, after, star := strings.Cut(pattern, "*")
	rest, ok := strings.CutPrefix(text, before)
	if !star || !ok {
		return pattern == text
	}
	for i := range len(rest) + 1 {
		if slow(after, rest[i:]) {
			return true
		}
	}
	return false
}

func TestCovers(t *testing.T) {
	const group = "/subscriptions/s/resourceGroups/rg"
	const vault = group + "/providers/Microsoft.KeyVault/vaults/kv"
	for scope, want := range map[string]bool{
		"/": true, "/subscriptions/s": true, "/subscriptions/S/": true, group: true, strings.ToLower(group): true, vault: true,
		"/providers/Microsoft.Management/managementGroups/corp": true, "/providers/microsoft.management/managementgroups/corp": true,
		"/subscriptions/other": false, "/subscriptions/s/resourceGroups/r": false, group + "2": false, vault + "2": false, vault + "/secrets/x": false,
		"/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/k": false,
	} {
		if got := Covers(scope, vault); got != want {
			t.Errorf("Covers(%q) = %t", scope, got)
		}
	}
	if !Covers(vault+"/secrets/db", vault+"/secrets/DB") || Covers(vault+"/secrets/db", vault+"/secrets/db2") {
		t.Error("a single secret is a scope")
	}
}
