package emulator

import (
	"net/http"
	"regexp"
	"strings"
)

// vaultBody is what az sends to change a vault. The emulator only changes its
// access policies.
type vaultBody struct {
	Location   string
	Properties struct {
		TenantID                string
		SKU                     *struct{ Family, Name string }
		EnableRBACAuthorization *bool
		AccessPolicies          []accessPolicy
	}
}

// putVault implements
// https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/create-or-update.
func (m *resourceManager) putVault(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, "Microsoft.KeyVault/vaults/write", r.id()); refused != nil {
		return nil, refused
	}
	found := m.resources[strings.ToLower(r.id())]
	if found == nil {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "The emulator makes no vaults.")
	}
	var body vaultBody
	if refused := r.decode(&body); refused != nil {
		return nil, refused
	}
	p, byRole := body.Properties, found.vault.PermissionModel != "access_policy"
	switch {
	case body.Location == "":
		return nil, refuse(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	case !strings.EqualFold(body.Location, location):
		return nil, refuse(http.StatusConflict, "InvalidResourceLocation", "The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name.",
			found.name, location, r.path[3], body.Location)
	case p.SKU == nil || !strings.EqualFold(p.TenantID, m.issuer.tenant): // wording unconfirmed
		return nil, refuse(http.StatusBadRequest, "VaultInvalidParameter", "The properties sku and tenantId are required, and the vault stays in its tenant.")
	case byRole != (p.EnableRBACAuthorization != nil && *p.EnableRBACAuthorization):
		return nil, refuse(http.StatusBadRequest, "BadRequest", "The emulator does not change a vault's permission model.")
	}
	var policies vaultPolicies
	policies.Properties.AccessPolicies = append([]accessPolicy{}, p.AccessPolicies...)
	if refused := m.checkPolicies(policies); refused != nil {
		return nil, refused
	}
	if _, refused := found.vault.policies.change("replace", policies); refused != nil {
		return nil, refused
	}
	return found.wire(), nil
}

// federationBody is a federated identity credential on the wire.
// https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials
type federationBody struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name,omitempty"`
	Type       string `json:"type,omitempty"`
	Properties struct {
		Issuer    string   `json:"issuer"`
		Subject   string   `json:"subject"`
		Audiences []string `json:"audiences"`
	} `json:"properties"`
}

const federationType = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"

var federationName = regexp.MustCompile(`^[0-9a-zA-Z][0-9a-zA-Z_-]{2,119}$`)

// putFederation makes an identity trust a workload, at once.
func (m *resourceManager) putFederation(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, federationType+"/write", r.id()); refused != nil {
		return nil, refused
	}
	found := m.resources[strings.ToLower("/"+strings.Join(r.path[:8], "/"))]
	if found == nil { // code unconfirmed
		return nil, refuse(http.StatusNotFound, "ParentResourceNotFound", "Failed to perform 'write' on resource(s) of type 'userAssignedIdentities/federatedIdentityCredentials', because the parent resource '%s' could not be found.", "/"+strings.Join(r.path[:8], "/"))
	}
	var body federationBody
	if refused := r.decode(&body); refused != nil {
		return nil, refused
	}
	p := body.Properties
	switch { // wordings unconfirmed
	case !federationName.MatchString(r.name()):
		return nil, refuse(http.StatusBadRequest, "BadRequest", "The name '%s' is not valid for a federated identity credential: 3 to 120 letters, digits, hyphens and underscores.", r.name())
	case !strings.HasPrefix(p.Issuer, "https://") || p.Subject == "" || len(p.Audiences) != 1:
		return nil, refuse(http.StatusBadRequest, "BadRequest", "A federated identity credential has an issuer, which is a URL, a subject and exactly one audience.")
	}
	client := m.directory.clients[strings.ToLower(found.field("properties.clientId"))]
	made, clash := m.directory.trust(client, federation{r.name(), FederatedCredential{Issuer: p.Issuer, Subject: p.Subject, Audience: p.Audiences[0]}})
	if clash {
		return nil, refuse(http.StatusConflict, "Conflict", "Issuer and subject combination already exists for this Managed Identity.")
	}
	body.ID, body.Name, body.Type = found.id+"/federatedIdentityCredentials/"+r.name(), r.name(), federationType
	if made {
		return created{body}, nil
	}
	return body, nil
}
