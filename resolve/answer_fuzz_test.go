package resolve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// answer is a store that always returns one answer.
type answer struct {
	status int
	body   []byte
}

func (a answer) Do(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(bytes.NewReader(a.body)),
		Request:    req,
	}, nil
}

// anyToken is a credential that returns a token for anything.
type anyToken struct{}

func (anyToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// FuzzSecretAnswer checks that an answer from Key Vault is either a secret,
// which is its string "value", or an error that quotes nothing.
func FuzzSecretAnswer(f *testing.F) {
	f.Add([]byte(`{"value":"v","id":"https://kv1.vault.azure.net/secrets/s/0123","attributes":{"enabled":true,"exp":1767225600}}`))
	f.Add([]byte(`{"value":null}`))
	f.Add([]byte(`{"value":"v","id":"https://kv1.vault.azure.net/secrets/s/%1b[2J"}`))
	f.Add([]byte(`{"value":"v","id":"//[","attributes":{"exp":-1}}`))
	f.Add([]byte(`{"value":{"hunter2":1}}`))
	f.Add([]byte("<html>hunter2</html>"))
	o := Object{Kind: VaultSecret, Vault: "kv1.vault.azure.net", Name: "s"}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := planOfOne(Options{}).newStore(o, anyToken{}, answer{http.StatusOK, body})
		c, err := s.fetch(t.Context(), o)
		if err != nil {
			if failed := newFetchError(o, err); failed.Err != errUnexpected && failed.Err != errAnother && failed.Err != ErrNotText {
				t.Fatalf("%q: %v", body, failed)
			}
			return
		}
		if strings.ContainsFunc(c.version, func(r rune) bool { return !isAlphanumeric(r) }) {
			t.Fatalf("%q: the version %q cannot be printed", body, c.version)
		}
		got, err := c.get(Reference{Object: o})
		var members map[string]json.RawMessage
		var want *string
		if err := errors.Join(err, json.Unmarshal(body, &members), json.Unmarshal(members["value"], &want)); err != nil || want == nil || got() != *want {
			t.Fatalf("%q: not its secret: %v", body, err)
		}
	})
}

// FuzzKeyValueAnswer checks that an answer from App Configuration is its string
// "value", leads to a secret in a vault, or is an error that quotes nothing.
func FuzzKeyValueAnswer(f *testing.F) {
	const vaultType = "application/vnd.microsoft.appconfig.keyvaultref+json; charset=utf-8"
	add := func(key, label, contentType, value string) {
		body, _ := json.Marshal(map[string]string{"key": key, "label": label, "content_type": contentType, "value": value})
		f.Add(body)
	}
	add("k", "l", "", "hunter2")
	add("k", "l", "application/json", `"hunter2"`)
	add("k", "l", vaultType, `{"uri":"https://kv1.vault.azure.net/secrets/db"}`)
	add("k", "l", strings.ToUpper(vaultType), `{"uri":"https://hunter2.example/secrets/db"}`)
	add("k", "l", vaultType, `{"uri":"https://kv1.vault.azure.net/secrets/db/hunter2/x"}`)
	add("k", "l", vaultType, `hunter2`)
	add("k", "", "", "hunter2")
	add("other", "l", "", "hunter2")
	f.Add([]byte(`{"key":"k","label":"l","value":null}`))
	f.Add([]byte(`{"key":"k","label":null,"value":"hunter2"}`))
	f.Add([]byte(`{"key":"k","label":"l","value":"hunter2\ud800"}`))
	f.Add([]byte("<html>hunter2</html>"))
	o := keyRef("store1.azconfig.io", "k", "l").Object
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := testGrammar.parseKeyValue(o, body)
		if err != nil {
			if err != errUnexpected && err != errAnother && err != ErrNotText {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		var got struct {
			Key, Label string
			Value      *string
		}
		if json.Unmarshal(body, &got) != nil || got.Key != "k" || got.Label != "l" {
			t.Fatalf("%q: not the one that was asked for", body)
		}
		if c.follow != nil {
			if c.get != nil || c.follow.Kind != VaultSecret || !vaultHost.MatchString(c.follow.Vault) {
				t.Fatalf("%q leads to %+v", body, c.follow)
			}
			return
		}
		value, err := c.get(Reference{Object: o})
		if wrong, ok := errors.AsType[*ValueError](err); ok {
			if text := wrong.Error(); strings.Contains(text, "hunter2") || strings.ContainsFunc(text, unprintable) {
				t.Fatalf("%q: %v", body, err)
			}
		} else if err != nil || got.Value == nil || value() != *got.Value {
			t.Fatalf("%q: not its value: %v", body, err)
		}
	})
}

// FuzzConnectionAnswer checks that a connection is passed on byte for byte,
// that every part it lists can be used, and that no other can.
func FuzzConnectionAnswer(f *testing.F) {
	f.Add(connectionBody("ApiKey", `{"key":"k"}`), "Key")
	f.Add(connectionBody("CustomKeys", `{"keys":{"a":"1","A":2,"b":true,"c":null,"d":{}}}`), "a")
	f.Add(connectionBody("CustomKeys", `{"keys":7}`), "keys")
	f.Add([]byte(`{"properties":{"metadata":null,"credentials":{"":1e999}}}`), "")
	f.Add([]byte(`{"properties":{}} {}`), "x")
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		o := Object{Kind: Connection, Name: "c"}
		c, err := parseConnection(o, body)
		if err != nil {
			if err != errUnexpected && err != errAnother && err != ErrNotText {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if whole, err := c.get(Reference{Object: o}); err != nil || whole() != string(body) {
			t.Fatalf("%q: changed: %v", body, err)
		}
		checkParts(t, c, Reference{Object: o, Part: Credentials, Key: key})
		checkParts(t, c, Reference{Object: o, Part: Metadata, Key: key})
		checkParts(t, c, Reference{Object: o, Part: Target})
	})
}

