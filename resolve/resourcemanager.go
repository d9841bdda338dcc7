package resolve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/resolve/transport"
)

// workspaceAPIVersion is the first stable version of the workspace API with
// every operation that is used here; sovereign clouds get newer ones late.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
const workspaceAPIVersion = "2024-04-01"

// resourceManager is Azure Resource Manager.
type resourceManager struct {
	address  string
	pipeline runtime.Pipeline
}

func newResourceManager(address, scope string, tokens azcore.TokenCredential, client policy.Transporter) *resourceManager {
	options := transport.Options(client, &auth{tokens: tokens, scope: scope}, transport.NewRetry())
	return &resourceManager{address, runtime.NewPipeline("azinject", "v0.0.0", runtime.PipelineOptions{}, &options)}
}

// actions are what the requests' paths have after the workspace and after the
// name of the object.
var actions = map[Kind][2]string{
	Connection:    {"connections", "listsecrets"},
	EndpointKeys:  {"onlineEndpoints", "listKeys"},
	EndpointToken: {"onlineEndpoints", "token"},
}

// Action returns the action that a role must allow for an object of a
// workspace to be read.
// https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
func (o Object) Action() string {
	return provider + "/workspaces/" + actions[o.Kind][0] + "/" + actions[o.Kind][1] + "/action"
}

func (m *resourceManager) fetch(ctx context.Context, o Object) (content, error) {
	action := actions[o.Kind]
	w := Workspace{ // names may have spaces
		Subscription:  url.PathEscape(o.Workspace.Subscription),
		ResourceGroup: url.PathEscape(o.Workspace.ResourceGroup),
		Name:          url.PathEscape(o.Workspace.Name),
	}
	address := runtime.JoinPaths(m.address, w.ID(), action[0], url.PathEscape(o.Name), action[1])
	body, err := m.post(ctx, address)
	if err != nil {
		return nil, err
	}
	if o.Kind == Connection {
		return parseConnection(o, body)
	}
	return parseEndpoint(o, body)
}

// post returns the body of a successful answer, as it was received.
func (m *resourceManager) post(ctx context.Context, address string) ([]byte, error) {
	req, err := runtime.NewRequest(ctx, http.MethodPost, address)
	if err != nil {
		return nil, err
	}
	req.Raw().URL.RawQuery = url.Values{"api-version": {workspaceAPIVersion}}.Encode()
	req.Raw().Header.Set("Accept", "application/json")
	response, err := m.pipeline.Do(req)
	if err != nil {
		return nil, err
	}
	if !runtime.HasStatusCode(response, http.StatusOK) {
		return nil, runtime.NewResponseError(response)
	}
	return runtime.Payload(response)
}

// connection is the content of a Connection: the body of the response and
// what it says. Members that are not used here are not declared; new ones appear from time to time.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
type connection struct {
	object     Object
	body       Secret
	properties connectionProperties
}

type connectionProperties struct {
	AuthType    string
	Target      *string
	Metadata    map[string]any
	Credentials map[string]any
}

func parseConnection(o Object, body []byte) (*connection, error) {
	var response struct{ Properties *connectionProperties }
	if err := decode(body, &response); err != nil {
		return nil, err
	}
	if response.Properties == nil {
		return nil, errUnexpected
	}
	return &connection{object: o, body: NewSecret(string(body)), properties: *response.Properties}, nil
}

func (c *connection) part(ref Reference) (Secret, error) {
	switch ref.Part {
	case Credentials:
		return lookup(c.object, ref, c.credentials())
	case Metadata:
		return lookup(c.object, ref, c.properties.Metadata)
	case Target:
		if c.properties.Target == nil {
			return nil, &PartError{Object: c.object, Part: Target}
		}
		return NewSecret(*c.properties.Target), nil
	default:
		return c.body, nil
	}
}

// credentials returns the credentials by name. Those of a CustomKeys
// connection, whose names its author chose, are one level deeper.
func (c *connection) credentials() map[string]any {
	if c.properties.AuthType == "CustomKeys" {
		keys, _ := c.properties.Credentials["keys"].(map[string]any)
		return keys
	}
	return c.properties.Credentials
}

// endpoint is the content of EndpointKeys and EndpointToken.
type endpoint struct {
	object Object
	fields map[string]any
}

func parseEndpoint(o Object, body []byte) (*endpoint, error) {
	e := &endpoint{object: o}
	return e, decode(body, &e.fields)
}

func (e *endpoint) part(ref Reference) (Secret, error) { return lookup(e.object, ref, e.fields) }

// errUnexpected is the error for all bodies that are not what they should be.
// It quotes nothing of them.
var errUnexpected = errors.New("the response is not the JSON that was expected")

// decode decodes a body, numbers without loss.
func decode(body []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if decoder.Decode(into) != nil {
		return errUnexpected
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errUnexpected // something follows
	}
	return nil
}

// lookup finds the value that ref names: the one with exactly its name, or
// else the only one whose name differs in nothing but letter case, for connections
// that were made with "apiVersion" and are read with "ApiVersion".
func lookup(o Object, ref Reference, values map[string]any) (Secret, error) {
	name := ref.Key
	if _, ok := values[name]; !ok {
		var like []string
		for other := range values {
			if strings.EqualFold(other, name) {
				like = append(like, other)
			}
		}
		if len(like) == 1 {
			name = like[0]
		}
	}
	if text, ok := scalar(values[name]); ok {
		return NewSecret(text), nil
	}
	return nil, &PartError{Object: o, Part: ref.Part, Key: ref.Key, Have: present(values)}
}

// present returns the names of the values that can be injected.
func present(values map[string]any) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(values)), func(name string) bool {
		_, ok := scalar(values[name])
		return !ok
	})
}

// scalar returns a JSON string, number or boolean as text.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	default:
		return "", false
	}
}
