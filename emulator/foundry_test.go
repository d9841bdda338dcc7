package emulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const (
	projectAudience = "https://ai.azure.com"
	openProject     = "https://acct.services.ai.azure.com/api/projects/open"
	foundryWorld    = `
identities:
  app: {client_id: 11111111-0000-4000-8000-000000000001, object_id: 11111111-0000-4000-8000-000000000002}
  stranger: {resource_id: /subscriptions/s/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/stranger}
projects:
  https://acct.services.ai.azure.com/api/projects/open:
    connections:
      Search Connection: {type: CognitiveSearch, auth_type: ApiKey, target: "https://s/", credentials: {key: k<&>1}, metadata: {V: "1"}}
      custom: {type: CustomKeys, auth_type: CustomKeys, target: "-", credentials: {x-api-key: x, "7": y}}
      sas: {type: AzureBlob, auth_type: SAS, target: b, credentials: {SAS: sig}}
      aad: {auth_type: AAD}
      odd: {body: '{"raw":  1}'}
  https://acct.services.ai.azure.com/api/projects/read: {readers: [stranger], connections: {c: {auth_type: None}}}
  https://acct.services.ai.azure.com/api/projects/list: {readers: [], connections: {c: {auth_type: None}}}
  https://acct.services.ai.azure.com/api/projects/late: {role_propagates_after: 1, connections: {c: {auth_type: None}}}
  https://acct.services.ai.azure.com/api/projects/shut: {private: true, connections: {c: {auth_type: None}}}
  https://acct.services.ai.azure.us/api/projects/open: {connections: {c: {auth_type: None, target: gov}}}
roles:
  Reads: {data_actions: [Microsoft.CognitiveServices/accounts/AIServices/connections/read]}
  Lists: {data_actions: [Microsoft.CognitiveServices/accounts/AIServices/connections/listSecrets/action]}
role_assignments:
  - {principal: app, role: Reads, scope: https://acct.services.ai.azure.com/api/projects/read}
  - {principal: app, role: Lists, scope: https://acct.services.ai.azure.com/api/projects/list}
`
)

// ofProject returns the address of an operation on a connection.
func ofProject(project, name string) string {
	return strings.Replace(openProject, "/open", "/"+project, 1) + "/connections/" + name + "/getConnectionWithCredentials?api-version=v1"
}

