package main_test

import (
	"slices"
	"strings"
)

// place is where rows of the table happen.
type place struct {
	platforms, identities string
	env                   []string
}

// of returns the rows, in the place as far as they do not say otherwise. Unless
// a row has something else, it has one secret and a reference to it.
func (p place) of(rows ...failure) []failure {
	for i := range rows {
		f := &rows[i]
		if f.platforms == "" {
			f.platforms = p.platforms
		}
		if f.identities == "" {
			f.identities = p.identities
		}
		if f.yaml == "" {
			f.yaml = oneSecret
		}
		f.env = slices.Concat([]string{secretS}, p.env, f.env)
	}
	return rows
}

const (
	clientID    = "aaaaaaaa-0000-4000-8000-00000000000a"
	nobody      = "bbbbbbbb-0000-4000-8000-00000000000b"
	noReaders   = "vaults: {kv1: {readers: [other], secrets: {s: canary-secret}}}\n"
	chinaVault  = "vaults: {kv1.vault.azure.cn: {secrets: {s: canary-secret}}}\n"
	attachedApp = "client_id: " + clientID + ", object_id: " + oid
	person      = "identities: {me: {user: true, object_id: " + oid + "}, other: {}}\nattached: [me]\n"
	managed     = "AZINJECT_CREDENTIAL=ManagedIdentityCredential"
)

var (
	inPod = place{
		platforms: "workload_identity",
		identities: "identities: {app: {" + attachedApp + ", federated: {subject: 'system:serviceaccount:shop:web'}}, " +
			"bare: {client_id: " + nobody + ", resource_id: " + identityID("bare") + "}, other: {}}\nattached: [app]\n",
	}
	asApplication = place{
		platforms:  "service_principal",
		identities: "identities: {app: {" + attachedApp + ", client_secret: canary-secret-app}, other: {}}\nattached: [app]\n",
		env:        []string{"AZINJECT_CREDENTIAL=EnvironmentCredential"},
	}
	onBehalf  = place{platforms: "on_behalf_of", identities: person, env: []string{"AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential"}}
	onCompute = place{platforms: "azureml"}
	// withTools has PATH without the machine's own az.
	withTools = place{platforms: "none", env: []string{"PATH=/nowhere", "AZINJECT_CREDENTIAL=AzureCLICredential"}}

	secretRefers = []string{"AZURE_CLIENT_SECRET: azinject itself needs this to resolve references"}

	entraOnce  = map[string]int{"entra": 1, "discovery": 0, "token": 0, "secret": 0}
	entraNever = map[string]int{"entra": 0, "discovery": 0, "token": 0, "secret": 0, "connect": 0}
	notAsked   = map[string]int{"entra": 0, "token": 0, "secret": 0, "challenge": 0} // though connected to the vault
	viaEntra   = map[string]int{"entra": 1, "discovery": 0, "token": 0, "challenge": 0, "secret": 1}
)

func onEntra(what string) string {
	return oneSecret + fault("POST login.microsoftonline.com/", what)
}

func podToken(what string) string { return oneSecret + "service_account_token: {" + what + "}\n" }

// credentialFailures are the rows for credentials other than managed
// identities, and for choosing among them all.
var credentialFailures = slices.Concat(workloadFailures, applicationFailures, onBehalfFailures, computeFailures, toolFailures, selectionFailures)

