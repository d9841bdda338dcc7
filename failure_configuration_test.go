package main_test

// refersTo returns App Configuration with a key whose value is a Key Vault
// reference.
func refersTo(uri string) string {
	return `app_configurations: {store1: {keys: {k: [{value: '{"uri":"` + uri + `"}', content_type: application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8}]}}}` + "\n"
}

var refersToS = refersTo("https://kv1.vault.azure.net/secrets/s")

// configurationFailures are those of App Configuration, and of the secrets to which
// its values refer.
var configurationFailures = []failureCase{
	{
		name:       "no role on the store",
		everywhere: true,
		yaml:       "app_configurations: {store1: {readers: [other], keys: {k: canary-secret}}}\n",
		env:        []string{keyK},
		says: []string{
			`A: key "k" without a label in store1.azconfig.io: access denied (403)`,
			`"App Configuration Data Reader" on the App Configuration store`,
			"--assignee-object-id " + oid,
			"$(az appconfig show --name store1",
			"AZINJECT_WAIT_FOR_ACCESS",
			"allow this network in the access settings of store1.azconfig.io",
		},
		requests: keyOnce,
	},
	{
		name:     "denied for a reason that the store says",
		yaml:     onKey(`status: 403, body: '{"type":"https://azconfig.io/errors/ip-address-rejected","title":"Access was denied due to IP address rules"}'`),
		says:     []string{`A: key "k" without a label in store1.azconfig.io: access denied (403 ip-address-rejected): Access was denied due to IP address rules`},
		saysNot:  []string{"az role assignment create"},
		env:      []string{keyK, "AZINJECT_WAIT_FOR_ACCESS=1m"},
		requests: keyOnce,
	},
	{
		name:     "role on the store arrives in time",
		yaml:     "app_configurations: {store1: {role_propagates_after: 2, keys: {k: canary-secret}}}\n",
		env:      []string{keyK, "AZINJECT_WAIT_FOR_ACCESS=1m"},
		starts:   true,
		requests: map[string]int{"token": 1, "key-value": 3},
	},
	{
		name:     "roles on the store and the vault arrive in time",
		yaml:     "vaults: {kv1: {role_propagates_after: 1, secrets: {s: canary-secret}}}\n" + refersToS + fault("GET store1.azconfig.io/", "times: 2, status: 403"),
		env:      []string{keyK, "AZINJECT_WAIT_FOR_ACCESS=1m", "AZINJECT_TIMEOUT=10s"},
		starts:   true,
		requests: map[string]int{"token": 2, "key-value": 3, "secret": 2},
	},
	{
		name:     "no such key",
		yaml:     oneKey,
		env:      []string{"A=@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=app1/x)"},
		says:     []string{`A: key "app1/x" without a label in store1.azconfig.io: not found (404)`, "az appconfig kv list --name store1"},
		requests: keyOnce,
	},
	{
		name:     "no such label",
		yaml:     oneKey,
		env:      []string{"A=@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Label=prod)"},
		says:     []string{`A: key "k" with label "prod" in store1.azconfig.io: not found (404)`},
		requests: keyOnce,
	},
	{
		name:     "key throttled, then not",
		yaml:     onKey(`times: 2, status: 429, code: too-many-requests, headers: {retry-after-ms: "5"}`),
		env:      []string{keyK},
		starts:   true,
		requests: map[string]int{"token": 1, "key-value": 3},
	},
	{
		name:     "key throttled for too long",
		yaml:     onKey(`status: 429, code: too-many-requests, message: the quota, headers: {retry-after-ms: "300000"}`),
		env:      []string{keyK},
		says:     []string{"throttled (429 too-many-requests): the quota", "asked for a longer pause"},
		requests: keyOnce,
	},
	{
		name: "store out of order",
		yaml: onKey(`status: 503, headers: {retry-after-ms: "50"}, body: canary-secret`),
		env:  []string{keyK, soon},
		says: []string{"service error (503)", "AZINJECT_TIMEOUT"},
	},
	{
		name:     "store hangs",
		yaml:     onKey("hang: true"),
		env:      []string{keyK, soon},
		says:     []string{"in store1.azconfig.io: no answer in time", "firewall"},
		requests: keyOnce,
	},
	{
		name: "store is down",
		yaml: onKey("reset: true"),
		env:  []string{keyK, soon},
		says: []string{"the connection ended before the answer did", "store1.azconfig.io"},
	},
	{
		name:       "no such store",
		everywhere: true,
		yaml:       oneKey,
		env:        []string{"A=@Microsoft.AppConfiguration(Endpoint=https://gone.azconfig.io; Key=k)", soon},
		says:       []string{"no token for https://gone.azconfig.io", "AADSTS500011", "check the name of the store, which the tenant does not know"},
		saysNot:    []string{"AZURE_AUTHORITY_HOST"}, // which managed identities do not use
	},
	{
		name:     "store does not resolve",
		yaml:     oneKey,
		root:     true,
		env:      []string{keyK, "HTTPS_PROXY=", soon},
		says:     []string{"the name does not resolve: no such host", "check that store1.azconfig.io exists and is spelt correctly"},
		requests: map[string]int{"token": 1, "key-value": 0},
	},
	{
		name:     "store on another host",
		yaml:     oneKey,
		env:      []string{"A=@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io.example.com; Key=k)"},
		says:     []string{"A: malformed reference at position 38: write https://NAME.azconfig.io"},
		requests: never,
	},
	{
		name:     "token refused by the store",
		yaml:     oneKey + fault("* identity/", "expired_token: true"),
		env:      []string{keyK},
		says:     []string{"token refused (401)", "Microsoft Entra tenant"},
		requests: keyOnce,
	},
	{
		name:     "store repeats the token",
		yaml:     onKey("status: 400, code: invalid-argument, message: 'what is {sent}'"),
		env:      []string{keyK},
		says:     []string{"request refused (400 invalid-argument): what is"},
		requests: keyOnce,
	},
	{
		name:     "store gives a web page",
		yaml:     onKey("html: true"),
		env:      []string{keyK},
		says:     []string{"the answer is not the expected JSON", "captive portal"},
		requests: keyOnce,
	},
	{
		name:     "store gives half an answer",
		yaml:     onKey("truncated: true"),
		env:      []string{keyK},
		says:     []string{"the answer is not the expected JSON"},
		requests: keyOnce,
	},
	{
		name:     "store gives too much",
		yaml:     onKey("huge: true"),
		env:      []string{keyK},
		says:     []string{"larger than 256 KiB"},
		requests: keyOnce,
	},
	{
		name:     "store redirects",
		yaml:     onKey("redirect: \"https://login.example/canary-secret\""),
		env:      []string{keyK},
		says:     []string{"redirected, and redirects are not followed (302)"},
		requests: keyOnce,
	},
	{
		name:     "store gives no value",
		yaml:     onKey("no_value: true"),
		env:      []string{keyK},
		says:     []string{`A: key "k" without a label in store1.azconfig.io: it has no value`},
		requests: keyOnce,
	},
	{
		name:     "store gives null",
		yaml:     onKey(`status: 200, body: '{"key":"k","label":null,"value":null}'`),
		env:      []string{keyK},
		says:     []string{"it has no value"},
		requests: keyOnce,
	},
	{
		name:     "store gives another key",
		yaml:     onKey(`status: 200, body: '{"key":"K","label":null,"value":"canary-secret"}'`),
		env:      []string{keyK},
		says:     []string{"the answer is not about the object"},
		requests: keyOnce,
	},
	{
		name:     "store gives another label",
		yaml:     onKey(`status: 200, body: '{"key":"k","label":"prod","value":"canary-secret"}'`),
		env:      []string{keyK},
		says:     []string{"the answer is not about the object"},
		requests: keyOnce,
	},
	{
		name:     "store gives a list",
		yaml:     onKey(`status: 200, body: '{"items":[{"key":"k","label":null,"value":"canary-secret"}]}'`),
		env:      []string{keyK},
		says:     []string{"the answer is not about the object"},
		requests: keyOnce,
	},
	{
		name:     "value refers to another host",
		yaml:     oneSecret + refersTo("https://kv1.vault.azure.net.example.com/secrets/canary-secret"),
		env:      []string{keyK},
		says:     []string{`A: key "k" without a label in store1.azconfig.io: its Key Vault reference is malformed: write NAME.vault.azure.net`},
		saysNot:  []string{"example.com"},
		requests: keyOnce,
	},
	{
		name:     "value refers to a key of the vault",
		yaml:     oneSecret + refersTo("https://kv1.vault.azure.net/keys/s"),
		env:      []string{keyK},
		says:     []string{"its Key Vault reference is malformed: write /secrets/NAME after the vault"},
		requests: keyOnce,
	},
	{
		name:     "secret of the value is denied",
		yaml:     noReaders + refersToS,
		env:      []string{keyK, secretS[:1] + "2" + secretS[1:]},
		says:     []string{`A: key "k" without a label in store1.azconfig.io refers to secret "s" in kv1.vault.azure.net: access denied (403 ForbiddenByRbac)`, `A2: secret "s"`, `"Key Vault Secrets User"`},
		requests: map[string]int{"token": 2, "key-value": 1, "secret": 1},
	},
	{
		name:     "secret of the value is missing",
		yaml:     oneSecret + refersTo("https://kv1.vault.azure.net/secrets/gone"),
		env:      []string{keyK},
		says:     []string{`refers to secret "gone" in kv1.vault.azure.net: not found (404 SecretNotFound)`, "az keyvault secret list --vault-name kv1"},
		requests: map[string]int{"token": 2, "key-value": 1, "secret": 1},
	},
	{
		name:     "secret of the value is a reference",
		yaml:     "vaults: {kv1: {secrets: {s: '{\"uri\":\"https://kv1.vault.azure.net/secrets/canary-secret\"}'}}}\n" + refersToS,
		env:      []string{keyK},
		starts:   true, // one hop only
		requests: map[string]int{"token": 2, "key-value": 1, "secret": 1},
	},
}
