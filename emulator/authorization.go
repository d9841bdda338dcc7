package emulator

import (
	"slices"
	"strings"
	"sync"
)

// authorization is who may do what: Azure's role-based access control. The roles
// in it come from the configuration and from requests to Resource Manager.
// https://learn.microsoft.com/azure/role-based-access-control/overview
type authorization struct {
	types    map[string]string   // of principals, by object ID
	memberOf map[string][]string // the groups of a principal, with those that they are in
	parents  map[string]string   // the management group of a subscription
	denials  []denyAssignment

	mu          sync.RWMutex
	roles       []*roleDefinition
	assignments []roleAssignment
}

// everyone stands for all principals in a deny assignment.
const everyone = "00000000-0000-0000-0000-000000000000"

// newAuthorization makes what the configuration says. Readers of vaults, projects and
// workspaces have the built-in roles, and without readers every identity has them.
func newAuthorization(c *Config) *authorization {
	a := &authorization{types: map[string]string{}, memberOf: map[string][]string{}, parents: map[string]string{}}
	for name := range c.Identities {
		id := c.principal(name)
		a.types[id] = "ServicePrincipal"
		if c.Identities[name].User {
			a.types[id] = "User"
		}
		a.memberOf[id] = c.groupsOf(name)
	}
	for name := range c.Groups {
		a.types[c.principal(name)] = "Group"
		a.memberOf[c.principal(name)] = c.groupsOf(name)
	}
	for group, subscriptions := range c.ManagementGroups {
		for _, s := range subscriptions {
			a.parents[strings.ToLower(s)] = managementGroup(group)
		}
	}
	for i := range builtInRoles {
		a.roles = append(a.roles, &builtInRoles[i])
	}
	for name, r := range sorted(c.Roles) {
		a.roles = append(a.roles, &roleDefinition{guid: derivedGUID("role", name), name: name, custom: true,
			permissions: []permission{{r.Actions, r.NotActions, r.DataActions, r.NotDataActions}}})
	}
	a.assignReaders(c)
	for _, r := range c.RoleAssignments {
		a.assign(c.principal(r.Principal), a.named(r.Role), c.scope(r.Scope), r.Condition)
	}
	for _, d := range c.DenyAssignments {
		a.denials = append(a.denials, denyAssignment{derivedGUID("denial", d.Name), d.Name, c.scope(d.Scope), c.principals(d.Principals), c.principals(d.Except),
			permission{Actions: d.Actions, DataActions: d.DataActions}})
	}
	return a
}

func (a *authorization) assignReaders(c *Config) {
	assign := func(readers []string, role *roleDefinition, scope string) {
		if readers == nil {
			for name := range sorted(c.Identities) {
				readers = append(readers, name)
			}
		}
		for _, name := range readers {
			a.assign(c.principal(name), role, scope, "")
		}
	}
	for name, v := range sorted(c.Vaults) {
		if v.PermissionModel != "access_policy" {
			assign(v.Readers, &secretsUser, c.vaultID(name))
		}
	}
	for endpoint, p := range sorted(c.Projects) {
		assign(p.Readers, &foundryUser, c.projectID(endpoint))
	}
	for name, s := range sorted(c.AppConfigurations) {
		assign(s.Readers, &configurationReader, c.configurationID(name))
	}
	for id, w := range sorted(c.Workspaces) {
		assign(w.ConnectionReaders, &connectionReader, canonicalWorkspace(id))
		if w.hasCredentials() {
			a.roles = append(a.roles, &credentialsReader)
			assign(w.EndpointKeyReaders, &credentialsReader, canonicalWorkspace(id))
		}
	}
}

// hasCredentials reports whether an endpoint has keys or a token of its own.
func (w Workspace) hasCredentials() bool {
	for _, e := range w.OnlineEndpoints {
		if e.AuthMode != "aad_token" {
			return true
		}
	}
	return false
}

