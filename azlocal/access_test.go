package main

import (
	"context"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"

	"azinject/azlocal/manager"
	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// TestPageHasTheDocument checks that the page explains every field of the JSON
// document.
func TestPageHasTheDocument(t *testing.T) {
	page, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "## azlocal access\n")
	table, _, ends := strings.Cut(table, "\n## ")
	if !ok || !ends {
		t.Fatal("the page does not explain the document")
	}
	for _, name := range fieldNames(reflect.TypeFor[accessReport]()) {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("the page does not explain %q", name)
		}
	}
}

// fieldNames returns the JSON names of a type's fields, with those of nested types.
func fieldNames(of reflect.Type) (names []string) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	for i := 0; of.Kind() == reflect.Struct && i < of.NumField(); i++ {
		field := of.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names = append(names, name)
		}
		if field.IsExported() {
			names = append(names, fieldNames(field.Type)...)
		}
	}
	return names
}

func TestPolicyVerdict(t *testing.T) {
	get := func(id string) manager.Policy { return manager.Policy{ObjectID: id, Get: true} }
	for name, c := range map[string]struct {
		policies []manager.Policy
		want     rbac.Access
	}{
		"none":                        {nil, rbac.No},
		"its own":                     {[]manager.Policy{get("other"), get("ME")}, rbac.Yes},
		"its own, without get":        {[]manager.Policy{{ObjectID: "me"}}, rbac.No},
		"its own, for an application": {[]manager.Policy{{ObjectID: "me", Get: true, Compound: true}}, rbac.No},
		"the person's":                {[]manager.Policy{get("Person")}, rbac.No},
		"perhaps a group's":           {[]manager.Policy{get("person"), get("other")}, rbac.Unknown},
	} {
		v := policyVerdict(&manager.Vault{ByPolicy: true, Policies: c.policies}, "me", "person")
		if v.Access != c.want || len(v.Because) != 1 {
			t.Errorf("%s: %+v, want %s", name, v, c.want)
		}
	}
}

// TestStatus checks that a lack counts before a doubt.
func TestStatus(t *testing.T) {
	of := func(person, identity rbac.Access, results ...string) *store {
		s := &store{Person: verdict{Access: person}, Identity: &verdict{Access: identity}}
		for _, r := range results {
			s.Grants = append(s.Grants, &grant{Result: r})
		}
		return s
	}
	for name, c := range map[string]struct {
		stores []*store
		want   int
	}{
		"all":                     {[]*store{of(rbac.Yes, rbac.Yes)}, 0},
		"identity lacks":          {[]*store{of(rbac.Yes, rbac.Yes), of(rbac.Yes, rbac.No)}, 1},
		"person lacks":            {[]*store{of(rbac.No, rbac.Yes)}, 1},
		"doubt":                   {[]*store{of(rbac.Yes, rbac.Unknown)}, 125},
		"condition":               {[]*store{of(rbac.Yes, rbac.Conditional)}, 125},
		"doubt and lack":          {[]*store{of(rbac.Yes, rbac.Unknown), of(rbac.Yes, rbac.No)}, 1},
		"granted":                 {[]*store{of(rbac.Yes, rbac.No, resultGranted, resultExisted)}, 0},
		"granted in part":         {[]*store{of(rbac.Yes, rbac.No, resultGranted, resultRefused)}, 1},
		"granted in spite of all": {[]*store{of(rbac.No, rbac.No, resultGranted)}, 1},
		"not tried":               {[]*store{of(rbac.Yes, rbac.No, "")}, 1},
		"late":                    {[]*store{{Person: verdict{Access: rbac.Yes}, Identity: &verdict{Access: rbac.No}, Grants: []*grant{{Result: resultGranted}}, late: true}}, 125},
		"no identity yet":         {[]*store{{Person: verdict{Access: rbac.Yes}}}, 0},
		"nobody was asked":        {[]*store{{}}, 125},
	} {
		if got := (&accessReport{Stores: c.stores}).status(); got != c.want {
			t.Errorf("%s: status %d, want %d", name, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	const group = "/subscriptions/s/resourceGroups/rg"
	s := &store{Scope: group + "/providers/Microsoft.KeyVault/vaults/kv", objects: []resolve.Object{{Kind: resolve.VaultSecret}}}
	for scope, want := range map[string]string{
		"/": "the root of the tenant", "/subscriptions/s": "the subscription", group: `the resource group "rg"`, strings.ToLower(group): `the resource group "rg"`,
		s.Scope: "the vault", strings.ToUpper(s.Scope): "the vault", s.Scope + "/secrets/db": `"db" alone`,
		"/providers/Microsoft.Management/managementGroups/corp": `the management group "corp"`,
	} {
		if got := s.place(scope); got != want {
			t.Errorf("place(%q) = %s, want %s", scope, got, want)
		}
	}
}

// TestStoresOf checks that equal accesses are one row, and different ones are not.
func TestStoresOf(t *testing.T) {
	w := resolve.Workspace{Subscription: "s", ResourceGroup: "r", Name: "w"}
	other := resolve.Workspace{Subscription: "s", ResourceGroup: "r2", Name: "w"}
	var sources []resolve.Source
	for _, o := range []resolve.Object{
		{Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "a"}, {Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "A", Version: "1"},
		{Kind: resolve.VaultSecret, Vault: "kv2.vault.azure.net", Name: "a"}, {Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "b"},
		{Kind: resolve.KeyValue, Configuration: "store1.azconfig.io", Name: "k"}, {Kind: resolve.Connection, Workspace: w, Name: "c"}, {Kind: resolve.Connection, Workspace: other, Name: "c"},
		{Kind: resolve.EndpointKeys, Workspace: w, Name: "e"}, {Kind: resolve.EndpointToken, Workspace: w, Name: "e"},
	} {
		sources = append(sources, resolve.Source{Reference: resolve.Reference{Object: o}})
	}
	var got []string
	for _, s := range storesOf(sources) {
		got = append(got, s.Store+" "+s.what(mostListed))
	}
	many := &store{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		many.add(resolve.Object{Kind: resolve.VaultSecret, Name: name})
	}
	if got := many.what(mostListed); got != "secret a, b, c and 2 more" {
		t.Errorf("many names: %s", got)
	}
	want := []string{"kv1.vault.azure.net secret a, b", "kv2.vault.azure.net secret a", "store1.azconfig.io key k", "w connection c", "w connection c", "w keys of online endpoint e", "w token of online endpoint e"}
	if !slices.Equal(got, want) {
		t.Errorf("stores = %q, want %q", got, want)
	}
}

// TestInterruptedGrant checks that a grant which a signal has stopped is not called
// one that Azure did not answer.
func TestInterruptedGrant(t *testing.T) {
	tokens := &fake.TokenCredential{}
	q := &inquiry{manager: manager.New(resolve.Clouds["AzureCloud"], tokens)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := &grant{}
	q.carryOut(ctx, &store{}, g, party{})
	if g.Result != resultRefused || !strings.HasPrefix(g.Error, "interrupted: ") {
		t.Errorf("%+v", g)
	}
}
