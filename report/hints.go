package report

import (
	"errors"
	"strings"
	"time"

	"azinject/exec"
	"azinject/identity"
	"azinject/resolve"
)

// hint is one thing to do. It begins with a verb, or with who needs what, and
// may have several lines, the last of them a command. Facts stand in braces.
type hint struct {
	// name is the anchor in docs/troubleshooting.md that explains the hint.
	name string
	text string
}

// newHint is simple enough to be inlined, so that the hints are data, and take no
// code.
func newHint(name, text string) *hint { return &hint{name, text} }

// with returns the text with facts filled in, which come as names in braces,
// each followed by its value.
func (h *hint) with(facts ...string) []string {
	return []string{strings.NewReplacer(facts...).Replace(h.text)}
}

// Facts are what hints are made from besides the failure itself.
type Facts struct {
	// Timeout is AZINJECT_TIMEOUT, or its default.
	Timeout time.Duration
	// ResourceManager is the host name of Azure Resource Manager.
	ResourceManager string
	// Selected is the credential whose tokens were used.
	Selected identity.Selection
	// Claims are those of a token that was used, zero if there was none.
	Claims identity.Claims
	// Workspace is that of references which name none. WorkspaceFrom and ProjectFrom
	// are the variables that name it and the project, in words.
	Workspace                  resolve.Workspace
	WorkspaceFrom, ProjectFrom string
}

// hints returns what to do about a failure, nil where the error itself says it.
func (f *Facts) hints(err error) []string {
	if _, ok := errors.AsType[*resolve.SyntaxError](err); ok {
		return skipVariable.with()
	}
	if _, ok := errors.AsType[*exec.RefusedError](err); ok || errors.Is(err, resolve.ErrNotText) {
		return valueTooLarge.with()
	}
	if _, ok := errors.AsType[*identity.TokenFileError](err); ok {
		return tokenFile.with()
	}
	if _, ok := errors.AsType[*identity.SelectionError](err); ok {
		return nil // which says itself what to do
	}
	if e, ok := errors.AsType[*identity.TokenError](err); ok {
		return f.tokenHints(e)
	}
	if e, ok := errors.AsType[*resolve.FetchError](err); ok {
		return f.fetchHints(e)
	}
	return nil
}

// Hints about the environment and its values.
var (
	skipVariable  = newHint("skip-variable", "add variables that azinject should leave alone to AZINJECT_SKIP")
	valueTooLarge = newHint("value-too-large", "let the server read this value from the vault: an environment variable cannot hold it")
)

// Hints about managed identity endpoints.
var (
	noIdentityEndpoint  = newHint("no-identity-endpoint", "run this where there is a managed identity; on a laptop, put one of these in front of the command:\n  azlocal login --               Azure, with your own sign-in\n  azlocal emulate azure.yaml --  an emulated Azure")
	podLabel            = newHint("pod-label", "add the label azure.workload.identity/use: \"true\" to the pod if it has a workload identity: without the label, the node's identity was asked for")
	noClientID          = newHint("no-client-id", "set AZINJECT_IDENTITY to the client ID of the compute's identity: Azure Machine Learning gives no token without one")
	selectedIdentity    = newHint("selected-identity", "assign the identity that {variable} selects to this container, or correct {variable}")
	noIdentityAssigned  = newHint("no-identity-assigned", "assign an identity to this container; if it has several, select one with AZINJECT_IDENTITY=<client ID>")
	unknownIdentity     = newHint("unknown-identity", "check that this container has an identity, and that {variable} selects one that it has: App Service and Container Apps return 500 otherwise, here for all of {timeout} (AZINJECT_TIMEOUT)")
	noComputeIdentity   = newHint("no-compute-identity", "assign an identity to the compute, and select it with AZINJECT_IDENTITY=<client ID> if it has several; an administrator can run:\n  az ml compute update --name COMPUTE --identity-type SystemAssigned --resource-group GROUP --workspace-name WORKSPACE")
	noSignIn            = newHint("no-sign-in", "assign an identity to the compute instance and set AZINJECT_IDENTITY to its client ID, or have the instance's user sign in again in Azure Machine Learning studio")
	asUser              = newHint("as-user", "set AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential to read with the rights of the job's user instead")
	asApplication       = newHint("as-application", "set AZINJECT_CREDENTIAL=EnvironmentCredential to sign in as the application whose secret is in AZURE_CLIENT_SECRET")
	initContainer       = newHint("init-container", "run azinject in the app's own container: on Container Apps, init containers and stages that identitySettings.lifecycle leaves out have no identity")
	arcKeys             = newHint("arc-keys", "mount /var/opt/azcmagent/tokens, and add the container's user to the group himds so that it can read the keys there")
	arcIdentity         = newHint("arc-identity", "remove {variable}, or update Azure Arc's agent: this one knows only the machine's own identity")
	endpointSecret      = newHint("endpoint-secret", "do not set IDENTITY_HEADER or MSI_SECRET yourself: the platform does, and the endpoint refused this one")
	endpointDown        = newHint("endpoint-down", "check that an identity is assigned and that the platform's sidecar is running: the endpoint was tried for {timeout} (AZINJECT_TIMEOUT)")
	dockerHost          = newHint("docker-host", "add --add-host host.docker.internal:host-gateway to docker run: only Docker Desktop knows this name by itself")
	notIdentityEndpoint = newHint("not-identity-endpoint", "do not set IDENTITY_ENDPOINT or MSI_ENDPOINT yourself: the platform does, and this is not a managed identity endpoint")
)

