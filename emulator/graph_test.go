package emulator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// directoryWorld has a member of every type.
const directoryWorld = `
platform: appservice
attached: [machine, uai, person]
identities:
  machine: {}
  uai: {client_id: 11111111-0000-4000-8000-000000000021, resource_id: ` + roleGroup + `/providers/Microsoft.ManagedIdentity/userAssignedIdentities/uai}
  app: {client_id: 11111111-0000-4000-8000-000000000031, client_secret: canary}
  reader: {client_secret: s, graph_permissions: [Application.Read.All]}
  admin: {client_secret: s, graph_permissions: [Application.ReadWrite.All]}
  person: {user: true}
groups: {team: [person]}
`

const graphAudience = "https://graph.microsoft.com/"

// askGraph sends a request to Microsoft Graph.
func askGraph(a *Azure, method, path, who, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://graph.microsoft.com/v1.0"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+tokenOf(a, who, graphAudience))
	return serve(a.Stores(), r)
}

type graphList struct {
	Value []struct {
		ID, AppID, DisplayName, ServicePrincipalType string
		AlternativeNames                             []string
		Type                                         string `json:"@odata.type"`
	}
}

func (l graphList) names() string {
	var names []string
	for _, v := range l.Value {
		names = append(names, v.DisplayName)
	}
	return strings.Join(names, " ")
}

