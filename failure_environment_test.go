package main_test

// environmentFailures are mistakes that are found before anything is fetched.
var environmentFailures = []failureCase{
	{
		name:     "malformed reference",
		yaml:     oneSecret,
		env:      []string{"A=${{keyvault:https://kv1.vault.azure.net/secret/canary-secret}}"},
		says:     []string{"A: malformed reference at position 41", "write /secrets/NAME", "AZINJECT_SKIP", "nothing was fetched"},
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
		name:     "proxy from a vault that does not count",
		yaml:     oneSecret,
		env:      []string{secretS, "https_proxy=keyvault:https://kv1.vault.azure.net/secrets/s"},
		starts:   true,
		requests: secretOnce,
	},
	{
		name:     "unusable proxy that does not count",
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
