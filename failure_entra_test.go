package main_test

const chinaVault = "vaults: {kv1.vault.azure.cn: {secrets: {s: canary-secret}}}\n"

func onEntra(what string) string {
	return oneSecret + fault("POST login.microsoftonline.com/", what)
}

// entraFailures are errors of Microsoft Entra for pods, and errors on the way
// there.
var entraFailures = inPod.of([]failureCase{
	{
		name:     "unknown application",
		env:      []string{"AZURE_CLIENT_ID=cccccccc-0000-4000-8000-00000000000c"},
		says:     []string{"returned 400 unauthorized_client: AADSTS700016", "correct AZURE_CLIENT_ID or AZURE_TENANT_ID"},
		requests: entraOnce,
	},
	{
		name:     "unknown tenant",
		env:      []string{"AZURE_TENANT_ID=" + nobody},
		says:     []string{"AADSTS90002", "correct AZURE_TENANT_ID, which names no tenant"},
		requests: entraOnce,
	},
	{
		name:     "store of another cloud",
		yaml:     chinaVault,
		env:      []string{"A=keyvault:https://kv1.vault.azure.cn/secrets/s"},
		says:     []string{"no token for https://vault.azure.cn", "AADSTS500011", "check the name of the store, which the tenant does not know", "AZURE_AUTHORITY_HOST"},
		requests: entraOnce,
	},
	{
		name:     "Entra is throttled, then not",
		yaml:     onEntra("times: 2, status: 429, headers: {retry-after-ms: \"5\"}"),
		starts:   true,
		requests: map[string]int{"entra": 3, "discovery": 0, "secret": 1},
	},
	{
		name:     "Entra is throttled for too long",
		yaml:     onEntra("status: 429, code: temporarily_unavailable, message: 'AADSTS50196: The server terminated an operation.', retry_after: 300s"),
		says:     []string{"returned 429 temporarily_unavailable: AADSTS50196", "asked for a longer pause"},
		requests: entraOnce,
	},
	{
		name: "Entra is out of order",
		yaml: onEntra("status: 503, body: canary-secret"),
		env:  []string{soon},
		says: []string{"Microsoft Entra at https://login.microsoftonline.com returned 503", "AZINJECT_TIMEOUT"},
	},
	{
		name:     "Entra hangs",
		yaml:     onEntra("hang: true"),
		env:      []string{soon},
		says:     []string{"Microsoft Entra at https://login.microsoftonline.com: no answer in time", "firewall"},
		requests: entraOnce,
	},
	{
		name:     "Entra resets, then not",
		yaml:     onEntra("times: 1, reset: true"),
		starts:   true,
		requests: map[string]int{"entra": 2, "secret": 1},
	},
	{
		name: "Entra resets",
		yaml: onEntra("reset: true"),
		env:  []string{soon},
		says: []string{"the connection ended before the answer did", "firewall"},
	},
	{
		name:     "Entra gives a web page",
		yaml:     onEntra("html: true"),
		says:     []string{"returned 200 without a token", "captive portal"},
		requests: entraOnce,
	},
	{
		name:     "Entra gives half an answer",
		yaml:     onEntra("truncated: true"),
		says:     []string{"returned 200 without a token", "captive portal"},
		requests: entraOnce,
	},
	{
		name:     "Entra gives no token",
		yaml:     onEntra("no_value: true"),
		says:     []string{"returned 200 without a token"},
		requests: entraOnce,
	},
	{
		name:     "Entra gives too much",
		yaml:     onEntra("huge: true"),
		says:     []string{"larger than 256 KiB", "captive portal"},
		requests: entraOnce,
	},
	{
		name:     "Entra does not speak HTTP",
		http1:    true,
		yaml:     onEntra("garbage: true"),
		says:     []string{"not HTTP, or not over TLS", "captive portal"},
		requests: entraOnce,
	},
	{
		name:     "Entra redirects",
		yaml:     onEntra("redirect: \"https://login.example/canary-secret\""),
		says:     []string{"returned 302", "captive portal"},
		requests: entraOnce,
	},
	{
		name:     "Entra forbids it for another reason",
		yaml:     onEntra("status: 400, code: access_denied, message: 'AADSTS53003: Access has been blocked by Conditional Access policies. More.'"),
		says:     []string{"AADSTS53003: Access has been blocked by Conditional Access policies", "error?code=53003"},
		saysNot:  []string{"More"},
		requests: entraOnce,
	},
	{
		name:     "Entra's certificate is not trusted",
		yaml:     oneSecret + "certificate: untrusted\n",
		says:     []string{"Microsoft Entra at https://login.microsoftonline.com: certificate not trusted", "those in SSL_CERT_FILE"},
		requests: map[string]int{"entra": 0, "secret": 0},
	},
	{
		name: "Entra does not resolve",
		root: true,
		env:  []string{soon, "HTTPS_PROXY="},
		says: []string{
			"Microsoft Entra at https://login.microsoftonline.com: the name does not resolve",
			"DNS server of this network resolve login.microsoftonline.com",
		},
		saysNot:  []string{"deleted"},
		requests: map[string]int{"connect": 0},
	},
	{
		name:     "proxy cannot reach Entra",
		env:      []string{"AZURE_AUTHORITY_HOST=https://login.example/", soon},
		says:     []string{"Microsoft Entra at https://login.example: the proxy returned 502", "make the proxy in HTTPS_PROXY reach login.example", "NO_PROXY"},
		saysNot:  []string{"deleted"},
		requests: map[string]int{"entra": 0},
	},
	{
		name:     "token from Entra has expired",
		yaml:     onEntra("expired_token: true"),
		says:     []string{"token refused (401"},
		requests: viaEntra,
	},
	{
		name:     "pod without a role",
		yaml:     noReaders,
		says:     []string{"(403 ForbiddenByRbac)", "the identity with object ID " + oid, "--assignee-principal-type ServicePrincipal"},
		requests: viaEntra,
	},
})