// Hints about the other credentials.
var (
	tokenFile           = newHint("token-file", "do not set AZURE_FEDERATED_TOKEN_FILE yourself: Kubernetes' workload identity webhook does, and mounts the file for the pod's user or fsGroup to read")
	expiredTokenFile    = newHint("expired-token-file", "point AZURE_FEDERATED_TOKEN_FILE at the file in which Kubernetes renews the token, not at a copy: this token has expired")
	federatedCredential = newHint("federated-credential", "give the identity a federated credential with the issuer, subject and audience of this pod's token, which takes minutes to arrive; an administrator can run:\n  az identity federated-credential create --name ANY_NAME --identity-name IDENTITY --resource-group GROUP --issuer ISSUER_OF_THE_CLUSTER --subject system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT")
	useBinding          = newHint("use-binding", "add the annotation azure.workload.identity/use-identity-binding: \"true\" to the pod instead, if the identity has an AKS identity binding: this token is not for one")
	bindingNotSet       = newHint("binding-not-set", "do not set AZURE_FEDERATED_TOKEN_FILE or AZURE_KUBERNETES_TOKEN_PROXY yourself: AKS' webhook sets both, the second is missing here, and only the proxy that it names takes this pod's token for an AKS identity binding")
	bindingToken        = newHint("binding-token", "add the annotation azure.workload.identity/use-identity-binding: \"true\" to the pod, or remove its AZURE_KUBERNETES_ variables: its token is for workload identity without an AKS identity binding, although AZURE_KUBERNETES_TOKEN_PROXY is set")
	bindingRole         = newHint("binding-role", "give the pod's service account a ClusterRole with the verb use-managed-identity for the resource {client} in the API group cid.wi.aks.azure.com, as deploy/kubernetes/identity-binding.yaml does")
	bindingMissing      = newHint("binding-missing", "bind the identity {client} to this cluster; to see which are bound, run:\n  az aks identity-binding list --cluster-name CLUSTER --resource-group GROUP")
	bindingServer       = newHint("binding-server", "do not set AZURE_KUBERNETES_ variables yourself: AKS' webhook does, and what answers at AZURE_KUBERNETES_TOKEN_PROXY is not the token proxy, or does not have the name in AZURE_KUBERNETES_SNI_NAME and a certificate of the binding's CA")
	clientSecret        = newHint("client-secret", "correct AZURE_CLIENT_SECRET, which is wrong or expired; it must be the secret's value, not its ID; to create one:\n  az ad app credential reset --append --id CLIENT_ID")
	clientID            = newHint("client-id", "correct {variable} or AZURE_TENANT_ID: the tenant has no application with this client ID")
	tenantID            = newHint("tenant-id", "correct AZURE_TENANT_ID, which names no tenant; to see yours, run: az account show --query tenantId")
	unknownStore        = newHint("unknown-store", "check the name of the store, which the tenant does not know, and that both are in the same cloud")
	otherCloud          = newHint("other-cloud", "set AZURE_TENANT_ID and AZURE_AUTHORITY_HOST to those of the store's cloud, if it is in another")
	entraError          = newHint("entra-error", "read https://login.microsoftonline.com/error?code={code}")
	onBehalfOfEndpoint  = newHint("on-behalf-of-endpoint", "do not set OBO_ENDPOINT yourself: the platform does")
	onBehalfOfUser      = newHint("on-behalf-of-user", "write identity: {type: user_identity} in the job's own step, not only in its pipeline, and submit it as a user, not as an application")
	signIn              = newHint("sign-in", "sign in as the user who runs this: {command}")
	noTool              = newHint("no-tool", "remove {variable}, because images do not have {tool}; on a laptop, put azlocal login -- in front of the command")
	runTool             = newHint("run-tool", "run this to see why: {command}")
)

