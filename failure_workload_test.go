package main_test

var inPod = place{
	platforms: "workload_identity",
	identities: "identities: {app: {" + attachedApp + ", federated: {subject: 'system:serviceaccount:shop:web'}}, " +
		"bare: {client_id: " + nobody + ", resource_id: " + identityID("bare") + "}, other: {}}\nattached: [app]\n",
}

func podToken(what string) string { return oneSecret + "service_account_token: {" + what + "}\n" }

// workloadFailures are failures of workload identity: of its variables and of
// the service account's token.
var workloadFailures = inPod.of([]failureCase{
	{
		name:     "pod",
		starts:   true,
		requests: viaEntra,
	},
	{
		name:     "pod, two audiences",
		yaml:     oneSecret + connection,
		env:      []string{"B=azureml://connections/c/target", inW},
		starts:   true,
		requests: map[string]int{"entra": 2, "discovery": 0, "token": 0, "secret": 1, "connection": 1},
	},
	{
		name:     "pod, AZINJECT_IDENTITY before AZURE_CLIENT_ID",
		env:      []string{"AZINJECT_IDENTITY=" + clientID, "AZURE_CLIENT_ID=" + nobody},
		starts:   true,
		requests: viaEntra,
	},
	{
		name:     "pod, no AZURE_CLIENT_ID",
		env:      []string{"AZURE_CLIENT_ID="},
		says:     []string{"AZURE_CLIENT_ID: not set", "azure.workload.identity/client-id", "or set AZINJECT_IDENTITY to the client ID"},
		requests: entraNever,
	},
	{
		name:     "pod, AZURE_CLIENT_ID is not an ID",
		env:      []string{"AZURE_CLIENT_ID=canary-secret"},
		says:     []string{"AZURE_CLIENT_ID: write the client ID of an application or managed identity"},
		requests: entraNever,
	},
	{
		name:     "pod, object ID",
		env:      []string{"AZINJECT_IDENTITY=object:" + oid},
		says:     []string{"AZINJECT_IDENTITY: WorkloadIdentityCredential takes a client ID only", "ManagedIdentityCredential"},
		requests: entraNever,
	},
	{
		name:     "pod, no AZURE_TENANT_ID",
		env:      []string{"AZURE_TENANT_ID="},
		says:     []string{"AZURE_TENANT_ID: not set", "azure.workload.identity/use"},
		requests: entraNever,
	},
	{
		name:     "pod, AZURE_TENANT_ID is not an ID",
		env:      []string{"AZURE_TENANT_ID=canary-secret"},
		says:     []string{"AZURE_TENANT_ID: write the ID of a Microsoft Entra tenant"},
		requests: entraNever,
	},
	{
		name:     "pod, blanks around AZURE_TENANT_ID",
		env:      []string{"AZURE_TENANT_ID= " + nobody + " "},
		says:     []string{"AZURE_TENANT_ID: drop the "},
		requests: entraNever,
	},
	{
		name:     "pod, authority without TLS",
		env:      []string{"AZURE_AUTHORITY_HOST=http://canary-secret.example/"},
		says:     []string{"AZURE_AUTHORITY_HOST: write an https address"},
		requests: entraNever,
	},
	{
		name:     "token file missing",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=/nowhere/token"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: /nowhere/token: no such file", "webhook"},
		requests: entraNever,
	},
	{
		name:     "token file cannot be read",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=/"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: / is not a file with a token", "fsGroup"},
		requests: entraNever,
	},
	{
		name:     "token file empty",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=/dev/null"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: /dev/null is not a file with a token"},
		requests: entraNever,
	},
	{
		name:     "token file contains something else",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=/etc/passwd"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: /etc/passwd does not contain a JSON Web Token", "webhook"},
		requests: entraNever,
	},
	{
		name:     "token file is the environment",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=/proc/self/environ"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: /proc/self/environ does not contain a JSON Web Token", "webhook"},
		requests: entraNever,
	},
	{
		name:     "token itself instead of its file",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=eyJ.canary-secret"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: write the path of a file"},
		requests: entraNever,
	},
	{
		name: "issuer of another cluster",
		yaml: podToken("issuer: 'https://other.example/'"),
		says: []string{
			"Microsoft Entra at https://login.microsoftonline.com returned 401 invalid_client: AADSTS700211",
			"issuer 'https://other.example/'",
			"az identity federated-credential",
		},
		requests: entraOnce,
	},
	{
		name:     "another audience",
		yaml:     podToken("audience: 'api://other'"),
		says:     []string{"AADSTS700212", "audience 'api://other'", "az identity federated-credential"},
		requests: entraOnce,
	},
	{
		name:     "another service account",
		yaml:     podToken("subject: 'system:serviceaccount:shop:worker'"),
		says:     []string{"AADSTS700213", "'system:serviceaccount:shop:worker'", "az identity federated-credential"},
		requests: entraOnce,
	},
	{
		name:     "no federated credential at all",
		env:      []string{"AZURE_CLIENT_ID=" + nobody},
		says:     []string{"AADSTS70025", "az identity federated-credential"},
		requests: entraOnce,
	},
	{
		name:     "service account's token has expired",
		yaml:     podToken("expired: true"),
		says:     []string{"AADSTS700024", "AZURE_FEDERATED_TOKEN_FILE"},
		requests: entraOnce,
	},
})
