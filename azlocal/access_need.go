package main

import (
	"fmt"
	"slices"
	"strings"

	"azinject/access"
	"azinject/azlocal/rbac"
	"azinject/resolve"
)

// need is what reading objects of a kind takes. Package access has the name of the
// role.
type need struct {
	// actions a role must allow, all of them.
	actions []rbac.Action
	role    string // the ID of the built-in role for just this, "" if there is none
	// child is the word in an object's Resource Manager ID before its name, "" if
	// objects have no ID.
	child string
	// kind is the type of the resource that is looked for if the reference does not
	// have its ID, and name its name. below leads from there to the store.
	kind, name, below string
}

// needOf returns the need of a kind.
func needOf(o resolve.Object) need {
	switch o.Kind {
	case resolve.VaultSecret:
		return need{actions: []rbac.Action{{Name: "Microsoft.KeyVault/vaults/secrets/getSecret/action", Data: true}},
			role: "4633458b-17de-408a-b874-0445c86b69e6", child: "secrets", kind: "Microsoft.KeyVault/vaults", name: o.StoreName()}
	case resolve.KeyValue:
		return need{actions: []rbac.Action{{Name: "Microsoft.AppConfiguration/configurationStores/keyValues/read", Data: true}},
			role: "516239f1-63e1-4d78-a4de-a74fb236a071", kind: "Microsoft.AppConfiguration/configurationStores", name: o.StoreName()}
	case resolve.ProjectConnection:
		const connections = "Microsoft.CognitiveServices/accounts/AIServices/connections/"
		return need{actions: []rbac.Action{{Name: connections + "read", Data: true}, {Name: connections + "listSecrets/action", Data: true}},
			role: "53ca6127-db72-4b80-b1b0-d745d6d5456d", child: "connections", kind: "Microsoft.CognitiveServices/accounts", name: o.StoreName(),
			// _project stands for the default project. Its name is not known, so the role is granted on the account.
			below: strings.TrimSuffix("/projects/"+o.Project.Name, "/projects/_project")}
	case resolve.Connection:
		return need{actions: []rbac.Action{{Name: o.Action()}}, role: "ea01e6af-a1c1-4350-9563-ad00f8c72ec5", child: "connections"}
	default:
		return need{actions: []rbac.Action{{Name: o.Action()}}, child: "onlineEndpoints"}
	}
}

// entraNeed is what calling an endpoint with a token of Microsoft Entra takes.
var entraNeed = need{actions: []rbac.Action{{Name: resolve.ReadEndpoint}, {Name: resolve.ScoreEndpoint}}, child: "onlineEndpoints"}

// storesOf groups what references read by where it is and what that takes.
func storesOf(sources []resolve.Source) []*store {
	var all []*store
	for _, source := range sources {
		o := source.Reference.Object
		i := slices.IndexFunc(all, func(s *store) bool { return s.holds(o) })
		if i < 0 {
			i = len(all)
			s := &store{Kind: o.Kind.String(), Store: o.Store()}
			s.setNeed(needOf(o))
			all = append(all, s)
		}
		all[i].add(o)
		all[i].variables = append(all[i].variables, source.Variable)
	}
	return all
}

// holds reports whether an object is in the store and takes the same. What the token
// of an endpoint takes depends on the endpoint.
func (s *store) holds(o resolve.Object) bool {
	first := s.objects[0]
	apart := o.Kind == resolve.EndpointToken && !strings.EqualFold(first.Name, o.Name)
	return first.Kind == o.Kind && strings.EqualFold(first.Store(), o.Store()) && strings.EqualFold(first.Workspace.ID(), o.Workspace.ID()) && !apart
}

func (s *store) setNeed(n need) {
	s.need, s.Actions = n, nil
	for _, a := range n.actions {
		s.Actions = append(s.Actions, a.Name)
	}
}

// add adds an object. Versions of a secret are read with the same right.
func (s *store) add(o resolve.Object) {
	if slices.ContainsFunc(s.Names, func(name string) bool { return strings.EqualFold(name, o.Name) }) {
		return
	}
	s.objects = append(s.objects, o)
	s.Names = append(s.Names, o.Name)
}

// addConnections adds all connections of the workspace, which is what the platform
// checks for an endpoint that enforces it.
func (q *inquiry) addConnections() {
	if !q.file.enforces {
		return
	}
	o := resolve.Object{Kind: resolve.Connection, Workspace: q.workspace}
	q.stores = []*store{{Kind: o.Kind.String(), Store: o.Store(), Names: []string{}, objects: []resolve.Object{o}}}
	q.stores[0].setNeed(needOf(o))
}

// target returns the Resource Manager ID that an access to the object is about.
func (s *store) target(o resolve.Object) string {
	if o.Name == "" || s.need.child == "" {
		return s.Scope
	}
	return s.Scope + "/" + s.need.child + "/" + o.Name
}

// least returns the least grants that give somebody access, none where no grant
// helps or a condition was meant to keep them out.
func (s *store) least(p party, v verdict, scope string) []*grant {
	o := s.objects[0]
	switch {
	case v.Access == rbac.Yes || v.Access == rbac.Conditional || v.blocked || s.err != nil:
		return nil
	case s.vault != nil && s.vault.ByPolicy:
		return []*grant{s.policyGrant(p)}
	case s.need.role == "":
		return []*grant{s.customGrant(p)}
	case scope != "secret" || s.vault == nil:
		return []*grant{{Grant: access.For(o, s.Scope, p.principal()), role: s.need.role}}
	}
	var each []*grant
	for _, o := range s.objects {
		if v.Lacks == nil || slices.Contains(v.Lacks, o.Name) {
			each = append(each, &grant{Grant: access.For(o, s.target(o), p.principal()), role: s.need.role})
		}
	}
	return each
}

// policyGrant returns the grant of an access policy. Its command repeats what the
// policy allows already, because set-policy replaces it.
func (s *store) policyGrant(p party) *grant {
	permissions := "get"
	for _, policy := range s.vault.Policies {
		if strings.EqualFold(policy.ObjectID, p.ObjectID) && !policy.Compound {
			permissions = strings.Join(append(policy.Secrets, "get"), " ")
		}
	}
	return &grant{policy: true, Grant: access.Grant{
		Action: "secrets get", Scope: s.Scope,
		Command: fmt.Sprintf("az keyvault set-policy --name %s --object-id %s --secret-permissions %s", s.objects[0].StoreName(), p.ObjectID, permissions),
	}}
}
