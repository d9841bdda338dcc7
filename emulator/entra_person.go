package emulator

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// azureCLI is the client ID with which people sign in to az and azd.
const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

// Grants of people's sign-in,
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code.
const (
	deviceGrant  = "urn:ietf:params:oauth:grant-type:device_code"
	refreshGrant = "refresh_token"
)

const (
	deviceCodeLifetime = 15 * time.Minute
	refreshLifetime    = 90 * 24 * time.Hour
)

// deviceCode is what a program shows to the person who signs in. Nobody has to
// open the page: the emulator's person agrees at once.
type deviceCode struct {
	UserCode        string `json:"user_code"`
	DeviceCode      string `json:"device_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int64  `json:"expires_in"`
	Interval        int64  `json:"interval"`
	Message         string `json:"message"`
}

// session is the content of device codes and refresh tokens, which clients do not
// look into.
type session struct {
	Kind     string `json:"kind"` // the grant
	ObjectID string `json:"oid,omitempty"`
	Scope    string `json:"scope,omitempty"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
}

func isDevicePath(path string) bool {
	return strings.HasSuffix(strings.ToLower(path), "/oauth2/v2.0/devicecode")
}

// startSignIn gives a program a device code. That a wrong scope is refused as for
// applications is unconfirmed.
func (e *entra) startSignIn(r *http.Request, tenant string) (any, *denial) {
	scope, denied := e.publicClient(r, tenant, r.ParseForm())
	if denied != nil {
		return nil, denied
	}
	if _, denied := e.resource(scope); denied != nil {
		return nil, denied
	}
	const page = "https://microsoft.com/devicelogin"
	user := rand.Text()[:9]
	return deviceCode{
		UserCode: user, DeviceCode: e.session(deviceGrant, "", scope, deviceCodeLifetime), VerificationURI: page,
		ExpiresIn: int64(deviceCodeLifetime.Seconds()), Interval: 5,
		Message: "To sign in, use a web browser to open the page " + page + " and enter the code " + user + " to authenticate.",
	}, nil
}

func (e *entra) session(kind, objectID, scope string, lifetime time.Duration) string {
	return e.directory.people.sign(session{kind, objectID, scope, e.issuer.now().Add(lifetime).Unix(), rand.Text()})
}

// publicClient checks what programs without a secret send, and returns the scope.
func (e *entra) publicClient(r *http.Request, tenant string, invalid error) (scope string, denied *denial) {
	id := r.PostForm.Get("client_id")
	switch {
	case r.Method != http.MethodPost:
		return "", wrongMethod(r, "POST, OPTIONS")
	case tenant != "organizations" && tenant != "common" && !e.isTenant(tenant):
		return "", e.unknownTenant("invalid_request", tenant)
	case invalid != nil:
		return "", malformed()
	case id == "":
		return "", lacking("client_id")
	case !strings.EqualFold(id, azureCLI):
		return "", e.unknownApplication(id)
	}
	return r.PostForm.Get("scope"), nil
}

// personToken is the token endpoint's response to a person's program.
type personToken struct {
	entraToken
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	ClientInfo   string `json:"client_info,omitempty"`
}

// finishSignIn issues a person's tokens, for a device code or a refresh token.
func (e *entra) finishSignIn(r *http.Request, tenant string, invalid error) (any, *denial) {
	scope, denied := e.publicClient(r, tenant, invalid)
	if denied != nil {
		return nil, denied
	}
	who, granted, denied := e.resume(r)
	if denied != nil {
		return nil, denied
	}
	if scope == "" {
		scope = granted
	}
	resource, denied := e.resource(scope)
	if denied != nil {
		return nil, denied
	}
	c := e.issuer.claims(who, resource, shortLifetime)
	c.AppID = azureCLI
	lifetime := int64(shortLifetime.Seconds())
	t := personToken{
		entraToken: entraToken{"Bearer", lifetime, lifetime, e.issuer.sign(c)}, Scope: resource + "/" + c.Scope + " " + resource + "/.default",
		RefreshToken: e.session(refreshGrant, who.objectID, scope, refreshLifetime), IDToken: e.issuer.sign(e.idToken(c)),
	}
	if r.PostForm.Get("client_info") == "1" {
		info, _ := json.Marshal(map[string]string{"uid": c.ObjectID, "utid": c.Tenant})
		t.ClientInfo = encode(info)
	}
	return t, nil
}

// resume returns who signs in, and the scope that was asked for in the beginning.
func (e *entra) resume(r *http.Request) (*identity, string, *denial) {
	kind := r.PostForm.Get("grant_type")
	name := map[string]string{deviceGrant: "device_code", refreshGrant: "refresh_token"}[kind]
	code := r.PostForm.Get(name)
	if code == "" {
		return nil, "", lacking(name)
	}
	payload, genuine := e.directory.people.open(code)
	var s session
	switch err := json.Unmarshal(payload, &s); {
	case !genuine || err != nil || s.Kind != kind: // wording unconfirmed
		return nil, "", deny(http.StatusBadRequest, "invalid_grant", "AADSTS9002313: Invalid request. Request is malformed or invalid.")
	case e.issuer.now().Unix() >= s.Expires && kind == deviceGrant:
		return nil, "", deny(http.StatusBadRequest, "expired_token", "AADSTS70020: The provided value for the input parameter 'device_code' is not valid. This device code has expired.")
	case e.issuer.now().Unix() >= s.Expires:
		return nil, "", deny(http.StatusBadRequest, "invalid_grant", "AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.")
	case kind == refreshGrant:
		return e.directory.member(s.ObjectID), s.Scope, nil
	case e.directory.person == nil: // wording unconfirmed
		return nil, "", deny(http.StatusBadRequest, "authorization_declined", "The end user denied the authorization request.")
	case !e.directory.redeem(code):
		return nil, "", deny(http.StatusBadRequest, "invalid_grant", "AADSTS54005: OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.")
	}
	return e.directory.person, s.Scope, nil
}

// idClaims are the claims of an ID token of version 2.0.
type idClaims struct {
	Audience  string `json:"aud"`
	Issuer    string `json:"iss"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
	Name      string `json:"name"`
	ObjectID  string `json:"oid"`
	Username  string `json:"preferred_username"`
	Subject   string `json:"sub"`
	Tenant    string `json:"tid"`
	Version   string `json:"ver"`
}

// idToken says who has signed in with an access token.
func (e *entra) idToken(c claims) idClaims {
	return idClaims{
		Audience: azureCLI, Issuer: "https://" + e.cloud.loginHosts[0] + "/" + c.Tenant + "/v2.0",
		IssuedAt: c.IssuedAt, NotBefore: c.NotBefore, Expires: c.Expires,
		Name: c.Name, ObjectID: c.ObjectID, Username: c.UPN, Subject: c.Subject, Tenant: c.Tenant, Version: "2.0",
	}
}
