package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// endpointPath is App Service's.
const endpointPath = "/msi/token"

// An endpoint gives out tokens as App Service does,
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference.
// Which identity is asked for makes no difference: the developer, who has one
// sign-in, stands for all of them.
type endpoint struct {
	secret    string
	hosts     map[string]bool // names by which it may be called
	audiences map[string]bool
	token     func(ctx context.Context, audience string) (azcore.AccessToken, error)
}

type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	ClientID    string `json:"client_id"`
	ExpiresOn   string `json:"expires_on"`
	Resource    string `json:"resource"`
	TokenType   string `json:"token_type"`
}

// A refusal is App Service's error answer.
type refusal struct {
	StatusCode    int    `json:"statusCode"`
	Message       string `json:"message"`
	CorrelationID string `json:"correlationId"`
}

func refuse(status int, format string, args ...any) *refusal {
	id := make([]byte, 16)
	rand.Read(id)
	return &refusal{status, fmt.Sprintf(format, args...), fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])}
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if problem := e.check(r); problem != nil {
		writeJSON(w, problem.StatusCode, problem)
		return
	}
	q := r.URL.Query()
	resource := q.Get("resource")
	t, err := e.token(r.Context(), resource)
	if err != nil {
		// No status that has a client try again: az has done so itself.
		problem := refuse(http.StatusBadRequest, "azlocal got no token for %s: %v", resource, err)
		writeJSON(w, problem.StatusCode, problem)
		return
	}
	writeJSON(w, http.StatusOK, tokenAnswer{t.Token, q.Get("client_id"), strconv.FormatInt(t.ExpiresOn.Unix(), 10), resource, "Bearer"})
}

// check returns what is wrong with the request, nil if nothing. To one without
// the secret it says no more than that.
func (e *endpoint) check(r *http.Request) *refusal {
	q := r.URL.Query()
	version, resource := q.Get("api-version"), q.Get("resource")
	switch {
	case !e.hosts[hostOf(r)]:
		// A web page can have its own name lead to this machine.
		return refuse(http.StatusForbidden, "This is not the host that was asked for.")
	case subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Identity-Header")), []byte(e.secret)) != 1:
		return refuse(http.StatusUnauthorized, "The X-IDENTITY-HEADER is missing or wrong.")
	case r.URL.Path != endpointPath:
		return refuse(http.StatusBadRequest, "The path is %s, as in IDENTITY_ENDPOINT.", endpointPath)
	case r.Method != http.MethodGet:
		return refuse(http.StatusBadRequest, "The method '%s' is not supported.", r.Method)
	case version != "2019-08-01":
		return refuse(http.StatusBadRequest, "The api-version '%s' is not supported.", version)
	case resource == "":
		return refuse(http.StatusBadRequest, "The query parameter 'resource' is missing.")
	case !e.audiences[resource]:
		return refuse(http.StatusBadRequest, "azlocal gives tokens for Key Vault and Resource Manager; if COMMAND needs one for %q, start azlocal with --audience and this", resource)
	}
	return nil
}

// hostOf is the name that the request was made to, lower case.
func hostOf(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value) // fails only if the client has gone away
}