func TestGraphFinds(t *testing.T) {
	a := build(t, directoryWorld)
	registration := registrationID(a.config.identity("app"))
	for path, want := range map[string]string{
		"/servicePrincipals":                      "admin app machine reader uai",
		"/servicePrincipals?$filter=appId eq 'x'": "",
		"/servicePrincipals?$filter=appId eq '" + "11111111-0000-4000-8000-000000000021'":                     "uai",
		"/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '11111111-0000-4000-8000-000000000031')": "app",
		"/applications": "admin app reader",
		"/applications?$filter=appId eq '11111111-0000-4000-8000-000000000031'": "app",
		"/applications?$filter=appId eq '11111111-0000-4000-8000-000000000021'": "",
	} {
		for _, who := range []string{"reader", "admin", "person"} {
			w := askGraph(a, "GET", strings.ReplaceAll(path, " ", "%20"), who, "")
			if got := decoded[graphList](t, w).names(); w.Code != 200 || got != want {
				t.Errorf("%s finds %s: %d %q, want %q", who, path, w.Code, got, want)
			}
		}
	}
	for path, want := range map[string]string{
		"/me": "person", "/applications/" + registration: "app",
		"/servicePrincipals/" + a.config.principal("uai"): "uai", "/ServicePrincipals/" + a.config.principal("machine"): "machine",
	} {
		w := askGraph(a, "GET", path, "person", "")
		if got := decoded[struct{ DisplayName string }](t, w).DisplayName; w.Code != 200 || got != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	ids := `"` + a.config.principal("team") + `","` + a.config.principal("person") + `","` + a.config.principal("uai") + `","` + registration + `"`
	got := decoded[graphList](t, askGraph(a, "POST", "/directoryObjects/getByIds", "reader", `{"ids":[`+ids+`],"types":["user","group","servicePrincipal"]}`))
	if got.names() != "team person uai" || got.Value[0].Type != "#microsoft.graph.group" || got.Value[2].ServicePrincipalType != "ManagedIdentity" {
		t.Errorf("by IDs: %+v", got)
	}
	if got := decoded[graphList](t, askGraph(a, "POST", "/directoryObjects/getByIds", "reader", `{"ids":[`+ids+`],"types":["user"]}`)); got.names() != "person" {
		t.Errorf("people by IDs: %+v", got)
	}
}

func TestGraphRefuses(t *testing.T) {
	a := build(t, directoryWorld)
	to := func(audience string) string { return "Bearer " + tokenOf(a, "admin", audience) }
	expired := "Bearer " + a.issuer.sign(claims{Audience: graphAudience, Expires: time.Now().Add(-time.Hour).Unix()})
	password := "/applications/" + registrationID(a.config.identity("app")) + "/addPassword"
	for what, c := range map[string]struct {
		method, path, authorization string
		want                        wantRefusal
	}{
		"no token":        {"GET", "/v1.0/me", "", wantRefusal{401, "InvalidAuthenticationToken", "", "empty"}},
		"garbage":         {"GET", "/v1.0/me", "Bearer x", wantRefusal{401, "InvalidAuthenticationToken", "", "CompactToken"}},
		"expired":         {"GET", "/v1.0/me", expired, wantRefusal{401, "InvalidAuthenticationToken", "", "expired"}},
		"audience":        {"GET", "/v1.0/me", to(armAudience), wantRefusal{401, "InvalidAuthenticationToken", "", "Invalid audience"}},
		"another cloud's": {"GET", "/v1.0/me", to("https://graph.microsoft.us/"), wantRefusal{401, "InvalidAuthenticationToken", "", "Invalid audience"}},
		"version":         {"GET", "/v2.0/me", to(graphAudience), wantRefusal{400, "BadRequest", "", "Invalid version"}},
		"nobody":          {"GET", "/v1.0/me", to("https://graph.microsoft.com"), wantRefusal{400, "BadRequest", "", "only valid with delegated authentication flow"}},
		"segment":         {"GET", "/v1.0/sites", to(graphAudience), wantRefusal{400, "BadRequest", "", "'sites'"}},
		"method":          {"DELETE", "/v1.0/applications/x", to(graphAudience), wantRefusal{405, "Request_BadRequest", "", ""}},
		"filter":          {"GET", "/v1.0/applications?$filter=x", to(graphAudience), wantRefusal{400, "Request_UnsupportedQuery", "", ""}},
		"another filter":  {"GET", "/v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:d%20eq%20'x')", to(graphAudience), wantRefusal{400, "Request_UnsupportedQuery", "", ""}},
		"no principal":    {"GET", "/v1.0/servicePrincipals/" + a.config.principal("person"), to(graphAudience), wantRefusal{404, "Request_ResourceNotFound", "", "does not exist"}},
		"no application":  {"GET", "/v1.0/applications/x", to(graphAudience), wantRefusal{404, "Request_ResourceNotFound", "", "'x'"}},
		"no IDs":          {"POST", "/v1.0/directoryObjects/getByIds", to(graphAudience), wantRefusal{400, "Request_BadRequest", "", ""}},
		"password of x":   {"POST", "/v1.0/applications/x/addPassword", to(graphAudience), wantRefusal{404, "Request_ResourceNotFound", "", ""}},
		"no permission":   {"GET", "/v1.0/applications", "Bearer " + tokenOf(a, "app", graphAudience), wantRefusal{403, "Authorization_RequestDenied", "", "Insufficient privileges"}},
		"only reads":      {"POST", "/v1.0" + password, "Bearer " + tokenOf(a, "reader", graphAudience), wantRefusal{403, "Authorization_RequestDenied", "", ""}},
		"a person":        {"POST", "/v1.0" + password, "Bearer " + tokenOf(a, "person", graphAudience), wantRefusal{403, "Authorization_RequestDenied", "", ""}},
	} {
		t.Run(what, func(t *testing.T) {
			header := http.Header{}
			if c.authorization != "" {
				header.Set("Authorization", c.authorization)
			}
			w := send(a.Stores(), c.method, "https://graph.microsoft.com"+c.path, header)
			c.want.check(t, w)
			if !strings.Contains(w.Body.String(), `"innerError":{"date":`) {
				t.Errorf("body = %s", w.Body)
			}
		})
	}
}

// TestAddedPassword signs in with a new secret, and with the old one.
func TestAddedPassword(t *testing.T) {
	a := launch(t, directoryWorld)
	w := askGraph(a, "POST", "/applications/"+registrationID(a.config.identity("app"))+"/addPassword", "admin", `{"passwordCredential":{"displayName":"rbac"}}`)
	made := decoded[passwordWire](t, w)
	if w.Code != 200 || made.SecretText == nil || *made.DisplayName != "rbac" {
		t.Fatalf("answer = %d %s", w.Code, w.Body)
	}
	for secret, want := range map[string]int{*made.SecretText: 200, "canary": 200, "other": 401} {
		got := see(fresh(t, a), tokenRequest(t, a, map[string]string{"client_id": "11111111-0000-4000-8000-000000000031", "client_secret": secret}))
		if got.status != want {
			t.Errorf("secret %q: %d %s", secret, got.status, got.body)
		}
	}
	shown := askGraph(a, "GET", "/applications/"+registrationID(a.config.identity("app")), "admin", "").Body.String()
	if strings.Contains(shown, *made.SecretText) || strings.Contains(shown, `"canary"`) || strings.Count(shown, `"keyId"`) != 2 {
		t.Errorf("application = %s", shown)
	}
	expired := askGraph(a, "POST", "/applications/"+registrationID(a.config.identity("app"))+"/addPassword", "admin", `{"passwordCredential":{"endDateTime":"2020-01-01T00:00:00Z"}}`)
	old := *decoded[passwordWire](t, expired).SecretText
	if got := see(fresh(t, a), tokenRequest(t, a, map[string]string{"client_id": "11111111-0000-4000-8000-000000000031", "client_secret": old})); got.status != 401 {
		t.Errorf("expired secret: %d %s", got.status, got.body)
	}
}
