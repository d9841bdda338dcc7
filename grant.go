package main

import (
	"fmt"
	"slices"
	"strings"

	"azinject/resolve"
)

// grant is the least that lets an identity read something.
type grant struct {
	// Role is a built-in one, where there is one for just this; Action is what
	// a custom role must allow, where there is none.
	Role   string `json:"role,omitempty"`
	Action string `json:"action,omitempty"`
	// Scope is a Resource Manager ID, or the shell's substitution for one.
	Scope string `json:"scope"`
	// Command assigns the role.
	Command string `json:"command,omitempty"`
}

// grantFor returns what reading o takes. scope is "" for a vault whose ID is
// not known; principal is an object ID, of the type that the command line calls
// kind.
func grantFor(o resolve.Object, scope, principal, kind string) grant {
	g := grant{Scope: scope}
	switch o.Kind {
	case resolve.VaultSecret:
		g.Role = "Key Vault Secrets User"
		if scope == "" {
			vault, _, _ := strings.Cut(o.Vault, ".")
			g.Scope = fmt.Sprintf("$(az keyvault show --name %s --query id --output tsv)", vault)
		}
	case resolve.Connection:
		g.Role = "Azure Machine Learning Workspace Connection Secrets Reader"
	default:
		g.Action = o.Action()
		return g
	}
	g.Command = fmt.Sprintf("az role assignment create --assignee-object-id %s --assignee-principal-type %s --role %q --scope %q", principal, kind, g.Role, g.Scope)
	return g
}

// grantsFor returns what reading the sources takes, once for each scope.
func grantsFor(sources []resolve.Source, principal, kind string) []grant {
	var all []grant
	for _, s := range sources {
		o, scope := s.Reference.Object, ""
		if o.Kind != resolve.VaultSecret {
			scope = o.Workspace.ID()
		}
		if g := grantFor(o, scope, principal, kind); !slices.Contains(all, g) {
			all = append(all, g)
		}
	}
	return all
}
