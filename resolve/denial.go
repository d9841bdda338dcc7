package resolve

import (
	"net/http"
	"strings"
)

// Denial says who denied access, and so who can grant it.
type Denial int

// The kinds of denial.
const (
	NotDenied        Denial = iota // the error is another
	DeniedOtherwise                // 403, for a reason that is not known here
	DeniedByRole                   // a role assignment is missing
	DeniedByPolicy                 // an access policy of the vault is missing
	DeniedByFirewall               // the vault's firewall refuses the network
	DeniedByLink                   // the vault takes private links only
	DeniedAsDisabled               // the version of the secret is disabled
)

// denials tells the kinds apart by the service's code or, where it sends
// none, by words of its message.
// https://learn.microsoft.com/azure/key-vault/general/common-error-codes
var denials = []struct {
	code, words string
	kind        Denial
}{
	{"ForbiddenByRbac", "Caller is not authorized to perform action on resource", DeniedByRole},
	{"AuthorizationFailed", "does not have authorization to perform action", DeniedByRole},
	{"AccessDenied", "does not have secrets get permission", DeniedByPolicy},
	{"ForbiddenByFirewall", "Client address is not authorized", DeniedByFirewall},
	{"ForbiddenByConnection", "Public network access is disabled", DeniedByLink},
	{"SecretDisabled", "not allowed on a disabled secret", DeniedAsDisabled},
}

// Denial returns which kind of denial the error is.
func (e *FetchError) Denial() Denial {
	if e.Status != http.StatusForbidden {
		return NotDenied
	}
	for _, d := range denials {
		if e.Code == d.code {
			return d.kind
		}
	}
	for _, d := range denials {
		if strings.Contains(e.Message, d.words) {
			return d.kind
		}
	}
	return DeniedOtherwise
}

// mayBeGranted says whether the same request will succeed when an assignment
// that has been made has arrived everywhere.
// https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
func (e *FetchError) mayBeGranted() bool {
	d := e.Denial()
	return d == DeniedByRole || d == DeniedByPolicy
}

// Scope returns the Resource Manager ID of the vault or workspace, for role
// assignments. A vault's is known from its denial only; without one it is "".
func (e *FetchError) Scope() string {
	if e.Object.Kind != VaultSecret {
		return e.Object.Workspace.ID()
	}
	_, resource, _ := strings.Cut(e.Message, "Resource: '")
	resource, _, _ = strings.Cut(resource, "'")
	vault, _, _ := strings.Cut(resource, "/secrets/")
	if !strings.HasPrefix(vault, "/subscriptions/") || strings.ContainsAny(vault, " $`\"\\;&|<>(){}") {
		return "" // not an ID, and not to stand in a command
	}
	return vault
}

// Action returns the action that a role must allow for the object to be read.
// https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
func (o Object) Action() string {
	const workspaces = provider + "/workspaces/"
	switch o.Kind {
	case VaultSecret:
		return "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	case Connection:
		return workspaces + "connections/listsecrets/action"
	case EndpointKeys:
		return workspaces + "onlineEndpoints/listKeys/action"
	default:
		return workspaces + "onlineEndpoints/token/action"
	}
}
