package emulator

import "strings"

// accessQuestion is the body of checkAccess.
type accessQuestion struct {
	Subject struct {
		Attributes struct{ ObjectID string }
	}
	Actions []struct {
		ID           string
		IsDataAction bool
	}
}

// accessAnswer says whether one action is allowed.
type accessAnswer struct {
	Decision   string                `json:"accessDecision"`
	Action     string                `json:"actionId"`
	Data       bool                  `json:"isDataAction"`
	TimeToLive int                   `json:"timeToLiveInMs"`
	Role       *accessRoleAssignment `json:"roleAssignment"`
	Denial     *accessDenyAssignment `json:"denyAssignment"`
}

type accessRoleAssignment struct {
	ID               string  `json:"id"` // without hyphens, as the next
	RoleDefinitionID string  `json:"roleDefinitionId"`
	PrincipalID      string  `json:"principalId"`
	PrincipalType    string  `json:"principalType"`
	Scope            string  `json:"scope"`
	Condition        *string `json:"condition"`
}

type accessDenyAssignment struct {
	ID string `json:"id"`
}

// checkAccess is not documented. It is as Azure's clients for Kubernetes use it.
// Which role a caller needs is unconfirmed: here it is one that may read
// assignments. A role that has not reached a vault has not reached it either.
func (m *resourceManager) checkAccess(r *armRequest) (any, *refusal) {
	if !m.answering {
		return nil, unknownType()
	}
	if refused := m.authorize(r.caller, assignmentType+"/read", r.scope); refused != nil {
		return nil, refused
	}
	var question accessQuestion
	if refused := r.decode(&question); refused != nil {
		return nil, refused
	}
	arrived := m.arrived(r.scope)
	answers := []accessAnswer{}
	for _, action := range question.Actions {
		answer := accessAnswer{Decision: "NotAllowed", Action: action.ID, Data: action.IsDataAction, TimeToLive: 300000}
		d := m.rights.decide(question.Subject.Attributes.ObjectID, action.ID, action.IsDataAction, r.scope)
		if d.denial != nil {
			answer.Decision, answer.Denial = "Denied", &accessDenyAssignment{unhyphened(d.denial.guid)}
		}
		if d.allowed && arrived {
			answer.Decision = "Allowed"
			answer.Role = &accessRoleAssignment{unhyphened(d.by.guid), unhyphened(d.by.role.guid), d.by.principal, m.rights.types[d.by.principal], d.by.scope, nil}
		}
		answers = append(answers, answer)
	}
	return answers, nil
}

func unhyphened(guid string) string { return strings.ReplaceAll(guid, "-", "") }

// arrived counts a use of the roles of the vault or workspace that the ID leads
// into.
func (m *resourceManager) arrived(id string) bool {
	for _, r := range m.resources {
		if r.vault != nil && covers(r.id, id) {
			return r.vault.role.arrived()
		}
	}
	for _, w := range m.workspaces {
		if covers(w.id, id) {
			return w.role.arrived()
		}
	}
	return true
}
