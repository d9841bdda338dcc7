package emulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// assignmentWire is a role assignment on the wire.
// https://learn.microsoft.com/rest/api/authorization/role-assignments
type assignmentWire struct {
	ID         string               `json:"id"`
	Name       string               `json:"name"`
	Type       string               `json:"type"`
	Properties assignmentProperties `json:"properties"`
}

type assignmentProperties struct {
	RoleDefinitionID string  `json:"roleDefinitionId"`
	PrincipalID      string  `json:"principalId"`
	PrincipalType    string  `json:"principalType,omitempty"`
	Scope            string  `json:"scope"`
	Condition        *string `json:"condition"`
	ConditionVersion *string `json:"conditionVersion"`
}

const assignmentType = "Microsoft.Authorization/roleAssignments"

// wire leaves conditions out for versions that do not know them.
func (m *resourceManager) wire(r *armRequest, a roleAssignment) assignmentWire {
	w := assignmentWire{strings.TrimRight(a.scope, "/") + "/providers/" + assignmentType + "/" + a.guid, a.guid, assignmentType,
		assignmentProperties{RoleDefinitionID: roleID(a.scope, a.role), PrincipalID: a.principal, PrincipalType: m.rights.types[a.principal], Scope: a.scope}}
	if a.condition != "" && r.URL.Query().Get("api-version") >= "2022" {
		w.Properties.Condition, w.Properties.ConditionVersion = &a.condition, new("2.0")
	}
	return w
}

// roleID returns the definition's ID, in the subscription of the scope.
func roleID(scope string, d *roleDefinition) string {
	id := "/providers/Microsoft.Authorization/roleDefinitions/" + d.guid
	if p := strings.Split(scope, "/"); len(p) > 2 && strings.EqualFold(p[1], "subscriptions") {
		return "/subscriptions/" + p[2] + id
	}
	return id
}

// filterPattern matches the filters of lists of assignments.
// https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
var filterPattern = regexp.MustCompile(`^(?:(atScope\(\))|assignedTo\('([0-9a-fA-F-]{36})'\)|principalId eq '([0-9a-fA-F-]{36})'|atScope\(\) and assignedTo\('([0-9a-fA-F-]{36})'\))?$`)

// filter returns what the request's filter selects.
func (m *resourceManager) filter(r *armRequest) (func(principals []string, scope string) bool, *refusal) {
	text := r.URL.Query().Get("$filter")
	f := filterPattern.FindStringSubmatch(text)
	if f == nil { // wording unconfirmed
		return nil, refuse(http.StatusBadRequest, "UnsupportedQuery", "The filter '%s' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}'' or 'assignedTo('{value}')'.", text)
	}
	atScope, member, exact := f[1] != "" || f[4] != "", f[2]+f[4], f[3]
	return func(principals []string, scope string) bool {
		at := m.rights.covers(scope, r.scope) || !atScope && covers(r.scope, scope)
		same := func(id string) bool { return strings.EqualFold(id, exact) }
		return at && (member == "" || m.rights.isOne(member, principals...)) && (exact == "" || slices.ContainsFunc(principals, same))
	}, nil
}

func (m *resourceManager) listAssignments(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, assignmentType+"/read", r.scope); refused != nil {
		return nil, refused
	}
	selected, refused := m.filter(r)
	if refused != nil {
		return nil, refused
	}
	m.rights.mu.RLock()
	defer m.rights.mu.RUnlock()
	var all []any
	for _, a := range m.rights.assignments {
		if selected([]string{a.principal}, a.scope) {
			all = append(all, m.wire(r, a))
		}
	}
	return r.page(all)
}

func (m *resourceManager) getAssignment(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, assignmentType+"/read", r.scope); refused != nil {
		return nil, refused
	}
	m.rights.mu.RLock()
	defer m.rights.mu.RUnlock()
	for _, a := range m.rights.assignments {
		if strings.EqualFold(a.guid, r.name()) && strings.EqualFold(a.scope, r.scope) {
			return m.wire(r, a), nil
		}
	}
	return nil, refuse(http.StatusNotFound, "RoleAssignmentNotFound", "The role assignment '%s' is not found.", r.name())
}

// putAssignment makes an assignment, which takes effect in every store. The
// statuses of a changed assignment and of a wrong principalType are unconfirmed.
func (m *resourceManager) putAssignment(r *armRequest) (any, *refusal) {
	if refused := m.authorize(r.caller, assignmentType+"/write", r.scope); refused != nil {
		return nil, refused
	}
	var body assignmentWire
	if refused := r.decode(&body); refused != nil {
		return nil, refused
	}
	p := body.Properties
	role := m.rights.named(last(p.RoleDefinitionID))
	principal := strings.ToLower(p.PrincipalID)
	kind := m.rights.types[principal]
	switch {
	case !isGUID(r.name()):
		return nil, refuse(http.StatusBadRequest, "InvalidRoleAssignmentId", "The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.", r.name())
	case role == nil:
		return nil, refuse(http.StatusNotFound, "RoleDefinitionDoesNotExist", "The specified role definition with ID '%s' does not exist.", p.RoleDefinitionID)
	case kind == "":
		return nil, refuse(http.StatusBadRequest, "PrincipalNotFound", "Principal %s does not exist in the directory %s. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
			strings.ReplaceAll(p.PrincipalID, "-", ""), m.issuer.tenant)
	case p.PrincipalType != "" && p.PrincipalType != kind:
		return nil, refuse(http.StatusBadRequest, "UnmatchedPrincipalType", "The PrincipalId '%s' has type '%s', which is different from specified PrinciaplType '%s'.", p.PrincipalID, kind, p.PrincipalType)
	}
	added, made, refused := m.rights.put(roleAssignment{guid: strings.ToLower(r.name()), scope: r.scope, role: role, principal: principal})
	switch {
	case refused != nil:
		return nil, refused
	case made:
		return created{m.wire(r, added)}, nil
	}
	return m.wire(r, added), nil
}

// put adds an assignment and returns it. It returns an equal one of the same name
// as it is.
func (a *authorization) put(one roleAssignment) (_ roleAssignment, made bool, _ *refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, old := range a.assignments {
		sameName := old.guid == one.guid
		same := old.role == one.role && old.principal == one.principal && strings.EqualFold(old.scope, one.scope)
		switch {
		case sameName && same:
			return old, false, nil
		case sameName:
			return one, false, refuse(http.StatusBadRequest, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")
		case same:
			return one, false, refuse(http.StatusConflict, "RoleAssignmentExists", "The role assignment already exists. The ID of the existing role assignment is %s.", strings.ReplaceAll(old.guid, "-", ""))
		}
	}
	a.assignments = append(a.assignments, one)
	return one, true, nil
}
