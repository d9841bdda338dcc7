package emulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// graph is the part of Microsoft Graph in which az finds principals, in one cloud,
// https://learn.microsoft.com/graph/api/overview. It has the one tenant.
type graph struct {
	cloud     cloud
	issuer    *issuer
	directory *directory
}

// Permissions of applications in Microsoft Graph,
// https://learn.microsoft.com/graph/permissions-reference.
const (
	graphRead  = "Application.Read.All"
	graphWrite = "Application.ReadWrite.All"
)

// graphRequest is a request after its checks.
type graphRequest struct {
	*http.Request
	caller claims
	who    *identity // the caller
	path   []string  // segments behind the version
}

// graphOperation is what Graph does for requests of a form.
type graphOperation struct {
	method string
	path   []string // in lower case, and * for a name
	needs  string   // a permission, "" for none
	serve  func(*graph, *graphRequest) (any, *refusal)
}

var graphOperations = []graphOperation{
	{"GET", []string{"me"}, "", (*graph).me},
	{"GET", []string{"serviceprincipals"}, graphRead, (*graph).listPrincipals},
	{"GET", []string{"serviceprincipals", "*"}, graphRead, (*graph).getPrincipal},
	{"GET", []string{"applications"}, graphRead, (*graph).listApplications},
	{"GET", []string{"applications", "*"}, graphRead, (*graph).getApplication},
	{"POST", []string{"applications", "*", "addpassword"}, graphWrite, (*graph).addPassword},
	{"POST", []string{"directoryobjects", "getbyids"}, graphRead, (*graph).getByIDs},
}

func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, refused := g.act(r)
	w.Header().Set("Request-Id", traceID(r))
	if refused != nil {
		refused.writeGraph(w, r, g.issuer.now())
		return
	}
	reply(w, answer, nil)
}

// act serves a request. The order of the checks is not documented.
func (g *graph) act(r *http.Request) (any, *refusal) {
	caller, refused := g.authenticate(r.Header.Get("Authorization"))
	if refused != nil {
		return nil, refused
	}
	path := segments(r.URL)
	if path[0] != "v1.0" && path[0] != "beta" {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "Invalid version: %s", path[0]) // wording unconfirmed
	}
	request := &graphRequest{r, caller, g.directory.member(caller.ObjectID), path[1:]}
	known := false
	for _, o := range graphOperations {
		if !o.matches(request.path) {
			continue
		}
		if known = true; o.method != r.Method {
			continue
		}
		if !request.may(o.needs) {
			return nil, refuse(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
		}
		return o.serve(g, request)
	}
	if known {
		return nil, refuse(http.StatusMethodNotAllowed, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
	}
	return nil, refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment '%s'.", strings.Join(request.path, "/"))
}

func (o *graphOperation) matches(path []string) bool {
	return slices.EqualFunc(o.path, path, func(word, segment string) bool { return word == "*" || strings.EqualFold(word, segment) })
}

// may reports whether the caller has the permission. People read, as members of a
// tenant do if it has not forbidden it.
func (r *graphRequest) may(do string) bool {
	return do == "" || r.who != nil && (do == graphRead && r.who.user || slices.Contains(r.who.graph, do) || slices.Contains(r.who.graph, graphWrite))
}

func (g *graph) authenticate(authorization string) (claims, *refusal) {
	deny := func(message string) *refusal {
		return refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "%s", message)
	}
	token := bearer(authorization)
	if token == "" {
		return claims{}, deny("Access token is empty.")
	}
	c, err := g.issuer.verify(token)
	switch {
	case err == errTokenExpired:
		return c, deny("Lifetime validation failed, the token is expired.")
	case err != nil:
		return c, deny("CompactToken parsing failed with error code: 80049217")
	case !slices.Contains(g.cloud.graphAudiences(), c.Audience):
		return c, deny("Access token validation failure. Invalid audience.")
	}
	return c, nil
}

