package access

import (
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/identity"
	"azinject/resolve"
)

const guid = "aaaaaaaa-0000-4000-8000-000000000001"

var (
	workspace = resolve.Workspace{Subscription: "s", ResourceGroup: "r", Name: "w"}
	project   = resolve.Project{Host: "acct.services.ai.azure.com", Name: "p"}
	someone   = Principal{guid, "ServicePrincipal"}
)

func TestFor(t *testing.T) {
	for name, test := range map[string]struct {
		object resolve.Object
		scope  string
		want   Grant
	}{
		"secret of a vault whose ID is known": {
			resolve.Object{Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "s"}, "/subscriptions/s/vaults/kv1",
			Grant{Role: "Key Vault Secrets User", Scope: "/subscriptions/s/vaults/kv1",
				Command: `az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "Key Vault Secrets User" --scope "/subscriptions/s/vaults/kv1"`},
		},
		"secret": {
			resolve.Object{Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "s"}, "",
			Grant{Role: "Key Vault Secrets User", Scope: "$(az keyvault show --name kv1 --query id --output tsv || echo not-found)",
				Command: `az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "Key Vault Secrets User" --scope "$(az keyvault show --name kv1 --query id --output tsv || echo not-found)"`},
		},
		"connection": {
			resolve.Object{Kind: resolve.Connection, Workspace: workspace, Name: "c"}, "",
			Grant{Role: "Azure Machine Learning Workspace Connection Secrets Reader", Scope: workspace.ID(),
				Command: `az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "Azure Machine Learning Workspace Connection Secrets Reader" --scope "` + workspace.ID() + `"`},
		},
		"key in App Configuration": {
			resolve.Object{Kind: resolve.KeyValue, Configuration: "store1.azconfig.io", Name: "k"}, "",
			Grant{Role: "App Configuration Data Reader", Scope: "$(az appconfig show --name store1 --query id --output tsv || echo not-found)",
				Command: `az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "App Configuration Data Reader" --scope "$(az appconfig show --name store1 --query id --output tsv || echo not-found)"`},
		},
		"keys of an endpoint": {
			resolve.Object{Kind: resolve.EndpointKeys, Workspace: workspace, Name: "e"}, "",
			Grant{Action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action", Scope: workspace.ID()},
		},
		"token of an endpoint": {
			resolve.Object{Kind: resolve.EndpointToken, Workspace: workspace, Name: "e"}, "",
			Grant{Action: "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action", Scope: workspace.ID(), AuthMode: "aml_token"},
		},
		"connection of a project": {
			resolve.Object{Kind: resolve.ProjectConnection, Project: project, Name: "c"}, "",
			Grant{Role: "Foundry User", Scope: "$(az resource list --resource-type Microsoft.CognitiveServices/accounts --name acct --query '[].id' --output tsv | grep . || echo not-found)/projects/p",
				Command: `az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "53ca6127-db72-4b80-b1b0-d745d6d5456d"` +
					` --scope "$(az resource list --resource-type Microsoft.CognitiveServices/accounts --name acct --query '[].id' --output tsv | grep . || echo not-found)/projects/p"`},
		},
		"connection of a project whose ID is known": {
			resolve.Object{Kind: resolve.ProjectConnection, Project: project, Name: "c"}, "/subscriptions/s/projects/p",
			Grant{Role: "Foundry User", Scope: "/subscriptions/s/projects/p",
				Command: `az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "53ca6127-db72-4b80-b1b0-d745d6d5456d" --scope "/subscriptions/s/projects/p"`},
		},
	} {
		if got := For(test.object, test.scope, someone); got != test.want {
			t.Errorf("%s: For = %+v, want %+v", name, got, test.want)
		}
	}
}

func TestForAllGivesEachGrantOnce(t *testing.T) {
	secret := func(vault, name string) resolve.Source {
		return resolve.Source{Reference: resolve.Reference{Object: resolve.Object{Kind: resolve.VaultSecret, Vault: vault, Name: name}}}
	}
	all := ForAll([]resolve.Source{secret("kv1.vault.azure.net", "a"), secret("kv2.vault.azure.net", "a"), secret("kv1.vault.azure.net", "b")}, someone)
	if len(all) != 2 || all[0] == all[1] {
		t.Errorf("ForAll = %+v, want one grant for each of two vaults", all)
	}
}

// TestForAllKnowsAuthModes checks that a token of an endpoint is planned for with
// both auth modes that have one.
func TestForAllKnowsAuthModes(t *testing.T) {
	token := resolve.Source{Reference: resolve.Reference{Object: resolve.Object{Kind: resolve.EndpointToken, Workspace: workspace, Name: "e"}}}
	var got []string
	for _, g := range ForAll([]resolve.Source{token, token}, someone) {
		got = append(got, g.AuthMode+" "+strings.TrimPrefix(g.Action, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/"))
		if g.Scope != workspace.ID() || g.Role != "" || g.Command != "" {
			t.Errorf("ForAll: %+v", g)
		}
	}
	if want := []string{"aml_token token/action", "aad_token read", "aad_token score/action"}; !slices.Equal(got, want) {
		t.Errorf("ForAll = %q, want %q", got, want)
	}
}

func TestPrincipals(t *testing.T) {
	const signedIn = "$(az ad signed-in-user show --query id --output tsv)"
	for name, test := range map[string]struct{ got, want Principal }{
		"token of an identity":   {ByToken(identity.Claims{ObjectID: guid}), Principal{guid, "ServicePrincipal"}},
		"token of a user":        {ByToken(identity.Claims{ObjectID: guid, User: true}), Principal{guid, "User"}},
		"no token":               {ByToken(identity.Claims{}), Principal{UnknownObjectID, "ServicePrincipal"}},
		"system-assigned":        {BySelection(identity.Selection{}), Principal{UnknownObjectID, "ServicePrincipal"}},
		"by object ID":           {BySelection(identity.Selection{ID: azidentity.ObjectID(guid)}), Principal{guid, "ServicePrincipal"}},
		"by client ID":           {BySelection(identity.Selection{ID: azidentity.ClientID(guid)}), Principal{"$(az ad sp show --id " + guid + " --query id --output tsv)", "ServicePrincipal"}},
		"by resource ID":         {BySelection(identity.Selection{ID: azidentity.ResourceID("/x")}), Principal{`$(az identity show --ids "/x" --query principalId --output tsv)`, "ServicePrincipal"}},
		"who submitted the job":  {BySelection(identity.Selection{Kind: identity.OnBehalfOf}), Principal{UnknownObjectID, "User"}},
		"who has signed in":      {BySelection(identity.Selection{Kind: identity.AzureCLI}), Principal{signedIn, "User"}},
		"whoever of the two has": {BySelection(identity.Selection{Kind: identity.Developer}), Principal{signedIn, "User"}},
	} {
		if test.got != test.want {
			t.Errorf("%s: %+v, want %+v", name, test.got, test.want)
		}
	}
}
