package main_test

var inBinding = place{
	platforms: "identity_binding",
	identities: "identities: {app: {" + attachedApp + ", resource_id: " + identityID("app") + ", binding: {subject: 'system:serviceaccount:shop:web'}}, " +
		"both: {client_id: " + nobody + ", resource_id: " + identityID("both") + ", binding: {subject: 'system:serviceaccount:shop:web'}, federated: {subject: 'system:serviceaccount:shop:web'}}, " +
		"other: {}}\nattached: [app]\n",
}

func onTokenProxy(what string) string { return oneSecret + fault("POST identity/token-proxy", what) }

// Requests of a pod with an identity binding.
var (
	viaBinding   = map[string]int{"token": 1, "entra": 0, "discovery": 0, "challenge": 0, "secret": 1}
	bindingNever = map[string]int{"token": 0, "entra": 0, "discovery": 0, "secret": 0}
	bindingOnce  = map[string]int{"token": 1, "entra": 0, "discovery": 0, "secret": 0}
)

// noBinding unsets what the webhook sets for a binding, except the token.
var noBinding = []string{"AZURE_KUBERNETES_TOKEN_PROXY=", "AZURE_KUBERNETES_SNI_NAME=", "AZURE_KUBERNETES_CA_FILE="}

// bindingFailures are failures of AKS identity bindings: of their variables, of
// the token proxy and of the pod's token.
var bindingFailures = inBinding.of([]failureCase{
	{
		name:     "binding",
		starts:   true,
		requests: viaBinding,
	},
	{
		name:     "binding, two audiences",
		yaml:     oneSecret + connection,
		env:      []string{"B=azureml://connections/c/target", inW},
		starts:   true,
		requests: map[string]int{"token": 2, "entra": 0, "discovery": 0, "secret": 1, "connection": 1},
	},
	{
		name:     "binding, no proxy",
		env:      []string{"AZURE_KUBERNETES_TOKEN_PROXY="},
		says:     []string{"AZURE_KUBERNETES_TOKEN_PROXY: not set, but AZURE_KUBERNETES_SNI_NAME is", "azure.workload.identity/use-identity-binding"},
		requests: bindingNever,
	},
	{
		name:     "binding, no token",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE="},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: not set, but AZURE_KUBERNETES_TOKEN_PROXY is", "set neither yourself"},
		requests: bindingNever,
	},
	{
		name:     "binding, proxy without TLS, with other mistakes",
		env:      []string{"AZURE_KUBERNETES_TOKEN_PROXY=http://canary-secret.example", "B=azureml://connections/"},
		says:     []string{"AZURE_KUBERNETES_TOKEN_PROXY: write the https address of the token proxy", "B: malformed reference"},
		requests: bindingNever,
	},
	{
		name:     "binding, proxy with a user",
		env:      []string{"AZURE_KUBERNETES_TOKEN_PROXY=https://canary-secret@127.0.0.1/"},
		says:     []string{"AZURE_KUBERNETES_TOKEN_PROXY: write the https address", "without user, query and fragment"},
		requests: bindingNever,
	},
	{
		name:     "binding, two CAs",
		env:      []string{"AZURE_KUBERNETES_CA_DATA=canary-secret"},
		says:     []string{"AZURE_KUBERNETES_CA_FILE: AZURE_KUBERNETES_CA_DATA is set too; remove one of the two"},
		requests: bindingNever,
	},
	{
		name:     "binding, CA is no certificate",
		env:      []string{"AZURE_KUBERNETES_CA_FILE=", "AZURE_KUBERNETES_CA_DATA=canary-secret"},
		says:     []string{"AZURE_KUBERNETES_CA_DATA: this contains no certificate in PEM format"},
		requests: bindingNever,
	},
	{
		name:     "binding, CA's file missing",
		env:      []string{"AZURE_KUBERNETES_CA_FILE=/nowhere/ca.crt"},
		says:     []string{"AZURE_KUBERNETES_CA_FILE: /nowhere/ca.crt: no such file or directory; leave this to AKS' webhook"},
		requests: bindingNever,
	},
	{
		name:     "binding, name is an address",
		env:      []string{"AZURE_KUBERNETES_SNI_NAME=https://canary-secret"},
		says:     []string{"AZURE_KUBERNETES_SNI_NAME: write the host name in the token proxy's certificate"},
		requests: bindingNever,
	},
	{
		name:     "binding, token file contains something else",
		env:      []string{"AZURE_FEDERATED_TOKEN_FILE=/etc/passwd"},
		says:     []string{"AZURE_FEDERATED_TOKEN_FILE: /etc/passwd does not contain a JSON Web Token"},
		requests: bindingNever,
	},
	{
		name:     "binding's token without its variables",
		env:      noBinding,
		says:     []string{"Microsoft Entra at https://login.microsoftonline.com returned 401 invalid_client: AADSTS700211", "takes this pod's token for an AKS identity binding", "do not set AZURE_FEDERATED_TOKEN_FILE or AZURE_KUBERNETES_TOKEN_PROXY"},
		saysNot:  []string{"federated-credential", "federated credential"},
		requests: entraOnce,
	},
	{
		name:     "binding's token without its variables, and with a federated credential",
		env:      append([]string{"AZURE_CLIENT_ID=" + nobody}, noBinding...),
		says:     []string{"AADSTS700212", "audience 'api://AKSIdentityBinding'", "takes this pod's token for an AKS identity binding"},
		saysNot:  []string{"federated-credential", "federated credential"},
		requests: entraOnce,
	},
	{
		name:     "binding's variables without its token",
		yaml:     podToken("audience: 'api://AzureADTokenExchange'"),
		says:     []string{"the token proxy of an AKS identity binding at https://127.0.0.1:", "/token-proxy returned 401: Unauthorized", "its token is for workload identity without an AKS identity binding"},
		saysNot:  []string{"federated-credential", "federated credential", "Microsoft Entra"},
		requests: bindingOnce,
	},
	{
		name:     "no ClusterRole",
		yaml:     podToken("subject: 'system:serviceaccount:shop:worker'"),
		says:     []string{`returned 403: ` + clientID + `.cid.wi.aks.azure.com is forbidden: User "system:serviceaccount:shop:worker" cannot use-managed-identity`, "the verb use-managed-identity for the resource " + clientID},
		saysNot:  []string{"federated"},
		requests: bindingOnce,
	},
	{
		name:     "proxy refuses in plain text",
		yaml:     onTokenProxy("status: 400, body: \"no binding for\\n {sent}\", headers: {Content-Type: text/plain}"),
		says:     []string{"returned 400: no binding for …", "bind the identity " + clientID, "az aks identity-binding list"},
		saysNot:  []string{"federated"},
		requests: bindingOnce,
	},
	{
		name:     "proxy refuses in unknown JSON",
		yaml:     onTokenProxy("status: 404, body: '{\"why\":\"no such binding\"}'"),
		says:     []string{`returned 404: {"why":"no such binding"}`, "az aks identity-binding list"},
		requests: bindingOnce,
	},
	{
		name:     "Entra does not trust the proxy",
		yaml:     onTokenProxy("status: 401, code: invalid_client, message: 'AADSTS700211: No matching federated identity record found. More.'"),
		says:     []string{"the token proxy of an AKS identity binding", "returned 401 invalid_client: AADSTS700211: No matching", "az aks identity-binding list"},
		saysNot:  []string{"federated-credential", "federated credential"},
		requests: bindingOnce,
	},
	{
		name:     "Entra forbids it through the proxy",
		yaml:     onTokenProxy("status: 400, code: unauthorized_client, message: 'AADSTS700016: Application not found. More.'"),
		says:     []string{"AADSTS700016", "correct AZURE_CLIENT_ID or AZURE_TENANT_ID"},
		requests: bindingOnce,
	},
	{
		name:     "proxy's certificate is not trusted",
		yaml:     oneSecret + "certificate: untrusted\n",
		says:     []string{"the token proxy of an AKS identity binding at https://127.0.0.1:", "certificate not trusted", "a certificate of the binding's CA"},
		saysNot:  []string{"SSL_CERT_FILE"},
		requests: map[string]int{"token": 0, "secret": 0},
	},
	{
		name:     "proxy's certificate has another name",
		yaml:     oneSecret + "certificate: wrong_host\n",
		says:     []string{"certificate is valid for elsewhere.example, not emulated.ests.aks", "AZURE_KUBERNETES_SNI_NAME"},
		requests: map[string]int{"token": 0, "secret": 0},
	},
	{
		name:     "proxy does not know the name",
		env:      []string{"AZURE_KUBERNETES_SNI_NAME="},
		says:     []string{"the token proxy of an AKS identity binding", "TLS: remote error", "does not have the name in AZURE_KUBERNETES_SNI_NAME"},
		requests: map[string]int{"token": 0, "secret": 0},
	},
	{
		name:     "proxy's CA is not the container's",
		env:      []string{"AZURE_KUBERNETES_CA_FILE="},
		says:     []string{"certificate not trusted", "a certificate of the binding's CA"},
		requests: map[string]int{"token": 0, "secret": 0},
	},
	{
		name:     "proxy cannot be reached",
		env:      []string{"AZURE_KUBERNETES_TOKEN_PROXY=https://127.0.0.1:1/token-proxy", soon},
		says:     []string{"no connection", "network policy keeps this container from 127.0.0.1:1, which was tried for 4s"},
		requests: bindingNever,
	},
	{
		name:     "proxy is throttled, then not",
		yaml:     onTokenProxy("times: 2, status: 429, headers: {retry-after-ms: \"5\"}"),
		starts:   true,
		requests: map[string]int{"token": 3, "entra": 0, "secret": 1},
	},
	{
		name: "proxy is out of order",
		yaml: onTokenProxy("status: 503, body: 'upstream connect error'"),
		env:  []string{soon},
		says: []string{"the token proxy of an AKS identity binding", "returned 503: upstream connect error", "AZINJECT_TIMEOUT"},
	},
	{
		name:     "proxy hangs",
		yaml:     onTokenProxy("hang: true"),
		env:      []string{soon},
		says:     []string{"the token proxy of an AKS identity binding", "no answer in time", "firewall"},
		requests: bindingOnce,
	},
	{
		name:     "proxy resets, then not",
		yaml:     onTokenProxy("times: 1, reset: true"),
		starts:   true,
		requests: map[string]int{"token": 2, "secret": 1},
	},
	{
		name:     "proxy gives a web page",
		yaml:     onTokenProxy("html: true"),
		says:     []string{"returned 200 without a token", "captive portal"},
		requests: bindingOnce,
	},
	{
		name:     "proxy gives no token",
		yaml:     onTokenProxy("no_value: true"),
		says:     []string{"returned 200 without a token"},
		requests: bindingOnce,
	},
	{
		name:     "proxy gives too much",
		yaml:     onTokenProxy("huge: true"),
		says:     []string{"larger than 256 KiB", "is not the token proxy"},
		requests: bindingOnce,
	},
	{
		name:     "proxy redirects",
		yaml:     onTokenProxy("redirect: \"https://login.example/canary-secret\""),
		says:     []string{"returned 302", "captive portal"},
		requests: bindingOnce,
	},
	{
		name:     "binding without a role",
		yaml:     noReaders,
		says:     []string{"(403 ForbiddenByRbac)", "the identity with object ID " + oid, "--assignee-principal-type ServicePrincipal"},
		requests: viaBinding,
	},
})
