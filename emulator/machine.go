package emulator

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
)

// A machine is what the program under test runs on: it has identities, and an
// endpoint that issues tokens for them.
type machine struct {
	attached        []*identity
	issuer          *issuer
	resources       map[string]bool
	requireClientID bool
	secret          string // that a request must carry, where the platform has one
}

// A platform is a way for a program to get tokens.
type platform struct {
	path  string // of the endpoint
	serve func(*machine, http.ResponseWriter, *http.Request)
	// environ returns the variables that announce the endpoint.
	environ func(url, secret string) []string
}

var platforms = map[string]platform{
	"azureml": {"/MSI/auth", (*machine).serveAzureML, func(url, secret string) []string {
		return []string{"MSI_ENDPOINT=" + url, "MSI_SECRET=" + secret}
	}},
	"appservice": {"/msi/token", (*machine).serveAppService, func(url, secret string) []string {
		return []string{"IDENTITY_ENDPOINT=" + url, "IDENTITY_HEADER=" + secret}
	}},
	"cloudshell": {"/oauth2/token", (*machine).serveCloudShell, func(url, _ string) []string {
		return []string{"MSI_ENDPOINT=" + url}
	}},
	"servicefabric": {"/metadata/identity/oauth2/token", (*machine).serveServiceFabric, func(url, secret string) []string {
		return []string{"IDENTITY_ENDPOINT=" + url, "IDENTITY_HEADER=" + secret}
	}},
	"imds": {"/metadata/identity/oauth2/token", (*machine).serveIMDS, nil},
	"none": {},
}

// handler serves the platform's endpoint.
func (m *machine) handler(p platform) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here := strings.EqualFold(r.URL.Path, p.path) || p.path == "/MSI/auth" && strings.EqualFold(r.URL.Path, "/MSI/token")
		if p.serve == nil || !here {
			http.NotFound(w, r)
			return
		}
		p.serve(m, w, r)
	})
}

// allow refuses other methods than the one given.
func allow(w http.ResponseWriter, r *http.Request, method string) bool {
	if r.Method == method {
		return true
	}
	w.Header().Set("Allow", method)
	http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	return false
}

// A selector names one identity.
type selector struct{ clientID, objectID, resourceID string }

func (s selector) empty() bool { return s == selector{} }

func (s selector) ambiguous() bool {
	n := 0
	for _, id := range []string{s.clientID, s.objectID, s.resourceID} {
		if id != "" {
			n++
		}
	}
	return n > 1
}

// find returns the attached identity that s names, nil if there is none. IDs
// are compared without regard to case.
func (m *machine) find(s selector) *identity {
	for _, id := range m.attached {
		switch {
		case id.user:
		case s.clientID != "" && strings.EqualFold(s.clientID, id.clientID),
			s.objectID != "" && strings.EqualFold(s.objectID, id.objectID),
			s.resourceID != "" && id.assigned && strings.EqualFold(s.resourceID, id.resourceID):
			return id
		}
	}
	return nil
}

// standard sorts the attached identities by kind: the system-assigned one, the
// person, each nil if there is none, and the user-assigned ones.
func (m *machine) standard() (system, user *identity, assigned []*identity) {
	for _, id := range m.attached {
		switch {
		case id.user:
			user = id
		case id.assigned:
			assigned = append(assigned, id)
		default:
			system = id
		}
	}
	return system, user, assigned
}

// only returns the identity for a request that names none: the system-assigned
// one, else the only user-assigned one. many says that there is no such one
// because there are several.
func (m *machine) only() (id *identity, many bool) {
	system, _, assigned := m.standard()
	switch {
	case system != nil:
		return system, false
	case len(assigned) == 1:
		return assigned[0], false
	}
	return nil, len(assigned) > 1
}

// A tokenAnswer is the success of every platform. Which members there are, and
// whether times are numbers or strings of digits, differs.
type tokenAnswer struct {
	AccessToken  string  `json:"access_token"`
	RefreshToken *string `json:"refresh_token,omitempty"`
	ClientID     string  `json:"client_id,omitempty"`
	ExpiresIn    string  `json:"expires_in,omitempty"`
	ExpiresOn    any     `json:"expires_on"`
	NotBefore    string  `json:"not_before,omitempty"`
	Resource     string  `json:"resource"`
	TokenType    string  `json:"token_type"`
}

// token issues a token. expires_on is a JSON integer, as Azure ML has it.
func (m *machine) token(id *identity, resource string) tokenAnswer {
	token, c := m.issuer.issue(id, resource)
	return tokenAnswer{AccessToken: token, ExpiresOn: c.Expires, Resource: resource, TokenType: "Bearer"}
}

// digits writes expires_on as a string.
func (a tokenAnswer) digits() tokenAnswer {
	a.ExpiresOn = strconv.FormatInt(a.ExpiresOn.(int64), 10)
	return a
}

// full adds the members of IMDS and Cloud Shell.
func (m *machine) full(id *identity, resource string) tokenAnswer {
	now := m.issuer.now().Unix()
	a := m.token(id, resource)
	a.ExpiresIn = strconv.FormatInt(a.ExpiresOn.(int64)-now, 10)
	a.NotBefore = strconv.FormatInt(now, 10)
	a.RefreshToken, a.ClientID = new(string), id.clientID
	return a.digits()
}

// An oauthError is how most identity endpoints refuse.
type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (m *machine) unknownResource(resource string) oauthError {
	return oauthError{"invalid_resource", "AADSTS500011: The resource principal named " + cmp.Or(resource, "''") +
		" was not found in the tenant named " + m.issuer.tenant + ". This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."}
}
