package emulator

import (
	"maps"
	"slices"
	"strings"
	"time"
)

func (c *checker) vault(name string, v Vault) {
	at := path("vaults", name)
	if strings.Contains(name, ".") && !hostPattern.MatchString(name) {
		c.failf(at, "not a host name")
	}
	if !strings.Contains(name, ".") && (!vaultNamePattern.MatchString(name) || strings.Contains(name, "--")) {
		c.failf(at, "a vault's name has 3 to 24 letters, digits and single hyphens and begins with a letter")
	}
	switch v.PermissionModel {
	case "", "rbac", "access_policy":
	default:
		c.failf(under(at, "permission_model"), "%q is neither rbac nor access_policy", v.PermissionModel)
	}
	if v.Firewall && v.Private {
		c.failf(at, "set firewall or private, not both")
	}
	if t := v.Throttle; t != nil && (t.Requests < 1 || t.Per <= 0 || t.RetryAfter < 0) {
		c.failf(under(at, "throttle"), "needs requests and per, both positive")
	}
	c.names(under(at, "readers"), v.Readers)
	c.propagation(at, v.RolePropagatesAfter)
	for name, s := range sorted(v.Secrets) {
		c.secret(under(at, "secrets", name), name, s)
	}
	c.distinct(under(at, "secrets"), slices.Sorted(maps.Keys(v.Secrets)))
}

func (c *checker) propagation(at []string, uses int) {
	if uses < 0 {
		c.failf(under(at, "role_propagates_after"), "must not be negative")
	}
}

func (c *checker) secret(at []string, name string, s Secret) {
	if !secretNamePattern.MatchString(name) {
		c.failf(at, "a secret's name has 1 to 127 letters, digits and hyphens")
	}
	if len(s.Versions) == 0 {
		c.failf(at, "needs a value, or a list of versions")
	}
	seen := map[string]bool{}
	for _, v := range s.Versions {
		id := strings.ToLower(v.Version)
		switch {
		case id == "":
		case !versionPattern.MatchString(id):
			c.failf(at, "version %q: letters and digits only", v.Version)
		case seen[id]:
			c.failf(at, "version %q is there twice", v.Version)
		}
		seen[id] = true
	}
}

func (c *checker) workspace(id string, w Workspace) {
	at := path("workspaces", id)
	if !workspacePattern.MatchString(id) {
		c.failf(at, "want /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.MachineLearningServices/workspaces/<name>")
	}
	c.names(under(at, "connection_readers"), w.ConnectionReaders)
	c.names(under(at, "endpoint_key_readers"), w.EndpointKeyReaders)
	c.propagation(at, w.RolePropagatesAfter)
	for name, connection := range sorted(w.Connections) {
		c.connection(under(at, "connections", name), connection)
	}
	c.distinct(under(at, "connections"), slices.Sorted(maps.Keys(w.Connections)))
	for name, endpoint := range sorted(w.OnlineEndpoints) {
		c.endpoint(under(at, "online_endpoints", name), endpoint)
	}
	c.distinct(under(at, "online_endpoints"), slices.Sorted(maps.Keys(w.OnlineEndpoints)))
}

func (c *checker) connection(at []string, connection Connection) {
	if connection.Body != "" {
		return // whatever it is, it is sent
	}
	members, known := credentialMembers[connection.AuthType]
	if !known {
		c.failf(under(at, "auth_type"), "%q is not one of %s", connection.AuthType, strings.Join(slices.Sorted(maps.Keys(credentialMembers)), ", "))
		return
	}
	if connection.Expires != "" {
		if _, err := time.Parse(time.RFC3339, connection.Expires); err != nil {
			c.failf(under(at, "expires"), "want a time such as 2030-01-01T00:00:00Z")
		}
	}
	if connection.AuthType == "CustomKeys" {
		return // any names
	}
	for name := range sorted(connection.Credentials) {
		if !slices.Contains(members, name) {
			c.failf(under(at, "credentials", name), "%s has %s", connection.AuthType, listed(members))
		}
	}
}

func listed(members []string) string {
	if len(members) == 0 {
		return "no credentials"
	}
	return "only " + strings.Join(members, ", ")
}

func (c *checker) endpoint(at []string, e OnlineEndpoint) {
	switch e.AuthMode {
	case "key":
		if e.PrimaryKey == "" {
			c.failf(at, "auth_mode key needs primary_key")
		}
	case "aml_token":
		if e.AccessToken == "" {
			c.failf(at, "auth_mode aml_token needs access_token")
		}
	case "aad_token":
	default:
		c.failf(under(at, "auth_mode"), "%q is not one of key, aml_token, aad_token", e.AuthMode)
	}
}
