// Package access says what an identity needs to read an object: the role or
// action, the scope, and the command that assigns it.
package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/identity"
	"azinject/resolve"
)

// Grant is the least that lets a principal read an object.
type Grant struct {
	// Role is the built-in role for just this, "" if there is none.
	Role string `json:"role,omitempty"`
	// Action is what a custom role must allow where there is no Role.
	Action string `json:"action,omitempty"`
	// Scope is a Resource Manager ID, or a shell substitution that finds it.
	Scope string `json:"scope"`
	// AuthMode is the auth_mode of the endpoints for which the Action is needed, ""
	// if it always is.
	AuthMode string `json:"authMode,omitempty"`
	// Command assigns the role, "" if there is no Role.
	Command string `json:"command,omitempty"`
}

// foundryUser is the ID of the role Foundry User, which has had other names.
// https://learn.microsoft.com/azure/foundry/concepts/rbac-foundry
const foundryUser = "53ca6127-db72-4b80-b1b0-d745d6d5456d"

// orNotFound ends a shell substitution that finds a scope. Without it, az would get
// an empty scope if there is none, and assign the role for the whole subscription.
const orNotFound = " || echo not-found)"

// For returns what p needs to read o. scope is the Resource Manager ID of what it is
// granted on, "" for o's own.
func For(o resolve.Object, scope string, p Principal) Grant {
	g := Grant{Scope: cmp.Or(scope, o.RoleScope())}
	var role, find string // the role's ID, and what finds the store's
	switch o.Kind {
	case resolve.VaultSecret:
		g.Role, find = "Key Vault Secrets User", "az keyvault show --name %s --query id --output tsv"
	case resolve.KeyValue:
		g.Role, find = "App Configuration Data Reader", "az appconfig show --name %s --query id --output tsv"
	case resolve.Connection:
		g.Role = "Azure Machine Learning Workspace Connection Secrets Reader"
	case resolve.ProjectConnection:
		g.Role, role = "Foundry User", foundryUser
		if g.Scope == "" {
			g.Scope = fmt.Sprintf("$(az resource list --resource-type Microsoft.CognitiveServices/accounts --name %s --query '[].id' --output tsv | grep ."+orNotFound+"/projects/%s", o.StoreName(), o.Project.Name)
			g.Scope = strings.TrimSuffix(g.Scope, "/projects/_project") // stands for the default project, whose name is not known
		}
	case resolve.EndpointToken:
		g.Action, g.AuthMode = o.Action(), "aml_token"
		return g
	default:
		g.Action = o.Action()
		return g
	}
	if g.Scope == "" {
		g.Scope = fmt.Sprintf("$("+find+orNotFound, o.StoreName())
	}
	g.Command = fmt.Sprintf("az role assignment create --assignee-object-id %s --assignee-principal-type %s --role %q --scope %q", p.ObjectID, p.Type, cmp.Or(role, g.Role), g.Scope)
	return g
}

// ForAll returns what p needs to read all sources, each grant once.
func ForAll(sources []resolve.Source, p Principal) []Grant {
	var all []Grant
	for _, s := range sources {
		o := s.Reference.Object
		g := For(o, "", p)
		if slices.Contains(all, g) {
			continue
		}
		all = append(all, g)
		if o.Kind == resolve.EndpointToken {
			for _, action := range []string{resolve.ReadEndpoint, resolve.ScoreEndpoint} {
				all = append(all, Grant{Action: action, Scope: g.Scope, AuthMode: "aad_token"})
			}
		}
	}
	return all
}

// UnknownObjectID stands in commands for an object ID that is not known.
const UnknownObjectID = "OBJECT_ID"

// Principal is who is granted access, as az role assignment create takes it.
type Principal struct {
	// ObjectID may be a shell substitution that finds it.
	ObjectID string
	// Type is ServicePrincipal, which managed identities are too, or User.
	Type string
}

// ByToken returns the principal of a token's claims.
func ByToken(claims identity.Claims) Principal {
	p := Principal{cmp.Or(claims.ObjectID, UnknownObjectID), "ServicePrincipal"}
	if claims.User {
		p.Type = "User"
	}
	return p
}

// BySelection returns the principal that a selection stands for before it has a
// token. Of an identity that no variable names only the type is known.
func BySelection(s identity.Selection) Principal {
	switch {
	case s.Kind == identity.OnBehalfOf, s.Platform() == identity.ComputeInstance && s.ID == nil:
		return Principal{UnknownObjectID, "User"} // whose job or instance it is
	case s.Platform() == identity.CloudShell, s.Kind.Tool():
		return Principal{"$(az ad signed-in-user show --query id --output tsv)", "User"}
	}
	p := Principal{UnknownObjectID, "ServicePrincipal"}
	switch id := s.ID.(type) {
	case azidentity.ClientID:
		p.ObjectID = fmt.Sprintf("$(az ad sp show --id %s --query id --output tsv)", id)
	case azidentity.ResourceID:
		p.ObjectID = fmt.Sprintf("$(az identity show --ids %q --query principalId --output tsv)", id)
	case azidentity.ObjectID:
		p.ObjectID = id.String()
	}
	return p
}
