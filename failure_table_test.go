package main_test

import (
	"fmt"
	"strings"
)

// failure is something that goes wrong, and what azinject makes of it.
type failure struct {
	name string
	// yaml is what this Azure has, beside the platform and the identities.
	yaml string
	// identities replaces the one identity there is otherwise.
	identities string
	// platforms that it can happen on, "" for all; none is no platform.
	platforms string
	root      bool // needs namespaces
	http1     bool // over HTTP/2 it is another

	env      []string
	tools    string // what az and azd do, in the shell's language; "" if they are not installed
	starts   bool   // it is overcome
	says     []string
	saysNot  []string
	requests map[string]int // by the emulator's kinds
}

const (
	oid       = "aaaaaaaa-0000-4000-8000-000000000001"
	workspace = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w1x"

	oneSecret  = "vaults: {kv1: {secrets: {s: canary-secret}}}\n"
	secretS    = "A=keyvault:https://kv1.vault.azure.net/secrets/s"
	connection = "workspaces: {" + workspace + ": {connections: {c: {auth_type: ApiKey, target: t, credentials: {key: canary-secret}}}}}\n"
	keyOfC     = "A=azureml://connections/c/credentials/key"
	inW        = "AZINJECT_WORKSPACE=" + workspace
	soon       = "AZINJECT_TIMEOUT=2s"
)

// azure is the emulator's configuration on a platform.
func (f failure) azure(platform string) string {
	identities := f.identities
	if identities == "" {
		identities = "identities: {app: {object_id: " + oid + "}, other: {}}\nattached: [app]\n"
	}
	return "platform: " + platform + "\n" + identities + f.yaml
}

func fault(match, what string) string {
	return "faults: [{match: \"" + match + "\", " + what + "}]\n"
}

func onSecret(what string) string     { return oneSecret + fault("GET kv1.vault.azure.net/", what) }
func onConnection(what string) string { return connection + fault("POST management.azure.com/", what) }
func onIdentity(what string) string   { return oneSecret + fault("* identity/", what) }

var (
	never      = map[string]int{"token": 0, "secret": 0, "connection": 0, "connect": 0, "challenge": 0}
	secretOnce = map[string]int{"token": 1, "secret": 1}
	tokenOnce  = map[string]int{"token": 1, "secret": 0}
)

