package emulator

import (
	"regexp"
	"slices"
	"strings"
)

// permission is a part of a role. It allows what matches one of the patterns and
// none of the excluded ones.
// https://learn.microsoft.com/azure/role-based-access-control/role-definitions
type permission struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
}

func (p permission) allows(action string, data bool) bool {
	wanted, excluded := p.Actions, p.NotActions
	if data {
		wanted, excluded = p.DataActions, p.NotDataActions
	}
	matches := func(pattern string) bool { return matchesPattern(pattern, action) }
	return slices.ContainsFunc(wanted, matches) && !slices.ContainsFunc(excluded, matches)
}

// matchesPattern reports whether the action matches the pattern, in which * stands
// for any characters. Letter case does not matter.
func matchesPattern(pattern, action string) bool {
	rest := strings.ToLower(action)
	pieces := strings.Split(strings.ToLower(pattern), "*")
	if len(pieces) == 1 {
		return pieces[0] == rest
	}
	rest, ok := strings.CutPrefix(rest, pieces[0])
	if !ok {
		return false
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		_, after, found := strings.Cut(rest, piece)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, pieces[len(pieces)-1])
}

// roleDefinition is a role.
type roleDefinition struct {
	guid, name  string
	custom      bool
	permissions []permission
}

func (d *roleDefinition) allows(action string, data bool) bool {
	return slices.ContainsFunc(d.permissions, func(p permission) bool { return p.allows(action, data) })
}

// roleAssignment gives a principal a role.
type roleAssignment struct {
	guid, scope string
	role        *roleDefinition
	principal   string // object ID
	condition   string
}

// denyAssignment takes actions away from principals, from everybody if they are
// nil.
type denyAssignment struct {
	guid, name, scope  string
	principals, except []string // object IDs
	permission         permission
}

// covers reports whether what is assigned at the scope is valid for the resource.
// Both are ARM IDs.
func covers(scope, resource string) bool {
	scope, resource = strings.ToLower(strings.TrimRight(scope, "/")), strings.ToLower(resource)
	return strings.HasPrefix(resource+"/", scope+"/")
}

// conditionPattern matches the conditions that the emulator understands.
// https://learn.microsoft.com/azure/role-based-access-control/conditions-format
var conditionPattern = regexp.MustCompile(`^\(*@Resource\[Microsoft\.KeyVault/vaults(/secrets)?:name\] (StringEquals|StringStartsWith) '([^']*)'\)*$`)

// met reports whether the resource meets the condition, which compares names
// exactly as they are written.
func met(condition, resource string) bool {
	m := conditionPattern.FindStringSubmatch(condition)
	if m == nil {
		return condition == ""
	}
	segment := "/vaults/"
	if m[1] != "" {
		segment = "/secrets/"
	}
	at := strings.LastIndex(strings.ToLower(resource), segment)
	if at < 0 {
		return false
	}
	name, _, _ := strings.Cut(resource[at+len(segment):], "/")
	if m[2] == "StringEquals" {
		return name == m[3]
	}
	return strings.HasPrefix(name, m[3])
}
