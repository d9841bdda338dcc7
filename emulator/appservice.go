package emulator

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// AppServicePath is the path of App Service's identity endpoint.
const AppServicePath = "/msi/token"

// AppService implements the identity endpoint of App Service, Functions and
// Container Apps,
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference.
type AppService struct {
	// Secret is what requests must carry in X-IDENTITY-HEADER.
	Secret string
	// Token returns the token for a request whose secret, method and api-version
	// are right and which names a resource.
	Token func(*http.Request) (AppServiceToken, *AppServiceError)
}

// AppServiceToken is App Service's response.
type AppServiceToken struct {
	AccessToken string `json:"access_token"`
	ClientID    string `json:"client_id"`
	ExpiresOn   int64  `json:"expires_on,string"` // Unix time
	Resource    string `json:"resource"`
	TokenType   string `json:"token_type"`
}

// AppServiceError is App Service's refusal.
type AppServiceError struct {
	StatusCode    int    `json:"statusCode"`
	Message       string `json:"message"`
	CorrelationID string `json:"correlationId"`
	// Code is azlocal's addition, by which azinject knows whose refusal it is.
	Code string `json:"error,omitempty"`
}

// RefuseAppService returns the refusal with this status and message.
func RefuseAppService(status int, format string, args ...any) *AppServiceError {
	return &AppServiceError{StatusCode: status, Message: fmt.Sprintf(format, args...), CorrelationID: derivedGUID("correlation")}
}

// Write sends the refusal.
func (e *AppServiceError) Write(w http.ResponseWriter) { writeJSON(w, e.StatusCode, e) }

func (s *AppService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if problem := s.check(r); problem != nil {
		problem.Write(w)
		return
	}
	token, problem := s.Token(r)
	if problem != nil {
		problem.Write(w)
		return
	}
	token.Resource, token.TokenType = r.URL.Query().Get("resource"), "Bearer"
	writeJSON(w, http.StatusOK, token)
}

// check refuses a malformed request. It checks the secret first, so that nobody
// learns anything without it. The 401 is unconfirmed.
func (s *AppService) check(r *http.Request) *AppServiceError {
	q := r.URL.Query()
	switch version := q.Get("api-version"); {
	case subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Identity-Header")), []byte(s.Secret)) != 1:
		return RefuseAppService(http.StatusUnauthorized, "The X-IDENTITY-HEADER is missing or wrong.")
	case r.Method != http.MethodGet:
		return RefuseAppService(http.StatusBadRequest, "The method '%s' is not supported.", r.Method)
	case version != "2019-08-01":
		return RefuseAppService(http.StatusBadRequest, "The api-version '%s' is not supported.", version)
	case q.Get("resource") == "":
		return RefuseAppService(http.StatusBadRequest, "The query parameter 'resource' is missing.")
	}
	return nil
}

// serveAppService also knows the protocol of 2017, for clients that only look at
// MSI_ENDPOINT and MSI_SECRET. Its times are dates.
func (m *machine) serveAppService(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("api-version") != "2017-09-01" || r.Header.Get("Secret") == "" {
		(&AppService{m.secret, m.appServiceToken}).ServeHTTP(w, r)
		return
	}
	if !m.knows(r.Header.Get("Secret")) {
		RefuseAppService(http.StatusUnauthorized, "The secret header is wrong.").Write(w)
		return
	}
	r.URL.RawQuery = url.Values{"resource": q["resource"], "client_id": q["clientid"]}.Encode()
	token, problem := m.appServiceToken(r)
	if problem != nil {
		problem.Write(w)
		return
	}
	expires := time.Unix(token.ExpiresOn, 0).UTC().Format("01/02/2006 15:04:05 -07:00")
	writeJSON(w, http.StatusOK, tokenResponse{AccessToken: token.AccessToken, ExpiresOn: expires, Resource: q.Get("resource"), TokenType: "Bearer"})
}

func (m *machine) appServiceToken(r *http.Request) (AppServiceToken, *AppServiceError) {
	q := r.URL.Query()
	s := selector{q.Get("client_id"), q.Get("object_id") + q.Get("principal_id"), q.Get("mi_res_id")}
	id, _, _ := m.standard() // the system-assigned identity, unless another is selected
	if !s.empty() {
		id = m.find(s)
	}
	status, message := http.StatusBadRequest, ""
	switch resource := q.Get("resource"); {
	case s.ambiguous():
		message = "Specify one of client_id, principal_id and mi_res_id."
	case id == nil && s.empty():
		message = "Unable to load the proper Managed Identity."
	case id == nil: // spelt like this
		status, message = http.StatusInternalServerError, "An unexpected error occured while fetching the AAD Token."
	case !m.resources[resource]:
		message = m.unknownResource(resource).Description
	default:
		c := m.issuer.claims(id, resource, tokenLifetime)
		return AppServiceToken{AccessToken: m.issuer.sign(c), ClientID: id.clientID, ExpiresOn: c.Expires}, nil
	}
	return AppServiceToken{}, RefuseAppService(status, "%s", message)
}