var workloadFailures = inPod.of([]failure{
	{name: "pod", starts: true, requests: viaEntra},
	{name: "pod, two audiences", yaml: oneSecret + connection, env: []string{"B=azureml://connections/c/target", inW}, starts: true,
		requests: map[string]int{"entra": 2, "discovery": 0, "token": 0, "secret": 1, "connection": 1}},
	{name: "pod, AZINJECT_IDENTITY before AZURE_CLIENT_ID", env: []string{"AZINJECT_IDENTITY=" + clientID, "AZURE_CLIENT_ID=" + nobody}, starts: true, requests: viaEntra},
	{name: "pod, no AZURE_CLIENT_ID", env: []string{"AZURE_CLIENT_ID="}, says: []string{"AZURE_CLIENT_ID: this is not set", "azure.workload.identity/client-id", "AZINJECT_IDENTITY may have"}, requests: entraNever},
	{name: "pod, AZURE_CLIENT_ID is no ID", env: []string{"AZURE_CLIENT_ID=canary-secret"}, says: []string{"AZURE_CLIENT_ID: write the client ID of an application or managed identity"}, requests: entraNever},
	{name: "pod, object ID", env: []string{"AZINJECT_IDENTITY=object:" + oid}, says: []string{"AZINJECT_IDENTITY: WorkloadIdentityCredential takes a client ID only", "ManagedIdentityCredential"}, requests: entraNever},
	{name: "pod, no AZURE_TENANT_ID", env: []string{"AZURE_TENANT_ID="}, says: []string{"AZURE_TENANT_ID: this is not set", "azure.workload.identity/use"}, requests: entraNever},
	{name: "pod, AZURE_TENANT_ID of nobody's", env: []string{"AZURE_TENANT_ID=canary-secret"}, says: []string{"AZURE_TENANT_ID: write the ID of a Microsoft Entra tenant"}, requests: entraNever},
	{name: "pod, authority without TLS", env: []string{"AZURE_AUTHORITY_HOST=http://canary-secret.example/"}, says: []string{"AZURE_AUTHORITY_HOST: write an https address"}, requests: entraNever},

	// The service account's token.
	{name: "token file missing", env: []string{"AZURE_FEDERATED_TOKEN_FILE=/nowhere/token"}, says: []string{"AZURE_FEDERATED_TOKEN_FILE: stat /nowhere/token: no such file", "webhook"}, requests: entraNever},
	{name: "token file cannot be read", env: []string{"AZURE_FEDERATED_TOKEN_FILE=/"}, says: []string{"AZURE_FEDERATED_TOKEN_FILE: / is not a file that a token could be in", "fsGroup"}, requests: entraNever},
	{name: "token file empty", env: []string{"AZURE_FEDERATED_TOKEN_FILE=/dev/null"}, says: []string{"AZURE_FEDERATED_TOKEN_FILE: /dev/null is not a file that a token could be in"}, requests: entraNever},
	{name: "token itself instead of its file", env: []string{"AZURE_FEDERATED_TOKEN_FILE=eyJ.canary-secret"}, says: []string{"AZURE_FEDERATED_TOKEN_FILE: write the path of a file"}, requests: entraNever},
	{name: "issuer of another cluster", yaml: podToken("issuer: 'https://other.example/'"), says: []string{"Microsoft Entra at https://login.microsoftonline.com answers 401 invalid_client: AADSTS700211", "issuer 'https://other.example/'", "az identity federated-credential"}, requests: entraOnce},
	{name: "audience of another", yaml: podToken("audience: 'api://other'"), says: []string{"AADSTS700212", "audience 'api://other'", "az identity federated-credential"}, requests: entraOnce},
	{name: "another service account", yaml: podToken("subject: 'system:serviceaccount:shop:worker'"), says: []string{"AADSTS700213", "'system:serviceaccount:shop:worker'", "az identity federated-credential"}, requests: entraOnce},
	{name: "no federated credential at all", env: []string{"AZURE_CLIENT_ID=" + nobody}, says: []string{"AADSTS70025", "az identity federated-credential"}, requests: entraOnce},
	{name: "service account's token has expired", yaml: podToken("expired: true"), says: []string{"AADSTS700024", "AZURE_FEDERATED_TOKEN_FILE"}, requests: entraOnce},

	// Microsoft Entra.
	{name: "unknown application", env: []string{"AZURE_CLIENT_ID=cccccccc-0000-4000-8000-00000000000c"}, says: []string{"answers 400 unauthorized_client: AADSTS700016", "AZURE_CLIENT_ID is not a client ID in the tenant"}, requests: entraOnce},
	{name: "unknown tenant", env: []string{"AZURE_TENANT_ID=" + nobody}, says: []string{"AADSTS90002", "AZURE_TENANT_ID names no tenant"}, requests: entraOnce},
	{name: "store of another cloud", yaml: chinaVault, env: []string{"A=keyvault:https://kv1.vault.azure.cn/secrets/s"}, says: []string{"no token for https://vault.azure.cn", "AADSTS500011", "AZURE_AUTHORITY_HOST"}, requests: entraOnce},
	{name: "Entra is throttled, then not", yaml: onEntra("times: 2, status: 429, headers: {retry-after-ms: \"5\"}"), starts: true, requests: map[string]int{"entra": 3, "discovery": 0, "secret": 1}},
	{name: "Entra is throttled for too long", yaml: onEntra("status: 429, code: temporarily_unavailable, message: 'AADSTS50196: The server terminated an operation.', retry_after: 300s"), says: []string{"answers 429 temporarily_unavailable: AADSTS50196", "asks for a longer pause"}, requests: entraOnce},
	{name: "Entra is out of order", yaml: onEntra("status: 503, body: canary-secret"), env: []string{soon}, says: []string{"Microsoft Entra at https://login.microsoftonline.com answers 503", "AZINJECT_TIMEOUT"}},
	{name: "Entra hangs", yaml: onEntra("hang: true"), env: []string{soon}, says: []string{"Microsoft Entra at https://login.microsoftonline.com: no answer in time", "firewall"}, requests: entraOnce},
	{name: "Entra resets, then not", yaml: onEntra("times: 1, reset: true"), starts: true, requests: map[string]int{"entra": 2, "secret": 1}},
	{name: "Entra resets", yaml: onEntra("reset: true"), env: []string{soon}, says: []string{"the connection ended before the answer did", "firewall"}},
	{name: "Entra gives a web page", yaml: onEntra("html: true"), says: []string{"answers 200, with no token in it", "captive portal"}, requests: entraOnce},
	{name: "Entra gives half an answer", yaml: onEntra("truncated: true"), says: []string{"answers 200, with no token in it", "captive portal"}, requests: entraOnce},
	{name: "Entra gives no token", yaml: onEntra("no_value: true"), says: []string{"answers 200, with no token in it"}, requests: entraOnce},
	{name: "Entra gives too much", yaml: onEntra("huge: true"), says: []string{"more than 8 MiB", "captive portal"}, requests: entraOnce},
	{name: "Entra does not speak HTTP", http1: true, yaml: onEntra("garbage: true"), says: []string{"does not speak HTTP", "captive portal"}, requests: entraOnce},
	{name: "Entra redirects", yaml: onEntra("redirect: \"https://login.example/canary-secret\""), says: []string{"answers 302", "captive portal"}, requests: entraOnce},
	{name: "Entra forbids it for a reason of its own", yaml: onEntra("status: 400, code: access_denied, message: 'AADSTS53003: Access has been blocked by Conditional Access policies. More.'"), says: []string{"AADSTS53003: Access has been blocked by Conditional Access policies", "error?code=53003"}, saysNot: []string{"More"}, requests: entraOnce},
	{name: "Entra's certificate", yaml: oneSecret + "certificate: untrusted\n", says: []string{"Microsoft Entra at https://login.microsoftonline.com: certificate not trusted", "those in SSL_CERT_FILE"}, requests: map[string]int{"entra": 0, "secret": 0}},
	{name: "Entra does not resolve", root: true, env: []string{soon, "HTTPS_PROXY="}, says: []string{"Microsoft Entra at https://login.microsoftonline.com: the name does not resolve", "DNS server of this network answer for login.microsoftonline.com"}, saysNot: []string{"deleted"}, requests: map[string]int{"connect": 0}},
	{name: "proxy knows no way to Entra", env: []string{"AZURE_AUTHORITY_HOST=https://login.example/", soon}, says: []string{"Microsoft Entra at https://login.example: the proxy answers 502", "finds no way to login.example", "NO_PROXY"}, saysNot: []string{"deleted"}, requests: map[string]int{"entra": 0}},
	{name: "token of Entra has expired", yaml: onEntra("expired_token: true"), says: []string{"token refused (401"}, requests: viaEntra},
	{name: "pod without a role", yaml: noReaders, says: []string{"(403 ForbiddenByRbac)", "the identity with object ID " + oid, "--assignee-principal-type ServicePrincipal"}, requests: viaEntra},
}...)

