package resolve

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// connectionBody returns a List Secrets response with these properties.
func connectionBody(authType, credentials string) []byte {
	return fmt.Appendf(nil, `{"tags":null,"name":"c","properties":{"authType":%q,"credentials":%s,
		"target":"https://t.example/","metadata":{"ApiVersion":"v1","ApiType":"azure","azureml.flow.module":"m"},
		"future":{"x":[1]}}}`, authType, credentials)
}

func TestConnectionParts(t *testing.T) {
	tests := []struct {
		authType, credentials string
		part                  Part
		key, want             string
	}{
		{"ApiKey", `{"key":"k1"}`, Credentials, "key", "k1"},
		{"CustomKeys", `{"keys":{"OPENAI_API_KEY":"k2","key":"k3"}}`, Credentials, "OPENAI_API_KEY", "k2"},
		{"PAT", `{"pat":"p"}`, Credentials, "pat", "p"},
		{"SAS", `{"sas":"?sig=x"}`, Credentials, "sas", "?sig=x"},
		{"AccountKey", `{"key":"a1"}`, Credentials, "key", "a1"},
		{"AccountKey", `{"sas":"a2"}`, Credentials, "sas", "a2"},
		{"AccessKey", `{"accessKeyId":"i","secretAccessKey":"s"}`, Credentials, "secretAccessKey", "s"},
		{"UsernamePassword", `{"username":"u","password":"p","securityToken":null}`, Credentials, "password", "p"},
		{"ServicePrincipal", `{"clientId":"i","clientSecret":"s","tenantId":"t"}`, Credentials, "clientSecret", "s"},
		{"ManagedIdentity", `{"clientId":"i","resourceId":"r"}`, Credentials, "resourceId", "r"},
		{"OAuth2", `{"authUrl":"a","refreshToken":"r"}`, Credentials, "refreshToken", "r"},
		{"NewOne", `{"number":12345678901234567890,"flag":true}`, Credentials, "number", "12345678901234567890"},
		{"NewOne", `{"flag":true}`, Credentials, "flag", "true"},
		{"ApiKey", `{"key":"k\u00e9\n"}`, Credentials, "key", "ké\n"},
		{"ApiKey", `{"key":""}`, Credentials, "key", ""},
		{"AAD", `null`, Target, "", "https://t.example/"},
		{"None", `null`, Metadata, "azureml.flow.module", "m"},
		{"None", `null`, Metadata, "ApiVersion", "v1"},
		// found by the only name that differs in nothing but letter case
		{"None", `null`, Metadata, "apiversion", "v1"},
		{"ApiKey", `{"key":"k1"}`, Credentials, "Key", "k1"},
		{"CustomKeys", `{"keys":{"Key":"a","KEY":"b"}}`, Credentials, "KEY", "b"},
	}
	for _, test := range tests {
		c, err := parseConnection(Object{Kind: Connection, Name: "c"}, connectionBody(test.authType, test.credentials))
		if err != nil {
			t.Errorf("%s: %v", test.authType, err)
			continue
		}
		got, err := c.get(Reference{Part: test.part, Key: test.key})
		if err != nil || got() != test.want {
			t.Errorf("%s %s: %s %q: error %v, or a value other than %q", test.authType, test.credentials, test.part, test.key, err, test.want)
		}
	}
}

