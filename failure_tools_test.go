package main_test

// withTools is a PATH without the machine's own az.
var withTools = place{platforms: "none", env: []string{"PATH=/nowhere", "AZINJECT_CREDENTIAL=AzureCLICredential"}}

// toolFailures are failures of az and azd.
var toolFailures = withTools.of([]failureCase{
	{
		name: "no az",
		says: []string{
			"no token for https://vault.azure.net: Azure CLI: not installed",
			"remove AZINJECT_CREDENTIAL, because images do not have az",
			"azlocal login --",
		},
		requests: notAsked,
	},
	{
		name:     "no azd",
		env:      []string{"AZINJECT_CREDENTIAL=AzureDeveloperCLICredential"},
		says:     []string{"Azure Developer CLI: not installed", "images do not have azd"},
		requests: notAsked,
	},
	{
		name: "neither az nor azd",
		env:  []string{"AZINJECT_CREDENTIAL=", "AZURE_TOKEN_CREDENTIALS=dev"},
		says: []string{
			"Azure CLI: not installed",
			"Azure Developer CLI: not installed",
			"remove AZURE_TOKEN_CREDENTIALS, because images do not have az",
		},
		requests: notAsked,
	},
	{
		name:     "nobody signed in to az",
		tools:    `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`,
		says:     []string{"Azure CLI: it asks for a sign-in", "run", "az login"},
		requests: notAsked,
	},
	{
		name:     "nobody signed in to azd",
		env:      []string{"AZINJECT_CREDENTIAL=AzureDeveloperCLICredential"},
		tools:    `echo '{"error":"not logged in, run "'"azd auth login"'" to login"}' >&2; exit 1`,
		says:     []string{"Azure Developer CLI: it asks for a sign-in", "azd auth login"},
		requests: notAsked,
	},
	{
		name:     "sign-in has ended",
		tools:    `echo "ERROR: AADSTS70043: The refresh token has expired. Trace ID: x. To re-authenticate, please run: az login" >&2; exit 1`,
		says:     []string{"it asks for a sign-in: AADSTS70043: The refresh token has expired", "az login"},
		saysNot:  []string{"Trace"},
		requests: notAsked,
	},
	{
		name:     "az hangs",
		env:      []string{soon},
		tools:    "exec /bin/sleep 10",
		says:     []string{"Azure CLI: no answer in time", "run this to see why: az account get-access-token"},
		requests: notAsked,
	},
	{
		name:     "az fails",
		tools:    `echo '{"accessToken":"eyJ.canary-secret"}'; echo canary-secret >&2; exit 3`,
		says:     []string{"Azure CLI: it failed", "run this to see why: az account get-access-token --resource https://vault.azure.net"},
		requests: notAsked,
	},
})