// me is refused to applications, which are nobody.
func (g *graph) me(r *graphRequest) (any, *refusal) {
	if r.who == nil || !r.who.user {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "/me request is only valid with delegated authentication flow.")
	}
	return g.entity(r, "users", g.user(r.who)), nil
}

// Filters that are understood.
var (
	principalFilter   = regexp.MustCompile(`^(?:servicePrincipalNames/any\((\w+):(\w+) eq '([^']*)'\)|appId eq '([^']*)')$`)
	applicationFilter = regexp.MustCompile(`^appId eq '([^']*)'$`)
)

func unknownFilter(text string) *refusal {
	return refuse(http.StatusBadRequest, "Request_UnsupportedQuery", "The emulator does not know the filter '%s'.", text)
}

func (g *graph) listPrincipals(r *graphRequest) (any, *refusal) {
	text := r.URL.Query().Get("$filter")
	f := principalFilter.FindStringSubmatch(text)
	if text != "" && (f == nil || f[1] != f[2]) {
		return nil, unknownFilter(text)
	}
	return g.list(r, "servicePrincipals", g.principal, func(id *identity) bool {
		return !id.user && (text == "" || strings.EqualFold(id.clientID, f[3]+f[4]))
	})
}

func (g *graph) listApplications(r *graphRequest) (any, *refusal) {
	text := r.URL.Query().Get("$filter")
	f := applicationFilter.FindStringSubmatch(text)
	if text != "" && f == nil {
		return nil, unknownFilter(text)
	}
	return g.list(r, "applications", g.application, func(id *identity) bool {
		return id.application && (text == "" || strings.EqualFold(id.clientID, f[1]))
	})
}

// list returns those that are wanted, all on one page.
func (g *graph) list(r *graphRequest, what string, show func(*identity) map[string]any, wanted func(*identity) bool) (any, *refusal) {
	value := []any{}
	for _, id := range g.directory.members {
		if wanted(id) {
			value = append(value, show(id))
		}
	}
	return map[string]any{"@odata.context": "https://" + r.Host + "/v1.0/$metadata#" + what, "value": value}, nil
}

// entity returns one object as Graph sends it.
func (g *graph) entity(r *graphRequest, what string, object map[string]any) map[string]any {
	object["@odata.context"] = "https://" + r.Host + "/v1.0/$metadata#" + what + "/$entity"
	return object
}

func (g *graph) getPrincipal(r *graphRequest) (any, *refusal) {
	if id := g.directory.member(r.path[1]); id != nil && !id.user {
		return g.entity(r, "servicePrincipals", g.principal(id)), nil
	}
	return nil, unknownObject(r.path[1])
}

func (g *graph) getApplication(r *graphRequest) (any, *refusal) {
	id := g.applicationOf(r.path[1])
	if id == nil {
		return nil, unknownObject(r.path[1])
	}
	return g.entity(r, "applications", g.application(id)), nil
}

func unknownObject(id string) *refusal {
	return refuse(http.StatusNotFound, "Request_ResourceNotFound", "Resource '%s' does not exist or one of its queried reference-property objects are not present.", id)
}

// getByIDs finds principals of any type.
// https://learn.microsoft.com/graph/api/directoryobject-getbyids
func (g *graph) getByIDs(r *graphRequest) (any, *refusal) {
	var body struct{ IDs, Types []string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body.IDs) == 0 {
		return nil, refuse(http.StatusBadRequest, "Request_BadRequest", "The emulator needs a JSON object with ids.")
	}
	wanted := func(kind string) bool {
		return body.Types == nil || slices.ContainsFunc(body.Types, func(t string) bool { return strings.EqualFold(t, kind) || strings.EqualFold(t, "directoryObject") })
	}
	value := []any{}
	for _, id := range body.IDs {
		if object, kind := g.object(id); object != nil && wanted(kind) {
			object["@odata.type"] = "#microsoft.graph." + kind
			value = append(value, object)
		}
	}
	return map[string]any{"@odata.context": "https://" + r.Host + "/v1.0/$metadata#directoryObjects", "value": value}, nil
}
