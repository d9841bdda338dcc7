package manager

import (
	"context"
	"net/http"
	"strings"
	"time"

	"azinject/azlocal/rbac"
	"azinject/transport"
)

// optional bounds a question whose answer is not worth a longer wait.
const optional = 20 * time.Second

// Rights are what has been assigned to a principal at a scope, above and below.
type Rights struct {
	Assignments []rbac.Assignment
	Denials     []rbac.Denial
	// Unread is why the denials are missing.
	Unread error
}

// Rights reads the role assignments of a principal and its groups, and the deny
// assignments of everybody.
// https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest
func (c *Client) Rights(ctx context.Context, scope, principal string) (*Rights, error) {
	assigned, err := list[assignmentWire](ctx, c, "the role assignments", scope+"/providers/Microsoft.Authorization/roleAssignments", authorizationVersion,
		"assignedTo('"+principal+"')")
	if err != nil {
		return nil, err
	}
	rights := &Rights{}
	for _, a := range assigned {
		p := a.Properties
		role, err := c.role(ctx, scope, p.RoleDefinitionID)
		if err != nil {
			return nil, err
		}
		rights.Assignments = append(rights.Assignments, rbac.Assignment{
			Scope: transport.OneLine(p.Scope), PrincipalID: transport.OneLine(p.PrincipalID), Condition: transport.OneLine(p.Condition), Role: role,
		})
	}
	brief, cancel := context.WithTimeout(ctx, optional)
	defer cancel()
	denied, err := list[denialWire](brief, c, "the deny assignments", scope+"/providers/Microsoft.Authorization/denyAssignments", authorizationVersion, "")
	if err != nil {
		rights.Unread = err
		return rights, nil
	}
	for _, d := range denied {
		p := d.Properties
		rights.Denials = append(rights.Denials, rbac.Denial{
			Name: transport.OneLine(p.DenyAssignmentName), Scope: p.Scope, OnlyHere: p.DoNotApplyToChildScopes,
			Permissions: p.Permissions, Principals: p.Principals, ExcludePrincipals: p.ExcludePrincipals,
		})
	}
	return rights, nil
}

type assignmentWire struct {
	Properties struct{ RoleDefinitionID, PrincipalID, Scope, Condition string }
}

type denialWire struct {
	Properties struct {
		DenyAssignmentName      string
		Scope                   string
		DoNotApplyToChildScopes bool
		Permissions             []rbac.Permission
		Principals              []rbac.Principal
		ExcludePrincipals       []rbac.Principal
	}
}

// role returns a role definition, as seen at a scope where assignments can be
// read. A role may have been deleted since it was assigned, and then allows nothing.
func (c *Client) role(ctx context.Context, scope, id string) (*rbac.Role, error) {
	key := strings.ToLower(id[strings.LastIndex(id, "/")+1:])
	c.mu.Lock()
	role, ok := c.roles[key]
	c.mu.Unlock()
	if ok {
		return role, nil
	}
	var wire struct {
		Properties struct {
			RoleName    string
			Permissions []rbac.Permission
		}
	}
	if err := c.get(ctx, "a role definition", scope+"/providers/Microsoft.Authorization/roleDefinitions/"+key, authorizationVersion, &wire); err != nil && !IsNotFound(err) {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.roles[key] = &rbac.Role{ID: key, Name: transport.OneLine(wire.Properties.RoleName), Permissions: wire.Properties.Permissions}
	return c.roles[key], nil
}

// CheckAccess asks Azure itself whether a principal may do all of the actions. It
// evaluates conditions and deny assignments, and knows delegations that no list
// has. ok is false if it does not answer in the known form: the operation is not
// documented, and AKS is its best-known user.
func (c *Client) CheckAccess(ctx context.Context, scope, principal string, actions []rbac.Action) (allowed, ok bool) {
	type wanted struct {
		ID           string `json:"Id"`
		IsDataAction bool
	}
	var body struct {
		Subject struct {
			Attributes struct {
				ObjectID string `json:"ObjectId"`
			}
		}
		Actions []wanted
	}
	body.Subject.Attributes.ObjectID = principal
	for _, a := range actions {
		body.Actions = append(body.Actions, wanted{a.Name, a.Data})
	}
	ctx, cancel := context.WithTimeout(ctx, optional)
	defer cancel()
	var answers []struct{ AccessDecision, ActionID string }
	err := c.send(ctx, http.MethodPost, "checkAccess", scope+"/providers/Microsoft.Authorization/checkAccess", checkAccessVersion, nil, body, &answers)
	if err != nil || len(answers) != len(actions) {
		return false, false
	}
	allowed = true
	for i, answer := range answers {
		if !strings.EqualFold(answer.ActionID, actions[i].Name) || answer.AccessDecision == "" {
			return false, false
		}
		allowed = allowed && answer.AccessDecision == "Allowed"
	}
	return allowed, true
}
