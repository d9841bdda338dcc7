package main_test

// environmentFailures are mistakes that azinject finds before it fetches
// anything.
var environmentFailures = []failureCase{
	{
		name:     "malformed reference",
		yaml:     oneSecret,
		env:      []string{"A=${{keyvault:https://kv1.vault.azure.net/secret/canary-secret}}"},
		says:     []string{"A: malformed reference at position 41", "write /secrets/NAME", "AZINJECT_SKIP", "nothing was fetched"},
		requests: never,
	},
	{
		name:     "quotes of an env file",
		env:      []string{`A="keyvault:https://kv1.vault.azure.net/secrets/canary-secret"`},
		says:     []string{"A: malformed reference at position 1: drop the quotes", "AZINJECT_SKIP", "nothing was fetched"},
		requests: never,
	},
	{
		name:     "no-break space",
		env:      []string{"A=\u00a0@Microsoft.KeyVault(VaultName=kv1;SecretName=canary-secret)"},
		says:     []string{"A: malformed reference at position 1: drop the blanks", "nothing was fetched"},
		requests: never,
	},
	{
		name:     "without braces in longer text",
		env:      []string{"A=canary-secret:azureml://connections/c/credentials/key"},
		says:     []string{"A: malformed reference at position 15: this form is a whole value; in longer text, write a reference in braces", "nothing was fetched"},
		requests: never,
	},
	{
		name:     "quotes in braces",
		env:      []string{"A=${{'azureml://onlineEndpoints/canary-secret/credentials/primaryKey'}}"},
		says:     []string{"A: malformed reference at position 4: only spaces may stand between", "nothing was fetched"},
		requests: never,
	},
	{
		name:     "malformed reference of azd",
		env:      []string{"A=akvs://00000000-1111-2222-3333-444444444444/kv1"},
		says:     []string{"A: malformed reference at position ", "akvs://SUBSCRIPTION/VAULT/SECRET", "nothing was fetched"},
		requests: never,
	},
	{
		name:     "unknown setting",
		yaml:     oneSecret,
		env:      []string{secretS, "AZINJECT_TIMOUT=canary-secret"},
		says:     []string{"AZINJECT_TIMOUT: no such setting", "AZINJECT_TIMEOUT"},
		requests: never,
	},
	{
		name:      "no workspace",
		yaml:      connection,
		platforms: "appservice azureml imds",
		env:       []string{keyOfC},
		says:      []string{"A: the reference names no workspace", "AZINJECT_WORKSPACE", "AML_DEPLOYMENT_RESOURCE_ID", "AZUREML_ARM_"},
		requests:  never,
	},
	{
		name:     "proxy from a vault",
		yaml:     oneSecret,
		env:      []string{secretS, "https_proxy=http://u:${{keyvault:https://kv1.vault.azure.net/secrets/s}}@proxy:80", "HTTPS_PROXY="},
		says:     []string{"https_proxy: azinject itself needs this to resolve references"},
		saysNot:  []string{"percent-encoded"},
		requests: never,
	},
	{
		name:     "proxy from a vault, not used",
		yaml:     oneSecret,
		env:      []string{secretS, "https_proxy=keyvault:https://kv1.vault.azure.net/secrets/s"},
		starts:   true,
		requests: secretOnce,
	},
	{
		name:     "unusable proxy, not used",
		yaml:     oneSecret,
		env:      []string{secretS, "https_proxy=http://user:canary-secret%zz@proxy:80"},
		starts:   true,
		requests: secretOnce,
	},
	{
		name:     "unusable proxy",
		yaml:     oneSecret,
		env:      []string{secretS, "HTTPS_PROXY=http://user:canary-secret%zz@proxy:80"},
		says:     []string{"HTTPS_PROXY: write the address of a proxy"},
		requests: never,
	},
}
