package access

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/identity"
	"azinject/resolve"
)

const guid = "aaaaaaaa-0000-4000-8000-000000000001"

var (
	workspace = resolve.Workspace{Subscription: "s", ResourceGroup: "r", Name: "w"}
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
			Grant{"Key Vault Secrets User", "", "/subscriptions/s/vaults/kv1",
				`az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "Key Vault Secrets User" --scope "/subscriptions/s/vaults/kv1"`},
		},
		"secret": {
			resolve.Object{Kind: resolve.VaultSecret, Vault: "kv1.vault.azure.net", Name: "s"}, "",
			Grant{"Key Vault Secrets User", "", "$(az keyvault show --name kv1 --query id --output tsv)",
				`az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "Key Vault Secrets User" --scope "$(az keyvault show --name kv1 --query id --output tsv)"`},
		},
		"connection": {
			resolve.Object{Kind: resolve.Connection, Workspace: workspace, Name: "c"}, workspace.ID(),
			Grant{"Azure Machine Learning Workspace Connection Secrets Reader", "", workspace.ID(),
				`az role assignment create --assignee-object-id ` + guid + ` --assignee-principal-type ServicePrincipal --role "Azure Machine Learning Workspace Connection Secrets Reader" --scope "` + workspace.ID() + `"`},
		},
		"keys of an endpoint": {
			resolve.Object{Kind: resolve.EndpointKeys, Workspace: workspace, Name: "e"}, workspace.ID(),
			Grant{"", "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action", workspace.ID(), ""},
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