func TestWholeConnectionIsTheBody(t *testing.T) {
	body := " {\"name\":\"C\", \"properties\" : {\"z\":1, \"a\":\"\\u0041\"} }\r\n"
	c, err := parseConnection(Object{Kind: Connection, Name: "c"}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.get(Reference{}); err != nil || got() != body {
		t.Errorf("whole connection: %v, or it differs from the body", err)
	}
}

func TestMissingParts(t *testing.T) {
	tests := []struct {
		authType, credentials string
		ref                   Reference
		want                  string
	}{
		{"ApiKey", `{"key":"k"}`, Reference{Part: Credentials, Key: "apikey"}, `connection "c": no credential "apikey"; it has "key"`},
		{"CustomKeys", `{"keys":{"B":"1","A":"2","N":null,"O":{}}}`, Reference{Part: Credentials, Key: "C"}, `connection "c": no credential "C"; it has "A", "B"`},
		{"CustomKeys", `{"keys":{"Key":"1","KEY":"2"}}`, Reference{Part: Credentials, Key: "key"}, `connection "c": no credential "key"; it has "KEY", "Key"`},
		{"CustomKeys", `{"keys":{}}`, Reference{Part: Credentials, Key: "keys"}, `connection "c": no credential "keys"; it has none, its auth type is "CustomKeys"`},
		{"AAD", `null`, Reference{Part: Credentials, Key: "key"}, `connection "c": no credential "key"; it has no secret: it signs in with Microsoft Entra (AAD)`},
		{"ApiKey", `{"key":null}`, Reference{Part: Credentials, Key: "key"}, `connection "c": no credential "key"; it has none, its auth type is "ApiKey"`},
		{"None", `null`, Reference{Part: Metadata, Key: "x"}, `connection "c": no metadata value "x"; it has "ApiType", "ApiVersion", "azureml.flow.module"`},
	}
	for _, test := range tests {
		c, err := parseConnection(Object{Kind: Connection, Name: "c"}, connectionBody(test.authType, test.credentials))
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.get(test.ref)
		var missing *PartError
		if !errors.As(err, &missing) || err.Error() != test.want {
			t.Errorf("%s %s: %v, want %s", test.authType, test.credentials, err, test.want)
		}
	}
	c, err := parseConnection(Object{Kind: Connection, Name: "c"}, []byte(`{"name":"c","properties":{"target":null}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(Reference{Part: Target}); err == nil || err.Error() != `connection "c": no target` {
		t.Errorf("no target: %v", err)
	}
}

// TestUnexpectedBodies checks that unexpected bodies are errors, and that these
// quote nothing.
func TestUnexpectedBodies(t *testing.T) {
	for _, body := range []string{"", "<html>hunter2</html>", `"hunter2"`, "[]", "{}", `{"properties":null}`, `{"properties":"hunter2"}`,
		`{"properties":{"credentials":"hunter2"}}`, `{"properties":{}} hunter2`, `{"properties":{}}{}`, `{"properties":{"target":"hunter2`} {
		if _, err := parseConnection(Object{Name: "c"}, []byte(body)); err == nil {
			t.Errorf("parseConnection(%q): no error", body)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("parseConnection: the error %q quotes the body", err)
		}
	}
	for _, body := range []string{"\xff", `"\ud800"`, `{"properties":{"target":"hunter2 \ud83d\u0041"}}`} {
		if _, err := parseConnection(Object{Name: "c"}, []byte(body)); err != ErrNotText {
			t.Errorf("parseConnection(%q): %v, want ErrNotText", body, err)
		}
	}
	for _, name := range []string{"", `"name":"hunter2",`, `"name":null,`} {
		if _, err := parseConnection(Object{Name: "c"}, []byte("{"+name+`"properties":{}}`)); err != errAnother {
			t.Errorf("a connection with %s: %v, want errAnother", name, err)
		}
	}
	for _, body := range []string{"", "[]", `"hunter2"`} {
		if _, err := parseEndpoint(Object{Name: "e"}, []byte(body)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("parseEndpoint(%q): %v", body, err)
		}
	}
}

func TestEndpointParts(t *testing.T) {
	e, err := parseEndpoint(Object{Kind: EndpointToken, Name: "e"}, []byte(`{"accessToken":"t","expiryTimeUtc":1893456000,"tokenType":"Bearer"}`))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"accessToken": "t", "expiryTimeUtc": "1893456000"} {
		if got, err := e.get(Reference{Part: Credentials, Key: key}); err != nil || got() != want {
			t.Errorf("%s: %v, or a value other than %q", key, err, want)
		}
	}
	_, err = e.get(Reference{Part: Credentials, Key: "primaryKey"})
	if want := `online endpoint "e": no credential "primaryKey"; it has "accessToken", "expiryTimeUtc", "tokenType"`; err == nil || err.Error() != want {
		t.Errorf("primaryKey: %v, want %s", err, want)
	}
}

// opaqueToken is a credential whose tokens do not look like tokens.
type opaqueToken string

func (o opaqueToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(o), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// TestNamesRepeatTheToken checks that errors do not print the sent token, or what
// looks like one, as the name of a credential or auth type. All other names are
// printed unchanged.
func TestNamesRepeatTheToken(t *testing.T) {
	const token = "hunter2/hunter2"
	inBase64 := base64.StdEncoding.EncodeToString([]byte("Bearer " + token))
	for _, test := range []struct{ authType, credentials, want string }{
		{"ApiKey", `{"` + token + `":"x"}`, `it has "…"`},
		{"ApiKey", `{"a":"1", "` + strings.Repeat("x", 95) + token + `":"x"}`, `it has "a", "` + strings.Repeat("x", 95) + `…"`},
		{"ApiKey", `{"` + inBase64 + `":"x"}`, `it has ""`},
		{"ApiKey", `{"eyJhbGciOiJub25lIn0.e30.":"x"}`, `it has "…"`},
		{token, `null`, `it has none, its auth type is "…"`},
		{"ApiKey", `{" key  \u00a0":"x"}`, `it has " key  \u00a0"`},
	} {
		network := &answer{status: 200, body: connectionBody(test.authType, test.credentials)}
		o := Object{Kind: Connection, Name: "c", Workspace: testWorkspace}
		s := planOfOne(testOptions()).newStore(o, opaqueToken(token), network)
		ref := Reference{Object: o, Part: Credentials, Key: "z"}
		c, err := s.inSlot(t.Context(), o, []Reference{ref})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.get(ref)
		if want := `connection "c": no credential "z"; ` + test.want; err == nil || err.Error() != want {
			t.Errorf("%s %s: %v, want %s", test.authType, test.credentials, err, want)
		}
	}
}
