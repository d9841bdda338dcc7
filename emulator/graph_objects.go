package emulator

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// user returns a person as Graph shows it.
func (g *graph) user(id *identity) map[string]any {
	return map[string]any{
		"id": id.objectID, "displayName": id.name, "userPrincipalName": id.upn(), "mail": nil, "givenName": nil, "surname": nil,
		"businessPhones": []any{}, "jobTitle": nil, "mobilePhone": nil, "officeLocation": nil, "preferredLanguage": nil,
	}
}

// principal returns an application or a managed identity as a service principal.
func (g *graph) principal(id *identity) map[string]any {
	kind, others := "ManagedIdentity", []string{"isExplicit=False", id.resourceID}
	switch {
	case id.application:
		kind, others = "Application", []string{}
	case id.assigned:
		others[0] = "isExplicit=True"
	}
	return map[string]any{
		"id": id.objectID, "appId": id.clientID, "displayName": id.name, "appDisplayName": id.name, "accountEnabled": true,
		"servicePrincipalType": kind, "servicePrincipalNames": []string{id.clientID}, "alternativeNames": others,
		"appOwnerOrganizationId": g.directory.tenant, "createdDateTime": creation, "tags": []string{},
		"passwordCredentials": []any{}, "keyCredentials": []any{},
	}
}

// passwordWire is a secret of an application. Its text is sent only once.
// https://learn.microsoft.com/graph/api/resources/passwordcredential
type passwordWire struct {
	CustomKeyIdentifier *string   `json:"customKeyIdentifier"`
	DisplayName         *string   `json:"displayName"`
	EndDateTime         time.Time `json:"endDateTime"`
	Hint                string    `json:"hint"`
	KeyID               string    `json:"keyId"`
	SecretText          *string   `json:"secretText"`
	StartDateTime       time.Time `json:"startDateTime"`
}

func (p password) wire() passwordWire {
	w := passwordWire{KeyID: p.id, StartDateTime: p.from, EndDateTime: p.to, Hint: p.secret[:min(3, len(p.secret))]}
	if p.name != "" {
		w.DisplayName = &p.name
	}
	return w
}

// application returns an application's registration.
func (g *graph) application(id *identity) map[string]any {
	passwords := []passwordWire{}
	for _, p := range g.directory.passwordsOf(id) {
		passwords = append(passwords, p.wire())
	}
	return map[string]any{
		"id": registrationID(id), "appId": id.clientID, "displayName": id.name, "createdDateTime": creation, "identifierUris": []string{},
		"signInAudience": "AzureADMyOrg", "publisherDomain": "emulated.example", "passwordCredentials": passwords, "keyCredentials": []any{},
	}
}

// registrationID returns the object ID of an application's registration, which is
// not that of its service principal.
func registrationID(id *identity) string { return derivedGUID("registration", id.name) }

// applicationOf returns the application with this registration, nil if there is
// none.
func (g *graph) applicationOf(objectID string) *identity {
	for _, id := range g.directory.members {
		if id.application && strings.EqualFold(registrationID(id), objectID) {
			return id
		}
	}
	return nil
}

// object returns what has the object ID, and its type. It returns nil for nothing.
func (g *graph) object(objectID string) (_ map[string]any, kind string) {
	id := g.directory.member(objectID)
	name, group := g.directory.groups[strings.ToLower(objectID)]
	switch {
	case id != nil && id.user:
		return g.user(id), "user"
	case id != nil:
		return g.principal(id), "servicePrincipal"
	case group:
		return map[string]any{"id": strings.ToLower(objectID), "displayName": name, "securityEnabled": true}, "group"
	}
	return nil, ""
}

// addPassword makes a secret, with which the application can sign in from now on.
// https://learn.microsoft.com/graph/api/application-addpassword
func (g *graph) addPassword(r *graphRequest) (any, *refusal) {
	id := g.applicationOf(r.path[1])
	if id == nil {
		return nil, unknownObject(r.path[1])
	}
	var body struct {
		PasswordCredential struct {
			DisplayName                string
			StartDateTime, EndDateTime *time.Time
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil && err != io.EOF {
		return nil, refuse(http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	wanted, now := body.PasswordCredential, g.issuer.now().UTC().Truncate(time.Second)
	p := password{id: derivedGUID("password", rand.Text()), secret: rand.Text(), name: wanted.DisplayName, from: now, to: now.AddDate(2, 0, 0)}
	if wanted.StartDateTime != nil {
		p.from = *wanted.StartDateTime
	}
	if wanted.EndDateTime != nil {
		p.to = *wanted.EndDateTime
	}
	g.directory.addPassword(id, p)
	w := p.wire()
	w.SecretText = &p.secret
	return w, nil
}

// graphError is Graph's error body.
type graphError struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Inner   graphInner `json:"innerError"`
}

type graphInner struct {
	Date            string `json:"date"`
	RequestID       string `json:"request-id"`
	ClientRequestID string `json:"client-request-id"`
}

func (r *refusal) writeGraph(w http.ResponseWriter, from *http.Request, now time.Time) {
	id := traceID(from)
	e := graphError{r.code, r.message, graphInner{now.UTC().Format("2006-01-02T15:04:05"), id, id}}
	if given := from.Header.Get("Client-Request-Id"); isGUID(given) {
		e.Inner.ClientRequestID = given
	}
	writeJSON(w, r.status, map[string]graphError{"error": e})
}
