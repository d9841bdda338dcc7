package emulator

import (
	"fmt"
	"strings"
)

// roles checks groups, roles and their assignments.
func (c *checker) roles() {
	for name, members := range sorted(c.Groups) {
		if _, taken := c.Identities[name]; taken {
			c.failf(path("groups", name), "an identity has this name too")
		}
		c.members(path("groups", name), members)
	}
	known := map[string]bool{}
	for _, d := range builtInRoles {
		known[d.name] = true
	}
	for name := range sorted(c.Roles) {
		known[name] = true
	}
	for i, r := range c.RoleAssignments {
		at := path("role_assignments", fmt.Sprint(i))
		c.members(under(at, "principal"), []string{r.Principal})
		c.place(under(at, "scope"), r.Scope)
		if !known[r.Role] {
			c.failf(under(at, "role"), "%q is not one of the emulator's built-in roles, and not under roles", r.Role)
		}
		if r.Condition != "" && !conditionPattern.MatchString(r.Condition) {
			c.failf(under(at, "condition"), "the emulator only knows @Resource[Microsoft.KeyVault/vaults/secrets:name] with StringEquals or StringStartsWith, also for vaults:name")
		}
	}
	for i, d := range c.DenyAssignments {
		at := path("deny_assignments", fmt.Sprint(i))
		c.members(under(at, "principals"), d.Principals)
		c.members(under(at, "except"), d.Except)
		c.place(under(at, "scope"), d.Scope)
	}
}

// members checks that everything in a list is an identity or a group.
func (c *checker) members(at, names []string) {
	what := "identity"
	if c.Groups != nil {
		what = "identity or group"
	}
	for _, name := range names {
		_, identity := c.Identities[name]
		if _, group := c.Groups[name]; !identity && !group {
			c.failf(at, "no %s %q", what, name)
		}
	}
}

// place checks a scope.
func (c *checker) place(at []string, scope string) {
	_, vault := c.Vaults[scope]
	_, project := c.Projects[scope]
	if !vault && !project && !strings.HasPrefix(scope, "/") {
		c.failf(at, "write the ARM ID of a resource, a group, a subscription or a management group, or the name of a vault or the endpoint of a project here")
	}
}
