package emulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Project is a project of Microsoft Foundry. Its key in the map is its endpoint.
type Project struct {
	// Readers names the identities and groups with the role Foundry User. Nil means all.
	Readers []string `yaml:"readers"`
	// RolePropagatesAfter is as in Vault.
	RolePropagatesAfter int `yaml:"role_propagates_after"`
	// Private refuses every caller, because its network is not a private one.
	Private     bool                         `yaml:"private"`
	Connections map[string]ProjectConnection `yaml:"connections"`
}

// ProjectConnection is a connection of a project. Credentials holds the members of
// its AuthType. For CustomKeys these are the custom keys themselves. Body, if set,
// is the response to getConnectionWithCredentials, sent byte for byte.
type ProjectConnection struct {
	Type        string            `yaml:"type"`
	AuthType    string            `yaml:"auth_type"`
	Target      string            `yaml:"target"`
	Credentials map[string]string `yaml:"credentials"`
	Metadata    map[string]string `yaml:"metadata"`
	Body        string            `yaml:"body"`
}

// projectMembers lists the auth types and the members of their credentials.
// CustomKeys has any names.
var projectMembers = map[string][]string{
	"AAD": nil, "AgenticIdentityToken_Preview": nil, "ApiKey": {"key"}, "CustomKeys": nil, "None": nil, "SAS": {"SAS"},
}

// projectVersions lists the api-versions of projects: the stable one, and azd's.
var projectVersions = []string{"v1", "2025-11-15-preview"}

var projectPattern = regexp.MustCompile(`^https://([0-9a-z-]+\.services\.ai\.azure\.(?:com|us))/api/projects/([0-9a-zA-Z][0-9a-zA-Z_.-]*)$`)

// account is an account of Microsoft Foundry, which serves its projects.
type account struct {
	host     string
	issuer   *issuer
	projects map[string]*project // by lower-case name
}

type project struct {
	Project
	id     string
	rights *authorization
	role   *propagation
}

// addProjects serves the projects at the hosts of their accounts, and lets Resource
// Manager show both. The first project of an account is its default one, _project.
func (a *Azure) addProjects(rights *authorization, resources resources) {
	for endpoint, p := range sorted(a.config.Projects) {
		m := projectPattern.FindStringSubmatch(endpoint)
		host, name := m[1], m[2]
		served := &project{p, a.config.projectID(endpoint), rights, newPropagation(p.RolePropagatesAfter)}
		if a.stores[host] == nil {
			a.stores[host] = &account{host, a.issuer, map[string]*project{"_project": served}}
			resources.add(a.config.accountResource(host))
		}
		resources.add(a.config.projectResource(endpoint))
		a.stores[host].(*account).projects[strings.ToLower(name)] = served
	}
}

// projectID returns the ARM ID of the project with this endpoint.
func (c *Config) projectID(endpoint string) string {
	m := projectPattern.FindStringSubmatch(endpoint)
	account, _, _ := strings.Cut(m[1], ".")
	return c.resourceGroup() + "/providers/Microsoft.CognitiveServices/accounts/" + account + "/projects/" + m[2]
}

// isProjectHost reports whether a project of the configuration is at the host.
func (c *Config) isProjectHost(host string) bool {
	for endpoint := range c.Projects {
		if strings.HasPrefix(endpoint, "https://"+host+"/") {
			return true
		}
	}
	return false
}

// audience returns the audience of the account's tokens.
func (a *account) audience() string {
	_, domain, _ := strings.Cut(a.host, ".services.")
	return "https://" + domain
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, refused := a.get(r)
	switch {
	case refused == nil:
		writeJSON(w, http.StatusOK, answer)
	case refused.code == "": // of a token, in the older format of Azure AI services
		writeJSON(w, refused.status, struct {
			Status  int    `json:"statusCode"`
			Message string `json:"message"`
		}{refused.status, refused.message})
	default:
		w.Header().Set("X-Ms-Error-Code", refused.code)
		refused.write(w)
	}
}

