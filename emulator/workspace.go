package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// workspace serves the calls on its connections and endpoints.
type workspace struct {
	Workspace
	id          string // canonical
	connections map[string]json.RawMessage
	endpoints   map[string]endpoint
	rights      *authorization
	role        *propagation
}

// endpoint is an OnlineEndpoint with defaults for missing times and keys.
type endpoint struct {
	name string
	OnlineEndpoint
}

func newWorkspace(c *Config, id string, rights *authorization, now time.Time) *workspace {
	w := c.Workspaces[id]
	ws := &workspace{
		Workspace: w, id: canonicalWorkspace(id), connections: map[string]json.RawMessage{}, endpoints: map[string]endpoint{},
		rights: rights, role: newPropagation(w.RolePropagatesAfter),
	}
	for name, connection := range w.Connections {
		ws.connections[strings.ToLower(name)] = connection.resource(ws.id, name)
	}
	for name, e := range w.OnlineEndpoints {
		e.SecondaryKey = cmp.Or(e.SecondaryKey, derivedHex("secondary", id, name))
		e.Expiry = cmp.Or(e.Expiry, now.Add(time.Hour).Unix())
		e.RefreshAfter = cmp.Or(e.RefreshAfter, e.Expiry-15*60)
		ws.endpoints[strings.ToLower(name)] = endpoint{name, e}
	}
	return ws
}

// canonicalWorkspace spells the fixed segments of an ID as ARM does.
func canonicalWorkspace(id string) string {
	m := workspacePattern.FindStringSubmatch(id)
	return "/subscriptions/" + m[1] + "/resourceGroups/" + m[2] + "/providers/Microsoft.MachineLearningServices/workspaces/" + m[3]
}

func (w *workspace) act(c call, caller claims) (any, *refusal) {
	switch c.collection + "/" + c.action {
	case "connections/listsecrets":
		return w.listSecrets(c, caller)
	case "onlineendpoints/listkeys", "onlineendpoints/token":
		return w.endpointCredentials(c, caller)
	}
	return nil, unknownType()
}

// listSecrets implements
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets.
func (w *workspace) listSecrets(c call, caller claims) (any, *refusal) {
	if !w.permits(c, caller) || !w.role.arrived() {
		return nil, c.forbidden(caller)
	}
	body, ok := w.connections[strings.ToLower(c.name)]
	if !ok {
		// The message is the service's. The code is a guess.
		return nil, refuse(http.StatusNotFound, "UserError", "Connection %s can't be found in this workspace", c.name)
	}
	return body, nil
}

func (w *workspace) permits(c call, caller claims) bool {
	return w.rights.allows(caller.ObjectID, c.roleAction(), false, c.prefix(10))
}

type endpointKeys struct {
	Primary   string `json:"primaryKey"`
	Secondary string `json:"secondaryKey"`
}

type endpointToken struct {
	AccessToken  string `json:"accessToken"`
	TokenType    string `json:"tokenType"`
	Expiry       int64  `json:"expiryTimeUtc"`
	RefreshAfter int64  `json:"refreshAfterTimeUtc"`
}

// endpointCredentials implements
// https://learn.microsoft.com/rest/api/azureml/online-endpoints/list-keys and
// its sibling get-token. The texts of refusals are unconfirmed.
func (w *workspace) endpointCredentials(c call, caller claims) (any, *refusal) {
	needed := w.EndpointKeyReaders != nil || w.hasCredentials() // otherwise nobody has a role for them
	if needed && !w.permits(c, caller) || !w.role.arrived() {
		return nil, c.forbidden(caller)
	}
	e, ok := w.endpoints[strings.ToLower(c.name)]
	switch {
	case !ok:
		return nil, notFound("Microsoft.MachineLearningServices/workspaces/"+c.workspace+"/onlineEndpoints/"+c.name, c.group)
	case c.action == "listkeys" && e.AuthMode == "key":
		return endpointKeys{e.PrimaryKey, e.SecondaryKey}, nil
	case c.action == "token" && e.AuthMode == "aml_token":
		return endpointToken{e.AccessToken, "Bearer", e.Expiry, e.RefreshAfter}, nil
	case c.action == "listkeys":
		return nil, refuse(http.StatusBadRequest, "UserError", "Endpoint %s has auth mode %s; keys can be listed with auth mode Key only", e.name, wireAuthMode[e.AuthMode]).because("BadArgument")
	}
	return nil, refuse(http.StatusBadRequest, "UserError", "Endpoint %s has auth mode %s; a token can be had with auth mode AMLToken only", e.name, wireAuthMode[e.AuthMode]).because("BadArgument")
}

var wireAuthMode = map[string]string{"key": "Key", "aml_token": "AMLToken", "aad_token": "AADToken"}
