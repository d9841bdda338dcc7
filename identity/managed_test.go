package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"azinject/transport"
)

// TestEndpointRepeatsItsSecret checks a refusal that quotes the header that was
// sent.
func TestEndpointRepeatsItsSecret(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"statusCode":400,"message":"bad header %s%s"}`, r.Header.Get("X-IDENTITY-HEADER"), r.Header.Get("Secret"))
	}))
	defer endpoint.Close()
	for _, e := range []env{
		{"IDENTITY_ENDPOINT": endpoint.URL, "IDENTITY_HEADER": canary},
		{"MSI_ENDPOINT": endpoint.URL, "MSI_SECRET": canary},
	} {
		for name, value := range e {
			t.Setenv(name, value)
		}
		_, err := ask(t.Context(), newCredential(t, e), vaultScope)
		if failed := requireTokenError(t, err); failed.Status != http.StatusBadRequest || strings.Contains(failed.Error(), canary) || !strings.HasPrefix(failed.Message, "bad header ") {
			t.Errorf("GetToken: %v", failed)
		}
		for name := range e {
			t.Setenv(name, "")
		}
	}
}

// TestOddExpiry checks tokens with expiry times that the SDK cannot parse.
func TestOddExpiry(t *testing.T) {
	soon := time.Now().Add(time.Hour).Unix()
	for expiry, want := range map[string]time.Duration{
		`"expires_on":"12/09/2020 16:12:09 +00:00"`:                        assumedLifetime,
		`"expires_on":"1/16/2030 5:24:12 AM +00:00"`:                       assumedLifetime,
		`"expires_on":"12\/09\/2020 16:12:09 \u002B00:00","client_id":"x"`: assumedLifetime,
		`"expires_on":"09.12.2020 16:12:09","expires_in":"3600"`:           time.Hour,
		`"expires_on":null`:                          assumedLifetime,
		`"resource":"r"`:                             assumedLifetime,
		fmt.Sprintf(`"expires_on":%d`, soon):         time.Hour,
		fmt.Sprintf(`"expires_on":"%d"`, soon):       time.Hour,
		fmt.Sprintf(`"expires_on":%d.0`, soon):       assumedLifetime,
		`"expires_on":"","expires_in":3600,"a":[{}]`: time.Hour,
		`"expires_in":3600,"refresh_in":null`:        time.Hour,
		`"expires_in":3600,"id_token":"x","error":0`: time.Hour,
	} {
		endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"access_token":"a token","token_type":"Bearer",%s}`, expiry)
		}))
		for _, e := range []env{
			{"MSI_ENDPOINT": endpoint.URL, "MSI_SECRET": canary},
			{"IDENTITY_ENDPOINT": endpoint.URL, "IDENTITY_HEADER": canary},
			{"MSI_ENDPOINT": endpoint.URL},
		} {
			for name, value := range e {
				t.Setenv(name, value)
			}
			// The SDK caches tokens by audience.
			got, err := ask(t.Context(), newCredential(t, e), fmt.Sprint(endpoint.URL, len(e), e["IDENTITY_HEADER"]))
			if off := time.Until(got.ExpiresOn) - want; err != nil || got.Token != "a token" || off.Abs() > time.Minute {
				t.Errorf("%s: GetToken: %v, expires %v", expiry, err, got.ExpiresOn)
			}
			for name := range e {
				t.Setenv(name, "")
			}
		}
		endpoint.Close()
	}
}

// TestNoToken checks answers without a token, at some of which the SDK panics.
func TestNoToken(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusAccepted} {
		for _, body := range []string{"null", "{}", "", `{"access_token":null}`} {
			endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			}))
			t.Setenv("MSI_ENDPOINT", endpoint.URL)
			_, err := ask(t.Context(), newCredential(t, env{}), endpoint.URL)
			if e := requireTokenError(t, err); e.Status != status || e.NoToken != (status == http.StatusOK) {
				t.Errorf("status %d with %q: GetToken: %v", status, body, e)
			}
			endpoint.Close()
		}
	}
}

// TestOneIdentity checks that where there is only one identity, variables that
// were not set for azinject select nothing.
func TestOneIdentity(t *testing.T) {
	t.Setenv("MSI_ENDPOINT", "http://127.0.0.1:1/")
	s, err := Select(env{"AZURE_CLIENT_ID": guidA, "UAI_CLIENT_ID": "no GUID"}.get, entra)
	if platform := s.Platform(); err != nil || s.ID != nil || s.Variable != "" || platform != CloudShell {
		t.Errorf("Select = %+v, %v on %v, want nothing selected on Cloud Shell", s, err, platform)
	}
	_, err = Select(env{"AZINJECT_IDENTITY": guidA}.get, entra)
	if failed, ok := errors.AsType[*SelectionError](err); !ok || failed.Variable != Setting || !strings.Contains(err.Error(), "Cloud Shell has one identity") {
		t.Errorf("Select: %v, want an error about what was set for azinject", err)
	}
}

// nowhere is a network without any connections.
type nowhere struct{ takes time.Duration }

func (n nowhere) Do(*http.Request) (*http.Response, error) {
	time.Sleep(n.takes)
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}
}

// TestGuess checks how long azinject waits for an identity endpoint: just under
// 10 seconds if nothing suggests that there is one, and until the timeout if
// the environment asks for one or the platform names it.
func TestGuess(t *testing.T) {
	const timeout = time.Minute
	for name, test := range map[string]struct {
		imds        bool
		selected    Selection
		header      string // IDENTITY_HEADER
		least, most time.Duration
	}{
		"nothing asked for":      {true, Selection{}, "", guess, 10 * time.Second},
		"an identity asked for":  {true, Selection{Variable: clientVariable}, "", timeout, timeout},
		"a credential asked for": {true, Selection{KindVariable: CredentialSetting}, "", timeout, timeout},
		"Container Instances":    {true, Selection{}, "x", timeout, timeout},
		"an endpoint":            {false, Selection{}, "x", timeout, timeout},
	} {
		t.Setenv(headerVariable, test.header)
		for _, takes := range []time.Duration{0, time.Second} { // refused at once, or no reply until the dialer gives up
			synctest.Test(t, func(t *testing.T) {
				options := transport.Options(nowhere{takes}, managedRetry(test.imds, test.selected))
				pipeline := runtime.NewPipeline("test", "v0.0.0", runtime.PipelineOptions{}, &options)
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				req, err := runtime.NewRequest(ctx, http.MethodGet, "http://169.254.169.254/")
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				_, err = pipeline.Do(req)
				if took := time.Since(start); err == nil || took < test.least || took > test.most+takes {
					t.Errorf("%s, %v to fail: %v after %v, want one after %v to %v", name, takes, err, took, test.least, test.most)
				}
			})
		}
	}
}

// TestGuessEnds checks that an IMDS exists once it has answered anything.
func TestGuessEnds(t *testing.T) {
	t.Setenv(headerVariable, "")
	r := managedRetry(true, Selection{})
	if got := r.Patience(transport.NoConnection); got != guess {
		t.Errorf("before an answer no connection is tried for %v, want %v", got, guess)
	}
	r.Again(http.StatusInternalServerError)
	if got, want := r.Patience(transport.NoConnection), transport.Patience(transport.NoConnection); got != want {
		t.Errorf("after an answer no connection is tried for %v, want %v", got, want)
	}
}