// Hints about access that was denied.
var (
	missingRole      = newHint("missing-role", "{principal} needs \"{role}\" on the {store}; an administrator can run:\n  {command}")
	waitForAccess    = newHint("wait-for-access", "set AZINJECT_WAIT_FOR_ACCESS=10m to wait for a new assignment, which takes up to 10 minutes to arrive")
	missingAction    = newHint("missing-action", "give {principal} a role with the action {action} on {scope}; if it has one, check that this is the right workspace")
	entraEndpoint    = newHint("entra-endpoint", "give {principal} a role with the actions {read} and {score}, if the endpoint's auth_mode is aad_token")
	missingPolicy    = newHint("missing-policy", "{principal} needs the permission \"get\" for secrets in the vault's access policies; an administrator can run:\n  az keyvault set-policy --name {vault} --object-id {object} --secret-permissions get")
	otherPermissions = newHint("other-permissions", "add the identity's other permissions for secrets to that command, because set-policy replaces them")
	vaultFirewall    = newHint("vault-firewall", "allow this network{address} in the {store}'s firewall: no role will help")
	vaultPerimeter   = newHint("vault-perimeter", "allow this network in the {store}'s network security perimeter: no role will help")
	privateLink      = newHint("private-link", "give this network a private endpoint of the {store} and link its DNS zone: no role will help, because the {store} takes private links only")
	storeNetwork     = newHint("store-network", "allow this network in the access settings of {host} if the identity has the role: App Configuration does not say which of the two is missing")
	disabledVersion  = newHint("disabled-version", "enable this version, or refer to another; to see them, run: az keyvault secret list-versions --vault-name {vault} --name {secret}")
	otherDenial      = newHint("other-denial", "read the service's message above: it refused {principal} for a reason of its own")
	noReason         = newHint("no-reason", "check the access of {principal}, and any proxy in between: this refusal gives no reason")
	usersToken       = newHint("users-token", "assign an identity to the compute instance and set AZINJECT_IDENTITY to its client ID: the token is a user's, not a managed identity's")
	otherTenant      = newHint("other-tenant", "check that the store is in the identity's Microsoft Entra tenant{tenant}: the token was refused")
)

// Hints about what was not found.
var (
	listNames      = newHint("list-names", "run this to see what there is: {command}")
	otherProject   = newHint("other-project", "check {variable}: there may be no project {project}")
	otherWorkspace = newHint("other-workspace", "check {variable}: there may be no workspace {workspace}")
)

// Hints about the network, and about services that are out of order.
var (
	noSuchHost       = newHint("no-such-host", "check that {host} exists and is spelt correctly; if it has a private endpoint, link its DNS zone to this network")
	unknownToDNS     = newHint("unknown-to-dns", "make the DNS server of this network resolve {host}")
	noResolver       = newHint("no-resolver", "check the container's DNS server: it does not answer, or cannot ask others")
	rootsUsed        = newHint("roots-used", "check the certificate roots, which are {roots}; if a proxy re-signs TLS, put its root into the image and name the file in SSL_CERT_FILE")
	certificateDates = newHint("certificate-dates", "check the container's clock, and the certificate of any proxy that re-signs TLS: this one is not valid today")
	otherCertificate = newHint("other-certificate", "check what {host} resolves to in this network, and any proxy in between: something else answers there")
	proxyItself      = newHint("proxy-itself", "correct HTTPS_PROXY, which names this proxy, or add the host to NO_PROXY if it needs no proxy")
	proxyToVault     = newHint("proxy-to-vault", "check that {host} exists and is spelt correctly: the proxy in HTTPS_PROXY cannot reach it; if it needs no proxy, add it to NO_PROXY")
	proxyToAzure     = newHint("proxy-to-azure", "make the proxy in HTTPS_PROXY reach {host}, or add the host to NO_PROXY if it needs no proxy")
	firewall         = newHint("firewall", "check whether a firewall or a network policy keeps this container from {host}")
	unreachable      = newHint("unreachable", "check whether a firewall or a network policy keeps this container from {host}, which was tried for {timeout} (AZINJECT_TIMEOUT)")
	notAzure         = newHint("not-azure", "look for a captive portal or a proxy between the container and Azure: this answer is not Azure's")
	notAVault        = newHint("not-a-vault", "check that {host}, which AZINJECT_ALLOWED_VAULT_HOSTS allows, is a key vault: vaults get tokens for their own domain only")
	busy             = newHint("busy", "raise AZINJECT_TIMEOUT or start fewer replicas at once: the service still failed after {timeout}, or asked for a longer pause")
	notAsked         = newHint("not-asked", "raise AZINJECT_TIMEOUT: the other references to this store took all of {timeout}")
)