var applicationFailures = asApplication.of([]failure{
	{name: "application", starts: true, requests: viaEntra},
	{name: "wrong client secret", env: []string{"AZURE_CLIENT_SECRET=canary-secret-wrong"}, says: []string{"answers 401 invalid_client: AADSTS7000215", "AZURE_CLIENT_SECRET", "az ad app credential reset --append"}, requests: entraOnce},
	{name: "client secret has expired", yaml: onEntra("status: 401, code: invalid_client, message: \"AADSTS7000222: The provided client secret keys for app 'x' are expired.\""), says: []string{"AADSTS7000222", "AZURE_CLIENT_SECRET", "az ad app credential reset --append"}, requests: entraOnce},
	{name: "Entra repeats the client secret", yaml: onEntra("status: 401, code: invalid_client, message: 'AADSTS7000215: canary-secret-app is wrong'"), says: []string{"answers 401"}, saysNot: []string{"AADSTS"}, requests: entraOnce},
	{name: "client secret is a reference", env: []string{"AZURE_CLIENT_SECRET=${{keyvault:https://kv1.vault.azure.net/secrets/s}}"}, says: secretRefers, requests: entraNever},
	{name: "client secret has a reference", env: []string{"AZURE_CLIENT_SECRET=canary-secret${{ azureml://connections/c/target }}", inW}, says: secretRefers, requests: entraNever},
	{name: "client secret is a bare reference", env: []string{"AZURE_CLIENT_SECRET=keyvault:https://kv1.vault.azure.net/secrets/s"}, says: secretRefers, requests: entraNever},
	{name: "client secret is App Service's reference", env: []string{"AZINJECT_CREDENTIAL=", "AZURE_TOKEN_CREDENTIALS=prod", "AZURE_CLIENT_SECRET=@Microsoft.KeyVault(VaultName=kv1;SecretName=s)"}, says: secretRefers, requests: entraNever},
	{name: "client secret is a reference that is not to be resolved", env: []string{"AZURE_CLIENT_SECRET=keyvault:https://kv1.vault.azure.net/secrets/s", "AZINJECT_UNSET=AZURE_CLIENT_SECRET"}, says: secretRefers, requests: entraNever},
	{name: "client secret is another tool's", env: []string{"AZURE_CLIENT_SECRET=${{secrets.X}}"}, says: secretRefers, requests: entraNever},
	{name: "client secret is a malformed reference", env: []string{"AZURE_CLIENT_SECRET=keyvault:https://canary-secret"}, says: []string{"AZURE_CLIENT_SECRET: malformed reference at position 18"}, saysNot: []string{"azinject itself"}, requests: entraNever},
	{name: "no client secret", env: []string{"AZURE_CLIENT_SECRET="}, says: []string{"AZURE_CLIENT_SECRET: this is not set; EnvironmentCredential needs"}, requests: entraNever},
	{name: "no client ID", env: []string{"AZURE_CLIENT_ID="}, says: []string{"AZURE_CLIENT_ID: this is not set"}, requests: entraNever},
	{name: "no tenant ID", env: []string{"AZURE_TENANT_ID="}, says: []string{"AZURE_TENANT_ID: this is not set"}, requests: entraNever},
	{name: "client certificate", env: []string{"AZURE_CLIENT_SECRET=", "AZURE_CLIENT_CERTIFICATE_PATH=/canary-secret.pem"}, says: []string{"AZURE_CLIENT_CERTIFICATE_PATH: azinject does not sign in with a certificate"}, requests: entraNever},
	{name: "password", env: []string{"AZURE_CLIENT_SECRET=", "AZURE_USERNAME=canary-secret", "AZURE_PASSWORD=canary-secret"}, says: []string{"AZURE_USERNAME: azinject does not sign in with a user's name and password"}, requests: entraNever},
	{name: "AZINJECT_IDENTITY beside an application", env: []string{"AZINJECT_IDENTITY=" + clientID}, says: []string{"AZINJECT_IDENTITY: this has no meaning for EnvironmentCredential; remove it"}, requests: entraNever},
}...)

