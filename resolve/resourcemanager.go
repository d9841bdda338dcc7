package resolve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

// workspaceAPIVersion is the first stable version of the workspace API that has
// all the operations used here. Sovereign clouds get newer versions late.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
const workspaceAPIVersion = "2024-04-01"

// resourceManager is Azure Resource Manager.
type resourceManager struct {
	address  string
	pipeline runtime.Pipeline
}

func newResourceManager(address, scope string, tokens azcore.TokenCredential, client policy.Transporter) *resourceManager {
	options := transport.Options(client, transport.Refusals{}, &auth{tokens: tokens, scope: scope}, transport.NewRetry(maxAttempt))
	return &resourceManager{address, runtime.NewPipeline("azinject", "v0.0.0", runtime.PipelineOptions{}, &options)}
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

func (m *resourceManager) fetch(ctx context.Context, o Object) (content, error) {
	action := actions[o.Kind]
	w := Workspace{ // whose names may have spaces
		Subscription:  url.PathEscape(o.Workspace.Subscription),
		ResourceGroup: url.PathEscape(o.Workspace.ResourceGroup),
		Name:          url.PathEscape(o.Workspace.Name),
	}
	address := runtime.JoinPaths(m.address, w.ID(), action[0], url.PathEscape(o.Name), action[1])
	body, err := m.post(ctx, address)
	if err != nil {
		return content{}, err
	}
	if o.Kind == Connection {
		return parseConnection(o, body)
	}
	return parseEndpoint(o, body)
}

// post returns the body of a successful answer as it was received.
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
	return runtime.Payload(response)
}

// parseConnection reads the answer for a Connection. It ignores unknown members,
// which Azure adds from time to time.
// https://learn.microsoft.com/rest/api/azureml/workspace-connections/list-secrets
func parseConnection(o Object, body []byte) (content, error) {
	var response struct {
		Properties *struct {
			AuthType    string
			Target      *string
			Metadata    map[string]any
			Credentials map[string]any
		}
	}
	if err := decode(body, &response); err != nil {
		return content{}, err
	}
	p := response.Properties
	if p == nil {
		return content{}, errUnexpected
	}
	credentials := p.Credentials
	if p.AuthType == "CustomKeys" { // with names that its author chose, one level deeper
		credentials, _ = credentials["keys"].(map[string]any)
	}
	whole := NewSecret(string(body))
	return content{get: func(ref Reference) (Secret, error) {
		switch ref.Part {
		case Credentials:
			return valueOf(o, ref, credentials)
		case Metadata:
			return valueOf(o, ref, p.Metadata)
		case Target:
			if p.Target == nil {
				return nil, &PartError{Object: o, Part: Target}
			}
			return NewSecret(*p.Target), nil
		default:
			return whole, nil
		}
	}}, nil
}

// parseEndpoint reads the answer for EndpointKeys and EndpointToken.
func parseEndpoint(o Object, body []byte) (content, error) {
	var fields map[string]any
	if err := decode(body, &fields); err != nil {
		return content{}, err
	}
	return content{get: func(ref Reference) (Secret, error) { return valueOf(o, ref, fields) }}, nil
}

// errUnexpected reports a body of another shape. It quotes nothing of it.
var errUnexpected = errors.New("the response is not the expected JSON")

// decode decodes a body without loss of digits.
func decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(into) != nil {
		return errUnexpected
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errUnexpected // there is more
	}
	return nil
}

// valueOf returns the value that ref names: the one with exactly its name, or
// else the only one whose name differs just in letter case, for connections that
// were made with "apiVersion" and are read with "ApiVersion".
func valueOf(o Object, ref Reference, values map[string]any) (Secret, error) {
	names := slices.Sorted(maps.Keys(values))
	like := func(name string) bool { return strings.EqualFold(name, ref.Key) }
	value, ok := values[ref.Key]
	if first := slices.IndexFunc(names, like); !ok && first >= 0 && !slices.ContainsFunc(names[first+1:], like) {
		value = values[names[first]]
	}
	if text, ok := scalar(value); ok {
		return NewSecret(text), nil
	}
	have := slices.DeleteFunc(names, func(name string) bool { _, ok := scalar(values[name]); return !ok })
	return nil, &PartError{Object: o, Part: ref.Part, Key: ref.Key, Have: have}
}

// scalar returns a JSON string, number or boolean as text. Nothing else can be
// injected.
func scalar(value any) (text string, ok bool) {
	switch value.(type) {
	case string, json.Number, bool:
		return fmt.Sprint(value), true
	default:
		return "", false
	}
}
