package emulator

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// accessPolicy is what a vault with access policies lets a principal do.
type accessPolicy struct {
	TenantID      string            `json:"tenantId"`
	ObjectID      string            `json:"objectId"`
	ApplicationID string            `json:"applicationId,omitempty"`
	Permissions   policyPermissions `json:"permissions"`
}

type policyPermissions struct {
	Keys         []string `json:"keys,omitempty"`
	Secrets      []string `json:"secrets,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
	Storage      []string `json:"storage,omitempty"`
}

// policies are a vault's access policies.
// https://learn.microsoft.com/azure/key-vault/general/assign-access-policy
type policies struct {
	mu   sync.RWMutex
	list []accessPolicy
}

// newPolicies gives the readers the permission to get and list secrets.
func newPolicies(c *Config, v Vault) *policies {
	p := &policies{list: []accessPolicy{}}
	if v.PermissionModel != "access_policy" {
		return p
	}
	readers := v.Readers
	if readers == nil {
		for name := range sorted(c.Identities) {
			readers = append(readers, name)
		}
	}
	for _, name := range readers {
		p.list = append(p.list, accessPolicy{TenantID: c.tenant(), ObjectID: c.principal(name), Permissions: policyPermissions{Secrets: []string{"Get", "List"}}})
	}
	return p
}

// permit reports whether a policy lets the principal, or a group that it is in,
// get secrets. A policy for an application too is for calls on a user's behalf.
func (p *policies) permit(rights *authorization, principal string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.ContainsFunc(p.list, func(a accessPolicy) bool {
		return a.ApplicationID == "" && rights.isOne(principal, a.ObjectID) &&
			slices.ContainsFunc(a.Permissions.Secrets, func(s string) bool { return strings.EqualFold(s, "get") || strings.EqualFold(s, "all") })
	})
}

func (p *policies) all() []accessPolicy {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Clone(p.list)
}

// vaultPolicies is the body of a request that changes the policies, and of its
// response.
type vaultPolicies struct {
	ID         string `json:"id,omitempty"`
	Type       string `json:"type,omitempty"`
	Properties struct {
		AccessPolicies []accessPolicy `json:"accessPolicies"`
	} `json:"properties"`
}

// change implements
// https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/update-access-policy.
// Permissions are merged by add, and taken away by remove. What replace does to
// policies of other principals is unconfirmed: here it drops them.
func (p *policies) change(kind string, body vaultPolicies) ([]accessPolicy, *refusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch kind {
	case "replace":
		p.list = body.Properties.AccessPolicies
	case "add":
		for _, a := range body.Properties.AccessPolicies {
			p.add(a)
		}
	case "remove":
		for _, a := range body.Properties.AccessPolicies {
			p.list = slices.DeleteFunc(p.list, a.same)
		}
	default:
		return nil, refuse(http.StatusBadRequest, "BadRequest", "The operation kind '%s' is not one of add, replace, remove.", kind)
	}
	return slices.Clone(p.list), nil
}

func (a accessPolicy) same(other accessPolicy) bool {
	return strings.EqualFold(a.ObjectID, other.ObjectID) && strings.EqualFold(a.ApplicationID, other.ApplicationID)
}

func (p *policies) add(a accessPolicy) {
	i := slices.IndexFunc(p.list, a.same)
	if i < 0 {
		p.list = append(p.list, a)
		return
	}
	merge := func(old, more []string) []string {
		for _, m := range more {
			if !slices.ContainsFunc(old, func(o string) bool { return strings.EqualFold(o, m) }) {
				old = append(old, m)
			}
		}
		return old
	}
	have := &p.list[i].Permissions
	have.Secrets, have.Keys = merge(have.Secrets, a.Permissions.Secrets), merge(have.Keys, a.Permissions.Keys)
	have.Certificates, have.Storage = merge(have.Certificates, a.Permissions.Certificates), merge(have.Storage, a.Permissions.Storage)
}
