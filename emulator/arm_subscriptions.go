package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// subscriptionVersions lists api-versions of subscriptions and tenants.
var subscriptionVersions = []string{"2016-06-01", "2019-06-01", "2019-11-01", "2020-01-01", "2021-01-01", "2022-12-01"}

// subscriptionWire is a subscription on the wire.
// https://learn.microsoft.com/rest/api/resources/subscriptions
type subscriptionWire struct {
	ID                  string            `json:"id"`
	AuthorizationSource string            `json:"authorizationSource"`
	ManagedByTenants    []string          `json:"managedByTenants"`
	SubscriptionID      string            `json:"subscriptionId"`
	TenantID            string            `json:"tenantId"`
	DisplayName         string            `json:"displayName"`
	State               string            `json:"state"`
	Policies            map[string]string `json:"subscriptionPolicies"`
}

func (m *resourceManager) subscription(id string) subscriptionWire {
	return subscriptionWire{
		ID: "/subscriptions/" + id, AuthorizationSource: "RoleBased", ManagedByTenants: []string{}, SubscriptionID: id,
		TenantID: m.issuer.tenant, DisplayName: "Emulated " + id, State: "Enabled",
		Policies: map[string]string{"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
	}
}

// subscriptions returns the IDs of all subscriptions that the configuration
// mentions.
func (m *resourceManager) subscriptions() []string {
	all := map[string]bool{}
	for id := range m.resources {
		all[strings.Split(id, "/")[2]] = true
	}
	for id := range m.rights.parents {
		all[id] = true
	}
	for _, id := range m.rights.subscriptions() {
		all[id] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// subscriptions returns the IDs of those in which somebody has a role.
func (a *authorization) subscriptions() []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var ids []string
	for _, r := range a.assignments {
		if below, ok := strings.CutPrefix(strings.ToLower(r.scope), "/subscriptions/"); ok {
			id, _, _ := strings.Cut(below, "/")
			ids = append(ids, id)
		}
	}
	return ids
}

// listSubscriptions returns the subscriptions in which the caller has a role. That
// a role for data does not count is unconfirmed.
func (m *resourceManager) listSubscriptions(r *armRequest) (any, *refusal) {
	var all []any
	for _, id := range m.subscriptions() {
		if m.rights.knows(r.caller.ObjectID, "/subscriptions/"+id) {
			all = append(all, m.subscription(id))
		}
	}
	return r.page(all)
}

func (m *resourceManager) getSubscription(r *armRequest) (any, *refusal) {
	id := strings.ToLower(r.name())
	switch {
	case !slices.Contains(m.subscriptions(), id):
		return nil, refuse(http.StatusNotFound, "SubscriptionNotFound", "The subscription '%s' could not be found.", r.name())
	case !m.rights.knows(r.caller.ObjectID, "/subscriptions/"+id):
		return nil, forbidden(r.caller, "Microsoft.Resources/subscriptions/read", "/subscriptions/"+id)
	}
	return m.subscription(id), nil
}

// knows reports whether the principal has a role for the scope, or for something
// above or below it.
func (a *authorization) knows(principal, scope string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.ContainsFunc(a.assignments, func(r roleAssignment) bool {
		acts := slices.ContainsFunc(r.role.permissions, func(p permission) bool { return len(p.Actions) > 0 })
		return acts && a.isOne(principal, r.principal) && (a.covers(r.scope, scope) || covers(scope, r.scope))
	})
}

// listTenants returns the only tenant.
// https://learn.microsoft.com/rest/api/resources/tenants/list
func (m *resourceManager) listTenants(r *armRequest) (any, *refusal) {
	return r.page([]any{map[string]any{
		"id": "/tenants/" + m.issuer.tenant, "tenantId": m.issuer.tenant, "tenantCategory": "Home", "countryCode": "US",
		"displayName": "Emulated", "defaultDomain": "emulated.example", "domains": []string{"emulated.example"}, "tenantType": "AAD",
	}})
}
