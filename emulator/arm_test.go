package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	openWorkspace   = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/Open"
	closedWorkspace = "/subscriptions/00000000-1111-2222-3333-555555555555/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/closed"
	arm             = "https://management.azure.com"
	version         = "?api-version=2024-10-01"
)

func TestResourceManagerRefuses(t *testing.T) {
	a := build(t, world)
	token := tokenFor(a, "endpoint", armAudience)
	expired := a.issuer.sign(claims{Audience: armAudience, Expires: time.Now().Add(-time.Hour).Unix()})
	aoai := openWorkspace + "/connections/aoai/listsecrets"
	elsewhere := func(old, new string) string { return strings.Replace(aoai, old, new, 1) + version }
	for name, c := range map[string]struct {
		method, path string
		header       http.Header
		want         wantRefusal
	}{
		"no token":           {"POST", aoai + version, nil, wantRefusal{401, "AuthenticationFailed", "", "'Authorization' header is missing"}},
		"garbage":            {"POST", aoai + version, http.Header{"Authorization": {"Bearer a.b.c"}}, wantRefusal{401, "InvalidAuthenticationToken", "", "invalid"}},
		"expired":            {"POST", aoai + version, http.Header{"Authorization": {"Bearer " + expired}}, wantRefusal{401, "ExpiredAuthenticationToken", "", "expiry"}},
		"audience":           {"POST", aoai + version, tokenFor(a, "endpoint", vaultAudience), wantRefusal{401, "InvalidAuthenticationTokenAudience", "", "wrong audience or resource 'https://vault.azure.net'"}},
		"no version":         {"POST", aoai, token, wantRefusal{400, "MissingApiVersionParameter", "", "required for all requests"}},
		"unknown version":    {"POST", aoai + "?api-version=2019-01-01", token, wantRefusal{400, "NoRegisteredProviderFound", "", "2024-10-01, "}},
		"GET":                {"GET", aoai + version, token, wantRefusal{405, "MethodNotAllowed", "", "'GET'"}},
		"no such action":     {"POST", openWorkspace + "/connections/aoai/test" + version, token, wantRefusal{404, "InvalidResourceType", "", ""}},
		"no such type":       {"POST", openWorkspace + "/jobs/x" + version, token, wantRefusal{404, "InvalidResourceType", "", ""}},
		"subscription":       {"POST", elsewhere("444444444444", "000000000000"), token, wantRefusal{404, "SubscriptionNotFound", "", "'00000000-1111-2222-3333-000000000000' could not be found"}},
		"not a subscription": {"POST", elsewhere("00000000-1111-2222-3333-444444444444", "nope"), token, wantRefusal{400, "InvalidSubscriptionId", "", "'nope'"}},
		"group":              {"POST", elsewhere("/rg/", "/nope/"), token, wantRefusal{404, "ResourceGroupNotFound", "", "'nope' could not be found"}},
		"workspace":          {"POST", elsewhere("/Open/", "/nope/"), token, wantRefusal{404, "ResourceNotFound", "", "'Microsoft.MachineLearningServices/workspaces/nope' under resource group 'rg'"}},
		"unseen workspace":   {"POST", strings.Replace(closedWorkspace, "closed", "nope", 1) + "/connections/aoai/listsecrets" + version, token, wantRefusal{403, "AuthorizationFailed", "", "workspaces/nope/connections/aoai' or the scope is invalid"}},
		"connection":         {"POST", elsewhere("aoai", "nope"), token, wantRefusal{404, "UserError", "", "Connection nope can't be found in this workspace"}},
		"connection role": {"POST", closedWorkspace + "/connections/aoai/listsecrets" + version, token, wantRefusal{403, "AuthorizationFailed", "",
			"The client '11111111-0000-4000-8000-000000000001' with object id '11111111-0000-4000-8000-000000000002' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/connections/listsecrets/action' over scope '" + closedWorkspace + "/connections/aoai' or the scope is invalid. If access was recently granted, please refresh your credentials."}},
		"keys role":      {"POST", closedWorkspace + "/onlineEndpoints/e/listKeys" + version, token, wantRefusal{403, "AuthorizationFailed", "", "workspaces/onlineEndpoints/listKeys/action"}},
		"token role":     {"POST", closedWorkspace + "/onlineEndpoints/e/token" + version, token, wantRefusal{403, "AuthorizationFailed", "", "workspaces/onlineEndpoints/token/action"}},
		"no endpoint":    {"POST", openWorkspace + "/onlineEndpoints/nope/listKeys" + version, token, wantRefusal{404, "ResourceNotFound", "", "onlineEndpoints/nope"}},
		"keys of token":  {"POST", openWorkspace + "/onlineEndpoints/tokened/listKeys" + version, token, wantRefusal{400, "UserError", "BadArgument", "auth mode AMLToken"}},
		"token of keys":  {"POST", openWorkspace + "/onlineEndpoints/keyed/token" + version, token, wantRefusal{400, "UserError", "BadArgument", "auth mode Key"}},
		"token of entra": {"POST", openWorkspace + "/onlineEndpoints/entra/token" + version, token, wantRefusal{400, "UserError", "BadArgument", "auth mode AADToken"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(a.Stores(), c.method, arm+c.path, c.header)
			c.want.check(t, w)
			if challenge := w.Header().Get("WWW-Authenticate"); (w.Code == 401) != strings.Contains(challenge, `error="invalid_token"`) {
				t.Errorf("status %d with challenge %q", w.Code, challenge)
			}
		})
	}
}

