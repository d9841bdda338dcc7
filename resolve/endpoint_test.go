package resolve

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// refusing is Resource Manager with an endpoint that refuses with status what it is
// asked for, and has this authMode.
type refusing struct {
	status   int
	authMode string
	asked    []string
}

func (r *refusing) Do(req *http.Request) (*http.Response, error) {
	r.asked = append(r.asked, req.Method)
	if req.Method == http.MethodGet {
		return answer{http.StatusOK, []byte(`{"name":"E","properties":{"authMode":"` + r.authMode + `"}}`)}.Do(req)
	}
	return answer{r.status, []byte(`{"error":{"code":"UserError"}}`)}.Do(req)
}

// scoped is a credential whose tokens name their scope, or fail with err.
type scoped struct{ err error }

func (s scoped) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if s.err != nil && o.Scopes[0] == "https://ml.azure.com/.default" {
		return azcore.AccessToken{}, s.err
	}
	return azcore.AccessToken{Token: "for " + o.Scopes[0], ExpiresOn: time.Unix(1893456000, 0)}, nil
}

// fetchEndpoint fetches an endpoint's token from r.
func fetchEndpoint(t *testing.T, kind Kind, r *refusing, tokens azcore.TokenCredential) (content, error) {
	o := endpointRef(kind, testWorkspace, "e", "").Object
	return planOfOne(testOptions()).newStore(o, tokens, r).fetch(t.Context(), o)
}

func TestEndpointOfEntra(t *testing.T) {
	for _, status := range []int{400, 403, 404, 405, 409, 422} {
		r := &refusing{status: status, authMode: "aadToken"}
		c, err := fetchEndpoint(t, EndpointToken, r, scoped{})
		if err != nil || !slices.Equal(r.asked, []string{"POST", "GET"}) {
			t.Errorf("refused with %d: %v after %v", status, err, r.asked)
			continue
		}
		for key, want := range map[string]string{"accessToken": "for https://ml.azure.com/.default", "expiryTimeUtc": "1893456000"} {
			if got, err := c.get(Reference{Part: Credentials, Key: key}); err != nil || got() != want {
				t.Errorf("%s: %v, or another value than %q", key, err, want)
			}
		}
		if c.expires.Unix() != 1893456000 {
			t.Errorf("expires at %v", c.expires)
		}
	}
}

// TestEndpointRefuses checks that nothing is made of other refusals.
func TestEndpointRefuses(t *testing.T) {
	for _, test := range []struct {
		kind     Kind
		status   int
		authMode string
		asked    int
	}{
		{EndpointToken, 401, "AADToken", 1},
		{EndpointToken, 302, "AADToken", 1},
		{EndpointToken, 400, "AMLToken", 2},
		{EndpointToken, 403, "AMLToken", 2},
		{EndpointKeys, 403, "Key", 2},
		{EndpointToken, 400, "", 2},
		{EndpointToken, 400, "NewMode", 2},
		{Connection, 400, "AADToken", 1},
	} {
		r := &refusing{status: test.status, authMode: test.authMode}
		_, err := fetchEndpoint(t, test.kind, r, scoped{})
		if e := newFetchError(Object{}, err); e.Status != test.status || len(r.asked) != test.asked {
			t.Errorf("%+v: %v after %v", test, err, r.asked)
		}
	}
}

func TestEndpointHasAnotherMode(t *testing.T) {
	for _, test := range []struct {
		kind           Kind
		authMode, want string
	}{
		{EndpointKeys, "AMLToken", `online endpoint "e" with auth_mode aml_token: no credential "x"; it has "accessToken", "expiryTimeUtc", "refreshAfterTimeUtc"`},
		{EndpointKeys, "AADToken", `online endpoint "e" with auth_mode aad_token: no credential "x"; it has "accessToken", "expiryTimeUtc"`},
		{EndpointToken, "AADToken", `online endpoint "e" with auth_mode aad_token: no credential "x"; it has "accessToken", "expiryTimeUtc"`},
		{EndpointToken, "Key", `online endpoint "e" with auth_mode key: no credential "x"; it has "primaryKey", "secondaryKey"`},
	} {
		c, err := fetchEndpoint(t, test.kind, &refusing{status: 400, authMode: test.authMode}, scoped{})
		if err != nil {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		for _, key := range []string{"x", "accessToken", "primaryKey"} {
			got, err := c.get(Reference{Part: Credentials, Key: key})
			var missing *PartError
			if has := key == "accessToken" && test.kind == EndpointToken && test.authMode == "AADToken"; has != (err == nil) || !has && (got != nil || !errors.As(err, &missing)) {
				t.Errorf("%+v: %s: %v", test, key, err)
			}
		}
		if _, err := c.get(Reference{Part: Credentials, Key: "x"}); err == nil || err.Error() != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// TestEndpointWithoutToken checks that Microsoft Entra's refusal is the token's, and
// not the endpoint's.
func TestEndpointWithoutToken(t *testing.T) {
	refused := errors.New("no such audience")
	_, err := fetchEndpoint(t, EndpointToken, &refusing{status: 400, authMode: "AADToken"}, scoped{refused})
	if e := newFetchError(Object{}, err); e.Err != refused || e.Status != 0 {
		t.Errorf("%v, want the credential's error", e)
	}
}

func TestEndpointTokenExpires(t *testing.T) {
	for body, want := range map[string]int64{
		`{"expiryTimeUtc":1893456000}`: 1893456000, `{"expiryTimeUtc":-1}`: -1, `{"expiryTimeUtc":null}`: 0, `{"expiryTimeUtc":1e9}`: 0, `{"expiryTimeUtc":"1"}`: 0, `{}`: 0,
	} {
		c, err := parseEndpoint(Object{Kind: EndpointToken, Name: "e"}, []byte(body))
		if err != nil || c.expires.IsZero() != (want == 0) || want != 0 && c.expires.Unix() != want {
			t.Errorf("%s: expires %v, %v", body, c.expires, err)
		}
	}
}
