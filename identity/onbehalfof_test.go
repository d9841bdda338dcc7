package identity

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestOnBehalfOf(t *testing.T) {
	var got *http.Request
	e := start(t, OnBehalfOf, func(w http.ResponseWriter, r *http.Request) {
		got = r
		fmt.Fprint(w, `{"token":"a token","expires_on":"4924022644","resource":"r"}`)
	})
	endpoint, _, _ := strings.Cut(e["OBO_ENDPOINT"], "?")
	for query, want := range map[string]string{
		"":         "resource=https%3A%2F%2Fvault.azure.net",
		"?":        "resource=https%3A%2F%2Fvault.azure.net",
		"?b=%20&a": "b=%20&a&resource=https%3A%2F%2Fvault.azure.net",
	} {
		e["OBO_ENDPOINT"] = endpoint + query
		token, err := ask(t.Context(), newCredential(t, e), vaultScope)
		if err != nil || token.Token != "a token" || token.ExpiresOn.Year() != 2126 {
			t.Fatalf("GetToken: %v, or a wrong token", err)
		}
		if got.Method != http.MethodGet || got.URL.Path != "/OBO/token" || got.URL.RawQuery != want {
			t.Errorf("%q: the request is %s %s, want the query %s", query, got.Method, got.URL, want)
		}
		for name := range got.Header {
			if name == "Secret" || name == "Metadata" || name == "X-Identity-Header" {
				t.Errorf("the request has the header %s", name)
			}
		}
	}
	// Resource Manager's audience ends in a slash, which must be kept.
	if _, err := ask(t.Context(), newCredential(t, e), "https://management.core.windows.net//.default"); err != nil || got.FormValue("resource") != "https://management.core.windows.net/" {
		t.Errorf("GetToken: %v, for %q", err, got.FormValue("resource"))
	}
}

// TestOnBehalfOfRepeats checks that a plain text refusal is quoted without the
// secrets in the endpoint's address.
func TestOnBehalfOfRepeats(t *testing.T) {
	c := newCredential(t, start(t, OnBehalfOf, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Header.Get("Authorization")+" is no user at "+r.URL.String(), http.StatusNotFound)
	}))
	_, err := ask(t.Context(), c, vaultScope)
	if e := requireTokenError(t, err); !strings.Contains(e.Error(), "returned 404: Basic … is no user at /OBO/token?…&resource=") {
		t.Errorf("GetToken: %v", e)
	}
}
