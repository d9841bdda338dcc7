package emulator

import (
	"net/url"
	"strings"
)

func (c *checker) identities() {
	if len(c.Identities) == 0 && c.platform() != "none" {
		c.failf(path("identities"), "define at least one, or set platform: none")
	}
	for name, id := range sorted(c.Identities) {
		c.identityIDs(path("identities", name), id)
		c.identitySort(path("identities", name), id)
	}
	c.oneOfEach()
	c.needed()
	c.serviceAccountToken()
}

func (c *checker) identityIDs(at []string, id Identity) {
	for key, value := range sorted(map[string]string{"client_id": id.ClientID, "object_id": id.ObjectID}) {
		if value != "" && !isGUID(value) {
			c.failf(under(at, key), "%q is not a GUID", value)
		}
	}
	if id.ResourceID != "" && !strings.HasPrefix(strings.ToLower(id.ResourceID), "/subscriptions/") {
		c.failf(under(at, "resource_id"), "want /subscriptions/…/userAssignedIdentities/<name>")
	}
}

// identitySort holds an identity to what one of its sort has.
func (c *checker) identitySort(at []string, id Identity) {
	if id.User && id.ResourceID != "" {
		c.failf(at, "a user has no resource_id")
	}
	if id.User && id.ClientSecret != "" {
		c.failf(under(at, "client_secret"), "a user has none")
	}
	if id.ResourceID != "" && id.ClientSecret != "" {
		c.failf(under(at, "client_secret"), "a managed identity, which resource_id makes this, has none")
	}
	if id.User && id.Federated != nil {
		c.failf(under(at, "federated"), "a user trusts no workload")
	}
	if f := id.Federated; f != nil {
		c.federated(under(at, "federated"), f)
	}
}

func (c *checker) federated(at []string, f *FederatedCredential) {
	if f.Subject == "" {
		c.failf(at, "needs subject, such as system:serviceaccount:<namespace>:<name>")
	}
	c.workloadIssuer(at, f.Issuer)
}

func (c *checker) workloadIssuer(at []string, issuer string) {
	if u, err := url.Parse(issuer); issuer != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.failf(under(at, "issuer"), "%q is not a URL with https", issuer)
	}
}

// needed holds the file to the one identity that the platform is all about.
func (c *checker) needed() {
	p := platforms[c.platform()]
	for _, name := range c.Attached {
		if p.serve != nil && c.Identities[name].application() {
			c.failf(path("attached"), "%s is an application, which no machine has", name)
		}
	}
	if p.needs == nil || len(c.Identities) == 0 {
		return
	}
	switch names := c.having(p.needs.met); {
	case len(names) == 0:
		c.failf(path("platform"), "%s needs an attached identity with %s", c.platform(), p.needs.what)
	case len(names) > 1 && p.serve == nil: // of a machine's identities oneOfEach says it
		c.failf(path("attached"), "%s all have %s, but platform %s is for one: name it here", strings.Join(names, ", "), p.needs.what, c.platform())
	}
}

// serviceAccountToken checks the token of the pod, which Kubernetes issues for
// nothing but service accounts.
func (c *checker) serviceAccountToken() {
	at, subject := path("service_account_token"), ""
	if t := c.ServiceAccountToken; t != nil {
		subject = t.Subject
		c.workloadIssuer(at, t.Issuer)
	}
	if c.platform() != "workload_identity" {
		if c.ServiceAccountToken != nil {
			c.failf(at, "only platform workload_identity has this")
		}
		return
	}
	if names := c.having(isFederated); subject == "" && len(names) == 1 {
		at, subject = path("identities", names[0], "federated"), c.Identities[names[0]].Federated.Subject
	}
	if subject != "" && !serviceAccountPattern.MatchString(subject) {
		c.failf(under(at, "subject"), "want system:serviceaccount:<namespace>:<name>: Kubernetes issues tokens for nobody else")
	}
}

// oneOfEach holds a machine to one system-assigned identity and one user.
func (c *checker) oneOfEach() {
	system := c.having(func(id Identity) bool { return !id.User && id.ResourceID == "" && !id.application() })
	if len(system) > 1 {
		c.failf(path("attached"), "%s are all system-assigned (they have no resource_id), but a machine has one such identity at most: name the attached one here", strings.Join(system, ", "))
	}
	if users := c.having(isUser); len(users) > 1 {
		c.failf(path("attached"), "%s are all users, but a machine has one at most: name the attached one here", strings.Join(users, ", "))
	}
}
