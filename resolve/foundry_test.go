package resolve

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"azinject/transport"
)

// projectBody returns an answer with these credentials.
func projectBody(credentials string) []byte {
	return []byte(`{"name":"c","id":"/subscriptions/s/…/connections/c","type":"CustomKeys","target":"https://t.example/","isDefault":false,
		"credentials":` + credentials + `,"metadata":{"ApiVersion":"v1","a.credentials.b":"m"},"future":{"x":[1]}}`)
}

func TestProjectConnectionParts(t *testing.T) {
	for _, test := range []struct {
		credentials string
		part        Part
		key, want   string
	}{
		{`{"type":"ApiKey","key":"k1"}`, Credentials, "key", "k1"},
		{`{"type":"CustomKeys","x-api-key":"k2","otlp_headers":"a=b","key":"k3"}`, Credentials, "otlp_headers", "a=b"},
		{`{"type":"CustomKeys","x-api-key":"k2","otlp_headers":"a=b","key":"k3"}`, Credentials, "key", "k3"},
		{`{"type":"CustomKeys","keys":"flat"}`, Credentials, "keys", "flat"},
		{`{"type":"SAS","SAS":"?sig=x"}`, Credentials, "SAS", "?sig=x"},
		{`{"type":"SAS","SAS":"?sig=x"}`, Credentials, "sas", "?sig=x"},
		{`{"type":"NewOne","number":12345678901234567890,"list":[]}`, Credentials, "number", "12345678901234567890"},
		{`{"type":7,"key":"k"}`, Credentials, "key", "k"},
		{`{"key":"k"}`, Credentials, "key", "k"},
		{`null`, Target, "", "https://t.example/"},
		{`{}`, Metadata, "apiversion", "v1"},
		{`{"type":"None"}`, Metadata, "a.credentials.b", "m"},
	} {
		c, err := parseProjectConnection(projectRef("c", Target, "").Object, projectBody(test.credentials))
		if err != nil {
			t.Errorf("%s: %v", test.credentials, err)
			continue
		}
		got, err := c.get(projectRef("c", test.part, test.key))
		if err != nil || got() != test.want {
			t.Errorf("%s: %s %q: error %v, or a value other than %q", test.credentials, test.part, test.key, err, test.want)
		}
	}
}

func TestMissingProjectConnectionParts(t *testing.T) {
	for _, test := range []struct{ credentials, key, want string }{
		{`{"type":"ApiKey","key":"k"}`, "apikey", `it has "key"`},
		{`{"type":"ApiKey","key":null}`, "key", `it has none, its auth type is "ApiKey"`},
		{`{"type":"CustomKeys","a":"1","TYPE":"2","o":{}}`, "b", `it has "TYPE", "a"`},
		{`{"type":"CustomKeys","a":"1"}`, "type", `it has "a"`},
		{`{"type":"AAD"}`, "key", "it has no secret: it signs in with Microsoft Entra (AAD)"},
		{`{"type":"AgenticIdentityToken_Preview"}`, "key", "it has no secret: it signs in with Microsoft Entra (AgenticIdentityToken_Preview)"},
		{`{"type":"None"}`, "key", `it has none, its auth type is "None"`},
		{`{"type":["x"]}`, "key", "it has none"},
		{`{}`, "key", "it has none"},
		{`null`, "key", "it has none"},
	} {
		c, err := parseProjectConnection(projectRef("c", Target, "").Object, projectBody(test.credentials))
		if err != nil {
			t.Errorf("%s: %v", test.credentials, err)
			continue
		}
		_, err = c.get(projectRef("c", Credentials, test.key))
		if want := `connection "c": no credential "` + test.key + `"; ` + test.want; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", test.credentials, err, want)
		}
	}
}

func TestUnexpectedProjectConnections(t *testing.T) {
	for body, want := range map[string]error{
		"": errUnexpected, "<html>hunter2": errUnexpected, "[]": errUnexpected, "null": errUnexpected, "{}": errUnexpected,
		`{"name":null}`: errUnexpected, `{"name":7}`: errUnexpected, `{"name":"c","credentials":"hunter2"}`: errUnexpected,
		`{"name":"c"} {}`: errUnexpected, `{"name":"d"}`: errAnother, `{"name":""}`: errAnother,
		`{"name":"c","target":"\ud800"}`: ErrNotText, `{"name":"C"}`: nil,
	} {
		if _, err := parseProjectConnection(Object{Kind: ProjectConnection, Name: "c"}, []byte(body)); err != want {
			t.Errorf("%q: %v, want %v", body, err, want)
		}
	}
}

