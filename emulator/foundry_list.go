package emulator

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// accountResource returns an account as Resource Manager shows it.
func (c *Config) accountResource(host string) *resource {
	name, _, _ := strings.Cut(host, ".")
	return foundryResource(c.resourceGroup()+"/providers/Microsoft.CognitiveServices/accounts/"+name, name, "Microsoft.CognitiveServices/accounts", "https://"+host+"/")
}

// projectResource returns a project as Resource Manager shows it.
func (c *Config) projectResource(endpoint string) *resource {
	id := c.projectID(endpoint)
	return foundryResource(id, last(id), "Microsoft.CognitiveServices/accounts/projects", endpoint)
}

func foundryResource(id, name, kind, endpoint string) *resource {
	return &resource{id, name, kind, fixed(map[string]any{
		"location": location, "kind": "AIServices", "properties": map[string]any{"provisioningState": "Succeeded", "endpoint": endpoint},
	}), nil, true}
}

func isConnectionList(r *http.Request) bool {
	path := segments(r.URL)
	return r.Method == http.MethodGet && len(path) == 4 && path[0] == "api" && path[1] == "projects" && path[3] == "connections"
}

// list implements GET /api/projects/PROJECT/connections, which has no credentials.
func (a *account) list(name string, caller claims) (any, *refusal) {
	p := a.projects[strings.ToLower(name)]
	if p == nil {
		return nil, refuse(http.StatusNotFound, "ResourceNotFound", "The project does not exist.")
	}
	if refused := p.authorize(caller, "GET /api/projects/{projectName}/connections", "read"); refused != nil {
		return nil, refused
	}
	value := []any{}
	for _, name := range slices.Sorted(maps.Keys(p.Connections)) {
		c := p.Connections[name]
		value = append(value, map[string]any{
			"name": name, "id": p.id + "/connections/" + name, "type": c.Type, "target": c.Target, "isDefault": false,
			"credentials": map[string]string{"type": c.AuthType}, "metadata": filled(c.Metadata),
		})
	}
	return map[string]any{"value": value}, nil
}
