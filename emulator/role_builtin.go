package emulator

// builtInRoles lists some of Azure's roles, with the permissions that matter
// here. Those of AzureML Data Scientist are as documented for a custom role that
// equals it: whether the real one may list the secrets of connections is
// unconfirmed.
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var builtInRoles = []roleDefinition{
	{guid: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", name: "Owner", permissions: may("*")},
	{guid: "b24988ac-6180-42a0-ab88-20f7382dd24c", name: "Contributor", permissions: []permission{{
		Actions: []string{"*"}, NotActions: []string{"Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"},
	}}},
	{guid: "acdd72a7-3385-48ef-bd42-f606fba81ae7", name: "Reader", permissions: may("*/read")},
	{guid: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", name: "User Access Administrator", permissions: may("*/read", "Microsoft.Authorization/*")},
	{guid: "f58310d9-a9f6-439a-9e8d-f62e7b41a168", name: "Role Based Access Control Administrator",
		permissions: may("Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete", "*/read")},

	{guid: "00482a5a-887f-4fb3-b363-3b7fe8e74483", name: "Key Vault Administrator", permissions: mayData("Microsoft.KeyVault/vaults/*")},
	{guid: "f25e0fa2-a7c8-4377-a976-54943a77a395", name: "Key Vault Contributor", permissions: may("Microsoft.KeyVault/*")},
	{guid: "21090545-7ca7-4776-b22c-e363652d74d2", name: "Key Vault Reader", permissions: []permission{{
		Actions:     []string{"Microsoft.Authorization/*/read", "Microsoft.KeyVault/vaults/*/read"},
		DataActions: []string{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"},
	}}},
	{guid: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7", name: "Key Vault Secrets Officer", permissions: mayData("Microsoft.KeyVault/vaults/secrets/*")},
	secretsUser,

	{guid: "f6c7c914-8db3-469d-8ca1-694a8f32e121", name: "AzureML Data Scientist", permissions: []permission{{
		Actions: []string{"Microsoft.MachineLearningServices/workspaces/*/read", "Microsoft.MachineLearningServices/workspaces/*/action",
			"Microsoft.MachineLearningServices/workspaces/*/delete", "Microsoft.MachineLearningServices/workspaces/*/write"},
		NotActions: []string{"Microsoft.MachineLearningServices/workspaces/delete", "Microsoft.MachineLearningServices/workspaces/write",
			"Microsoft.MachineLearningServices/workspaces/computes/*/write", "Microsoft.MachineLearningServices/workspaces/computes/*/delete",
			"Microsoft.MachineLearningServices/workspaces/computes/listKeys/action", "Microsoft.MachineLearningServices/workspaces/listKeys/action"},
	}}},
	connectionReader,
	foundryUser,
	configurationReader,
}

var (
	secretsUser = roleDefinition{guid: "4633458b-17de-408a-b874-0445c86b69e6", name: "Key Vault Secrets User",
		permissions: mayData("Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action")}
	connectionReader = roleDefinition{guid: "ea01e6af-a1c1-4350-9563-ad00f8c72ec5", name: "Azure Machine Learning Workspace Connection Secrets Reader",
		permissions: may("Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action", "Microsoft.MachineLearningServices/workspaces/metadata/secrets/read")}
	foundryUser         = roleDefinition{guid: "53ca6127-db72-4b80-b1b0-d745d6d5456d", name: "Foundry User", permissions: mayData("Microsoft.CognitiveServices/*")}
	configurationReader = roleDefinition{guid: "516239f1-63e1-4d78-a4de-a74fb236a071", name: "App Configuration Data Reader", permissions: mayData(readKeyValues)}
	// credentialsReader is the custom role of a workspace's endpoint_key_readers.
	credentialsReader = roleDefinition{guid: derivedGUID("role", "endpoint credentials"), name: "Online Endpoint Credentials Reader", custom: true,
		permissions: may("Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action", "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action")}
)

func may(actions ...string) []permission { return []permission{{Actions: actions}} }

func mayData(actions ...string) []permission { return []permission{{DataActions: actions}} }
