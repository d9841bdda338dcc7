package emulator

import (
	"maps"
	"slices"
	"strings"
)

func (c *checker) vault(name string, v Vault) {
	at := path("vaults", name)
	if !hostPattern.MatchString(vaultHost(name)) {
		c.failf(at, "write a vault's name, such as mykeyvault, or its host, such as mykeyvault.vault.azure.cn")
	}
	switch v.PermissionModel {
	case "", "rbac", "access_policy":
	default:
		c.failf(under(at, "permission_model"), "%q is not one of rbac, access_policy", v.PermissionModel)
	}
	c.throttle(under(at, "throttle"), v.Throttle)
	c.members(under(at, "readers"), v.Readers)
	distinct(c, under(at, "secrets"), v.Secrets, strings.ToLower)
	for name, s := range sorted(v.Secrets) {
		c.secret(under(at, "secrets", name), name, s)
	}
}

func (c *checker) throttle(at []string, t *Throttle) {
	if t != nil && (t.Requests < 1 || t.Per <= 0) {
		c.failf(at, "needs requests and per, both positive")
	}
}

func (c *checker) secret(at []string, name string, s Secret) {
	if !secretNamePattern.MatchString(name) {
		c.failf(at, "a secret's name consists of 1 to 127 letters, digits and hyphens")
	}
	if len(s.Versions) == 0 {
		c.failf(at, "needs a value, or a list of versions")
	}
}

func (c *checker) appConfiguration(name string, s AppConfiguration) {
	at := path("app_configurations", name)
	if _, authority := configurationAudiences(configurationHost(name)); authority == "" || !hostPattern.MatchString(configurationHost(name)) {
		c.failf(at, "write a store's name, such as myconfig, or its host, such as myconfig.azconfig.azure.cn")
	}
	c.throttle(under(at, "throttle"), s.Throttle)
	c.members(under(at, "readers"), s.Readers)
	for key, all := range sorted(s.Keys) {
		if key == "" || key == "." || key == ".." || strings.Contains(key, "%") {
			c.failf(under(at, "keys", key), "a key is not empty, not a dot or two, and has no percent sign")
		}
		labels := map[string]bool{}
		for _, k := range all {
			if labels[k.Label] {
				c.failf(under(at, "keys", key), "has the label %q twice", k.Label)
			}
			labels[k.Label] = true
		}
	}
}

func (c *checker) workspace(id string, w Workspace) {
	at := path("workspaces", id)
	if !workspacePattern.MatchString(id) {
		c.failf(at, "write /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.MachineLearningServices/workspaces/<name>, with a GUID as the id")
	}
	c.members(under(at, "connection_readers"), w.ConnectionReaders)
	c.members(under(at, "endpoint_key_readers"), w.EndpointKeyReaders)
	for name, compute := range sorted(w.Computes) {
		c.names(under(at, "computes", name, "identities"), compute.Identities)
	}
	distinct(c, under(at, "connections"), w.Connections, strings.ToLower)
	for name, connection := range sorted(w.Connections) {
		c.credentials(under(at, "connections", name), connection.AuthType, connection.Body, connection.Credentials, credentialMembers)
	}
	for name, endpoint := range sorted(w.OnlineEndpoints) {
		c.endpoint(under(at, "online_endpoints", name), endpoint)
	}
}

// credentials checks a connection's credentials, whose auth type has these members.
func (c *checker) credentials(at []string, authType, body string, credentials map[string]string, types map[string][]string) {
	if body != "" {
		return // sent as it is, whatever the auth type
	}
	members, known := types[authType]
	if !known {
		c.failf(under(at, "auth_type"), "%q is not one of %s", authType, strings.Join(slices.Sorted(maps.Keys(types)), ", "))
		return
	}
	if authType == "CustomKeys" {
		return // their names are free
	}
	for name := range sorted(credentials) {
		if !slices.Contains(members, name) {
			c.failf(under(at, "credentials", name), "%s has %s", authType, listed(members))
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
	c.names(under(at, "identities"), e.Identities)
	switch {
	case wireAuthMode[e.AuthMode] == "":
		c.failf(under(at, "auth_mode"), "%q is not one of key, aml_token, aad_token", e.AuthMode)
	case e.AuthMode == "key" && e.PrimaryKey == "":
		c.failf(at, "auth_mode key needs primary_key")
	case e.AuthMode == "aml_token" && e.AccessToken == "":
		c.failf(at, "auth_mode aml_token needs access_token")
	}
}