func TestFoundryAnswers(t *testing.T) {
	a := build(t, foundryWorld)
	const id = `"id":"/subscriptions/{}/resourceGroups/emulated/providers/Microsoft.CognitiveServices/accounts/acct/projects/open/connections/`
	for name, want := range map[string]string{
		"Search%20Connection": `{"name":"Search Connection",` + id + `Search Connection","type":"CognitiveSearch","target":"https://s/","isDefault":false,"credentials":{"key":"k<&>1","type":"ApiKey"},"metadata":{"V":"1"}}`,
		"custom":              `{"name":"custom",` + id + `custom","type":"CustomKeys","target":"-","isDefault":false,"credentials":{"7":"y","type":"CustomKeys","x-api-key":"x"},"metadata":{}}`,
		"sas":                 `{"name":"sas",` + id + `sas","type":"AzureBlob","target":"b","isDefault":false,"credentials":{"SAS":"sig","type":"SAS"},"metadata":{}}`,
		"aad":                 `{"name":"aad",` + id + `aad","type":"","target":"","isDefault":false,"credentials":{"type":"AAD"},"metadata":{}}`,
		"odd":                 `{"raw":  1}`,
	} {
		want = strings.Replace(want, "{}", derivedGUID("subscription"), 1)
		for _, version := range projectVersions {
			w := send(a.Stores(), "POST", strings.Replace(ofProject("open", name), "=v1", "="+version, 1), tokenFor(a, "app", projectAudience))
			if w.Code != 200 || w.Body.String() != want {
				t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, want)
			}
		}
	}
	w := send(a.Stores(), "POST", strings.Replace(ofProject("open", "c"), ".com/", ".us/", 1), tokenFor(a, "app", "https://ai.azure.us"))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"gov"`) {
		t.Errorf("US Government: %d %s", w.Code, w.Body)
	}
	if counts := a.Counts(); counts[KindConnection] != 11 {
		t.Errorf("the log has %v", counts)
	}
}

func TestFoundryRefuses(t *testing.T) {
	a := build(t, foundryWorld)
	token := tokenFor(a, "app", projectAudience)
	const lacks = "The principal `11111111-0000-4000-8000-000000000002` lacks the required data action `Microsoft.CognitiveServices/accounts/AIServices/connections/"
	for name, c := range map[string]struct {
		method, url string
		want        wantRefusal
	}{
		"no version":      {"POST", strings.TrimSuffix(ofProject("open", "sas"), "?api-version=v1"), wantRefusal{400, "BadRequest", "", "API version not supported"}},
		"unknown version": {"POST", strings.Replace(ofProject("open", "sas"), "=v1", "=v2", 1), wantRefusal{400, "BadRequest", "", "API version not supported"}},
		"GET":             {"GET", ofProject("open", "sas"), wantRefusal{405, "MethodNotAllowed", "", ""}},
		"operation":       {"POST", openProject + "/connections/sas?api-version=v1", wantRefusal{404, "NotFound", "", "no such operation"}},
		"project":         {"POST", ofProject("nope", "sas"), wantRefusal{404, "ResourceNotFound", "", "The project does not exist."}},
		"connection":      {"POST", ofProject("open", "nope"), wantRefusal{404, "UserError", "", "Connection nope can't be found in this workspace"}},
		"letter case":     {"POST", ofProject("open", "SAS"), wantRefusal{404, "UserError", "", "Connection SAS can't be found"}},
		"plus for space":  {"POST", ofProject("open", "Search+Connection"), wantRefusal{404, "UserError", "", "Connection Search+Connection can't be found"}},
		"no listSecrets":  {"POST", ofProject("read", "c"), wantRefusal{401, "PermissionDenied", "", lacks + "listSecrets/action`"}},
		"no read":         {"POST", ofProject("list", "c"), wantRefusal{401, "PermissionDenied", "", lacks + "read`"}},
		"too early":       {"POST", ofProject("late", "c"), wantRefusal{401, "PermissionDenied", "", lacks + "read`"}},
		"network":         {"POST", ofProject("shut", "c"), wantRefusal{403, "AccessDenied", "", "Public access is disabled"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(a.Stores(), c.method, c.url, token)
			c.want.check(t, w)
			if code := w.Header().Get("X-Ms-Error-Code"); code != c.want.code || w.Header().Get("WWW-Authenticate") != "" {
				t.Errorf("headers: %v", w.Header())
			}
		})
	}
	if w := send(a.Stores(), "POST", ofProject("late", "c"), token); w.Code != 200 {
		t.Errorf("the role has not arrived: %d %s", w.Code, w.Body)
	}
	r := httptest.NewRequest("POST", ofProject("open", "sas"), strings.NewReader("{}"))
	r.Header = token.Clone()
	wantRefusal{400, "BadRequest", "", "no body"}.check(t, serve(a.Stores(), r))
}

func TestFoundryRefusesTokens(t *testing.T) {
	a := build(t, foundryWorld)
	for name, header := range map[string]http.Header{
		"none":             nil,
		"garbage":          {"Authorization": {"Bearer a.b.c"}},
		"expired":          {"Authorization": {"Bearer " + a.issuer.sign(claims{Audience: projectAudience, Expires: time.Now().Add(-time.Hour).Unix()})}},
		"Resource Manager": tokenFor(a, "app", armAudience),
		"with a slash":     tokenFor(a, "app", projectAudience+"/"),
		"another cloud":    tokenFor(a, "app", "https://ai.azure.us"),
	} {
		w := send(a.Stores(), "POST", ofProject("open", "sas"), header)
		const want = `{"statusCode":401,"message":"Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), or have expired."}`
		if w.Code != 401 || w.Body.String() != want {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestProjectErrors(t *testing.T) {
	const me, p = "identities: {me: {}}\n", "projects:\n  " + openProject + ":\n    "
	failToParse(t, map[string]struct{ config, want string }{
		"endpoint":      {me + "projects: {acct/p: {}}", "projects.acct/p: write https://<account>.services.ai.azure.com/api/projects/<project>"},
		"upper case":    {me + "projects: {https://Acct.services.ai.azure.com/api/projects/p: {}}", "in lower case up to the project"},
		"reader":        {me + p + "readers: [you]", `readers: no identity "you"`},
		"auth type":     {me + p + "connections: {c: {auth_type: PAT}}", `.connections.c.auth_type: "PAT" is not one of AAD, AgenticIdentityToken_Preview, ApiKey, CustomKeys, None, SAS`},
		"credential":    {me + p + "connections: {c: {auth_type: SAS, credentials: {sas: x}}}", "SAS has only SAS"},
		"no credential": {me + p + "connections: {c: {auth_type: None, credentials: {key: x}}}", "None has no credentials"},
		"fault's host":  {me + p + "private: true\nfaults: [{match: POST acct2.services.ai.azure.com/, status: 500}]", `no host "acct2.services.ai.azure.com"`},
	})
}
