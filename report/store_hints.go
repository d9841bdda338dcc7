package report

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"azinject/access"
	"azinject/identity"
	"azinject/resolve"
	"azinject/transport"
)

// fetchHints are about stores.
func (f *Facts) fetchHints(e *resolve.FetchError) []string {
	switch {
	case errors.Is(e, resolve.ErrNotAsked):
		return notAsked.with("{timeout}", f.Timeout.String())
	case e.Status == 0:
		host := e.Object.Host()
		return f.requestHints(cmp.Or(host, f.ResourceManager), host == "", e.Err)
	case e.Denial() != resolve.NotDenied:
		return f.denialHints(e)
	case e.Status == http.StatusUnauthorized:
		return otherTenant.with("{tenant}", between(", ", f.Claims.Tenant, ""))
	case e.Status == http.StatusNotFound, strings.Contains(e.Message, noConnection):
		return f.notFoundHints(e)
	case transport.Transient(e.Status):
		return f.busyHints()
	case e.Status < http.StatusBadRequest:
		return notAzure.with()
	default:
		return f.modeHints(e.Object)
	}
}

// modeHints are about endpoints that refuse to give a token, and do not say why.
func (f *Facts) modeHints(o resolve.Object) []string {
	if o.Kind != resolve.EndpointToken {
		return nil
	}
	return entraEndpoint.with("{principal}", f.principal(), "{read}", resolve.ReadEndpoint, "{score}", resolve.ScoreEndpoint)
}

func (f *Facts) busyHints() []string { return busy.with("{timeout}", f.Timeout.String()) }

// requestHints are about requests without a usable answer. azures reports that
// the host is one of Azure's own, and not somebody's vault.
func (f *Facts) requestHints(host string, azures bool, err error) []string {
	facts := []string{"{host}", host, "{timeout}", f.Timeout.String()}
	if _, ok := errors.AsType[resolve.ChallengeError](err); ok {
		return notAVault.with(facts...)
	}
	failed, ok := errors.AsType[*transport.Error](err)
	switch {
	case !ok:
		return notAzure.with()
	case failed.Proxy && failed.Cause != transport.NotTrusted:
		return proxyItself.with()
	case failed.Cause == transport.NotTrusted:
		return certificateHint(failed).with(append(facts, "{roots}", transport.RootsUsed())...)
	case azures && failed.Cause == transport.NoSuchHost:
		return unknownToDNS.with(facts...)
	case azures && failed.Cause == transport.ProxyFailed:
		return proxyToAzure.with(facts...)
	}
	return byCause[failed.Cause].with(facts...)
}

// certificateHint is about a certificate that is not trusted. Only in some cases do
// the roots matter.
func certificateHint(failed *transport.Error) *hint {
	invalid, _ := errors.AsType[x509.CertificateInvalidError](failed)
	_, another := errors.AsType[x509.HostnameError](failed)
	switch {
	case another && failed.Proxy:
		return proxyItself
	case another:
		return otherCertificate
	case invalid.Reason == x509.Expired && invalid.Cert != nil:
		return certificateDates
	default:
		return rootsUsed
	}
}

// byCause has the hint about each cause, for a host that is somebody's vault.
var byCause = map[transport.Cause]*hint{
	transport.Unknown:      firewall,
	transport.NoSuchHost:   noSuchHost,
	transport.NoResolver:   noResolver,
	transport.NoConnection: unreachable,
	transport.NoAnswer:     unreachable,
	transport.Unusable:     notAzure,
	transport.ProxyRefused: proxyItself,
	transport.ProxyFailed:  proxyToVault,
}

// denialHints tell the kinds of 403 apart.
func (f *Facts) denialHints(e *resolve.FetchError) []string {
	vault := e.Object.StoreName()
	switch e.Denial() {
	case resolve.DeniedByRole:
		return f.roleHints(e)
	case resolve.DeniedByPolicy:
		hints := missingPolicy.with("{principal}", f.principal(), "{vault}", vault, "{object}", access.ByToken(f.Claims).ObjectID)
		return f.withOwner(append(hints, otherPermissions.with()...))
	case resolve.DeniedByFirewall:
		return vaultFirewall.with("{store}", e.Object.Kind.StoreNoun(), "{address}", between(" (", clientAddress(e.Message), ")"))
	case resolve.DeniedByPerimeter:
		return vaultPerimeter.with("{store}", e.Object.Kind.StoreNoun())
	case resolve.DeniedByLink:
		return privateLink.with("{store}", e.Object.Kind.StoreNoun())
	case resolve.DeniedAsDisabled:
		return disabledVersion.with("{vault}", vault, "{secret}", e.Object.Name)
	}
	other := otherDenial
	if e.Code+e.Message == "" { // as proxies refuse, and few services
		other = noReason
	}
	return f.withOwner(other.with("{principal}", f.principal()))
}

