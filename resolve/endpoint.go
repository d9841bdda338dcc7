package resolve

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// The actions that a role must allow for an endpoint with auth_mode: aad_token, to
// find out this mode and to call the endpoint.
// https://learn.microsoft.com/azure/machine-learning/how-to-authenticate-online-endpoint
const (
	ReadEndpoint  = provider + "/workspaces/onlineEndpoints/read"
	ScoreEndpoint = provider + "/workspaces/onlineEndpoints/score/action"
)

// authMode is a way in which clients of an online endpoint authenticate.
type authMode struct {
	inARM, name string   // in Resource Manager, and in deployments
	request     Kind     // that the endpoint answers, -1 if there is none
	fields      []string // of its credentials
}

// authModes are those that there are. The first that has a field says how it is
// requested.
// https://learn.microsoft.com/rest/api/azureml/online-endpoints (Get, List Keys, Get Token)
var authModes = []authMode{
	{"Key", "key", EndpointKeys, []string{"primaryKey", "secondaryKey"}},
	{"AMLToken", "aml_token", EndpointToken, []string{"accessToken", "expiryTimeUtc", "refreshAfterTimeUtc"}},
	{"AADToken", "aad_token", -1, []string{"accessToken", "expiryTimeUtc"}},
}

// parseEndpoint reads the answer for EndpointKeys and EndpointToken.
func parseEndpoint(o Object, body []byte, sent ...string) (content, error) {
	var fields members
	if err := decode(body, &fields); err != nil {
		return content{}, err
	}
	c := content{get: fields.finder(o, "", sent)}
	if expiry, err := strconv.ParseInt(string(fields["expiryTimeUtc"]), 10, 64); err == nil {
		c.expires = time.Unix(expiry, 0)
	}
	return c, nil
}

// modeOf asks for an endpoint's auth mode. It returns nil if that is not known.
func (m resourceManager) modeOf(ctx context.Context, o Object, path string) *authMode {
	var endpoint struct {
		Name       string
		Properties struct{ AuthMode string }
	}
	_, body, err := m.send(ctx, http.MethodGet, path)
	if err != nil || decode(body, &endpoint) != nil || !strings.EqualFold(endpoint.Name, o.Name) {
		return nil
	}
	for i, mode := range authModes {
		if strings.EqualFold(mode.inARM, endpoint.Properties.AuthMode) {
			return &authModes[i]
		}
	}
	return nil
}

// otherMode returns the content of an endpoint that refused a request with err, if
// it has another auth mode than the request is for. How it refuses then is not
// documented, so it is asked for its mode.
func (m resourceManager) otherMode(ctx context.Context, o Object, path string, err error) (content, error) {
	refusal, ok := errors.AsType[*transport.StatusError](err)
	if !ok || refusal.Status < http.StatusBadRequest || refusal.Status == http.StatusUnauthorized || transport.Transient(refusal.Status) {
		return content{}, err
	}
	mode := m.modeOf(ctx, o, path)
	if mode == nil || mode.request == o.Kind {
		return content{}, err
	}
	fields := map[string]string{}
	c := content{get: func(ref Reference) (Secret, error) {
		if value, ok := fields[ref.Key]; ok {
			return NewSecret(value), nil
		}
		return nil, &PartError{Object: o, Part: Credentials, Key: ref.Key, Have: mode.fields, AuthType: mode.name}
	}}
	if mode.request < 0 && o.Kind == EndpointToken { // as az ml online-endpoint get-credentials does
		token, err := m.tokens.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{m.endpointScope}})
		if err != nil {
			return content{}, &tokenError{err}
		}
		fields[mode.fields[0]] = token.Token
		fields[mode.fields[1]] = strconv.FormatInt(token.ExpiresOn.Unix(), 10)
		c.expires = token.ExpiresOn
	}
	return c, nil
}
