package identity

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestEndpointRepeatsItsSecret has an endpoint whose refusal quotes the header
// that it was sent.
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
		if failed := requireTokenError(t, err); failed.Status != http.StatusBadRequest || strings.Contains(failed.Error(), canary) || failed.Message != "" {
			t.Errorf("GetToken: %v", failed)
		}
		for name := range e {
			t.Setenv(name, "")
		}
	}
}

// TestOneIdentity: where there is one identity, variables that were not set
// for azinject select nothing.
func TestOneIdentity(t *testing.T) {
	t.Setenv("MSI_ENDPOINT", "http://127.0.0.1:1/")
	s, err := Select(env{"AZURE_CLIENT_ID": guidA, "UAI_CLIENT_ID": "no GUID"}.get, entra)
	if platform, ok := s.Platform(); err != nil || s.ID != nil || s.Variable != "" || platform != CloudShell || !ok {
		t.Errorf("Select = %+v, %v on %v, want nothing selected on Cloud Shell", s, err, platform)
	}
	if s, err := Select(env{"AZINJECT_IDENTITY": guidA}.get, entra); err != nil || s.Variable != Setting {
		t.Errorf("Select = %+v, %v, want what was set for azinject", s, err)
	}
}
