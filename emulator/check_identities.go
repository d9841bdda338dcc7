package emulator

import "strings"

func (c *checker) identities() {
	if len(c.Identities) == 0 && c.platform() != "none" {
		c.failf(path("identities"), "define at least one, or set platform: none")
	}
	for name, id := range sorted(c.Identities) {
		for key, value := range sorted(map[string]string{"client_id": id.ClientID, "object_id": id.ObjectID}) {
			if value != "" && !isGUID(value) {
				c.failf(path("identities", name, key), "%q is not a GUID", value)
			}
		}
		c.binding(name, id)
		for _, p := range id.GraphPermissions {
			if p != graphRead && p != graphWrite {
				c.failf(path("identities", name, "graph_permissions"), "%q is not one of %s, %s", p, graphRead, graphWrite)
			}
		}
	}
	c.oneOfEach()
	c.needed()
	c.serviceAccountToken()
}

// needed checks that the identity which the platform depends on is attached,
// and no other one like it.
func (c *checker) needed() {
	p := platforms[c.platform()]
	for _, name := range c.Attached {
		if p.serve != nil && c.Identities[name].application() {
			c.failf(path("attached"), "%s is an application, which cannot be attached to a machine", name)
		}
	}
	if p.needs == nil || len(c.Identities) == 0 {
		return
	}
	switch names := c.having(p.needs.met); {
	case len(names) == 0:
		c.failf(path("platform"), "%s needs an attached identity with %s", c.platform(), p.needs.what)
	case len(names) > 1 && p.serve == nil: // oneOfEach reports those of a machine
		c.failf(path("attached"), "%s all have %s, but platform %s uses only one: name it here", strings.Join(names, ", "), p.needs.what, c.platform())
	}
}

const wantServiceAccount = "write system:serviceaccount:<namespace>:<name>, since Kubernetes issues tokens for service accounts only"

// binding checks an identity binding.
func (c *checker) binding(name string, id Identity) {
	switch {
	case id.Binding == nil:
	case id.ResourceID == "":
		c.failf(path("identities", name, "binding"), "AKS binds user-assigned identities only: add resource_id")
	case !serviceAccountPattern.MatchString(id.Binding.Subject):
		c.failf(path("identities", name, "binding", "subject"), wantServiceAccount)
	}
}

// serviceAccountToken checks the subject of the pod's token: Kubernetes issues
// tokens for service accounts only.
func (c *checker) serviceAccountToken() {
	token, names := c.ServiceAccountToken, c.having(isFederated)
	switch {
	case c.platform() != "workload_identity" && c.platform() != "identity_binding":
		if token != nil {
			c.failf(path("service_account_token"), "only platforms workload_identity and identity_binding have this")
		}
	case token != nil && token.Subject != "":
		if !serviceAccountPattern.MatchString(token.Subject) {
			c.failf(path("service_account_token", "subject"), wantServiceAccount)
		}
	case c.platform() == "identity_binding": // whose subject is checked with its identity
	case len(names) == 1 && !serviceAccountPattern.MatchString(c.Identities[names[0]].Federated.Subject):
		c.failf(path("identities", names[0], "federated", "subject"), wantServiceAccount)
	}
}

// oneOfEach checks that a machine has at most one system-assigned identity and
// one user.
func (c *checker) oneOfEach() {
	system := c.having(func(id Identity) bool { return !id.User && id.ResourceID == "" && !id.application() })
	if len(system) > 1 {
		c.failf(path("attached"), "%s are all system-assigned (they have no resource_id), but a machine has at most one such identity: name it here", strings.Join(system, ", "))
	}
	if users := c.having(isUser); len(users) > 1 {
		c.failf(path("attached"), "%s are all users, but a machine has at most one: name that one here", strings.Join(users, ", "))
	}
}
