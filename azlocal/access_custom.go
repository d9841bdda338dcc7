package main

import (
	"encoding/json"
	"strings"

	"azinject/azlocal/rbac"
)

// customRole returns the definition of a role, as "az role definition create" reads
// it. It can be assigned in the scope's resource group.
// https://learn.microsoft.com/azure/role-based-access-control/custom-roles
func customRole(name string, actions []rbac.Action, scope string) string {
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
	return string(text)
}