// roleHints give the command that assigns what is missing.
func (f *Facts) roleHints(e *resolve.FetchError) []string {
	g := access.For(e.Object, e.RoleScope(), access.ByToken(f.Claims))
	if g.Role == "" {
		hints := missingAction.with("{principal}", f.principal(), "{action}", g.Action, "{scope}", g.Scope)
		return f.withOwner(append(hints, f.modeHints(e.Object)...))
	}
	hints := missingRole.with("{principal}", f.principal(), "{role}", g.Role, "{store}", e.Object.Kind.StoreNoun(), "{command}", g.Command)
	hints = append(hints, waitForAccess.with()...)
	if e.Object.Kind == resolve.KeyValue { // whose denials do not say why
		hints = append(hints, storeNetwork.with("{host}", e.Object.Host())...)
	}
	return f.withOwner(hints)
}

// withOwner adds the reason for most denials on a compute instance, and in pods: the
// token is somebody else's.
func (f *Facts) withOwner(hints []string) []string {
	switch {
	case f.Claims.User && f.Selected.Kind == identity.ManagedIdentity:
		return append(hints, usersToken.with()...)
	case f.Selected.Unlabelled():
		return append(hints, podLabel.with()...)
	}
	return hints
}

// principal returns in words who was denied.
func (f *Facts) principal() string {
	switch {
	case f.Claims.ObjectID == "":
		return "the container's identity"
	case f.Claims.User:
		return "the user with object ID " + f.Claims.ObjectID
	case f.Selected.Platform() == identity.HostedAgent: // and not the project's
		return "the agent's identity with object ID " + f.Claims.ObjectID
	default:
		return "the identity with object ID " + f.Claims.ObjectID
	}
}

// clientAddress returns the address that a vault's firewall saw, which is the
// one to allow, "" if its message does not say.
func clientAddress(message string) string {
	_, rest, _ := strings.Cut(message, "Client address: ")
	address, _, _ := strings.Cut(rest, " ")
	if strings.Trim(address, "0123456789abcdefABCDEF.:") != "" {
		return ""
	}
	return address
}

// noConnection is what workspaces and projects say of a connection that does not
// exist, projects with status 400 too.
const noConnection = "can't be found in this workspace"

// notFoundHints give the command that lists what exists.
func (f *Facts) notFoundHints(e *resolve.FetchError) []string {
	o, vault, list := e.Object, e.Object.StoreName(), ""
	inWorkspace := fmt.Sprintf(" --workspace-name %q --resource-group %q --subscription %q", o.Workspace.Name, o.Workspace.ResourceGroup, o.Workspace.Subscription)
	switch {
	case o.Kind == resolve.VaultSecret && o.Version != "":
		list = fmt.Sprintf("az keyvault secret list-versions --vault-name %s --name %s", vault, o.Name)
	case o.Kind == resolve.VaultSecret:
		list = fmt.Sprintf("az keyvault secret list --vault-name %s --query \"[].name\"; for deleted ones: az keyvault secret list-deleted --vault-name %[1]s", vault)
	case o.Kind == resolve.ProjectConnection && strings.Contains(e.Message, "project does not exist"):
		return otherProject.with("{variable}", f.ProjectFrom, "{project}", o.Project.Endpoint())
	case o.Kind == resolve.ProjectConnection:
		list = fmt.Sprintf("az rest --resource %s --url \"%s/connections?api-version=v1\" --query \"value[].name\"", o.Project.Audience(), o.Project.Endpoint())
	case o.Kind == resolve.KeyValue:
		list = fmt.Sprintf("az appconfig kv list --name %s --all --fields key label --auth-mode login", vault)
	case o.Kind == resolve.Connection && strings.HasPrefix(e.Code, "NotFound"), strings.Contains(e.Message, noConnection):
		list = "az ml connection list" + inWorkspace
	case strings.Contains(e.Message, "/onlineEndpoints/"):
		list = "az ml online-endpoint list" + inWorkspace
	default:
		from := "the reference"
		if o.Workspace == f.Workspace {
			from = f.WorkspaceFrom
		}
		return otherWorkspace.with("{variable}", from, "{workspace}", o.Workspace.ID())
	}
	return listNames.with("{command}", list)
}

// between returns text between two others, "" if it is empty.
func between(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}
