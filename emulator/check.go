package emulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// A finding is a Problem whose line is not known yet.
type finding struct {
	Problem
	keys []string
}

func configError(findings []finding) error {
	e := &ConfigError{}
	for _, f := range findings {
		e.Problems = append(e.Problems, f.Problem)
	}
	return e
}

// A checker collects findings about a Config.
type checker struct {
	*Config
	findings []finding
}

func (c *checker) failf(keys []string, format string, args ...any) {
	c.findings = append(c.findings, finding{
		Problem: Problem{Path: strings.Join(keys, "."), Message: fmt.Sprintf(format, args...)},
		keys:    keys,
	})
}

// path copies, so that paths with a common beginning do not share memory.
func path(keys ...string) []string { return keys }

func under(parent []string, keys ...string) []string { return slices.Concat(parent, keys) }

var (
	guidPattern       = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	vaultNamePattern  = regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z-]{1,22}[0-9a-zA-Z]$`)
	hostPattern       = regexp.MustCompile(`^[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)+$`)
	hostNamePattern   = regexp.MustCompile(`^[0-9a-zA-Z_-]+(\.[0-9a-zA-Z_-]+)*$`)
	secretNamePattern = regexp.MustCompile(`^[0-9a-zA-Z-]{1,127}$`)
	versionPattern    = regexp.MustCompile(`^[0-9a-zA-Z]{1,64}$`)
	workspacePattern  = regexp.MustCompile(`(?i)^/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.MachineLearningServices/workspaces/([^/]+)$`)
	deploymentPattern = regexp.MustCompile(`(?i)^(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/]+/onlineEndpoints/[^/]+)/deployments/[^/]+$`)
)

func isGUID(s string) bool { return guidPattern.MatchString(s) }

// check returns what is wrong with the configuration, in an order that does not
// change from run to run.
func (c *Config) check() []finding {
	k := &checker{Config: c}
	k.machine()
	k.identities()
	for _, name := range slices.Sorted(maps.Keys(c.Vaults)) {
		k.vault(name, c.Vaults[name])
	}
	k.distinct(path("vaults"), vaultHosts(c.Vaults))
	for _, id := range slices.Sorted(maps.Keys(c.Workspaces)) {
		k.workspace(id, c.Workspaces[id])
	}
	k.distinct(path("workspaces"), slices.Sorted(maps.Keys(c.Workspaces)))
	k.network()
	for i, f := range c.Faults {
		k.fault(path("faults", fmt.Sprint(i)), f)
	}
	return k.findings
}

func (c *checker) machine() {
	if c.Tenant != "" && !isGUID(c.Tenant) {
		c.failf(path("tenant"), "%q is not a GUID", c.Tenant)
	}
	if _, ok := platforms[c.platform()]; !ok {
		c.failf(path("platform"), "%q is not one of %s", c.Platform, strings.Join(slices.Sorted(maps.Keys(platforms)), ", "))
	}
	c.compute()
	if c.Deployment != "" && c.platform() != "azureml" {
		c.failf(path("deployment"), "only platform azureml has deployments")
	}
	if c.Deployment != "" && !deploymentPattern.MatchString(c.Deployment) {
		c.failf(path("deployment"), "want /subscriptions/…/workspaces/<workspace>/onlineEndpoints/<endpoint>/deployments/<deployment>")
	}
	c.names(path("attached"), c.Attached)
	switch {
	case c.IdentityStartsAfter < 0:
		c.failf(path("identity_starts_after"), "must not be negative")
	case c.IdentityStartsAfter > 0 && !hasEndpoint(c.platform()):
		c.failf(path("identity_starts_after"), "platform %s has no identity endpoint", c.platform())
	}
	c.place()
}

// compute checks what only Azure Machine Learning's platform has.
func (c *checker) compute() {
	switch {
	case c.RequireClientID && c.platform() != "azureml":
		c.failf(path("require_client_id"), "only platform azureml has this")
	case c.RequireClientID && c.Compute == "instance":
		c.failf(path("require_client_id"), "a compute instance gives its user's token to a request without one")
	}
	switch {
	case c.Compute == "":
	case c.platform() != "azureml":
		c.failf(path("compute"), "only platform azureml has this")
	case c.Compute != "cluster" && c.Compute != "instance":
		c.failf(path("compute"), "%q is neither cluster nor instance", c.Compute)
	case c.Compute == "instance" && len(c.having(isUser)) == 0:
		c.failf(path("compute"), "a compute instance has a user: attach an identity with user: true")
	}
}

// place checks where the emulator is, which the file does not say.
func (c *checker) place() {
	address, err := netip.ParseAddr(cmp.Or(c.Listen, loopback))
	switch {
	case err != nil:
		c.failf(path("Listen"), "%q is not an IP address", c.Listen)
	case address.IsUnspecified() && c.Host == "":
		c.failf(path("Host"), "needed with Listen %s, which is no address to reach", c.Listen)
	}
	if _, err := netip.ParseAddr(c.Host); err != nil && c.Host != "" && !hostNamePattern.MatchString(c.Host) {
		c.failf(path("Host"), "%q is neither a host name nor an IP address", c.Host)
	}
}

func (c *checker) network() {
	if !slices.Contains(certificates, c.Certificate) {
		c.failf(path("certificate"), "%q is not one of %s", c.Certificate, strings.Join(certificates[1:], ", "))
	}
	if c.Network.Latency < 0 {
		c.failf(path("network", "latency"), "must not be negative")
	}
	if c.Network.TokenLatency < 0 {
		c.failf(path("network", "token_latency"), "must not be negative")
	}
}

// names holds a list of identities to those defined.
func (c *checker) names(at []string, names []string) {
	for _, name := range names {
		if _, ok := c.Identities[name]; !ok {
			c.failf(at, "no identity %q", name)
		}
	}
}

// distinct refuses names that Azure, which ignores case, could not tell apart.
func (c *checker) distinct(at []string, names []string) {
	seen := map[string]bool{}
	for _, name := range names {
		if folded := strings.ToLower(name); seen[folded] {
			c.failf(under(at, name), "is there twice: letter case does not matter")
		} else {
			seen[folded] = true
		}
	}
}
