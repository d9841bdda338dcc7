package emulator

import (
	"os"
	"testing"
	"time"
)

func TestFederatedClaims(t *testing.T) {
	a := build(t, trusting)
	shown := a.cluster.sign(a.config.workloadClaims(a.principal().federated, time.Now()))
	for client, want := range map[string]map[string]any{
		"99999999-0000-4000-8000-000000000001": {"appidacr": "2", "idtyp": "app", "xms_mirid": nil},
		"77777777-0000-4000-8000-000000000001": {"appidacr": "2", "idtyp": "app", "xms_mirid": "/subscriptions/s/uai"},
	} {
		form := asserting(shown)
		form["client_id"] = client
		got := payload(t, decoded[entraToken](t, serve(a.Stores(), tokenRequest(t, a, form))).AccessToken)
		for claim, value := range want {
			if got[claim] != value {
				t.Errorf("%s: claim %s = %v, want %v", client, claim, got[claim], value)
			}
		}
	}
}

// TestServiceAccountToken signs in with the token in the file.
func TestServiceAccountToken(t *testing.T) {
	for config, want := range map[string]wantDenial{
		"": {status: 200},
		"service_account_token: {subject: 'system:serviceaccount:ns:other'}": {401, "invalid_client", 700213, "'system:serviceaccount:ns:other'"},
		"service_account_token: {audience: api://x}":                         {401, "invalid_client", 700212, "'api://x'"},
		"service_account_token: {issuer: 'https://other.example/'}":          {401, "invalid_client", 700211, "'https://other.example/'"},
		"service_account_token: {expired: true}":                             {401, "invalid_client", 700024, "not within its valid time range"},
	} {
		a := launch(t, trusting+config)
		shown, err := os.ReadFile(environ(a, "AZURE_FEDERATED_TOKEN_FILE"))
		if err != nil {
			t.Fatal(err)
		}
		form := asserting(string(shown))
		form["client_id"] = environ(a, "AZURE_CLIENT_ID")
		want.check(t, serve(a.Stores(), tokenRequest(t, a, form)))
		claims := payload(t, string(shown))
		if to, from := claims["exp"].(float64), claims["iat"].(float64); to-from != 24*3600 {
			t.Errorf("%s: valid for %v s, want a day", config, to-from)
		}
		if k, ok := claims["kubernetes.io"].(map[string]any); !ok || k["namespace"] != "ns" {
			t.Errorf("%s: claims %v", config, claims)
		}
	}
}
