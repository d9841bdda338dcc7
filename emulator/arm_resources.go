package emulator

import (
	"net/http"
	"regexp"
	"strings"
)

// getResource returns a resource to a caller that may read it. Others are
// forbidden, whether it exists or not.
func (m *resourceManager) getResource(r *armRequest) (any, *refusal) {
	found := m.resources[strings.ToLower(r.id())]
	kind := typeOf(r.path)
	if found != nil {
		kind = found.kind
	}
	if refused := m.authorize(r.caller, kind+"/read", r.id()); refused != nil {
		return nil, refused
	}
	if found == nil {
		words := strings.Split(kind, "/")
		name := words[0] + "/" + words[1] + "/" + r.path[7]
		for i, word := range words[2:] {
			name += "/" + word + "/" + r.path[9+2*i]
		}
		return nil, notFound(name, r.path[3])
	}
	return found.wire(), nil
}

// typeOf returns the type of a resource in a group.
func typeOf(path []string) string {
	kind := path[5]
	for i := 6; i < len(path); i += 2 {
		kind += "/" + path[i]
	}
	return kind
}

// readable returns the resources below the ID that the caller may read.
func (m *resourceManager) readable(caller claims, id string) []*resource {
	var all []*resource
	for _, r := range m.resources.below(id) {
		if r.listed && m.rights.allows(caller.ObjectID, r.kind+"/read", false, r.id) {
			all = append(all, r)
		}
	}
	return all
}

// listOf returns the operation that lists a subscription's resources of a type.
func listOf(kind string) func(*resourceManager, *armRequest) (any, *refusal) {
	return func(m *resourceManager, r *armRequest) (any, *refusal) {
		var all []any
		for _, one := range m.readable(r.caller, "/subscriptions/"+r.path[1]) {
			if one.kind == kind {
				all = append(all, one.wire())
			}
		}
		return r.page(all)
	}
}

var (
	resourceFilter = regexp.MustCompile(`^(?:name eq '([^']+)' and )?resourceType eq '([^']+)'(?: and name eq '([^']+)')?$`)
	// graphQuery matches the queries that the emulator understands.
	graphQuery = regexp.MustCompile(`^(?i:resources)\s*\|\s*where\s+(.*)$`)
	graphTerm  = regexp.MustCompile(`^(type|name|id|properties\.\w+)\s*=~\s*'([^']*)'$`)
)

// listResources returns IDs, without properties.
// https://learn.microsoft.com/rest/api/resources/resources/list
func (m *resourceManager) listResources(r *armRequest) (any, *refusal) {
	text := r.URL.Query().Get("$filter")
	f := resourceFilter.FindStringSubmatch(text)
	if f == nil && text != "" {
		return nil, refuse(http.StatusBadRequest, "InvalidFilterInQueryString", "Invalid $filter '%s' specified in the query string.", text)
	}
	var all []any
	for _, one := range m.readable(r.caller, "/subscriptions/"+r.path[1]) {
		if f == nil || strings.EqualFold(f[2], one.kind) && (f[1]+f[3] == "" || strings.EqualFold(f[1]+f[3], one.name)) {
			all = append(all, map[string]any{"id": one.id, "name": one.name, "type": one.kind, "location": location})
		}
	}
	return r.page(all)
}

// graphBody is a query of Resource Graph.
type graphBody struct {
	Subscriptions []string
	Query         string
	Options       struct{ ResultFormat string }
}

// graph implements
// https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources.
// It finds what the caller may read, and never refuses for lack of a role.
func (m *resourceManager) graph(r *armRequest) (any, *refusal) {
	var body graphBody
	if refused := r.decode(&body); refused != nil {
		return nil, refused
	}
	matches, ok := graphTerms(body.Query)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "Please provide below info when asking for support: the emulator only knows queries of the form: resources | where FIELD =~ 'VALUE' and ...")
	}
	if format := body.Options.ResultFormat; format != "" && format != "objectArray" {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "The emulator has no result format '%s'.", format)
	}
	data := []any{}
	for _, one := range m.readable(r.caller, "") {
		if inSubscriptions(one.id, body.Subscriptions) && matches(one) {
			wire := one.wire()
			wire["type"] = strings.ToLower(one.kind)
			data = append(data, wire)
		}
	}
	return map[string]any{"totalRecords": len(data), "count": len(data), "data": data, "facets": []any{}, "resultTruncated": "false"}, nil
}

func inSubscriptions(id string, subscriptions []string) bool {
	for _, s := range subscriptions {
		if covers("/subscriptions/"+s, id) {
			return true
		}
	}
	return subscriptions == nil
}

// graphTerms returns what finds the resources that a query looks for. All of its
// terms must be true. ok is false for any other query.
func graphTerms(query string) (matches func(*resource) bool, ok bool) {
	q := graphQuery.FindStringSubmatch(strings.TrimSpace(query))
	if q == nil {
		return nil, false
	}
	var terms [][2]string
	for text := range strings.SplitSeq(q[1], " and ") {
		t := graphTerm.FindStringSubmatch(strings.TrimSpace(text))
		if t == nil {
			return nil, false
		}
		terms = append(terms, [2]string{t[1], t[2]})
	}
	return func(r *resource) bool {
		for _, t := range terms {
			if !strings.EqualFold(r.field(t[0]), t[1]) {
				return false
			}
		}
		return true
	}, true
}

// field returns a member of the resource, or of its properties, as text.
func (r *resource) field(name string) string {
	wire := r.wire()
	if inner, ok := strings.CutPrefix(name, "properties."); ok {
		wire, _ = wire["properties"].(map[string]any)
		name = inner
	}
	text, _ := wire[name].(string)
	return text
}

// checkPolicies refuses policies for what is not in the tenant. The wording is
// unconfirmed.
func (m *resourceManager) checkPolicies(body vaultPolicies) *refusal {
	for _, a := range body.Properties.AccessPolicies {
		if !strings.EqualFold(a.TenantID, m.issuer.tenant) || !isGUID(a.ObjectID) {
			return refuse(http.StatusBadRequest, "BadRequest", "An invalid value was provided for 'accessPolicies'.")
		}
	}
	return nil
}

// putPolicies changes a vault's access policies.
func (m *resourceManager) putPolicies(r *armRequest) (any, *refusal) {
	id := "/" + strings.Join(r.path[:8], "/")
	if refused := m.authorize(r.caller, "Microsoft.KeyVault/vaults/accessPolicies/write", id); refused != nil {
		return nil, refused
	}
	found := m.resources[strings.ToLower(id)]
	if found == nil {
		return nil, notFound("Microsoft.KeyVault/vaults/"+r.path[7], r.path[3])
	}
	var body vaultPolicies
	if refused := r.decode(&body); refused != nil {
		return nil, refused
	}
	if refused := m.checkPolicies(body); refused != nil {
		return nil, refused
	}
	kind := strings.ToLower(r.name())
	list, refused := found.vault.policies.change(kind, body)
	if refused != nil {
		return nil, refused
	}
	answer := vaultPolicies{ID: found.id + "/accessPolicies/", Type: "Microsoft.KeyVault/vaults/accessPolicies"}
	answer.Properties.AccessPolicies = list
	return created{answer}, nil
}
