package resolve

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/transport"
)

// workspaceAPIVersion is the first stable version of the workspace API that has
// all the operations used here. Sovereign clouds get newer versions late.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
const workspaceAPIVersion = "2024-04-01"

// resourceManager is Azure Resource Manager.
type resourceManager struct {
	service
	tokens        azcore.TokenCredential
	endpointScope string // of the tokens for endpoints with auth_mode: aad_token
}

// actions maps a kind of object to the two words of its requests' paths: after
// the workspace, and after the name.
var actions = map[Kind][2]string{
	Connection:    {"connections", "listsecrets"},
	EndpointKeys:  {"onlineEndpoints", "listKeys"},
	EndpointToken: {"onlineEndpoints", "token"},
}

// Action returns the action that a role must allow to read an object of a
// workspace.
// https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
func (o Object) Action() string {
	return provider + "/workspaces/" + actions[o.Kind][0] + "/" + actions[o.Kind][1] + "/action"
}

func (m resourceManager) fetch(ctx context.Context, o Object) (content, error) {
	action := actions[o.Kind]
	u := url.URL{Path: o.Workspace.ID() + "/" + action[0] + "/" + o.Name} // names may have spaces
	path := u.EscapedPath()
	response, body, err := m.send(ctx, http.MethodPost, path+"/"+action[1])
	parse := parseEndpoint
	if o.Kind == Connection {
		parse = parseConnection
	} else if err != nil {
		return m.otherMode(ctx, o, path, err)
	}
	if err != nil {
		return content{}, err
	}
	sent := transport.Sent(response.Request)
	return content{parse: func() (content, error) { return parse(o, body, sent...) }}, nil
}

// parseConnection reads the answer for a Connection. It ignores unknown members,
// which Azure adds from time to time. Errors do not print what was sent.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
func parseConnection(o Object, body []byte, sent ...string) (content, error) {
	var response struct {
		Name       string
		Properties *connection
	}
	if err := decode(body, &response); err != nil {
		return content{}, err
	}
	c := response.Properties
	switch {
	case c == nil:
		return content{}, errUnexpected
	case !strings.EqualFold(response.Name, o.Name):
		return content{}, errAnother
	case c.AuthType == "CustomKeys": // with names that its author chose, one level deeper
		keys := c.Credentials["keys"]
		c.Credentials = nil
		json.Unmarshal(keys, &c.Credentials)
	}
	return c.content(o, body, sent), nil
}
