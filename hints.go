package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"azinject/exec"
	"azinject/identity"
	"azinject/resolve"
	"azinject/transport"
)

// advice is what hints are made of besides the failure itself.
type advice struct {
	settings settings
	// selected is the credential whose tokens were used.
	selected identity.Selection
	// claims of the identity whose token was refused, if one was obtained.
	claims identity.Claims
}

// hints returns what to do about a failure; nil where the failure says it
// itself. A hint may have several lines, the last of them a command. All hints
// are chosen here.
func (a advice) hints(err error) []string {
	if program, ok := errors.AsType[*exec.NotRunnableError](err); ok && isMode(program.Command) {
		return []string{"azinject's own options go before \"--\": docker run --entrypoint /azinject IMAGE " + program.Command}
	}
	if _, ok := errors.AsType[*resolve.SyntaxError](err); ok {
		return []string{"if a value is not meant for azinject, name its variable in AZINJECT_SKIP"}
	}
	if token, ok := errors.AsType[*identity.TokenError](err); ok {
		return a.tokenHints(token)
	}
	if selection, ok := errors.AsType[*identity.SelectionError](err); ok {
		return selectionHints(selection)
	}
	if fetch, ok := errors.AsType[*resolve.FetchError](err); ok {
		return a.fetchHints(fetch)
	}
	if _, ok := errors.AsType[*exec.RefusedError](err); ok {
		return []string{"have the server read this one from the vault itself"}
	}
	return nil
}

// tokenHints are for the identity endpoint.
func (a advice) tokenHints(e *identity.TokenError) []string {
	selector := e.Selected.Variable
	switch {
	case e.Selected.Kind != identity.ManagedIdentity:
		return a.credentialHints(e)
	case e.Absent():
		return []string{"this does not seem to be a machine with a managed identity; on a laptop, put one of these in front of the command, see \"On a laptop\" in the README:\n" +
			"  azlocal --login --                 Azure, with your own sign-in\n" +
			"  azlocal --emulate azure.yaml --    an emulated Azure"}
	case strings.HasPrefix(e.Message, "azlocal "): // which says what to do
		return nil
	case e.NoToken && e.Platform == identity.AzureML && selector == "":
		return []string{"Azure Machine Learning's compute gives no token without a client ID: set AZINJECT_IDENTITY to that of its identity"}
	case e.Status == http.StatusBadRequest && selector != "":
		return []string{selector + " selects the identity: assign this one to the container, or correct the variable"}
	case e.Status == http.StatusBadRequest:
		return []string{"assign an identity to the container; if it has several, or none of its own, select one with AZINJECT_IDENTITY=<client ID>"}
	case e.Status == http.StatusUnauthorized && e.Platform == identity.Arc:
		return []string{"the user of the container must be able to read the keys in /var/opt/azcmagent/tokens: mount the directory, and add the user to its group, himds"}
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return []string{"the endpoint's secret (IDENTITY_HEADER, MSI_SECRET) comes from the platform: do not set it by hand"}
	case e.Transient():
		return []string{fmt.Sprintf("the endpoint was asked for %v (AZINJECT_TIMEOUT): is an identity assigned, and the platform's sidecar running?", a.settings.Timeout)}
	default:
		return []string{"what answers there is no managed identity endpoint: its address (IDENTITY_ENDPOINT, MSI_ENDPOINT) comes from the platform, do not set it by hand"}
	}
}

// fetchHints are for vaults and Resource Manager.
func (a advice) fetchHints(e *resolve.FetchError) []string {
	vault, _, _ := strings.Cut(e.Object.Vault, ".")
	switch {
	case errors.Is(e, resolve.ErrNotAsked):
		return []string{fmt.Sprintf("the other references to this store took all of %v: raise AZINJECT_TIMEOUT", a.settings.Timeout)}
	case e.Status == 0:
		manager := strings.TrimPrefix(a.settings.Cloud.ResourceManager().Endpoint, "https://")
		return a.requestHints(cmp.Or(e.Object.Vault, manager), e.Object.Vault == "", e.Err)
	case e.Status == http.StatusForbidden:
		return a.denialHints(e, vault)
	case e.Status == http.StatusUnauthorized:
		return a.unauthorizedHints(e)
	case e.Status == http.StatusNotFound:
		return notFoundHints(e, vault)
	case transport.Transient(e.Status):
		return a.busyHints()
	case e.Status < http.StatusBadRequest:
		return []string{inBetween}
	default:
		return nil
	}
}

