package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"azinject/access"
	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// customGrant returns the grant of a role that has to be made first.
func (s *store) customGrant(p party) *grant {
	last := s.Actions[len(s.Actions)-1]
	role := "Online endpoint " + strings.Split(last, "/")[3]
	g := access.For(s.objects[0], s.Scope, p.principal())
	g.Role, g.Action = role, strings.Join(s.Actions, ", ")
	if last == resolve.ScoreEndpoint {
		g.AuthMode = "aad_token"
	}
	g.Command = fmt.Sprintf("az role assignment create --assignee-object-id %s --assignee-principal-type %s --role %q --scope %q", p.ObjectID, p.Type, role, s.Scope)
	return &grant{Grant: g, Definition: customRole(role, s.need.actions, s.Scope), Result: resultManual}
}

// customRole returns the definition of a role, as "az role definition create" reads
// it. It can be assigned in the scope's resource group.
// https://learn.microsoft.com/azure/role-based-access-control/custom-roles
func customRole(name string, actions []rbac.Action, scope string) json.RawMessage {
	role := struct {
		Name             string
		IsCustom         bool
		Description      string
		Actions          []string
		NotActions       []string
		DataActions      []string
		AssignableScopes []string
	}{Name: name, IsCustom: true, Description: "Made for azinject.", Actions: []string{}, NotActions: []string{}, DataActions: []string{}}
	for _, a := range actions {
		if a.Data {
			role.DataActions = append(role.DataActions, a.Name)
		} else {
			role.Actions = append(role.Actions, a.Name)
		}
	}
	group, _, _ := strings.Cut(scope, "/providers/")
	role.AssignableScopes = []string{group}
	text, _ := json.MarshalIndent(role, "", "  ") // always possible
	return text
}