var onBehalfFailures = onBehalf.of([]failure{
	{name: "on behalf of a user", starts: true, requests: secretOnce},
	{name: "not on behalf of anybody", env: []string{"OBO_ENDPOINT="}, says: []string{"OBO_ENDPOINT: this is not set", "identity: {type: user_identity}"}, requests: never},
	{name: "on behalf of a user, in Spark", env: []string{"AZUREML_DATAPREP_TOKEN_PROVIDER=sparkobo"}, says: []string{"AZUREML_DATAPREP_TOKEN_PROVIDER: users' tokens of Spark jobs cannot be had", "AZINJECT_CREDENTIAL"}, requests: never},
	{name: "on-behalf-of endpoint is no address", env: []string{"OBO_ENDPOINT=canary-secret"}, says: []string{"OBO_ENDPOINT: this should be the address"}, requests: never},
	{name: "on-behalf-of endpoint is not there", env: []string{"OBO_ENDPOINT=http://canary-secret@127.0.0.1:1/OBO/token?code=canary-secret", soon}, says: []string{"the on-behalf-of endpoint at http://127.0.0.1:1/OBO/token: no connection", "OBO_ENDPOINT"}},
	{name: "on-behalf-of endpoint is out of order", yaml: onIdentity("status: 500, body: canary-secret"), env: []string{soon}, says: []string{"answers 500", "AZINJECT_TIMEOUT"}},
	{name: "on-behalf-of endpoint hangs", yaml: onIdentity("hang: true"), env: []string{soon}, says: []string{"the on-behalf-of endpoint at http://127.0.0.1:", "no answer in time", "OBO_ENDPOINT"}, requests: tokenOnce},
	{name: "on-behalf-of endpoint gives nothing", yaml: onIdentity("status: 200"), says: []string{"answers 200, with no token in it", "user_identity"}, requests: tokenOnce},
	{name: "on-behalf-of endpoint refuses", yaml: onIdentity("status: 403, code: forbidden, message: no user here"), says: []string{"answers 403 forbidden: no user here", "user_identity"}, requests: tokenOnce},
	{name: "on-behalf-of endpoint gives a web page", yaml: onIdentity("html: true"), says: []string{"answers 200, with no token in it"}, requests: tokenOnce},
	{name: "on-behalf-of endpoint does not speak HTTP", yaml: onIdentity("garbage: true"), says: []string{"does not speak HTTP", "OBO_ENDPOINT"}, requests: tokenOnce},
	{name: "user without a role", yaml: noReaders, says: []string{"the user with object ID " + oid, "--assignee-object-id " + oid, "--assignee-principal-type User"}, saysNot: []string{"compute instance", "AZINJECT_IDENTITY"}, requests: secretOnce},
	{name: "AZINJECT_IDENTITY beside a user", env: []string{"AZINJECT_IDENTITY=" + clientID}, says: []string{"AZINJECT_IDENTITY: this has no meaning for AzureMLOnBehalfOfCredential; remove it"}, requests: never},
}...)

