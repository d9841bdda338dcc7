package resolve

import (
	"net/http"
	"strings"
)

// Denial says who denied access, and so who can grant it.
type Denial int

// The kinds of denial.
const (
	NotDenied         Denial = iota // it is another error
	DeniedOtherwise                 // for an unknown reason
	DeniedByRole                    // a role assignment is missing
	DeniedByPolicy                  // an access policy of the vault is missing
	DeniedByFirewall                // the store's firewall refuses the network
	DeniedByLink                    // the store takes private links only
	DeniedByPerimeter               // the store's network security perimeter refuses the network
	DeniedAsDisabled                // the version of the secret is disabled
)

// denials tells the kinds apart by the service's code or, without one, by words
// of its message.
// https://learn.microsoft.com/azure/key-vault/general/common-error-codes
var denials = []struct {
	code, words string
	kind        Denial
}{
	{"ForbiddenByRbac", "Caller is not authorized to perform action on resource", DeniedByRole},
	{"AuthorizationFailed", "does not have authorization to perform action", DeniedByRole},
	{"PermissionDenied", "lacks the required data action", DeniedByRole},
	{"AccessDenied", "does not have secrets get permission", DeniedByPolicy},
	{"ForbiddenByFirewall", "Client address is not authorized", DeniedByFirewall},
	{"ForbiddenByFirewall", "Virtual Network/Firewall rules", DeniedByFirewall},
	{"ForbiddenByConnection", "access is disabled", DeniedByLink},
	{"ForbiddenByNsp", "network security perimeter", DeniedByPerimeter},
	{"SecretDisabled", "not allowed on a disabled secret", DeniedAsDisabled},
}

// Denial returns the kind of denial. Foundry denies with 401, which it also returns
// for tokens that it does not take.
func (e *FetchError) Denial() Denial {
	unauthorized := e.Status == http.StatusUnauthorized && e.Object.Kind == ProjectConnection
	if e.Status != http.StatusForbidden && !unauthorized {
		return NotDenied
	}
	if e.Object.Kind == KeyValue && e.Code == "" && e.Message == "" {
		return DeniedByRole // such a 403 has no body, https://github.com/Azure/AppConfiguration/issues/410
	}
	kind := DeniedOtherwise
	for _, d := range denials {
		if d.kind == DeniedByPolicy && e.Object.Kind != VaultSecret {
			continue // Foundry has the same code for its network rules
		}
		if e.Code == d.code || kind == DeniedOtherwise && strings.Contains(e.Message, d.words) {
			kind = d.kind
		}
	}
	switch {
	case unauthorized && kind != DeniedByRole:
		return NotDenied
	case kind > DeniedByRole && e.Object.Host() == "":
		return DeniedOtherwise // Resource Manager does not have the others
	}
	return kind
}

// mayBeGranted reports whether the same request may succeed once a new
// assignment has arrived everywhere.
// https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
func (e *FetchError) mayBeGranted() bool {
	d := e.Denial()
	return d == DeniedByRole || d == DeniedByPolicy
}

// RoleScope returns the Resource Manager ID of the store, for role assignments. A
// vault's ID is only known from its denial. It is "" if the denial does not contain
// it, or names another resource: a role must not be assigned on a service's word
// alone.
func (e *FetchError) RoleScope() string {
	if e.Object.Kind != VaultSecret {
		return e.Object.RoleScope()
	}
	_, resource, _ := strings.Cut(e.Message, "Resource: '/")
	resource, _, _ = strings.Cut(resource, "'")
	p := path{rest: resource}
	subscription, group := p.pair("subscriptions"), p.pair("resourceGroups")
	kind, vault := p.pair("providers"), p.pair("vaults")
	name := e.Object.StoreName()
	if p.err != nil || !strings.EqualFold(kind, "Microsoft.KeyVault") || !strings.EqualFold(vault, name) {
		return ""
	}
	return "/subscriptions/" + subscription + "/resourceGroups/" + group + "/providers/Microsoft.KeyVault/vaults/" + name
}