// assign adds an assignment from the configuration.
func (a *authorization) assign(principal string, role *roleDefinition, scope, condition string) {
	a.assignments = append(a.assignments, roleAssignment{derivedGUID("assignment", principal, role.guid, strings.ToLower(scope)), scope, role, principal, condition})
}

// named returns the role with this name or GUID, nil if there is none.
func (a *authorization) named(name string) *roleDefinition {
	roles := a.allRoles()
	i := slices.IndexFunc(roles, func(d *roleDefinition) bool {
		return strings.EqualFold(d.name, name) || strings.EqualFold(d.guid, name)
	})
	if i < 0 {
		return nil
	}
	return roles[i]
}

func (a *authorization) allRoles() []*roleDefinition {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Clone(a.roles)
}

// addRole reports whether there was no role of its name or ID.
func (a *authorization) addRole(d *roleDefinition) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if slices.ContainsFunc(a.roles, func(old *roleDefinition) bool { return strings.EqualFold(old.name, d.name) || old.guid == d.guid }) {
		return false
	}
	a.roles = append(a.roles, d)
	return true
}

// covers is like the function, but knows the management groups.
func (a *authorization) covers(scope, resource string) bool {
	if covers(scope, resource) {
		return true
	}
	p := strings.Split(resource, "/")
	return len(p) > 2 && a.parents[strings.ToLower(p[2])] != "" && strings.EqualFold(scope, a.parents[strings.ToLower(p[2])])
}

// isOne reports whether one of the IDs is the principal or a group that it is in.
func (a *authorization) isOne(principal string, ids ...string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		return strings.EqualFold(id, principal) || slices.Contains(a.memberOf[strings.ToLower(principal)], strings.ToLower(id))
	})
}

// decision is whether somebody may do something, and why.
type decision struct {
	allowed bool
	by      roleAssignment // zero if there is none
	denial  *denyAssignment
}

// decide applies deny assignments, then all roles, then their conditions.
// https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
func (a *authorization) decide(principal, action string, data bool, resource string) decision {
	for i, d := range a.denials {
		who := (d.principals == nil || a.isOne(principal, d.principals...)) && !a.isOne(principal, d.except...)
		if a.covers(d.scope, resource) && who && d.permission.allows(action, data) {
			return decision{denial: &a.denials[i]}
		}
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, r := range a.assignments {
		if a.isOne(principal, r.principal) && a.covers(r.scope, resource) && r.role.allows(action, data) && met(r.condition, resource) {
			return decision{allowed: true, by: r}
		}
	}
	return decision{}
}

func (a *authorization) allows(principal, action string, data bool, resource string) bool {
	return a.decide(principal, action, data, resource).allowed
}

// principal returns the object ID of an identity or a group.
func (c *Config) principal(name string) string {
	if _, ok := c.Groups[name]; ok {
		return derivedGUID("group", name)
	}
	return strings.ToLower(c.identity(name).objectID)
}

func (c *Config) principals(names []string) []string {
	var ids []string
	for _, name := range names {
		ids = append(ids, c.principal(name))
	}
	return ids
}

// groupsOf returns the object IDs of the groups that an identity or a group is in,
// directly or through others.
func (c *Config) groupsOf(name string) []string {
	var ids []string
	for queue := []string{name}; len(queue) > 0; queue = queue[1:] {
		for group, members := range sorted(c.Groups) {
			if id := c.principal(group); slices.Contains(members, queue[0]) && !slices.Contains(ids, id) {
				ids, queue = append(ids, id), append(queue, group)
			}
		}
	}
	return ids
}

func managementGroup(name string) string {
	return "/providers/Microsoft.Management/managementGroups/" + name
}

// scope returns the ARM ID for what a configuration calls a scope.
func (c *Config) scope(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	if _, ok := c.Projects[name]; ok {
		return c.projectID(name)
	}
	return c.vaultID(name)
}