func TestResourceManagerAudiences(t *testing.T) {
	a := build(t, world)
	for _, c := range clouds {
		for _, audience := range c.armAudiences {
			w := send(a.Stores(), "POST", "https://"+c.armHost+openWorkspace+"/connections/odd/listsecrets"+version, tokenFor(a, "endpoint", audience))
			if w.Code != 200 {
				t.Errorf("%s with a token for %s: %d %s", c.armHost, audience, w.Code, w.Body)
			}
		}
	}
}

func TestListSecrets(t *testing.T) {
	a := build(t, world)
	token := tokenFor(a, "endpoint", armAudience)
	const aoai = `{"tags":null,"location":null,"id":"` + openWorkspace + `/connections/aoai","name":"aoai","type":"Microsoft.MachineLearningServices/workspaces/connections",` +
		`"properties":{"authType":"ApiKey","credentials":{"key":"k<&>1"},"group":"AzureAI","category":"AzureOpenAI","expiryTime":"2030-01-01T00:00:00Z","target":"https://a/",` +
		`"createdByWorkspaceArmId":"` + openWorkspace + `","useWorkspaceManagedIdentity":false,"isSharedToAll":false,"sharedUserList":[],"metadata":{"ApiType":"Azure"}},` +
		`"systemData":{"createdAt":"2024-03-22T14:56:56Z","createdBy":"someone@emulated.example","createdByType":"User","lastModifiedAt":"2024-03-22T14:56:56Z","lastModifiedBy":"someone@emulated.example","lastModifiedByType":"User"}}`
	for path, want := range map[string]string{
		openWorkspace + "/connections/aoai/listsecrets":                                                            aoai,
		strings.ToLower(openWorkspace) + "/connections/AOAI/listSecrets":                                           aoai,
		strings.Replace(openWorkspace, "resourceGroups", "resourcegroups", 1) + "/connections/%61oai/listsecrets/": aoai,
		openWorkspace + "/connections/odd/listsecrets":                                                             `{"raw":  1}`,
		openWorkspace + "/onlineEndpoints/keyed/listKeys":                                                          `{"primaryKey":"p1","secondaryKey":"p2"}`,
		openWorkspace + "/onlineEndpoints/tokened/token":                                                           `{"accessToken":"t1","tokenType":"Bearer","expiryTimeUtc":20,"refreshAfterTimeUtc":10}`,
	} {
		w := send(a.Stores(), "POST", arm+path+"?api-version=2023-08-01-preview", token)
		if got := w.Body.String(); w.Code != 200 || got != want {
			t.Errorf("%s: %d\n got %s\nwant %s", path, w.Code, got, want)
		}
	}
}

// TestEveryAuthType checks that each has the credentials that the API describes.
func TestEveryAuthType(t *testing.T) {
	for authType, members := range credentialMembers {
		c := Connection{AuthType: authType, Credentials: map[string]string{}}
		for _, m := range members {
			c.Credentials[m] = "v-" + m
		}
		want := any(c.Credentials)
		switch authType {
		case "CustomKeys":
			c.Credentials["K"] = "v"
			want = map[string]any{"keys": map[string]any{"K": "v"}}
		case "AAD", "None":
			want = nil
		}
		var got struct{ Properties map[string]any }
		if err := json.Unmarshal(c.resource("/w", "c"), &got); err != nil {
			t.Fatal(err)
		}
		if _, there := got.Properties["credentials"]; there != (want != nil) || fmt.Sprint(got.Properties["credentials"]) != fmt.Sprint(want) {
			t.Errorf("%s: credentials %v, want %v", authType, got.Properties["credentials"], want)
		}
	}
}