// FuzzProjectConnectionAnswer checks the same for a Foundry project's connection,
// of which the auth type is not a part.
func FuzzProjectConnectionAnswer(f *testing.F) {
	f.Add(projectBody(`{"type":"ApiKey","key":"k"}`), "Key")
	f.Add(projectBody(`{"type":"CustomKeys","a":"1","A":2,"Type":"x","c":null,"d":{}}`), "type")
	f.Add([]byte(`{"name":"c","credentials":null,"metadata":{"":true}}`), "")
	f.Add([]byte(`{"Name":"C","name":"d","target":7}`), "x")
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		o := projectRef("c", Target, "").Object
		c, err := parseProjectConnection(o, body)
		if err != nil {
			if err != errUnexpected && err != errAnother && err != ErrNotText {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		checkParts(t, c, Reference{Object: o, Part: Credentials, Key: key})
		checkParts(t, c, Reference{Object: o, Part: Metadata, Key: key})
		checkParts(t, c, Reference{Object: o, Part: Target})
	})
}

// FuzzEndpointAnswer checks the same for an endpoint's keys and token.
func FuzzEndpointAnswer(f *testing.F) {
	f.Add([]byte(`{"primaryKey":"p","secondaryKey":"s"}`), "primaryKey")
	f.Add([]byte(`{"accessToken":"t","expiryTimeUtc":1767225600.5,"refreshAfterTimeUtc":null}`), "refreshAfterTimeUtc")
	f.Add([]byte(`null`), "primaryKey")
	f.Add([]byte(`[]`), "accessToken")
	f.Fuzz(func(t *testing.T, body []byte, key string) {
		o := Object{Kind: EndpointKeys, Name: "e"}
		e, err := parseEndpoint(o, body)
		if err != nil {
			if err != errUnexpected && err != ErrNotText {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		checkParts(t, e, Reference{Object: o, Part: Credentials, Key: key})
	})
}

// checkParts checks that get returns the part, or a one-line error with the
// names of the existing parts.
func checkParts(t *testing.T, c content, ref Reference) {
	t.Helper()
	got, err := c.get(ref)
	if err == nil {
		got() // must not panic
		return
	}
	var missing *PartError
	if !errors.As(err, &missing) || got != nil {
		t.Fatalf("%+v: %v, want a PartError", ref, err)
	}
	if text := err.Error(); strings.ContainsFunc(text, unprintable) {
		t.Fatalf("%+v: the error %q cannot be printed", ref, text)
	}
	if slices.Contains(missing.Have, ref.Key) && ref.Part != Target {
		t.Fatalf("%+v: missing, but the error lists it: %v", ref, err)
	}
	for _, name := range missing.Have {
		ref.Key = name
		if _, err := c.get(ref); err != nil {
			t.Fatalf("%+v: the error lists it: %v", ref, err)
		}
	}
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// FuzzRefusal checks that an error answer is printed as one line of bounded
// length, and that only a 403 counts as denied access, or a 401 of Foundry.
func FuzzRefusal(f *testing.F) {
	f.Add(403, []byte(`{"error":{"code":"Forbidden","message":"Caller is not authorized to perform action on resource.\r\nResource: '/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv1'","innererror":{"code":"ForbiddenByRbac"}}}`))
	f.Add(404, []byte(`{"error":{"code":"SecretNotFound","message":"\u001b[2J\u202e"}}`))
	f.Add(401, []byte(`{"error":{"code":"PermissionDenied","message":"The principal lacks the required data action"}}`))
	f.Add(400, []byte(`{"error":"hunter2"}`))
	f.Add(302, []byte("<html>"))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		code, message := transport.ParseRefusal(body)
		for _, o := range []Object{{Kind: VaultSecret, Vault: "kv1.vault.azure.net", Name: "s"}, projectRef("c", Target, "").Object} {
			e := &FetchError{Object: o, Status: max(status, 1), Code: code, Message: message}
			if text := e.Error(); len(text) > 2*transport.MaxLine+200 || strings.ContainsFunc(text, unprintable) {
				t.Fatalf("%d %q: the error %q cannot be printed", status, body, text)
			}
			role := status == http.StatusUnauthorized && o.Kind == ProjectConnection && e.Denial() == DeniedByRole
			if denied := e.Denial() != NotDenied; denied != (status == http.StatusForbidden || role) || e.mayBeGranted() && !denied {
				t.Fatalf("%d %q: denial %d", status, body, e.Denial())
			}
		}
	})
}

var thisVault = regexp.MustCompile(`(?i)/vaults/kv1(['/]|$)`)

// FuzzScope checks that no message moves a role assignment away from this
// vault, and that the scope is safe between double quotes in a shell.
func FuzzScope(f *testing.F) {
	f.Add("Resource: '/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/kv1'")
	f.Add("Resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/other'")
	f.Add("Resource: '/subscriptions/$(x)/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv1'")
	f.Fuzz(func(t *testing.T, message string) {
		e := &FetchError{Object: Object{Kind: VaultSecret, Vault: "kv1.vault.azure.net"}, Status: http.StatusForbidden, Message: message}
		scope := e.RoleScope()
		unsafe := func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("/_-.() ", r) }
		if scope != "" && (!thisVault.MatchString(message) ||
			!strings.HasPrefix(scope, "/subscriptions/") || !strings.HasSuffix(scope, "/providers/Microsoft.KeyVault/vaults/kv1") ||
			strings.Count(scope, "/") != 8 || strings.ContainsFunc(scope, unsafe)) {
			t.Fatalf("%q gives the scope %q", message, scope)
		}
	})
}
