package emulator_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/keyvault/armkeyvault"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/machinelearning/armmachinelearning/v4"

	"azinject/emulator"
)

const (
	managedSubscription = "00000000-1111-2222-3333-444444444444"
	managedVault        = "/subscriptions/" + managedSubscription + "/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1"
	managedIdentity     = "/subscriptions/" + managedSubscription + "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai"
	managedObject       = "bbbbbbbb-0000-4000-8000-000000000001"
)

const managed = `
platform: appservice
attached: [me]
identities:
  me: {client_id: aaaaaaaa-0000-4000-8000-000000000021, resource_id: ` + managedIdentity + `x}
  uai: {client_id: bbbbbbbb-0000-4000-8000-000000000002, object_id: ` + managedObject + `, resource_id: ` + managedIdentity + `}
  system: {}
groups: {team: [uai]}
role_assignments:
  - {principal: me, role: Owner, scope: /subscriptions/` + managedSubscription + `}
  - {principal: team, role: Reader, scope: /subscriptions/` + managedSubscription + `}
deny_assignments: [{name: nobody deletes, scope: /subscriptions/` + managedSubscription + `, actions: ["*/delete"]}]
vaults:
  kv1: {readers: []}
  kv2: {permission_model: access_policy, readers: [uai], firewall: true}
workspaces:
  ` + sdkWorkspace + `:
    computes: {cluster: {identities: [uai]}, bare: {}}
    online_endpoints:
      e: {auth_mode: key, primary_key: k, identities: [system, uai], properties: {enforce_access_to_default_secret_stores: enabled}}
`

