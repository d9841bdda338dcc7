package resolve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// configurationAPIVersion is the first. Reading one key has not changed since.
// https://learn.microsoft.com/azure/azure-app-configuration/rest-api-key-value
const configurationAPIVersion = "1.0"

// configuration is one App Configuration store.
type configuration struct {
	service
	grammar Grammar
}

func newConfiguration(address string, options policy.ClientOptions, g Grammar) configuration {
	s := newService(address, configurationAPIVersion, options)
	s.accept = "application/vnd.microsoft.appconfig.kv+json, application/problem+json"
	return configuration{s, g}
}

// fetch gets the key with exactly the label. Without a label in the request, that is
// the key without a label. A list would have any.
func (c configuration) fetch(ctx context.Context, o Object) (content, error) {
	path := "/kv/" + url.PathEscape(o.Name)
	if o.Label != "" {
		path += "?label=" + url.QueryEscape(o.Label)
	}
	_, body, err := c.send(ctx, http.MethodGet, path)
	if err != nil {
		return content{}, err
	}
	return c.grammar.parseKeyValue(o, body)
}

// vaultReference is the type of values that refer to a secret:
// {"uri":"https://VAULT.vault.azure.net/secrets/NAME"}.
// https://github.com/Azure/AppConfiguration/blob/main/docs/ConfigurationTypes/KeyVaultReference.v1.0.0.schema.json
const vaultReference = "application/vnd.microsoft.appconfig.keyvaultref+json"

// parseKeyValue reads the answer for a KeyValue. A value of any other type than a
// Key Vault reference is taken as it is stored, so JSON keeps its quotes.
func (g Grammar) parseKeyValue(o Object, body []byte) (content, error) {
	var answer struct {
		Key, Label  string // null for no label
		Value       *string
		ContentType string `json:"content_type"`
	}
	if err := decode(body, &answer); err != nil {
		return content{}, err
	}
	media, _, _ := strings.Cut(answer.ContentType, ";")
	switch {
	case answer.Key != o.Name || answer.Label != o.Label:
		return content{}, errAnother
	case answer.Value == nil:
		return notFetched(&ValueError{o, "it has no value"}), nil
	case strings.EqualFold(strings.TrimSpace(media), vaultReference):
		return g.follow(o, *answer.Value), nil
	}
	value := NewSecret(*answer.Value)
	return content{get: func(Reference) (Secret, error) { return value, nil }}, nil
}

// follow returns the content that leads to the secret that a value refers to, which
// has to be in a vault that the grammar allows.
func (g Grammar) follow(o Object, value string) content {
	var target struct{ URI string }
	if json.Unmarshal([]byte(value), &target) != nil {
		return notFetched(&ValueError{o, `its Key Vault reference is malformed: it should be {"uri":"https://…"}`})
	}
	ref, err := g.secretURL(target.URI, 0)
	if malformed, ok := errors.AsType[*SyntaxError](err); ok {
		return notFetched(&ValueError{o, "its Key Vault reference is malformed: " + malformed.Rule})
	}
	return content{follow: &ref.Object}
}
