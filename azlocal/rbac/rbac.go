// Package rbac evaluates Azure's role-based access control: whether role
// assignments and deny assignments let a principal do something to a resource.
// It asks nobody.
// https://learn.microsoft.com/azure/role-based-access-control/overview
package rbac

import "strings"

// Access is whether a principal may do something.
type Access int

// The answers. Without one, it is not known.
const (
	Unknown Access = iota // it depends on what cannot be read
	Yes
	Conditional // if the resource meets a condition, which is not evaluated
	No
)

// String returns the word for people.
func (a Access) String() string { return [...]string{"cannot tell", "yes", "conditional", "no"}[a] }

// Worse reports whether a is a worse answer than b.
func (a Access) Worse(b Access) bool {
	rank := [...]int{Yes: 0, Conditional: 1, Unknown: 2, No: 3}
	return rank[a] > rank[b]
}

// Worst returns the worst of the answers, Yes if there are none.
func Worst(all ...Access) Access {
	worst := Yes
	for _, a := range all {
		if a.Worse(worst) {
			worst = a
		}
	}
	return worst
}

// MarshalText returns the word for JSON.
func (a Access) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Action is something to do to a resource. Reading what is in it, such as the
// value of a secret, is a data action.
type Action struct {
	Name string
	Data bool
}

// Role is a role definition.
type Role struct {
	ID          string
	Name        string
	Permissions []Permission
}

// Permission allows what matches a pattern and none of the excluded ones. An
// exclusion is not a denial: another permission may allow the same.
type Permission struct {
	Actions, NotActions, DataActions, NotDataActions []string
}

// Allows reports whether one of the role's permissions allows the action.
func (r *Role) Allows(a Action) bool {
	for _, p := range r.Permissions {
		if p.allows(a) {
			return true
		}
	}
	return false
}

func (p Permission) allows(a Action) bool {
	if a.Data {
		return matchesAny(p.DataActions, a.Name) && !matchesAny(p.NotDataActions, a.Name)
	}
	return matchesAny(p.Actions, a.Name) && !matchesAny(p.NotActions, a.Name)
}

func matchesAny(patterns []string, action string) bool {
	for _, p := range patterns {
		if Matches(p, action) {
			return true
		}
	}
	return false
}

// Matches reports whether an action matches a pattern, in which * stands for any
// characters, slashes too. Letter case is ignored.
func Matches(pattern, action string) bool {
	return matches(strings.ToLower(pattern), strings.ToLower(action))
}

// matches tries the shortest text for each * first, and goes back only to the last
// one: an earlier one would not help.
func matches(pattern, text string) bool {
	star, from := -1, 0 // the last * and the end of its text
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// Covers reports whether what is assigned at a scope is valid for a target, both
// Resource Manager IDs. Azure lists the assignments of management groups and of
// the root only for what is below them, so these always are.
func Covers(scope, target string) bool {
	scope, target = strings.ToLower(strings.TrimRight(scope, "/")), strings.ToLower(target)
	return strings.HasPrefix(target+"/", scope+"/") || strings.HasPrefix(scope, managementGroups)
}

const managementGroups = "/providers/microsoft.management/managementgroups/"