// inBetween is for what no service of Azure's would answer.
const inBetween = "something between the container and Azure answers in its place, such as a captive portal or a proxy"

// busyHints are for what answers again and again that it cannot answer now.
func (a advice) busyHints() []string {
	return []string{fmt.Sprintf("it stayed so until the %v of AZINJECT_TIMEOUT had passed, or asks for a longer pause: raise it, or start fewer replicas at once", a.settings.Timeout)}
}

// requestHints are for requests without an answer that could be used. public
// says that the host is one of Azure's own, and not somebody's vault.
func (a advice) requestHints(host string, public bool, err error) []string {
	if transport.Has[resolve.ChallengeError](err) {
		return []string{"is " + host + ", which AZINJECT_ALLOWED_VAULT_HOSTS lists, a key vault? A vault gets tokens for its own domain only"}
	}
	failed, ok := errors.AsType[*transport.Error](err)
	switch {
	case !ok:
		return []string{inBetween}
	case failed.Proxy && failed.Cause != transport.NotTrusted, failed.Cause == transport.ProxyRefused:
		return []string{"HTTPS_PROXY names this proxy; a host that is reached without it goes into NO_PROXY"}
	case public && failed.Cause == transport.NoSuchHost:
		return []string{"have the DNS server of this network answer for " + host}
	case public && failed.Cause == transport.ProxyFailed:
		return []string{"the proxy that HTTPS_PROXY names finds no way to " + host + "; what is reached without it goes into NO_PROXY"}
	}
	switch failed.Cause {
	case transport.NoSuchHost:
		return []string{host + " is deleted or misspelt, or has a private endpoint whose DNS zone is not linked to this network"}
	case transport.NoResolver:
		return []string{"the DNS server of the container does not answer, or does not know where to ask"}
	case transport.NotTrusted:
		return []string{fmt.Sprintf("the roots used are %s; if a proxy re-signs TLS, put its root into the image and name the file in SSL_CERT_FILE", transport.RootsUsed())}
	case transport.ProxyFailed:
		return []string{host + " may be deleted or misspelt, or the proxy that HTTPS_PROXY names finds no way to it; what is reached without it goes into NO_PROXY"}
	case transport.NoTLS, transport.Malformed, transport.TooLarge:
		return []string{inBetween}
	case transport.Unknown:
		return []string{"does a firewall or a network policy keep this container from " + host + "?"}
	default:
		return []string{fmt.Sprintf("%s was tried until %v had passed (AZINJECT_TIMEOUT): does a firewall or a network policy keep this container from it?", host, a.settings.Timeout)}
	}
}

// denialHints tell the kinds of 403 apart.
func (a advice) denialHints(e *resolve.FetchError, vault string) []string {
	switch e.Denial() {
	case resolve.DeniedByRole:
		return a.roleHints(e)
	case resolve.DeniedByPolicy:
		return a.withUser([]string{
			fmt.Sprintf("%s needs the permission \"get\" for secrets in the vault's access policies; an administrator can run:\n"+
				"  az keyvault set-policy --name %s --object-id %s --secret-permissions get", a.principal(), vault, a.objectID()),
			"set-policy replaces the permissions for secrets that the identity has in this vault: name those too",
		})
	case resolve.DeniedByFirewall:
		return []string{"no role will help: allow this network in the vault's firewall" + clientAddress(e.Message)}
	case resolve.DeniedByLink:
		return []string{"no role will help: the vault takes private links only; give this network a private endpoint and link its DNS zone"}
	case resolve.DeniedAsDisabled:
		return []string{"enable this version, or refer to another: az keyvault secret list-versions --vault-name " + vault + " --name " + e.Object.Name}
	default:
		return a.withUser([]string{a.principal() + " was refused for a reason of the service's own; its message is above"})
	}
}