// recorded is a store that keeps the last request and answers it.
type recorded struct {
	answer
	last *http.Request
}

func (r *recorded) Do(req *http.Request) (*http.Response, error) {
	r.last = req
	return r.answer.Do(req)
}

func TestProjectConnectionRequest(t *testing.T) {
	network := &recorded{answer: answer{http.StatusOK, []byte(`{"name":"a b.c","target":"t"}`)}}
	o := projectRef("a b.c", Target, "").Object
	o.Project.Name = "p(1)"
	if _, err := planOfOne(testOptions()).newStore(o, anyToken{}, network).inSlot(t.Context(), o, nil); err != nil {
		t.Fatal(err)
	}
	const want = "https://acct.services.ai.azure.com/api/projects/p%281%29/connections/a%20b.c/getConnectionWithCredentials?api-version=v1"
	if r := network.last; r.Method != http.MethodPost || r.URL.String() != want || r.ContentLength != 0 || r.Header.Get("Content-Type") != "" || r.Header.Get("Authorization") != "Bearer t" {
		t.Errorf("%s %s with %d bytes and %v", r.Method, r.URL, r.ContentLength, r.Header)
	}
}

// TestProjectDenials checks which refusals of a project may end once a role has
// arrived.
func TestProjectDenials(t *testing.T) {
	for _, test := range []struct {
		status        int
		code, message string
		want          Denial
	}{
		{401, "PermissionDenied", "", DeniedByRole},
		{401, "", "The principal `x` lacks the required data action `y`", DeniedByRole},
		{403, "PermissionDenied", "", DeniedByRole},
		{403, "AuthorizationFailed", "", DeniedByRole},
		{403, "", "Public access is disabled. Please configure private endpoint", DeniedByLink},
		{403, "AccessDenied", "Public access is disabled. Please configure private endpoint", DeniedByLink},
		{403, "AccessDenied", "Access denied due to Virtual Network/Firewall rules.", DeniedByFirewall},
		{403, "403", "Access denied due to Virtual Network/Firewall rules.", DeniedByFirewall},
		{403, "AccessDenied", "", DeniedOtherwise},
		{403, "Forbidden", "something else", DeniedOtherwise},
		{401, "Unauthorized", "Tenant provided in token does not match resource token", NotDenied},
		{401, "", "Unauthorized. Access token is missing, invalid, audience is incorrect", NotDenied},
		{401, "ForbiddenByConnection", "", NotDenied},
		{401, "", "", NotDenied},
		{400, "PermissionDenied", "", NotDenied},
	} {
		o := projectRef("c", Target, "").Object
		e := newFetchError(o, &transport.StatusError{Status: test.status, Code: test.code, Message: test.message})
		if e.Denial() != test.want || e.mayBeGranted() != (test.want == DeniedByRole) {
			t.Errorf("%+v: denial %d", test, e.Denial())
		}
		if strings.Contains(e.Error(), "access denied") != (test.want != NotDenied) {
			t.Errorf("%+v: %v", test, e)
		}
		e.Object = Object{Kind: VaultSecret, Vault: "kv1.vault.azure.net"}
		if test.status == 401 && e.Denial() != NotDenied {
			t.Errorf("%+v: a vault denies with 401", test)
		}
	}
}

// TestNoProject checks the error for a reference in a container without a project.
func TestNoProject(t *testing.T) {
	if _, err := (Grammar{}).Parse("${{connections.c.target}}"); !errors.Is(err, ErrNoProject) {
		t.Errorf("%v, want ErrNoProject", err)
	}
	var mistake *SyntaxError
	if _, err := (Grammar{}).Parse("${{connections.c.targets}}"); !errors.As(err, &mistake) {
		t.Errorf("%v, want a SyntaxError", err)
	}
}