// manage starts an Azure, and returns what the clients of Resource Manager need.
func manage(t *testing.T, config string) (azcore.TokenCredential, *arm.ClientOptions) {
	t.Helper()
	_, client := begin(t, config)
	return credential(t, "aaaaaaaa-0000-4000-8000-000000000021"), &arm.ClientOptions{ClientOptions: policy.ClientOptions{Transport: client}}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// rolesOf lists the roles that the filter selects, by name, with the SDK's client.
// The SDK does not encode a filter.
func rolesOf(t *testing.T, tokens azcore.TokenCredential, options *arm.ClientOptions, filter string) []string {
	t.Helper()
	assignments := must[*armauthorization.RoleAssignmentsClient](t)(armauthorization.NewRoleAssignmentsClient(managedSubscription, tokens, options))
	definitions := must[*armauthorization.RoleDefinitionsClient](t)(armauthorization.NewRoleDefinitionsClient(tokens, options))
	var names []string
	for pager := assignments.NewListForScopePager(managedVault, &armauthorization.RoleAssignmentsClientListForScopeOptions{Filter: &filter}); pager.More(); {
		page := must[armauthorization.RoleAssignmentsClientListForScopeResponse](t)(pager.NextPage(t.Context()))
		for _, a := range page.Value {
			d := must[armauthorization.RoleDefinitionsClientGetByIDResponse](t)(definitions.GetByID(t.Context(), *a.Properties.RoleDefinitionID, nil))
			names = append(names, *d.Properties.RoleName)
		}
	}
	return names
}

func TestGoSDKAssignsRoles(t *testing.T) {
	tokens, options := manage(t, managed)
	assigned := "assignedTo('" + managedObject + "')"
	if got := rolesOf(t, tokens, options, "atScope()+and+"+assigned); !slices.Equal(got, []string{"Reader"}) {
		t.Errorf("roles through the group = %v", got)
	}
	if got := rolesOf(t, tokens, options, "principalId%20eq%20'"+managedObject+"'"); got != nil {
		t.Errorf("direct roles = %v", got)
	}
	assignments := must[*armauthorization.RoleAssignmentsClient](t)(armauthorization.NewRoleAssignmentsClient(managedSubscription, tokens, options))
	wanted := armauthorization.RoleAssignmentCreateParameters{Properties: &armauthorization.RoleAssignmentProperties{
		RoleDefinitionID: new("/subscriptions/" + managedSubscription + "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"),
		PrincipalID:      new(managedObject), PrincipalType: new(armauthorization.PrincipalTypeServicePrincipal),
	}}
	const name, other = "cccccccc-0000-4000-8000-000000000001", "cccccccc-0000-4000-8000-000000000002"
	made := must[armauthorization.RoleAssignmentsClientCreateResponse](t)(assignments.Create(t.Context(), managedVault, name, wanted, nil))
	if !strings.EqualFold(*made.Properties.Scope, managedVault) {
		t.Errorf("scope = %s", *made.Properties.Scope)
	}
	_, err := assignments.Create(t.Context(), managedVault, other, wanted, nil)
	if refused := new(azcore.ResponseError); !errors.As(err, &refused) || refused.StatusCode != 409 || refused.ErrorCode != "RoleAssignmentExists" {
		t.Errorf("again: %v", err)
	}
	if got := rolesOf(t, tokens, options, assigned); !slices.Equal(got, []string{"Reader", "Key Vault Secrets User"}) {
		t.Errorf("roles = %v", got)
	}
}

func TestGoSDKFollowsPages(t *testing.T) {
	var more strings.Builder
	for i := range 50 {
		fmt.Fprintf(&more, "  - {principal: uai, role: Reader, scope: %s/secrets/s%d}\n", managedVault, i)
	}
	config := strings.Replace(managed, "role_assignments:\n", "role_assignments:\n"+more.String(), 1)
	tokens, options := manage(t, config)
	if got := rolesOf(t, tokens, options, "assignedTo('"+managedObject+"')"); len(got) != 51 {
		t.Errorf("%d assignments", len(got))
	}
	if got := rolesOf(t, tokens, options, "atScope()"); len(got) != 2 {
		t.Errorf("at the vault and above: %v", got)
	}
}

func TestGoSDKListsDenials(t *testing.T) {
	tokens, options := manage(t, managed)
	denials := must[*armauthorization.DenyAssignmentsClient](t)(armauthorization.NewDenyAssignmentsClient(managedSubscription, tokens, options))
	page := must[armauthorization.DenyAssignmentsClientListForScopeResponse](t)(denials.NewListForScopePager(managedVault, nil).NextPage(t.Context()))
	if len(page.Value) != 1 || *page.Value[0].Properties.DenyAssignmentName != "nobody deletes" || *page.Value[0].Properties.Principals[0].ID != "00000000-0000-0000-0000-000000000000" ||
		*page.Value[0].Properties.Permissions[0].Actions[0] != "*/delete" {
		t.Errorf("denials = %+v", page.Value)
	}
}

func TestGoSDKChangesPolicies(t *testing.T) {
	tokens, options := manage(t, managed)
	vaults := must[*armkeyvault.VaultsClient](t)(armkeyvault.NewVaultsClient(managedSubscription, tokens, options))
	for pager := vaults.NewListBySubscriptionPager(nil); pager.More(); {
		page := must[armkeyvault.VaultsClientListBySubscriptionResponse](t)(pager.NextPage(t.Context()))
		if len(page.Value) != 2 || *page.Value[0].Properties.VaultURI != "https://kv1.vault.azure.net/" || !*page.Value[0].Properties.EnableRbacAuthorization {
			t.Errorf("vaults = %+v", page.Value)
		}
	}
	shown := must[armkeyvault.VaultsClientGetResponse](t)(vaults.Get(t.Context(), "rg", "kv2", nil)).Properties
	if *shown.EnableRbacAuthorization || len(shown.AccessPolicies) != 1 || *shown.NetworkACLs.DefaultAction != armkeyvault.NetworkRuleActionDeny {
		t.Errorf("kv2 = %+v", shown)
	}
	more := armkeyvault.VaultAccessPolicyParameters{Properties: &armkeyvault.VaultAccessPolicyProperties{AccessPolicies: []*armkeyvault.AccessPolicyEntry{
		{TenantID: new(emulator.DefaultTenant), ObjectID: new(managedObject), Permissions: &armkeyvault.Permissions{Secrets: []*armkeyvault.SecretPermissions{new(armkeyvault.SecretPermissionsGet), new(armkeyvault.SecretPermissionsSet)}}},
	}}}
	for _, step := range []struct {
		kind armkeyvault.AccessPolicyUpdateKind
		want string
	}{{"add", "Get List set"}, {"remove", ""}, {"add", "get set"}} {
		changed := must[armkeyvault.VaultsClientUpdateAccessPolicyResponse](t)(vaults.UpdateAccessPolicy(t.Context(), "rg", "kv2", step.kind, more, nil))
		var words []string
		for _, p := range changed.Properties.AccessPolicies {
			for _, s := range p.Permissions.Secrets {
				words = append(words, string(*s))
			}
		}
		if got := strings.Join(words, " "); got != step.want {
			t.Errorf("%s: %q, want %q", step.kind, got, step.want)
		}
	}
}

func TestGoSDKReadsIdentities(t *testing.T) {
	tokens, options := manage(t, managed)
	endpoints := must[*armmachinelearning.OnlineEndpointsClient](t)(armmachinelearning.NewOnlineEndpointsClient(managedSubscription, tokens, options))
	e := must[armmachinelearning.OnlineEndpointsClientGetResponse](t)(endpoints.Get(t.Context(), "rg", "ws", "e", nil))
	if *e.Identity.Type != armmachinelearning.ManagedServiceIdentityTypeSystemAssignedUserAssigned || *e.Identity.PrincipalID == "" ||
		*e.Identity.UserAssignedIdentities[managedIdentity].PrincipalID != managedObject || *e.Properties.Properties["enforce_access_to_default_secret_stores"] != "enabled" {
		t.Errorf("endpoint = %+v", e.Identity)
	}
	computes := must[*armmachinelearning.ComputeClient](t)(armmachinelearning.NewComputeClient(managedSubscription, tokens, options))
	c := must[armmachinelearning.ComputeClientGetResponse](t)(computes.Get(t.Context(), "rg", "ws", "cluster", nil))
	if *c.Identity.UserAssignedIdentities[managedIdentity].ClientID != "bbbbbbbb-0000-4000-8000-000000000002" || *c.Properties.GetCompute().ComputeType != armmachinelearning.ComputeTypeAmlCompute {
		t.Errorf("compute = %+v", c)
	}
	if bare := must[armmachinelearning.ComputeClientGetResponse](t)(computes.Get(t.Context(), "rg", "ws", "bare", nil)); bare.Identity != nil {
		t.Errorf("compute without identity = %+v", bare.Identity)
	}
}
