package emulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// roleWire is a role definition on the wire.
// https://learn.microsoft.com/rest/api/authorization/role-definitions
type roleWire struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	Type       string         `json:"type"`
	Properties roleProperties `json:"properties"`
}

type roleProperties struct {
	RoleName         string       `json:"roleName"`
	Type             string       `json:"type"`
	Description      string       `json:"description"`
	AssignableScopes []string     `json:"assignableScopes"`
	Permissions      []permission `json:"permissions"`
}

const roleType = "Microsoft.Authorization/roleDefinitions"

func (d *roleDefinition) wire(scope string) roleWire {
	w := roleWire{roleID(scope, d), d.guid, roleType, roleProperties{d.name, "BuiltInRole", "", []string{"/"}, []permission{}}}
	if d.custom {
		w.Properties.Type = "CustomRole"
	}
	for _, p := range d.permissions {
		w.Properties.Permissions = append(w.Properties.Permissions, p.wire())
	}
	return w
}

// wire has no list that is null.
func (p permission) wire() permission {
	return permission{some(p.Actions), some(p.NotActions), some(p.DataActions), some(p.NotDataActions)}
}

// some returns the list, not nil if it is empty.
func some(list []string) []string { return append([]string{}, list...) }

// roleNamePattern matches the only filter by name.
var roleNamePattern = regexp.MustCompile(`^(?:roleName eq '(.*)')?$`)

func (m *resourceManager) listRoles(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, roleType+"/read", r.scope); refused != nil {
		return nil, refused
	}
	text := r.URL.Query().Get("$filter")
	f := roleNamePattern.FindStringSubmatch(text)
	if f == nil { // wording unconfirmed
		return nil, refuse(http.StatusBadRequest, "UnsupportedQuery", "The filter '%s' is not supported.", text)
	}
	var all []any
	for _, d := range m.rights.allRoles() {
		if f[1] == "" || strings.EqualFold(f[1], d.name) {
			all = append(all, d.wire(r.scope))
		}
	}
	return r.page(all)
}

func (m *resourceManager) getRole(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, roleType+"/read", r.scope); refused != nil {
		return nil, refused
	}
	for _, d := range m.rights.allRoles() {
		if strings.EqualFold(d.guid, r.name()) {
			return d.wire(r.scope), nil
		}
	}
	return nil, refuse(http.StatusNotFound, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", r.name())
}

// putRole makes a custom role. The emulator changes none.
func (m *resourceManager) putRole(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, roleType+"/write", r.scope); refused != nil {
		return nil, refused
	}
	var body roleWire
	if refused := r.decode(&body); refused != nil {
		return nil, refused
	}
	p := body.Properties
	switch { // wordings unconfirmed
	case !isGUID(r.name()):
		return nil, refuse(http.StatusBadRequest, "InvalidRoleDefinitionId", "The role definition ID '%s' is not valid. The role definition ID must be a GUID.", r.name())
	case p.RoleName == "" || p.Type != "CustomRole" && p.Type != "" || len(p.Permissions) == 0 || !slices.Contains(p.AssignableScopes, r.scope):
		return nil, refuse(http.StatusBadRequest, "InvalidRoleDefinition", "A role has a name, the type CustomRole, permissions, and the scope of the request among its assignable scopes.")
	}
	made := &roleDefinition{strings.ToLower(r.name()), p.RoleName, true, p.Permissions}
	if !m.rights.addRole(made) {
		return nil, refuse(http.StatusConflict, "RoleDefinitionWithSameNameExists", "A custom role with the same name already exists in this directory. Use a different name.")
	}
	return created{made.wire(r.scope)}, nil
}

// denialWire is a deny assignment on the wire.
// https://learn.microsoft.com/rest/api/authorization/deny-assignments
type denialWire struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Type       string           `json:"type"`
	Properties denialProperties `json:"properties"`
}

type denialProperties struct {
	Name                    string            `json:"denyAssignmentName"`
	Permissions             []permission      `json:"permissions"`
	Principals              []denialPrincipal `json:"principals"`
	ExcludePrincipals       []denialPrincipal `json:"excludePrincipals"`
	Scope                   string            `json:"scope"`
	DoNotApplyToChildScopes bool              `json:"doNotApplyToChildScopes"`
	IsSystemProtected       bool              `json:"isSystemProtected"`
}

type denialPrincipal struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// listDenials lets everybody in a list of principals pass the filters.
func (m *resourceManager) listDenials(r *armRequest) (any, *refusal) {
	const kind = "Microsoft.Authorization/denyAssignments"
	if refused := m.authorize(r.caller, kind+"/read", r.scope); refused != nil {
		return nil, refused
	}
	selected, refused := m.filter(r)
	if refused != nil {
		return nil, refused
	}
	var all []any
	for _, d := range m.rights.denials {
		if d.principals != nil && !selected(d.principals, d.scope) || d.principals == nil && !m.rights.covers(d.scope, r.scope) {
			continue
		}
		principals := m.denied(d.principals)
		if d.principals == nil {
			principals = []denialPrincipal{{everyone, "SystemDefined"}}
		}
		all = append(all, denialWire{strings.TrimRight(d.scope, "/") + "/providers/" + kind + "/" + d.guid, d.guid, kind,
			denialProperties{d.name, []permission{d.permission.wire()}, principals, m.denied(d.except), d.scope, false, true}})
	}
	return r.page(all)
}

func (m *resourceManager) denied(ids []string) []denialPrincipal {
	all := []denialPrincipal{}
	for _, id := range ids {
		all = append(all, denialPrincipal{id, m.rights.types[id]})
	}
	return all
}