// roleHints give the command that assigns what is missing.
func (a advice) roleHints(e *resolve.FetchError) []string {
	kind := "ServicePrincipal"
	if a.claims.User {
		kind = "User"
	}
	g := grantFor(e.Object, e.Scope(), a.objectID(), kind)
	if g.Role == "" {
		return a.withUser([]string{
			fmt.Sprintf("%s needs a role with the action %s on\n  %s; if it has one, is this the workspace that is meant?", a.principal(), g.Action, g.Scope),
		})
	}
	what := "workspace"
	if e.Object.Kind == resolve.VaultSecret {
		what = "vault"
	}
	return a.withUser([]string{
		fmt.Sprintf("%s needs %q on the %s; an administrator can run:\n  %s", a.principal(), g.Role, what, g.Command),
		"a new assignment takes up to 10 minutes to arrive; AZINJECT_WAIT_FOR_ACCESS=10m waits for it",
	})
}

// withUser adds what explains most refusals on a compute instance.
func (a advice) withUser(hints []string) []string {
	if a.claims.User && a.selected.Kind == identity.ManagedIdentity {
		return append(hints, "the token is a user's, not a managed identity's: on a compute instance, assign an identity to it and set AZINJECT_IDENTITY to its client ID")
	}
	return hints
}

func (a advice) principal() string {
	if a.claims.ObjectID == "" {
		return "the container's identity"
	}
	if a.claims.User {
		return "the user with object ID " + a.claims.ObjectID
	}
	return "the identity with object ID " + a.claims.ObjectID
}

func (a advice) objectID() string { return cmp.Or(a.claims.ObjectID, unknownPrincipal) }

// clientAddress quotes the address that a vault's firewall saw, which is the
// one to allow.
func clientAddress(message string) string {
	_, rest, ok := strings.Cut(message, "Client address: ")
	address, _, _ := strings.Cut(rest, " ")
	if !ok || strings.Trim(address, "0123456789abcdefABCDEF.:") != "" {
		return ""
	}
	return "; it sees the address " + address
}

// unauthorizedHints are for tokens that were refused.
func (a advice) unauthorizedHints(e *resolve.FetchError) []string {
	if a.claims.Tenant == "" {
		return []string{"the identity's token was refused; is the store in another Microsoft Entra tenant than the identity?"}
	}
	return []string{fmt.Sprintf("the identity's token was refused; it is from the Microsoft Entra tenant %s: is the store in another?", a.claims.Tenant)}
}

// notFoundHints give the command that lists what there is.
func notFoundHints(e *resolve.FetchError, vault string) []string {
	o, list := e.Object, ""
	switch {
	case o.Kind == resolve.VaultSecret && o.Version != "":
		list = fmt.Sprintf("az keyvault secret list-versions --vault-name %s --name %s", vault, o.Name)
	case o.Kind == resolve.VaultSecret:
		list = fmt.Sprintf("az keyvault secret list --vault-name %s --query \"[].name\"; what was deleted: az keyvault secret list-deleted --vault-name %s", vault, vault)
	case o.Kind == resolve.Connection && strings.HasPrefix(e.Code, "NotFound"), strings.Contains(e.Message, "can't be found in this workspace"):
		list = "az ml connection list" + inWorkspace(o.Workspace)
	case strings.Contains(e.Message, "/onlineEndpoints/"):
		list = "az ml online-endpoint list" + inWorkspace(o.Workspace)
	default:
		return []string{"is this the workspace that is meant? " + o.Workspace.ID() + "; AZINJECT_WORKSPACE names another"}
	}
	return []string{"to see what there is: " + list}
}

func inWorkspace(w resolve.Workspace) string {
	return fmt.Sprintf(" --workspace-name %q --resource-group %q --subscription %q", w.Name, w.ResourceGroup, w.Subscription)
}
