package main_test

var asApplication = place{
	platforms:  "service_principal",
	identities: "identities: {app: {" + attachedApp + ", client_secret: canary-secret-app}, other: {}}\nattached: [app]\n",
	env:        []string{"AZINJECT_CREDENTIAL=EnvironmentCredential"},
}

var secretRefers = []string{"AZURE_CLIENT_SECRET: azinject itself needs this to resolve references"}

// applicationFailures are failures of applications with a client secret.
var applicationFailures = asApplication.of([]failureCase{
	{
		name:     "application",
		starts:   true,
		requests: viaEntra,
	},
	{
		name:     "wrong client secret",
		env:      []string{"AZURE_CLIENT_SECRET=canary-secret-wrong"},
		says:     []string{"returned 401 invalid_client: AADSTS7000215", "AZURE_CLIENT_SECRET", "az ad app credential reset --append"},
		requests: entraOnce,
	},
	{
		name:     "client secret with a line feed",
		env:      []string{"AZURE_CLIENT_SECRET=canary-secret-app\n"},
		says:     []string{"AZURE_CLIENT_SECRET: drop the blanks or invisible characters around the value"},
		saysNot:  []string{"az ad app"},
		requests: entraNever,
	},
	{
		name:     "client secret in quotes",
		env:      []string{`AZURE_CLIENT_SECRET="canary-secret-app"`},
		says:     []string{"AZURE_CLIENT_SECRET: drop the quotes, which are part of the value"},
		requests: entraNever,
	},
	{
		name:     "client secret has expired",
		yaml:     onEntra("status: 401, code: invalid_client, message: \"AADSTS7000222: The provided client secret keys for app 'x' are expired.\""),
		says:     []string{"AADSTS7000222", "AZURE_CLIENT_SECRET", "az ad app credential reset --append"},
		requests: entraOnce,
	},
	{
		name:     "Entra repeats the client secret",
		yaml:     onEntra("status: 401, code: invalid_client, message: 'AADSTS7000215: canary-secret-app is wrong'"),
		says:     []string{"returned 401 invalid_client: AADSTS7000215: … is wrong"},
		requests: entraOnce,
	},
	{
		name:     "client secret is a reference",
		env:      []string{"AZURE_CLIENT_SECRET=${{keyvault:https://kv1.vault.azure.net/secrets/s}}"},
		says:     secretRefers,
		requests: entraNever,
	},
	{
		name:     "client secret contains a reference",
		env:      []string{"AZURE_CLIENT_SECRET=canary-secret${{ azureml://connections/c/target }}", inW},
		says:     secretRefers,
		requests: entraNever,
	},
	{
		name:     "client secret is a bare reference",
		env:      []string{"AZURE_CLIENT_SECRET=keyvault:https://kv1.vault.azure.net/secrets/s"},
		says:     secretRefers,
		requests: entraNever,
	},
	{
		name: "client secret is App Service's reference",
		env: []string{
			"AZINJECT_CREDENTIAL=",
			"AZURE_TOKEN_CREDENTIALS=prod",
			"AZURE_CLIENT_SECRET=@Microsoft.KeyVault(VaultName=kv1;SecretName=s)",
		},
		says:     secretRefers,
		requests: entraNever,
	},
	{
		name:     "client secret is a reference that is not to be resolved",
		env:      []string{"AZURE_CLIENT_SECRET=keyvault:https://kv1.vault.azure.net/secrets/s", "AZINJECT_UNSET=AZURE_CLIENT_SECRET"},
		says:     secretRefers,
		requests: entraNever,
	},
	{
		name:     "client secret is a reference of another tool",
		env:      []string{"AZURE_CLIENT_SECRET=${{secrets.X}}"},
		says:     secretRefers,
		requests: entraNever,
	},
	{
		name:     "client secret is a malformed reference",
		env:      []string{"AZURE_CLIENT_SECRET=keyvault:https://canary-secret"},
		says:     []string{"AZURE_CLIENT_SECRET: malformed reference at position 18"},
		saysNot:  []string{"azinject itself"},
		requests: entraNever,
	},
	{
		name:     "no client secret",
		env:      []string{"AZURE_CLIENT_SECRET="},
		says:     []string{"AZURE_CLIENT_SECRET: not set; EnvironmentCredential needs"},
		requests: entraNever,
	},
	{
		name:     "no client ID",
		env:      []string{"AZURE_CLIENT_ID="},
		says:     []string{"AZURE_CLIENT_ID: not set"},
		requests: entraNever,
	},
	{
		name:     "no tenant ID",
		env:      []string{"AZURE_TENANT_ID="},
		says:     []string{"AZURE_TENANT_ID: not set"},
		requests: entraNever,
	},
	{
		name:     "client certificate",
		env:      []string{"AZURE_CLIENT_SECRET=", "AZURE_CLIENT_CERTIFICATE_PATH=/canary-secret.pem"},
		says:     []string{"AZURE_CLIENT_CERTIFICATE_PATH: azinject does not sign in with a certificate"},
		requests: entraNever,
	},
	{
		name:     "password",
		env:      []string{"AZURE_CLIENT_SECRET=", "AZURE_USERNAME=canary-secret", "AZURE_PASSWORD=canary-secret"},
		says:     []string{"AZURE_USERNAME: azinject does not sign in with a user's name and password"},
		requests: entraNever,
	},
	{
		name:     "AZINJECT_IDENTITY with an application",
		env:      []string{"AZINJECT_IDENTITY=" + clientID},
		says:     []string{"AZINJECT_IDENTITY: remove this", "it has no meaning for EnvironmentCredential"},
		requests: entraNever,
	},
})
