package emulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// resource is something that Resource Manager returns.
type resource struct {
	id, name, kind string // kind as in Microsoft.KeyVault/vaults
	// body returns the members besides id, name and type.
	body   func() map[string]any
	vault  *vault // if it is one
	listed bool   // among a subscription's resources
}

// wire returns the resource as Resource Manager sends it.
func (r *resource) wire() map[string]any {
	all := map[string]any{"id": r.id, "name": r.name, "type": r.kind}
	maps.Copy(all, r.body())
	return all
}

// last returns the last segment of an ID.
func last(id string) string { return id[strings.LastIndex(id, "/")+1:] }

// resources holds all resources by their lower-case IDs.
type resources map[string]*resource

func (r resources) add(one *resource) { r[strings.ToLower(one.id)] = one }

// below returns the resources under the ID, in the order of their IDs.
func (r resources) below(id string) []*resource {
	var found []*resource
	for _, key := range slices.Sorted(maps.Keys(r)) {
		if covers(id, key) {
			found = append(found, r[key])
		}
	}
	return found
}

// newResources returns identities, workspaces and what is in these.
func newResources(c *Config) resources {
	all := resources{}
	for name, id := range sorted(c.Identities) {
		if full := c.identity(name); full.assigned {
			all.add(&resource{id.ResourceID, last(id.ResourceID), "Microsoft.ManagedIdentity/userAssignedIdentities", fixed(map[string]any{
				"location": location, "properties": map[string]any{"tenantId": c.tenant(), "clientId": full.clientID, "principalId": full.objectID},
			}), nil, true})
		}
	}
	for id, w := range sorted(c.Workspaces) {
		id = canonicalWorkspace(id)
		const kind = "Microsoft.MachineLearningServices/workspaces"
		all.add(&resource{id, last(id), kind, fixed(map[string]any{"location": location, "kind": "Default", "properties": map[string]any{}}), nil, true})
		for name, e := range sorted(w.OnlineEndpoints) {
			all.add(&resource{id + "/onlineEndpoints/" + name, name, kind + "/onlineEndpoints", fixed(c.onlineEndpoint(e)), nil, true})
		}
		for name, compute := range sorted(w.Computes) {
			all.add(&resource{id + "/computes/" + name, name, kind + "/computes", fixed(c.compute(compute)), nil, false})
		}
	}
	return all
}

func fixed(body map[string]any) func() map[string]any { return func() map[string]any { return body } }

func (c *Config) onlineEndpoint(e OnlineEndpoint) map[string]any {
	return map[string]any{
		"location": location, "kind": "Managed", "identity": cmp.Or(c.identityBlock(e.Identities), &identityBlock{Type: "None"}),
		"properties": map[string]any{
			"authMode": wireAuthMode[e.AuthMode], "compute": nil, "publicNetworkAccess": "Enabled", "provisioningState": "Succeeded", "properties": filled(e.Properties),
		},
	}
}

func (c *Config) compute(compute Compute) map[string]any {
	body := map[string]any{"location": location, "properties": map[string]any{"computeType": cmp.Or(compute.Type, "AmlCompute"), "provisioningState": "Succeeded"}}
	if block := c.identityBlock(compute.Identities); block != nil {
		body["identity"] = block
	}
	return body
}

// identityBlock says which managed identities a resource has.
type identityBlock struct {
	Type         string                      `json:"type"`
	PrincipalID  string                      `json:"principalId,omitempty"`
	TenantID     string                      `json:"tenantId,omitempty"`
	UserAssigned map[string]assignedIdentity `json:"userAssignedIdentities,omitempty"`
}

type assignedIdentity struct {
	ClientID    string `json:"clientId"`
	PrincipalID string `json:"principalId"`
}

// identityBlock returns nil if there is no identity.
func (c *Config) identityBlock(names []string) *identityBlock {
	var b identityBlock
	for _, name := range names {
		id := c.identity(name)
		if !id.assigned {
			b.Type, b.PrincipalID, b.TenantID = "SystemAssigned", id.objectID, c.tenant()
			continue
		}
		if b.UserAssigned == nil {
			b.UserAssigned = map[string]assignedIdentity{}
		}
		b.UserAssigned[id.resourceID] = assignedIdentity{id.clientID, id.objectID}
	}
	switch {
	case len(names) == 0:
		return nil
	case b.Type != "" && b.UserAssigned != nil:
		b.Type = "SystemAssigned,UserAssigned"
	case b.UserAssigned != nil:
		b.Type = "UserAssigned"
	}
	return &b
}

// resource returns the vault as Resource Manager shows it.
func (v *vault) resource(tenant string) *resource {
	return &resource{v.id, v.name, "Microsoft.KeyVault/vaults", func() map[string]any {
		properties := map[string]any{
			"tenantId": tenant, "vaultUri": "https://" + v.host + "/", "sku": map[string]any{"family": "A", "name": "standard"},
			"enableRbacAuthorization": v.PermissionModel != "access_policy", "accessPolicies": v.policies.all(),
			"publicNetworkAccess": "Enabled", "enableSoftDelete": true, "provisioningState": "Succeeded",
		}
		if v.Firewall {
			properties["networkAcls"] = map[string]any{
				"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": []any{map[string]any{"value": "203.0.113.0/24"}}, "virtualNetworkRules": []any{},
			}
		}
		if v.Private {
			properties["publicNetworkAccess"] = "Disabled"
		}
		return map[string]any{"location": location, "tags": map[string]any{}, "properties": properties}
	}, v, true}
}