// failures are the rows of the table of what can go wrong.
var failures = []failure{
	// Before anything is fetched.
	{name: "malformed reference", yaml: oneSecret, env: []string{"A=${{keyvault:https://kv1.vault.azure.net/secret/canary-secret}}"},
		says: []string{"A: malformed reference at position 41", "write /secrets/NAME", "AZINJECT_SKIP", "nothing was fetched"}, requests: never},
	{name: "unknown setting", yaml: oneSecret, env: []string{secretS, "AZINJECT_TIMOUT=canary-secret"},
		says: []string{"AZINJECT_TIMOUT: no such setting", "AZINJECT_TIMEOUT"}, requests: never},
	{name: "no workspace", yaml: connection, platforms: "appservice azureml imds", env: []string{keyOfC},
		says: []string{"A: the reference names no workspace", "AZINJECT_WORKSPACE", "AML_DEPLOYMENT_RESOURCE_ID", "AZUREML_ARM_"}, requests: never},
	{name: "proxy from a vault", yaml: oneSecret, env: []string{secretS, "https_proxy=http://u:${{keyvault:https://kv1.vault.azure.net/secrets/s}}@proxy:80", "HTTPS_PROXY="},
		says: []string{"https_proxy: azinject itself needs this to resolve references"}, saysNot: []string{"percent-encoded"}, requests: never},
	{name: "proxy from a vault that does not count", yaml: oneSecret, env: []string{secretS, "https_proxy=keyvault:https://kv1.vault.azure.net/secrets/s"}, starts: true, requests: secretOnce},
	{name: "unusable proxy that does not count", yaml: oneSecret, env: []string{secretS, "https_proxy=http://user:canary-secret%zz@proxy:80"}, starts: true, requests: secretOnce},
	{name: "unusable proxy", yaml: oneSecret, env: []string{secretS, "HTTPS_PROXY=http://user:canary-secret%zz@proxy:80"},
		says: []string{"HTTPS_PROXY: write the address of a proxy"}, requests: never},

	// The identity endpoint.
	{name: "no identity endpoint", yaml: oneSecret, platforms: "none", root: true, env: []string{secretS},
		says: []string{"no token for https://vault.azure.net", "169.254.169.254", "no connection", "azlocal --emulate", "azlocal --login --"}, requests: map[string]int{"token": 0, "secret": 0, "challenge": 0}},
	{name: "identity endpoint comes up late", yaml: oneSecret + "identity_starts_after: 300ms\n", platforms: "appservice azureml cloudshell servicefabric", env: []string{secretS}, starts: true, requests: secretOnce},
	{name: "identity endpoint never comes up", yaml: oneSecret, platforms: "appservice", env: []string{secretS, soon, "IDENTITY_ENDPOINT=http://127.0.0.1:1/token"},
		says: []string{"http://127.0.0.1:1/token", "connection refused", "sidecar"}, saysNot: []string{"by hand"}},
	{name: "identity endpoint is no address", yaml: oneSecret, platforms: "azureml", env: []string{secretS, "MSI_ENDPOINT=http://canary-secret@h:1 /x?y=canary-secret"},
		says: []string{"no request could be made", "MSI_ENDPOINT"}},
	{name: "identity endpoint hangs", yaml: onIdentity("hang: true"), env: []string{secretS, soon}, says: []string{"no token for https://vault.azure.net", "no answer in time"}},
	{name: "identity endpoint is slow", yaml: onIdentity("slow: 200ms"), env: []string{secretS}, starts: true, requests: secretOnce},
	{name: "identity endpoint is throttled, then not", yaml: onIdentity("times: 2, status: 429, headers: {retry-after-ms: \"5\"}"), env: []string{secretS}, starts: true, requests: map[string]int{"token": 3}},
	{name: "identity endpoint is out of order", yaml: onIdentity("status: 500, body: canary-secret"), env: []string{secretS, soon}, says: []string{"answers 500", "AZINJECT_TIMEOUT"}},
	{name: "IMDS is being updated", yaml: onIdentity("times: 1, status: 404"), platforms: "imds", root: true, env: []string{secretS}, starts: true, requests: map[string]int{"token": 2}},
	{name: "IMDS is away for a moment", yaml: onIdentity("times: 1, status: 410"), platforms: "imds", root: true, env: []string{secretS}, starts: true, requests: map[string]int{"token": 2}},
	{name: "identity endpoint gives a web page", yaml: onIdentity("html: true"), env: []string{secretS}, says: []string{"answers 200, with no token in it"}, requests: tokenOnce},
	{name: "identity endpoint gives no token", yaml: onIdentity("no_value: true"), env: []string{secretS}, says: []string{"answers 200, with no token in it"}, requests: tokenOnce},
	{name: "identity endpoint gives half an answer", yaml: onIdentity("truncated: true"), env: []string{secretS}, says: []string{"answers 200, with no token in it"}, requests: tokenOnce},
	{name: "identity endpoint gives too much", yaml: onIdentity("huge: true"), env: []string{secretS}, says: []string{"more than 8 MiB"}, requests: tokenOnce},
	{name: "identity endpoint does not speak HTTP", yaml: onIdentity("garbage: true"), env: []string{secretS}, says: []string{"does not speak HTTP"}, requests: tokenOnce},
	{name: "identity endpoint redirects", yaml: onIdentity("redirect: \"http://127.0.0.1:1/canary-secret\""), platforms: "appservice azureml cloudshell imds", env: []string{secretS}, says: []string{"answers 302"}, requests: tokenOnce},
	{name: "Service Fabric's endpoint redirects", yaml: onIdentity("redirect: \"http://127.0.0.1:1/canary-secret\""), platforms: "servicefabric", env: []string{secretS, soon}, says: []string{"redirects are not permitted"}},
	{name: "identity endpoint refuses its secret", yaml: oneSecret, platforms: "appservice azureml", env: []string{secretS, "IDENTITY_HEADER=wrong", "MSI_SECRET=wrong"},
		says: []string{"answers 401", "do not set it by hand"}, requests: tokenOnce},
	{name: "identity not assigned", yaml: oneSecret, platforms: "appservice azureml imds", env: []string{secretS, "AZINJECT_IDENTITY=bbbbbbbb-0000-4000-8000-00000000000b"},
		says: []string{"answers 400", "AZINJECT_IDENTITY selects the identity"}, requests: tokenOnce},
	{name: "several identities", yaml: oneSecret, identities: "identities: {a: {resource_id: " + identityID("a") + "}, b: {resource_id: " + identityID("b") + "}}\n", platforms: "appservice imds", env: []string{secretS},
		says: []string{"answers 400", "AZINJECT_IDENTITY=<client ID>"}, requests: tokenOnce},
	{name: "compute without a client ID", yaml: oneSecret + "require_client_id: true\n", platforms: "azureml", env: []string{secretS},
		says: []string{"answers 200, with no token in it", "AZINJECT_IDENTITY"}, requests: tokenOnce},

	// Access denied.
	{name: "no role on the vault", yaml: "vaults: {kv1: {readers: [other], secrets: {s: canary-secret}}}\n", env: []string{secretS},
		says: []string{`A: secret "s" in kv1.vault.azure.net: access denied (403 ForbiddenByRbac)`, `"Key Vault Secrets User"`, "--assignee-object-id " + oid, "/vaults/kv1", "AZINJECT_WAIT_FOR_ACCESS"}, requests: secretOnce},
	{name: "no access policy", yaml: "vaults: {kv1: {permission_model: access_policy, readers: [other], secrets: {s: canary-secret}}}\n", env: []string{secretS},
		says: []string{"(403 AccessDenied)", "az keyvault set-policy --name kv1 --object-id " + oid}, requests: secretOnce},
	{name: "firewall", yaml: "vaults: {kv1: {firewall: true, secrets: {s: canary-secret}}}\n", env: []string{secretS, "AZINJECT_WAIT_FOR_ACCESS=1m"},
		says: []string{"(403 ForbiddenByFirewall)", "no role will help", "it sees the address "}, saysNot: []string{"az role"}, requests: secretOnce},
	{name: "private link", yaml: "vaults: {kv1: {private: true, secrets: {s: canary-secret}}}\n", env: []string{secretS, "AZINJECT_WAIT_FOR_ACCESS=1m"},
		says: []string{"(403 ForbiddenByConnection)", "no role will help", "link its DNS zone"}, saysNot: []string{"az role"}, requests: secretOnce},
	{name: "disabled", yaml: "vaults: {kv1: {secrets: {s: {versions: [{value: canary-secret, enabled: false}]}}}}\n", env: []string{secretS, "AZINJECT_WAIT_FOR_ACCESS=1m"},
		says: []string{"(403 SecretDisabled)", "enable this version"}, saysNot: []string{"az role"}, requests: secretOnce},
	{name: "no role, without a code", yaml: onSecret(`status: 403, body: '{"error":{"message":"Caller is not authorized to perform action on resource. Resource: $(reboot)"}}'`), env: []string{secretS},
		says: []string{"access denied (403)", "az role assignment create", "$(az keyvault show --name kv1"}, requests: secretOnce},
	{name: "denied for a new reason", yaml: onSecret("status: 403, code: Forbidden, inner_code: ForbiddenByMoon, message: the moon is full"), env: []string{secretS, "AZINJECT_WAIT_FOR_ACCESS=1m"},
		says: []string{"(403 ForbiddenByMoon): the moon is full", oid}, saysNot: []string{"az role"}, requests: secretOnce},
	{name: "no role on the workspace", yaml: "workspaces: {" + workspace + ": {connection_readers: [other], connections: {c: {auth_type: ApiKey, credentials: {key: canary-secret}}}}}\n", env: []string{keyOfC, inW},
		says: []string{`A: connection "c" in workspace "w1x": access denied (403 AuthorizationFailed)`, `"Azure Machine Learning Workspace Connection Secrets Reader" on the workspace`, oid, workspace}, requests: map[string]int{"token": 1, "connection": 1}},
	{name: "no role on the endpoint", yaml: "workspaces: {" + workspace + ": {endpoint_key_readers: [other], online_endpoints: {e: {auth_mode: key, primary_key: canary-secret}}}}\n", env: []string{"A=${{azureml://onlineEndpoints/e/credentials/primaryKey}}", inW},
		says: []string{"(403 AuthorizationFailed)", "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action", oid}, requests: map[string]int{"token": 1, "keys": 1}},
	{name: "role arrives in time", yaml: "vaults: {kv1: {role_propagates_after: 2, secrets: {s: canary-secret}}}\n", env: []string{secretS, "AZINJECT_WAIT_FOR_ACCESS=1m"}, starts: true, requests: map[string]int{"token": 1, "secret": 3}},
	{name: "access policy arrives in time", yaml: "vaults: {kv1: {permission_model: access_policy, role_propagates_after: 1, secrets: {s: canary-secret}}}\n", platforms: "appservice", env: []string{secretS, "AZINJECT_WAIT_FOR_ACCESS=1m"}, starts: true, requests: map[string]int{"token": 1, "secret": 2}},
	{name: "forty roles arrive in time", yaml: "vaults: {kv1: {role_propagates_after: 40, secrets: {" + many("s%d: canary-secret", ", ") + "}}}\n", platforms: "appservice", env: append(strings.Split(many("A%d=keyvault:https://kv1.vault.azure.net/secrets/s%[1]d", " "), " "), "AZINJECT_WAIT_FOR_ACCESS=1m"), starts: true, requests: map[string]int{"token": 1, "secret": 80}},
	{name: "denied ones do not hold others up", yaml: "vaults: {kv1: {readers: [other], secrets: {" + many("s%d: canary-secret", ", ") + "}}}\n", platforms: "appservice", env: append(strings.Split(many("A%d=keyvault:https://kv1.vault.azure.net/secrets/s%[1]d", " "), " "), "AZINJECT_WAIT_FOR_ACCESS=300ms"),
		says: []string{"A40: secret", "40 of 40 references failed", "ForbiddenByRbac"}, saysNot: []string{"time was up", "no answer"}},
	{name: "scope of another's", yaml: onSecret("status: 403, code: Forbidden, inner_code: ForbiddenByRbac, message: \"Caller is not authorized. Resource: '/subscriptions/11111111-1111-4111-8111-111111111111'\""), platforms: "appservice", env: []string{secretS},
		says: []string{"az role assignment create", "$(az keyvault show --name kv1"}, saysNot: []string{"11111111"}, requests: secretOnce},
	{name: "role is not waited for", yaml: "vaults: {kv1: {role_propagates_after: 1, secrets: {s: canary-secret}}}\n", env: []string{secretS}, says: []string{"ForbiddenByRbac"}, requests: secretOnce},

	// Not there.
	{name: "no such secret", yaml: oneSecret, env: []string{"A=keyvault:https://kv1.vault.azure.net/secrets/x"}, says: []string{`secret "x" in kv1.vault.azure.net: not found (404 SecretNotFound)`, "az keyvault secret list --vault-name kv1"}, requests: secretOnce},
	{name: "no such version", yaml: oneSecret, env: []string{secretS + "/v1"}, says: []string{`secret "s" version "v1" in kv1.vault.azure.net: not found (404 SecretNotFound)`, "list-versions --vault-name kv1 --name s"}, requests: secretOnce},
	{name: "no such connection", yaml: connection, env: []string{"A=azureml://connections/x", inW}, says: []string{`connection "x" in workspace "w1x": not found (404`, "can't be found in this workspace", "az ml connection list"}, requests: map[string]int{"connection": 1}},
	{name: "no such credential", yaml: connection, env: []string{"A=azureml://connections/c/credentials/apikey", inW}, says: []string{`connection "c": no credential "apikey"; it has "key"`}, requests: map[string]int{"connection": 1}},
	{name: "no such endpoint", yaml: connection, env: []string{"A=${{azureml://onlineEndpoints/x/credentials/primaryKey}}", inW}, says: []string{`online endpoint "x" in workspace "w1x": not found (404`, "az ml online-endpoint list"}},
	{name: "long report", yaml: connection, platforms: "appservice", env: append(strings.Split(many("A%d=azureml://connections/c/credentials/a-rather-long-name-of-a-credential-that-is-not-there-%[1]d", " "), " "), inW), says: []string{"A40: connection", "40 of 40 references failed"}, requests: map[string]int{"connection": 1}},
	{name: "no such workspace", yaml: connection, env: []string{keyOfC, strings.Replace(inW, "w1x", "w2x", 1)}, says: []string{"not found (404 ResourceNotFound)", "is this the workspace that is meant?", "w2x"}},

	// No way to the store.
	{name: "vault does not resolve", yaml: oneSecret, root: true, env: []string{secretS, "HTTPS_PROXY=", "AZINJECT_TIMEOUT=1s"}, says: []string{"the name does not resolve: no such host", "deleted or misspelt", "private endpoint"}, requests: tokenOnce},
	{name: "Resource Manager does not resolve", yaml: connection, platforms: "azureml", root: true, env: []string{keyOfC, inW, soon, "HTTPS_PROXY="}, says: []string{"the name does not resolve", "DNS server of this network answer for management.azure.com"}, requests: map[string]int{"token": 1, "connection": 0}},
	{name: "NO_PROXY", yaml: oneSecret, root: true, env: []string{secretS, "NO_PROXY=.vault.azure.net", "AZINJECT_TIMEOUT=1s"}, says: []string{"the name does not resolve: no such host"}, requests: map[string]int{"connect": 0, "secret": 0}},
	{name: "proxy does not resolve", yaml: oneSecret, root: true, env: []string{secretS, "HTTPS_PROXY=http://proxy.invalid:3128", soon},
		says: []string{"the proxy that HTTPS_PROXY names: the name does not resolve", "NO_PROXY"}, saysNot: []string{"misspelt"}, requests: map[string]int{"connect": 0, "secret": 0}},
	{name: "proxy knows no way", yaml: oneSecret, env: []string{"A=keyvault:https://gone.vault.azure.net/secrets/s", soon}, says: []string{"the proxy answers 502 Bad Gateway", "misspelt", "HTTPS_PROXY"}},
	{name: "proxy refuses connections", yaml: oneSecret, env: []string{secretS, soon, "HTTPS_PROXY=http://user:canary-secret@127.0.0.1:1"}, says: []string{"the proxy that HTTPS_PROXY names: no connection: dial tcp", "NO_PROXY", "connection refused"}},
	// Two connections: the one that is opened ahead, and one for the request,
	// which tells.
	{name: "untrusted certificate", yaml: oneSecret + "certificate: untrusted\n", env: []string{secretS}, says: []string{"certificate not trusted", "those in SSL_CERT_FILE"}, requests: map[string]int{"secret": 0, "connect": 2}},
	{name: "expired certificate", yaml: oneSecret + "certificate: expired\n", env: []string{secretS}, says: []string{"certificate not trusted", "expired"}, requests: map[string]int{"secret": 0, "connect": 2}},
	{name: "another's certificate", yaml: oneSecret + "certificate: wrong_host\n", env: []string{secretS}, says: []string{"certificate not trusted", "not kv1.vault.azure.net"}, requests: map[string]int{"secret": 0, "connect": 2}},
	{name: "roots of another CA", yaml: oneSecret, env: []string{secretS, "SSL_CERT_FILE=/dev/null"}, says: []string{"certificate not trusted", "SSL_CERT_FILE"}, requests: map[string]int{"secret": 0, "connect": 2}},

	// Answers that may be others the next time.
	{name: "throttled, then not", yaml: onSecret("times: 2, status: 429, code: Throttled, headers: {retry-after-ms: \"5\"}"), env: []string{secretS}, starts: true, requests: map[string]int{"token": 1, "secret": 3}},
	{name: "throttled for too long", yaml: onSecret("status: 429, code: Throttled, message: too many, retry_after: 300s"), env: []string{secretS}, says: []string{"throttled (429 Throttled): too many", "asks for a longer pause"}, requests: secretOnce},
	{name: "out of order, then not", yaml: onConnection("times: 2, status: 503, headers: {retry-after-ms: \"5\"}"), env: []string{keyOfC, inW}, starts: true, requests: map[string]int{"token": 1, "connection": 3}},
	{name: "out of order", yaml: onSecret("status: 503, body: canary-secret"), env: []string{secretS, soon}, says: []string{"service error (503)", "AZINJECT_TIMEOUT"}},
	{name: "reset, then not", yaml: onSecret("times: 1, reset: true"), env: []string{secretS}, starts: true, requests: map[string]int{"token": 1, "secret": 2}},
	{name: "connection reset, then not", yaml: onConnection("times: 1, reset: true"), env: []string{keyOfC, inW}, starts: true, requests: map[string]int{"connection": 2}},
	{name: "cut, then not", yaml: onConnection("times: 1, cut: true"), env: []string{keyOfC, inW}, starts: true, requests: map[string]int{"connection": 2}},
	{name: "reset", yaml: onSecret("reset: true"), env: []string{secretS, soon}, says: []string{"the connection ended before the answer did", "AZINJECT_TIMEOUT"}},
	{name: "hangs", yaml: onSecret("hang: true"), env: []string{secretS, soon}, says: []string{`A: secret "s" in kv1.vault.azure.net: no answer in time`, "firewall"}, requests: secretOnce},
	{name: "slow", yaml: onSecret("slow: 200ms"), env: []string{secretS}, starts: true, requests: secretOnce},
	{name: "others take all the time", yaml: "vaults: {kv1: {secrets: {" + many("s%d: canary-secret", ", ") + "}}}\n" + fault("GET kv1.vault.azure.net/", "hang: true"), platforms: "appservice",
		env: append(strings.Split(many("A%d=keyvault:https://kv1.vault.azure.net/secrets/s%[1]d", " "), " "), soon), says: []string{"time was up before it was asked for", "raise AZINJECT_TIMEOUT", "40 of 40"}},
	{name: "one of two hangs", yaml: onSecret("hang: true") + connection, platforms: "appservice imds", env: []string{secretS, "B=azureml://connections/c/target", inW, "AZINJECT_TIMEOUT=10s"}, says: []string{"A: secret", "no answer in time", "1 of 2 references failed"}, saysNot: []string{"B:"}},

	// Answers that are final.
	{name: "bad request", yaml: onSecret("status: 400, code: BadParameter, message: what is this"), env: []string{secretS}, says: []string{"request refused (400 BadParameter): what is this"}, requests: secretOnce},
	{name: "expired token", yaml: onIdentity("expired_token: true"), env: []string{secretS}, says: []string{"token refused (401", "Microsoft Entra tenant"}, requests: secretOnce},
	{name: "vault gives a web page", yaml: onSecret("html: true"), env: []string{secretS}, says: []string{"the response is not the JSON that was expected", "captive portal"}, requests: secretOnce},
	{name: "vault gives half an answer", yaml: onSecret("truncated: true"), env: []string{secretS}, says: []string{"the response is not the JSON that was expected"}, requests: secretOnce},
	{name: "vault gives no value", yaml: onSecret("no_value: true"), env: []string{secretS}, says: []string{"the response is not the JSON that was expected"}, requests: secretOnce},
	{name: "vault gives another type", yaml: onSecret(`status: 200, body: '{"value":["canary-secret"]}'`), env: []string{secretS}, says: []string{"the response is not the JSON that was expected"}, saysNot: []string{"azsecrets"}, requests: secretOnce},
	{name: "vault gives too much", yaml: onSecret("huge: true"), env: []string{secretS}, says: []string{"more than 8 MiB"}, requests: secretOnce},
	{name: "vault does not speak HTTP", http1: true, yaml: onSecret("garbage: true"), env: []string{secretS}, says: []string{"does not speak HTTP"}, requests: secretOnce},
	{name: "vault redirects", yaml: onSecret("redirect: \"https://login.example/canary-secret\""), env: []string{secretS}, says: []string{"redirected, which is not followed (302)"}, requests: map[string]int{"secret": 1, "connect": 1}},
	{name: "workspace gives a web page", yaml: onConnection("html: true"), env: []string{keyOfC, inW}, says: []string{"the response is not the JSON that was expected"}, requests: map[string]int{"connection": 1}},
	{name: "workspace gives half an answer", yaml: onConnection("truncated: true"), env: []string{keyOfC, inW}, says: []string{"the response is not the JSON that was expected"}, requests: map[string]int{"connection": 1}},
	{name: "workspace gives no properties", yaml: onConnection("no_value: true"), env: []string{keyOfC, inW}, says: []string{"the response is not the JSON that was expected"}, requests: map[string]int{"connection": 1}},
	{name: "workspace gives too much", yaml: onConnection("huge: true"), env: []string{keyOfC, inW}, says: []string{"more than 8 MiB"}, requests: map[string]int{"connection": 1}},
	{name: "workspace redirects", yaml: onConnection("redirect: \"https://login.example/\""), env: []string{keyOfC, inW}, says: []string{"redirected, which is not followed (302)"}, requests: map[string]int{"connection": 1}},

	// Challenges, which only vaults outside the known clouds are asked for.
	{name: "challenge of its own", yaml: stackVault, env: []string{stackS, stackHosts}, starts: true, requests: map[string]int{"challenge": 1, "secret": 1, "token": 1}},
	{name: "challenge for another domain", yaml: stackVault + fault("GET kv1.vault.stack.example/", `challenge: 'Bearer authorization=\"https://login.example/t\", resource=\"https://management.azure.com\"'`), env: []string{stackS, stackHosts},
		says: []string{"asks for a token that is not for its own domain"}, requests: map[string]int{"token": 0, "secret": 0}},
	{name: "malformed challenge", yaml: stackVault + fault("GET kv1.vault.stack.example/", `challenge: 'Bearer authorization=\"xyz\"'`), env: []string{stackS, stackHosts},
		says: []string{"names no resource"}, requests: map[string]int{"token": 0, "secret": 0}},
	{name: "challenge of a known vault", yaml: onSecret(`challenge: 'Bearer authorization=\"xyz\", resource=\"https://evil.example\"'`), env: []string{secretS},
		says: []string{"token refused (401"}, requests: map[string]int{"token": 1}},

	// Values that cannot be passed on.
	{name: "NUL", yaml: `vaults: {kv1: {secrets: {s: "canary-secret\0"}}}` + "\n", env: []string{secretS}, says: []string{"A: the value has a NUL byte", "from the vault itself", "1 variable cannot be passed on"}, requests: secretOnce},
}

const (
	stackVault = "vaults: {kv1.vault.stack.example: {secrets: {s: canary-secret}}}\n"
	stackS     = "A=keyvault:https://kv1.vault.stack.example/secrets/s"
	stackHosts = "AZINJECT_ALLOWED_VAULT_HOSTS=.vault.stack.example"
)

// many is forty of the same with other numbers.
func many(format, separator string) string {
	all := make([]string, 40)
	for i := range all {
		all[i] = fmt.Sprintf(format, i+1)
	}
	return strings.Join(all, separator)
}

// identityID is the resource ID of a user-assigned identity.
func identityID(name string) string {
	return "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + name
}
