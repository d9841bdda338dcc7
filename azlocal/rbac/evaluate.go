package rbac

import (
	"slices"
	"strings"
)

// Assignment gives a principal a role.
type Assignment struct {
	Scope       string
	PrincipalID string // the subject's, or a group's that the subject is in
	Condition   string // "" if there is none
	Role        *Role
}

// Denial is a deny assignment.
type Denial struct {
	Name              string
	Scope             string
	OnlyHere          bool // and not below Scope
	Permissions       []Permission
	Principals        []Principal
	ExcludePrincipals []Principal
}

// Principal is who is denied, or not.
type Principal struct{ ID, Type string }

// everyone is the ID of all principals.
const everyone = "00000000-0000-0000-0000-000000000000"

// Answer says whether a subject may do something, and why.
type Answer struct {
	Access Access
	By     *Assignment // that allows it, nil if none does
	Denial *Denial     // that denies it, or may do so
}

// Evaluate returns whether the subject, an object ID, may do something to the
// target. The assignments are all those of the subject and its groups.
//
// As in Azure, a denial wins, and then one assignment is enough. Whether the
// subject is in a group that is denied, or not denied, is not known. Conditions
// are not evaluated.
func Evaluate(subject string, action Action, target string, assignments []Assignment, denials []Denial) Answer {
	answer := allowed(subject, action, target, assignments)
	if answer.Access == No {
		return answer
	}
	for i, d := range denials {
		if denied := d.denies(subject, action, target); denied.Worse(answer.Access) {
			answer.Access, answer.Denial = denied, &denials[i]
		}
	}
	return answer
}

// allowed finds the assignment that allows the action, best one without a condition
// and of the subject itself.
func allowed(subject string, action Action, target string, assignments []Assignment) Answer {
	rank := func(a Assignment) (rank int) {
		if a.Condition != "" {
			rank = 2
		}
		if !strings.EqualFold(a.PrincipalID, subject) {
			rank++
		}
		return rank
	}
	answer := Answer{Access: No}
	for i, a := range assignments {
		if !Covers(a.Scope, target) || !a.Role.Allows(action) || answer.By != nil && rank(*answer.By) <= rank(a) {
			continue
		}
		answer = Answer{Access: Yes, By: &assignments[i]}
		if a.Condition != "" {
			answer.Access = Conditional
		}
	}
	return answer
}

// denies returns No if it does, Unknown if it may, and Yes if it does not.
func (d Denial) denies(subject string, action Action, target string) Access {
	allows := func(p Permission) bool { return p.allows(action) }
	if !Covers(d.Scope, target) || !slices.ContainsFunc(d.Permissions, allows) {
		return Yes
	}
	named, perhaps := d.names(subject, d.Principals)
	except, perhapsNot := d.names(subject, d.ExcludePrincipals)
	switch {
	case except || !named && !perhaps:
		return Yes
	case named && !perhapsNot && (!d.OnlyHere || strings.EqualFold(d.Scope, target)):
		return No
	}
	return Unknown
}

// names reports whether the subject is one of the principals, and whether it may
// be in a group that is.
func (d Denial) names(subject string, principals []Principal) (named, perhaps bool) {
	for _, p := range principals {
		named = named || strings.EqualFold(p.ID, subject) || p.ID == everyone
		perhaps = perhaps || strings.EqualFold(p.Type, "Group")
	}
	return named, perhaps
}
