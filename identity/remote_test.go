package identity

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

const vaultScope = "https://vault.azure.net/.default"

// TestMain makes the tests trust the certificate of httptest's servers, in the
// way that a deployment adds a certificate.
func TestMain(m *testing.M) {
	server := httptest.NewTLSServer(nil)
	server.Close()
	f, err := os.CreateTemp("", "roots")
	if err != nil {
		panic(err)
	}
	pem.Encode(f, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	f.Close()
	os.Setenv("SSL_CERT_FILE", f.Name())
	for _, name := range []string{"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "MSI_ENDPOINT", "MSI_SECRET", "IMDS_ENDPOINT"} {
		os.Unsetenv(name) // set on the machine that runs the tests
	}
	status := m.Run()
	os.Remove(f.Name())
	os.Exit(status)
}

// newCredential selects and makes the credential for the environment.
func newCredential(t *testing.T, e env) azcore.TokenCredential {
	t.Helper()
	selected, err := Select(e.get, entra)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(selected)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start serves handler where a credential of this kind gets its tokens, and
// returns an environment that leads there.
func start(t *testing.T, kind Kind, handler http.HandlerFunc) env {
	if kind == OnBehalfOf {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return env{"AZINJECT_CREDENTIAL": "AzureMLOnBehalfOfCredential", "OBO_ENDPOINT": "http://" + canary + "@" + server.Listener.Addr().String() + "/OBO/token?key=" + canary}
	}
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	return secret.with(env{"AZINJECT_CREDENTIAL": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL + "/"})
}

// requireTokenError returns err as a *TokenError and checks that it contains
// nothing secret.
func requireTokenError(t *testing.T, err error) *TokenError {
	t.Helper()
	var e *TokenError
	if !errors.As(err, &e) {
		t.Fatalf("GetToken: %v, want a TokenError", err)
	}
	for _, format := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(format, *e) + e.Error(); strings.Contains(text, canary) || strings.Contains(e.Error(), "\n") {
			t.Errorf("the error contains a secret or several lines: %s", text)
		}
	}
	return e
}

const token3599 = `{"token_type":"Bearer","expires_in":3599,"access_token":"a token"}`

// TestRemoteRefused checks answers that are not asked for again, from both
// endpoints.
func TestRemoteRefused(t *testing.T) {
	for _, kind := range []Kind{OnBehalfOf, Environment} {
		for _, test := range []struct {
			name    string
			status  int
			header  string
			body    string
			says    string
			noToken bool
			aadsts  int
		}{
			{"refused", 401, "", invalidSecret, "returned 401 invalid_client: AADSTS7000215: Invalid client secret provided", false, 7000215},
			{"not found", 404, "", "<html>canary~secret, in a web page</html>", "returned 404", false, 0},
			{"redirected", 302, "https://127.0.0.1:1/", "", "returned 302", false, 0},
			{"empty", 200, "", "", "returned 200 without a token", true, 0},
			{"a web page", 200, "", "<html>canary~secret</html>", "returned 200 without a token", true, 0},
			{"an error that is called none", 200, "", `{"error":{"code":"UserError","message":"m"}}`, "returned 200 without a token", true, 0},
			{"half", 200, "", `{"access_token":"canary~secret","exp`, "returned 200 without a token", true, 0},
			{"too much", 200, "", strings.Repeat("canary~secret", 1<<20), "larger than 256 KiB", false, 0},
		} {
			t.Run(fmt.Sprint(kind, " ", test.name), func(t *testing.T) {
				t.Parallel()
				var requests atomic.Int32
				c := newCredential(t, start(t, kind, func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					if test.header != "" {
						w.Header().Set("Location", test.header)
					}
					w.WriteHeader(test.status)
					fmt.Fprint(w, test.body)
				}))
				_, err := ask(t.Context(), c, vaultScope)
				e := requireTokenError(t, err)
				if !strings.Contains(e.Error(), test.says) || e.NoToken != test.noToken || e.AADSTS != test.aadsts || e.Selected.Kind != kind || e.Transient() || e.Absent() {
					t.Errorf("GetToken: %v, NoToken %v, AADSTS %d, transient %v, want one that contains %q", e, e.NoToken, e.AADSTS, e.Transient(), test.says)
				}
				if requests.Load() != 1 {
					t.Errorf("%d requests, want 1", requests.Load())
				}
			})
		}
	}
}

// TestRemoteRepeats checks answers that may change the next time.
func TestRemoteRepeats(t *testing.T) {
	for _, kind := range []Kind{OnBehalfOf, Environment} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			c := newCredential(t, start(t, kind, func(w http.ResponseWriter, r *http.Request) {
				if r.FormValue("resource")+r.FormValue("scope") == "" {
					t.Errorf("request %d is sent without parameters", requests.Load())
				}
				w.Header().Set("Retry-After-Ms", "1")
				switch requests.Add(1) {
				case 1:
					w.WriteHeader(http.StatusTooManyRequests)
				case 2:
					w.WriteHeader(http.StatusServiceUnavailable)
				case 3:
					panic(http.ErrAbortHandler) // the connection breaks
				default:
					fmt.Fprint(w, token3599)
				}
			}))
			token, err := ask(t.Context(), c, vaultScope)
			if err != nil || token.Token != "a token" || time.Until(token.ExpiresOn) < 59*time.Minute || requests.Load() != 4 {
				t.Errorf("GetToken: %v after %d requests", err, requests.Load())
			}
		})
	}
}

// TestRemoteTime checks that the error at the deadline is the last one seen.
func TestRemoteTime(t *testing.T) {
	for _, kind := range []Kind{OnBehalfOf, Environment} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var requests atomic.Int32
			c := newCredential(t, start(t, kind, func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) == 2 {
					cancel()
				}
				w.Header().Set("Retry-After-Ms", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			_, err := ask(ctx, c, vaultScope)
			if e := requireTokenError(t, err); e.Status != 503 || !e.Transient() || e.Absent() {
				t.Errorf("GetToken: %v, transient %v, absent %v", e, e.Transient(), e.Absent())
			}
		})
	}
}

func TestRemoteNoConnection(t *testing.T) {
	for _, kind := range []Kind{OnBehalfOf, Environment} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			e := start(t, kind, nil)
			if kind == OnBehalfOf {
				e["OBO_ENDPOINT"] = "http://" + canary + "@127.0.0.1:1/OBO/token?key=" + canary
			} else {
				e["AZURE_AUTHORITY_HOST"] = "https://127.0.0.1:1"
			}
			c := newCredential(t, e)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := ask(ctx, c, vaultScope)
			failed := requireTokenError(t, err)
			if !strings.Contains(failed.Error(), "://127.0.0.1:1") || !strings.Contains(failed.Error(), "no connection") || failed.Absent() || !failed.Transient() {
				t.Errorf("GetToken: %v, transient %v, absent %v", failed, failed.Transient(), failed.Absent())
			}
		})
	}
}