var computeFailures = onCompute.of([]failure{
	{name: "compute cluster", yaml: oneSecret + "compute: cluster\n", starts: true, requests: secretOnce},
	{name: "compute cluster without a client ID", yaml: oneSecret + "compute: cluster\n", env: []string{"DEFAULT_IDENTITY_CLIENT_ID="}, says: []string{"answers 200, with no token in it", "gives no token without a client ID: set AZINJECT_IDENTITY"}, requests: tokenOnce},
	{name: "compute instance of a user", yaml: oneSecret + "compute: instance\n", identities: person, starts: true, requests: secretOnce},
	{name: "compute instance of a user without a role", yaml: noReaders + "compute: instance\n", identities: person,
		says: []string{"the user with object ID " + oid, "--assignee-principal-type User", "the token is a user's", "compute instance"}, requests: secretOnce},
	{name: "compute instance with an identity", yaml: "vaults: {kv1: {readers: [app], secrets: {s: canary-secret}}}\ncompute: instance\n",
		identities: "identities: {me: {user: true}, app: {resource_id: " + identityID("app") + "}}\n", starts: true, requests: secretOnce},
	{name: "compute instance, identity that it has not", yaml: oneSecret + "compute: instance\n", identities: person, env: []string{"AZINJECT_IDENTITY=" + nobody},
		says: []string{"answers 400", "AZINJECT_IDENTITY selects the identity"}, requests: tokenOnce},
}...)

