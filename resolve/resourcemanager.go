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
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
)

// workspaceAPIVersion is the first stable version of the workspace API with
// every operation that is used here; sovereign clouds get newer ones late.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
const workspaceAPIVersion = "2024-04-01"

// resourceManager is Azure Resource Manager.
type resourceManager struct {
	client *arm.Client
	tokens azcore.TokenCredential
	scope  string
}

func newResourceManager(c Cloud, tokens azcore.TokenCredential, client policy.Transporter) (*resourceManager, error) {
	a, err := arm.NewClient("azinject", "v0.0.0", tokens, &arm.ClientOptions{
		ClientOptions: policy.ClientOptions{
			Cloud:           c.Configuration,
			Transport:       client,
			Retry:           policy.RetryOptions{MaxRetries: -1}, // none but ours
			PerCallPolicies: []policy.Policy{newRetry()},
		},
		// Registering a provider is not for a container's identity to do.
		DisableRPRegistration: true,
	})
	return &resourceManager{client: a, tokens: tokens, scope: c.resourceManagerScope()}, err
}

// actions are the last segments of the requests' paths, by kind of object.
var actions = map[Kind][2]string{
	Connection:    {"connections", "listsecrets"},
	EndpointKeys:  {"onlineEndpoints", "listKeys"},
	EndpointToken: {"onlineEndpoints", "token"},
}

func (m *resourceManager) fetch(ctx context.Context, o Object) (content, error) {
	// The SDK asks for a token within every attempt; waiting for it is not to
	// count against the first.
	if _, err := m.tokens.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{m.scope}}); err != nil {
		return nil, &tokenError{err}
	}
	action := actions[o.Kind]
	w := Workspace{ // names may have spaces
		Subscription:  url.PathEscape(o.Workspace.Subscription),
		ResourceGroup: url.PathEscape(o.Workspace.ResourceGroup),
		Name:          url.PathEscape(o.Workspace.Name),
	}
	address := runtime.JoinPaths(m.client.Endpoint(), w.ID(), action[0], url.PathEscape(o.Name), action[1])
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
	response, err := m.client.Pipeline().Do(req)
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

func (c *connection) served() (version string, expires time.Time) { return "", time.Time{} }

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

func (e *endpoint) served() (version string, expires time.Time) { return "", time.Time{} }

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
