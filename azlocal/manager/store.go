package manager

import (
	"context"
	"fmt"
	"strings"

	"azinject/transport"
)

// Find returns the ID of the resource with this type and name: of those in the
// subscription, if one is named, or else of all that the principal may read. It is
// "" if there is none.
func (c *Client) Find(ctx context.Context, subscription, kind, name string) (id string, err error) {
	what := fmt.Sprintf("the resource ID of %q", name)
	if subscription != "" {
		all, err := list[graphResource](ctx, c, what, "/subscriptions/"+subscription+"/resources", resourcesVersion, "resourceType eq '"+kind+"'")
		if err != nil && !IsForbidden(err) && !IsNotFound(err) {
			return "", err
		}
		if id := only(all, kind, name); id != "" {
			return id, nil
		}
	}
	all, err := c.query(ctx, what, fmt.Sprintf("resources | where type =~ '%s' and name =~ '%s'", kind, name))
	return only(all, kind, name), err
}

// Exists returns nil if the workspace or project with this ID exists.
func (c *Client) Exists(ctx context.Context, what, id string) error {
	version := workspaceVersion
	if strings.Contains(strings.ToLower(id), "/microsoft.cognitiveservices/") {
		version = projectVersion
	}
	return c.get(ctx, what, id, version, &struct{}{})
}

// only returns the ID of the first resource that is the one which was asked for.
func only(all []graphResource, kind, name string) string {
	for _, r := range all {
		if strings.HasSuffix(strings.ToLower(r.ID), strings.ToLower("/providers/"+kind+"/"+name)) && isPlain(r.ID) {
			return r.ID
		}
	}
	return ""
}

// Vault is a key vault.
type Vault struct {
	Tenant string
	// ByPolicy reports that access policies count, and roles do not.
	ByPolicy bool
	Policies []Policy
	Network  []string // what its network rules say, in words
}

// Policy is an access policy.
type Policy struct {
	ObjectID string
	// Compound reports that it is for an application on behalf of somebody.
	Compound bool
	Get      bool     // of secrets
	Secrets  []string // all permissions for secrets
}

// vaultWire is a vault.
// https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/get
type vaultWire struct {
	Properties struct {
		TenantID                string
		VaultURI                string
		EnableRbacAuthorization *bool
		AccessPolicies          []struct {
			ObjectID, ApplicationID string
			Permissions             struct{ Secrets []string }
		}
		NetworkACLs *struct {
			DefaultAction       string
			IPRules             []struct{ Value string }
			VirtualNetworkRules []struct{ ID string }
		}
		PublicNetworkAccess        string
		PrivateEndpointConnections []any
	}
}

// Vault reads a vault, which must have the host.
func (c *Client) Vault(ctx context.Context, id, host string) (*Vault, error) {
	var wire vaultWire
	what := fmt.Sprintf("key vault %q", id[strings.LastIndex(id, "/")+1:])
	if err := c.get(ctx, what, id, vaultVersion, &wire); err != nil {
		return nil, err
	}
	p := wire.Properties
	if !strings.EqualFold(strings.TrimSuffix(p.VaultURI, "/"), "https://"+host) || !isGUID(p.TenantID) {
		return nil, &Error{What: what, Err: errUnexpected}
	}
	v := &Vault{Tenant: p.TenantID, ByPolicy: p.EnableRbacAuthorization == nil || !*p.EnableRbacAuthorization, Network: wire.network()}
	for _, one := range p.AccessPolicies {
		policy := Policy{ObjectID: transport.OneLine(one.ObjectID), Compound: one.ApplicationID != ""}
		for _, permission := range one.Permissions.Secrets {
			policy.Get = policy.Get || strings.EqualFold(permission, "get") || strings.EqualFold(permission, "all")
			if isPlain("/" + permission) {
				policy.Secrets = append(policy.Secrets, strings.ToLower(permission))
			}
		}
		v.Policies = append(v.Policies, policy)
	}
	return v, nil
}

// network says which rules of the vault's network a caller has to pass.
func (w *vaultWire) network() (rules []string) {
	p := w.Properties
	if strings.EqualFold(p.PublicNetworkAccess, "Disabled") {
		return []string{fmt.Sprintf("public network access is disabled: only private endpoints lead there, of which it has %d", len(p.PrivateEndpointConnections))}
	}
	if p.NetworkACLs == nil || !strings.EqualFold(p.NetworkACLs.DefaultAction, "Deny") {
		return nil
	}
	var allowed []string
	for _, rule := range p.NetworkACLs.IPRules {
		allowed = append(allowed, transport.OneLine(rule.Value))
	}
	for _, rule := range p.NetworkACLs.VirtualNetworkRules {
		allowed = append(allowed, transport.OneLine(rule.ID))
	}
	if allowed == nil {
		return []string{"the firewall lets in private endpoints only"}
	}
	return []string{"the firewall lets in " + strings.Join(allowed, ", ") + " and private endpoints"}
}