var toolFailures = withTools.of([]failure{
	{name: "no az", says: []string{"no token for https://vault.azure.net: Azure CLI: not installed", "an image has no az: remove AZINJECT_CREDENTIAL", "azlocal --login --"}, requests: notAsked},
	{name: "no azd", env: []string{"AZINJECT_CREDENTIAL=AzureDeveloperCLICredential"}, says: []string{"Azure Developer CLI: not installed", "an image has no azd"}, requests: notAsked},
	{name: "neither az nor azd", env: []string{"AZINJECT_CREDENTIAL=", "AZURE_TOKEN_CREDENTIALS=dev"}, says: []string{"Azure CLI: not installed", "Azure Developer CLI: not installed", "an image has no az: remove AZURE_TOKEN_CREDENTIALS"}, requests: notAsked},
	{name: "nobody signed in to az", tools: `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`, says: []string{"Azure CLI: it asks for a sign-in", "run", "az login"}, requests: notAsked},
	{name: "nobody signed in to azd", env: []string{"AZINJECT_CREDENTIAL=AzureDeveloperCLICredential"}, tools: `echo '{"error":"not logged in, run "'"azd auth login"'" to login"}' >&2; exit 1`, says: []string{"Azure Developer CLI: it asks for a sign-in", "azd auth login"}, requests: notAsked},
	{name: "sign-in has ended", tools: `echo "ERROR: AADSTS70043: The refresh token has expired. Trace ID: x. To re-authenticate, please run: az login" >&2; exit 1`,
		says: []string{"it asks for a sign-in: AADSTS70043: The refresh token has expired", "az login"}, saysNot: []string{"Trace"}, requests: notAsked},
	{name: "az hangs", env: []string{soon}, tools: "exec /bin/sleep 3", says: []string{"Azure CLI: no answer in time", "to see why, run: az account get-access-token"}, requests: notAsked},
	{name: "az fails", tools: `echo '{"accessToken":"eyJ.canary-secret"}'; echo canary-secret >&2; exit 3`, says: []string{"Azure CLI: it fails", "to see why, run: az account get-access-token --resource https://vault.azure.net"}, requests: notAsked},
}...)

var selectionFailures = slices.Concat(
	place{platforms: "appservice"}.of([]failure{
		{name: "unknown credential", env: []string{"AZINJECT_CREDENTIAL=canary-secret"}, says: append([]string{"AZINJECT_CREDENTIAL: the credentials are "}, credentialNames...), requests: never},
		{name: "unknown credential, in the SDK's variable", env: []string{"AZURE_TOKEN_CREDENTIALS=canary-secret"}, says: append([]string{"AZURE_TOKEN_CREDENTIALS: azinject knows dev, prod, ", "AZINJECT_CREDENTIAL overrules"}, credentialNames...), requests: never},
		{name: "AZINJECT_CREDENTIAL before the SDK's variable", env: []string{managed, "AZURE_TOKEN_CREDENTIALS=canary-secret"}, starts: true, requests: secretOnce},
		{name: "AZINJECT_CREDENTIAL before the token file", env: []string{managed, "AZURE_FEDERATED_TOKEN_FILE=/nowhere/token", "AZURE_TENANT_ID=" + nobody}, starts: true, requests: map[string]int{"entra": 0, "token": 1, "secret": 1}},
		{name: "prod, managed identity", env: []string{"AZURE_TOKEN_CREDENTIALS=prod"}, starts: true, requests: secretOnce},
		{name: "azlocal gives no token", yaml: onIdentity("status: 400, message: 'azlocal got no token for https://vault.azure.net: az: Please run az login to setup account'"),
			says: []string{"answers 400: azlocal got no token", "az: Please run az login"}, saysNot: []string{"hint", "assign an identity"}, requests: tokenOnce},
	}...),
	place{platforms: "cloudshell servicefabric"}.of(failure{name: "identity where there is one only", env: []string{"AZINJECT_IDENTITY=" + clientID}, says: []string{"AZINJECT_IDENTITY: ", "remove AZINJECT_IDENTITY"}, requests: notAsked}),
	onCompute.of(failure{name: "Azure Machine Learning knows client IDs only", env: []string{"AZINJECT_IDENTITY=object:" + oid}, says: []string{"AZINJECT_IDENTITY: ", "client ID only", "remove AZINJECT_IDENTITY, or set it"}, requests: notAsked}),
	inPod.of(failure{name: "prod, pod", env: []string{"AZURE_TOKEN_CREDENTIALS=prod"}, starts: true, requests: viaEntra}),
	asApplication.of(failure{name: "prod, application", env: []string{"AZINJECT_CREDENTIAL=", "AZURE_TOKEN_CREDENTIALS=prod"}, starts: true, requests: viaEntra}),
)

var credentialNames = strings.Fields("ManagedIdentityCredential WorkloadIdentityCredential AzureMLOnBehalfOfCredential EnvironmentCredential AzureCLICredential AzureDeveloperCLICredential")