// get implements
// POST /api/projects/PROJECT/connections/NAME/getConnectionWithCredentials. Neither
// the order of the checks nor most texts of refusals are confirmed.
func (a *account) get(r *http.Request) (any, *refusal) {
	caller, err := a.issuer.verify(bearer(r.Header.Get("Authorization")))
	if err != nil || caller.Audience != a.audience() {
		return nil, refuse(http.StatusUnauthorized, "", "Unauthorized. Access token is missing, invalid, audience is incorrect (%s), or have expired.", a.audience())
	}
	path := segments(r.URL)
	switch version := r.URL.Query().Get("api-version"); {
	case !slices.Contains(projectVersions, version):
		return nil, refuse(http.StatusBadRequest, "BadRequest", "API version not supported")
	case isConnectionList(r):
		return a.list(path[2], caller)
	case len(path) != 6 || path[0] != "api" || path[1] != "projects" || path[3] != "connections" || path[5] != "getConnectionWithCredentials":
		return nil, refuse(http.StatusNotFound, "NotFound", "The emulator has no such operation.")
	case r.Method != http.MethodPost:
		return nil, refuse(http.StatusMethodNotAllowed, "MethodNotAllowed", "The emulator only gets connections with their credentials.").with("Allow", http.MethodPost)
	case r.ContentLength != 0:
		return nil, refuse(http.StatusBadRequest, "BadRequest", "The operation has no body.")
	}
	p := a.projects[strings.ToLower(path[2])]
	if p == nil {
		return nil, refuse(http.StatusNotFound, "ResourceNotFound", "The project does not exist.")
	}
	if refused := p.authorize(caller, "POST /api/projects/{projectName}/connections/{connectionName}/getConnectionWithCredentials", "read", "listSecrets/action"); refused != nil {
		return nil, refused
	}
	c, ok := p.Connections[path[4]]
	if !ok {
		return nil, refuse(http.StatusNotFound, "UserError", "Connection %s can't be found in this workspace", path[4])
	}
	return c.resource(p.id, path[4]), nil
}

// authorize returns the refusal of a caller, which for a missing role has the
// status 401. An operation takes one or more data actions for connections.
func (p *project) authorize(caller claims, operation string, actions ...string) *refusal {
	if p.Private {
		return refuse(http.StatusForbidden, "AccessDenied", "Public access is disabled. Please configure private endpoint")
	}
	early := !p.role.arrived()
	for _, action := range actions {
		action = "Microsoft.CognitiveServices/accounts/AIServices/connections/" + action
		if early || !p.rights.allows(caller.ObjectID, action, true, p.id) {
			return refuse(http.StatusUnauthorized, "PermissionDenied", "The principal `%s` lacks the required data action `%s` to perform `%s` operation. For instructions on granting the necessary permissions, see https://aka.ms/FoundryPermissions.",
				caller.ObjectID, action, operation)
		}
	}
	return nil
}

// resource returns the body of the response.
func (c ProjectConnection) resource(project, name string) json.RawMessage {
	if c.Body != "" {
		return json.RawMessage(c.Body)
	}
	credentials := map[string]string{}
	maps.Copy(credentials, c.Credentials)
	credentials["type"] = c.AuthType
	return marshal(struct {
		Name        string            `json:"name"`
		ID          string            `json:"id"`
		Type        string            `json:"type"`
		Target      string            `json:"target"`
		IsDefault   bool              `json:"isDefault"`
		Credentials map[string]string `json:"credentials"`
		Metadata    map[string]string `json:"metadata"`
	}{name, project + "/connections/" + name, c.Type, c.Target, false, credentials, filled(c.Metadata)})
}

// project checks a project of the configuration.
func (c *checker) project(endpoint string, p Project) {
	at := path("projects", endpoint)
	if !projectPattern.MatchString(endpoint) {
		c.failf(at, "write https://<account>.services.ai.azure.com/api/projects/<project>, in lower case up to the project")
	}
	c.members(under(at, "readers"), p.Readers)
	for name, connection := range sorted(p.Connections) {
		c.credentials(under(at, "connections", name), connection.AuthType, connection.Body, connection.Credentials, projectMembers)
	}
}
