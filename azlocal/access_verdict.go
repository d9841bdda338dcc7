package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"azinject/azlocal/manager"
	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// locate finds the store in Resource Manager, and reads a vault's settings. It may
// be called again.
func (q *inquiry) locate(ctx context.Context, s *store) {
	o := s.objects[0]
	s.Scope, s.Model, s.err = o.RoleScope(), "role", nil
	if s.Scope == "" {
		s.Scope, s.err = q.manager.Find(ctx, q.workspace.Subscription, s.need.kind, s.need.name)
		if s.err == nil && s.Scope == "" {
			s.err = fmt.Errorf("the %s %q does not exist, or you may not see it: you need the role Reader on it", s.noun(), s.Store)
		}
		if s.err == nil {
			s.Scope += s.need.below
		}
	}
	if s.err == nil && (s.need.kind == "" || strings.Contains(s.Scope, "/projects/")) {
		q.confirm(ctx, s)
	}
	if s.err == nil && o.Kind == resolve.EndpointToken {
		q.readMode(ctx, s)
	}
	if s.err != nil || o.Kind != resolve.VaultSecret {
		return
	}
	found, err := q.manager.Vault(ctx, s.Scope, o.Vault)
	if err != nil {
		s.err = err
		return
	}
	s.vault, s.Network = found, found.Network
	if found.ByPolicy {
		s.Model = "access policy"
	}
}

// confirm makes sure that a workspace or project exists. Roles are inherited even by
// what does not exist.
func (q *inquiry) confirm(ctx context.Context, s *store) {
	err := q.manager.Exists(ctx, fmt.Sprintf("%s %q", s.noun(), s.Store), s.Scope)
	switch group := strings.Split(s.Scope, "/"); {
	case !manager.IsNotFound(err):
		s.unseen = err
	case s.objects[0].Kind == resolve.ProjectConnection:
		s.err = fmt.Errorf("no project %q in resource group %q; check AZINJECT_PROJECT, or the project's endpoint and ID", s.Store, group[4])
	default:
		s.err = fmt.Errorf("no workspace %q in resource group %q; check %s", s.Store, group[4], whereWorkspace)
	}
}

// ifSeen returns the verdict, or a doubt where a store gives access but perhaps does
// not exist.
func (s *store) ifSeen(v verdict) verdict {
	if s.unseen == nil || v.Access != rbac.Yes {
		return v
	}
	doubt := verdict{Access: rbac.Unknown, Because: []string{s.unseen.Error()}}
	if manager.IsForbidden(s.unseen) {
		doubt.Because = append(doubt.Because, "you need the role Reader on the "+s.noun()+" to see whether it exists")
	}
	return doubt
}

// readMode finds out what the token of an endpoint takes. An endpoint that cannot be
// read is taken for one with a token of its own.
func (q *inquiry) readMode(ctx context.Context, s *store) {
	endpoint, err := q.manager.Endpoint(ctx, s.objects[0].Workspace, s.objects[0].Name)
	switch {
	case manager.IsNotFound(err):
		s.err = err
	case err == nil && strings.EqualFold(endpoint.AuthMode, "AADToken"):
		s.setNeed(entraNeed)
	}
}

// verdict says whether somebody may read everything that is wanted of the store.
func (q *inquiry) verdict(ctx context.Context, s *store, who party) verdict {
	switch {
	case s.err != nil:
		return verdict{Access: rbac.Unknown, Because: []string{s.err.Error()}}
	case s.vault != nil && s.vault.ByPolicy:
		return policyVerdict(s.vault, who.ObjectID, q.tokens.Claims().ObjectID)
	}
	rights, err := q.manager.Rights(ctx, s.Scope, who.ObjectID)
	if err != nil {
		return q.unread(ctx, s, who, err)
	}
	v := verdict{Access: rbac.Yes}
	for _, o := range s.objects {
		access, because, blocked := q.judge(ctx, s, who, rights, s.target(o))
		v.add(o.Name, access, because)
		v.blocked = v.blocked || blocked
	}
	if len(v.Lacks) == len(s.objects) {
		v.Lacks = nil
	}
	if v.Access == rbac.Yes && rights.Unread != nil {
		v.Because = append(v.Because, rights.Unread.Error())
	}
	return v
}

// add adds what was found out about one name.
func (v *verdict) add(name string, access rbac.Access, because string) {
	if access.Worse(v.Access) {
		v.Access, v.Because = access, nil
	}
	if access == v.Access && !slices.Contains(v.Because, because) {
		v.Because = append(v.Because, because)
	}
	if access != rbac.Yes {
		v.Lacks = append(v.Lacks, name)
	}
}

