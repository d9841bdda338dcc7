package main_test

import "slices"

const managed = "AZINJECT_CREDENTIAL=ManagedIdentityCredential"

var credentialNames = []string{
	"ManagedIdentityCredential",
	"WorkloadIdentityCredential",
	"AzureMLOnBehalfOfCredential",
	"EnvironmentCredential",
	"AzureCLICredential",
	"AzureDeveloperCLICredential",
}

// selectionFailures are about which credential is used, and for which identity.
var selectionFailures = slices.Concat(
	place{platforms: "appservice"}.of([]failureCase{
		{
			name:     "unknown credential",
			env:      []string{"AZINJECT_CREDENTIAL=canary-secret"},
			says:     append([]string{"AZINJECT_CREDENTIAL: write one of "}, credentialNames...),
			requests: never,
		},
		{
			name:     "unknown credential, in the SDK's variable",
			env:      []string{"AZURE_TOKEN_CREDENTIALS=canary-secret"},
			says:     append([]string{"AZURE_TOKEN_CREDENTIALS: write one of dev, prod, ", "AZINJECT_CREDENTIAL overrides"}, credentialNames...),
			requests: never,
		},
		{
			name:     "AZINJECT_CREDENTIAL before the SDK's variable",
			env:      []string{managed, "AZURE_TOKEN_CREDENTIALS=canary-secret"},
			starts:   true,
			requests: secretOnce,
		},
		{
			name:     "AZINJECT_CREDENTIAL before the token file",
			env:      []string{managed, "AZURE_FEDERATED_TOKEN_FILE=/nowhere/token", "AZURE_TENANT_ID=" + nobody},
			starts:   true,
			requests: map[string]int{"entra": 0, "token": 1, "secret": 1},
		},
		{
			name:     "prod, managed identity",
			env:      []string{"AZURE_TOKEN_CREDENTIALS=prod"},
			starts:   true,
			requests: secretOnce,
		},
		{
			name:     "quotes around AZURE_CLIENT_ID",
			env:      []string{`AZURE_CLIENT_ID="` + clientID + `"`},
			says:     []string{"AZURE_CLIENT_ID: drop the quotes"},
			requests: never,
		},
		{
			name:     "AZURE_CLIENT_ID is something else",
			env:      []string{"AZURE_CLIENT_ID=canary-secret"},
			starts:   true,
			requests: secretOnce,
		},
		{
			name:     "azlocal gives no token",
			yaml:     onIdentity(`status: 400, body: '{"statusCode":400,"error":"developer_sign_in","message":"azlocal got no token for https://vault.azure.net: az: Please run az login to setup account"}'`),
			says:     []string{"returned 400 developer_sign_in: azlocal got no token", "az: Please run az login"},
			saysNot:  []string{"hint", "assign an identity"},
			requests: tokenOnce,
		},
	}),
	place{platforms: "cloudshell servicefabric azureml_kubernetes"}.of([]failureCase{{
		name:     "identity where there is only one",
		env:      []string{"AZINJECT_IDENTITY=" + clientID},
		says:     []string{"AZINJECT_IDENTITY: remove this: ", " has one identity, and none can be selected"},
		requests: never,
	}}),
	place{platforms: "azureml_cluster azureml_instance"}.of([]failureCase{{
		name:     "Azure Machine Learning takes client IDs only",
		env:      []string{"AZINJECT_IDENTITY=object:" + oid},
		says:     []string{"AZINJECT_IDENTITY: write a client ID: an Azure Machine Learning ", " takes no other"},
		requests: never,
	}}),
	place{platforms: "foundry_agent"}.of([]failureCase{
		{
			name:     "identity of another agent",
			env:      []string{"AZURE_CLIENT_ID=" + nobody},
			says:     []string{"of a Foundry hosted agent at ", "returned 400 for the identity " + nobody + " (AZURE_CLIENT_ID): Invalid clientId.", "the identity that AZURE_CLIENT_ID selects"},
			requests: tokenOnce,
		},
		{
			name:     "agent without a role",
			yaml:     noReaders,
			says:     []string{"the agent's identity with object ID " + oid + " needs", "--assignee-object-id " + oid + " --assignee-principal-type ServicePrincipal"},
			requests: secretOnce,
		},
	}),
	inPod.of([]failureCase{{
		name:     "prod, pod",
		env:      []string{"AZURE_TOKEN_CREDENTIALS=prod"},
		starts:   true,
		requests: viaEntra,
	}}),
	asApplication.of([]failureCase{{
		name:     "prod, application",
		env:      []string{"AZINJECT_CREDENTIAL=", "AZURE_TOKEN_CREDENTIALS=prod"},
		starts:   true,
		requests: viaEntra,
	}}),
)
