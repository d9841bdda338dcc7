package resolve

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

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
	w := Workspace{ // whose names may have spaces
		Subscription:  url.PathEscape(o.Workspace.Subscription),
		ResourceGroup: url.PathEscape(o.Workspace.ResourceGroup),
		Name:          url.PathEscape(o.Workspace.Name),
	}
	path := w.ID() + "/" + action[0] + "/" + url.PathEscape(o.Name)
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
	return parse(o, body, transport.Sent(response.Request)...)
}

// parseConnection reads the answer for a Connection. It ignores unknown members,
// which Azure adds from time to time. Errors do not print what was sent.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
func parseConnection(o Object, body []byte, sent ...string) (content, error) {
	var response struct {
		Name       string
		Properties *struct {
			AuthType    string
			Target      *string
			Metadata    members
			Credentials members
		}
	}
	if err := decode(body, &response); err != nil {
		return content{}, err
	}
	p := response.Properties
	if p == nil {
		return content{}, errUnexpected
	}
	if !strings.EqualFold(response.Name, o.Name) {
		return content{}, errAnother
	}
	credentials := p.Credentials
	if p.AuthType == "CustomKeys" { // with names that its author chose, one level deeper
		credentials = nil
		json.Unmarshal(p.Credentials["keys"], &credentials)
	}
	return connectionContent(o, body, p.Target, p.Metadata.finder(o, "", sent), credentials.finder(o, p.AuthType, sent)), nil
}

// connectionContent returns the content of a connection, whose whole is body.
func connectionContent(o Object, body []byte, target *string, metadata, credential finder) content {
	return content{get: func(ref Reference) (Secret, error) {
		switch ref.Part {
		case Credentials:
			return credential(ref)
		case Metadata:
			return metadata(ref)
		case Target:
			if target == nil {
				return nil, &PartError{Object: o, Part: Target}
			}
			return NewSecret(*target), nil
		default:
			return NewSecret(string(body)), nil
		}
	}}
}

var (
	// errUnexpected reports a body of another shape. It quotes nothing of it.
	errUnexpected = errors.New("the response is not the expected JSON")
	// errAnother reports an answer to another request.
	errAnother = errors.New("the response is about another object than the one that was asked for")
)

// decode decodes a body that is one JSON value. Nothing may follow it.
func decode(body []byte, into any) error {
	if !isText(body) {
		return ErrNotText
	}
	if json.Unmarshal(body, into) != nil {
		return errUnexpected
	}
	return nil
}

// members are those of a JSON object. They stay JSON, because a hostile answer
// would take many times its size if it was decoded.
type members map[string]json.RawMessage

// finder finds the value of a reference, or returns a [*PartError].
type finder func(Reference) (Secret, error)

// finder returns the finder of the member with exactly the reference's name, or
// else of the only one whose name differs just in letter case, for connections that
// were made with "apiVersion" and are read with "ApiVersion". authType is that of
// the connection whose credentials these are, or "".
func (m members) finder(o Object, authType string, sent []string) finder {
	folded := sync.OnceValue(func() map[string][]string {
		names := map[string][]string{}
		for name := range m {
			names[strings.ToLower(name)] = append(names[strings.ToLower(name)], name)
		}
		return names
	})
	have := sync.OnceValue(func() []string {
		return slices.DeleteFunc(slices.Sorted(maps.Keys(m)), func(name string) bool { _, ok := scalar(m[name]); return !ok })
	})
	return func(ref Reference) (Secret, error) {
		value, ok := m[ref.Key]
		if like := folded()[strings.ToLower(ref.Key)]; !ok && len(like) == 1 {
			value = m[like[0]]
		}
		if text, ok := scalar(value); ok {
			return NewSecret(text), nil
		}
		return nil, &PartError{Object: o, Part: ref.Part, Key: ref.Key, Have: have(), AuthType: authType, sent: sent}
	}
}

// scalar returns a JSON string, number or boolean as text, numbers with all their
// digits. Nothing else can be injected.
func scalar(value json.RawMessage) (text string, ok bool) {
	switch {
	case len(value) == 0, value[0] == '{', value[0] == '[', value[0] == 'n':
		return "", false
	case value[0] == '"':
		return text, json.Unmarshal(value, &text) == nil
	default:
		return string(value), true
	}
}