// judge evaluates the rights on one target. Where they do not plainly say yes, it
// asks Azure itself, which evaluates conditions and knows delegations from other
// tenants. blocked reports that there is a role, and that something keeps it from
// being enough.
func (q *inquiry) judge(ctx context.Context, s *store, who party, rights *manager.Rights, target string) (_ rbac.Access, because string, blocked bool) {
	worst, action := rbac.Answer{}, rbac.Action{}
	for i, a := range s.need.actions {
		if answer := rbac.Evaluate(who.ObjectID, a, target, rights.Assignments, rights.Denials); i == 0 || answer.Access.Worse(worst.Access) {
			worst, action = answer, a
		}
	}
	because = s.explain(who, worst, action, rights.Assignments, target)
	if worst.Access == rbac.Yes {
		return rbac.Yes, because, false
	}
	blocked = worst.By != nil
	switch allowed, ok := q.manager.CheckAccess(ctx, target, who.ObjectID, s.need.actions); {
	case allowed:
		return rbac.Yes, "Azure's own check allows it (" + because + ")", false
	case ok && blocked && strings.EqualFold(worst.By.PrincipalID, who.ObjectID): // it may not know groups
		return rbac.No, "Azure's own check does not allow it (" + because + ")", true
	}
	return worst.Access, because, blocked
}

// unread asks Azure itself where the assignments cannot be read.
func (q *inquiry) unread(ctx context.Context, s *store, who party, err error) verdict {
	v := verdict{Access: rbac.Yes, Because: []string{"Azure's own check allows it"}}
	for _, o := range s.objects {
		if allowed, _ := q.manager.CheckAccess(ctx, s.target(o), who.ObjectID, s.need.actions); !allowed {
			v.Access = rbac.Unknown
		}
	}
	if v.Access == rbac.Unknown {
		v.Because = []string{err.Error()}
		if manager.IsForbidden(err) {
			v.Because = append(v.Because, "you need the role Reader on the "+s.noun()+" to see who has access")
		}
	}
	return v
}

// explain says why, in words.
func (s *store) explain(who party, a rbac.Answer, action rbac.Action, assignments []rbac.Assignment, target string) string {
	switch {
	case a.By == nil:
		return "no role allows " + action.Name + s.others(who, assignments, target)
	case a.Denial != nil && a.Access == rbac.No:
		return fmt.Sprintf("the deny assignment %q denies it, and no role helps", a.Denial.Name)
	case a.Denial != nil:
		return fmt.Sprintf("it may be denied by the deny assignment %q, through a group", a.Denial.Name)
	case a.Access == rbac.Conditional:
		return s.assignment(who, *a.By) + ", if this condition is met: " + a.By.Condition
	}
	return s.assignment(who, *a.By)
}

// assignment describes one in words.
func (s *store) assignment(who party, a rbac.Assignment) string {
	text := fmt.Sprintf("%q on %s", cmp.Or(a.Role.Name, a.Role.ID), s.place(a.Scope))
	if !strings.EqualFold(a.PrincipalID, who.ObjectID) {
		text += ", through the group " + a.PrincipalID
	}
	return text
}

// others names roles that were perhaps thought to be enough.
func (s *store) others(who party, assignments []rbac.Assignment, target string) string {
	const most = 3
	var names []string
	for _, a := range assignments {
		if text := s.assignment(who, a); rbac.Covers(a.Scope, target) && !slices.Contains(names, text) {
			names = append(names, text)
		}
	}
	switch {
	case names == nil:
		return ""
	case len(names) > most:
		names = append(names[:most], "others")
	}
	return ", not even " + strings.Join(names, ", ")
}

// place describes a scope as seen from the store.
func (s *store) place(scope string) string {
	p := strings.Split(strings.Trim(scope, "/"), "/")
	last := p[len(p)-1]
	switch {
	case strings.EqualFold(scope, s.Scope):
		return "the " + s.noun()
	case scope == "/":
		return "the root of the tenant"
	case len(p) == 2:
		return "the subscription"
	case strings.HasPrefix(strings.ToLower(scope), "/providers/microsoft.management/"):
		return fmt.Sprintf("the management group %q", last)
	case len(p) == 4 && strings.EqualFold(p[2], "resourceGroups"):
		return fmt.Sprintf("the resource group %q", last)
	}
	return fmt.Sprintf("%q alone", last)
}

// policyVerdict evaluates access policies. Which groups somebody is in is not known
// here, but a person is no group.
func policyVerdict(v *manager.Vault, who, person string) verdict {
	var others []string
	for _, p := range v.Policies {
		switch {
		case !p.Get || p.Compound:
		case strings.EqualFold(p.ObjectID, who):
			return verdict{Access: rbac.Yes, Because: []string{"an access policy of the vault"}}
		case !strings.EqualFold(p.ObjectID, person):
			others = append(others, p.ObjectID)
		}
	}
	if others == nil {
		return verdict{Access: rbac.No, Because: []string{"no access policy of the vault allows getting secrets"}}
	}
	return verdict{Access: rbac.Unknown, Because: []string{"no access policy is its own, but one of these may be a group that it is in: " + strings.Join(others, ", ")}}
}
