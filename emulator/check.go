package emulator

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// finding is a Problem whose line is not known yet.
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

// checker collects the findings about a Config.
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

func path(keys ...string) []string { return keys }

// under copies, so that paths with a common beginning do not share memory.
func under(parent []string, keys ...string) []string { return slices.Concat(parent, keys) }

var (
	guidPattern       = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	hostPattern       = regexp.MustCompile(`^[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)+$`)
	secretNamePattern = regexp.MustCompile(`^[0-9a-zA-Z-]{1,127}$`)
	versionPattern    = regexp.MustCompile(`^[0-9a-zA-Z]{1,64}$`)
	workspacePattern  = regexp.MustCompile(`(?i)^/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/resourceGroups/([^/]+)/providers/Microsoft\.MachineLearningServices/workspaces/([^/]+)$`)
	deploymentPattern = regexp.MustCompile(`(?i)^(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/]+/onlineEndpoints/[^/]+)/deployments/[^/]+$`)
)

func isGUID(s string) bool { return guidPattern.MatchString(s) }

// check returns the mistakes in the configuration, always in the same order.
func (c *Config) check() []finding {
	k := &checker{Config: c}
	k.machine()
	k.identities()
	distinct(k, path("vaults"), c.Vaults, vaultHost)
	distinct(k, path("app_configurations"), c.AppConfigurations, configurationHost)
	distinct(k, path("workspaces"), c.Workspaces, strings.ToLower)
	for name, v := range sorted(c.Vaults) {
		k.vault(name, v)
	}
	for name, s := range sorted(c.AppConfigurations) {
		k.appConfiguration(name, s)
	}
	for id, w := range sorted(c.Workspaces) {
		k.workspace(id, w)
	}
	for endpoint, p := range sorted(c.Projects) {
		k.project(endpoint, p)
	}
	k.roles()
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
	switch {
	case c.Deployment != "" && c.platform() != "azureml":
		c.failf(path("deployment"), "only platform azureml has this")
	case c.Deployment != "" && !deploymentPattern.MatchString(c.Deployment):
		c.failf(path("deployment"), "write /subscriptions/…/workspaces/<workspace>/onlineEndpoints/<endpoint>/deployments/<deployment>")
	}
	c.names(path("attached"), c.Attached)
	if c.IdentityStartsAfter > 0 && !hasEndpoint(c.platform()) {
		c.failf(path("identity_starts_after"), "platform %s has no identity endpoint", c.platform())
	}
	if !slices.Contains(certificates, c.Certificate) {
		c.failf(path("certificate"), "%q is not one of %s", c.Certificate, strings.Join(certificates[1:], ", "))
	}
}

// distinct checks that no two names in a mapping stand for the same thing.
func distinct[V any](c *checker, at []string, named map[string]V, thing func(name string) string) {
	first := map[string]string{}
	for name := range sorted(named) {
		if other, taken := first[thing(name)]; taken {
			c.failf(under(at, name), "names the same as %s", other)
		}
		first[thing(name)] = name
	}
}

// names checks that the identities in a list are defined.
func (c *checker) names(at []string, names []string) {
	for _, name := range names {
		if _, ok := c.Identities[name]; !ok {
			c.failf(at, "no identity %q", name)
		}
	}
}
