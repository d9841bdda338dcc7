package identity

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
)

// Claims are what a token says about its identity. They are not verified, and are
// for messages only.
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
type Claims struct {
	// ObjectID is what roles are assigned to.
	ObjectID string
	// Tenant is the directory that issued the token.
	Tenant string
	// User reports that the token is a person's and not a managed identity's, as
	// on a compute instance without an identity.
	User bool
}

// parseClaims parses the claims of a token. ok is false if it is not a JWT, or
// does not name an object.
func parseClaims(token string) (claims Claims, ok bool) {
	var body struct {
		OID, Sub, TID, IDTyp, UPN, SCP string
		UniqueName                     string `json:"unique_name"`
	}
	if !parsePayload(token, &body) || !isGUID(body.OID) {
		return Claims{}, false
	}
	claims = Claims{
		ObjectID: body.OID,
		// Tokens of applications say so, or at least are about themselves and
		// have no claim that only a person's token has.
		User: body.IDTyp != "app" && (body.Sub != body.OID || body.UPN+body.UniqueName+body.SCP != ""),
	}
	if isGUID(body.TID) {
		claims.Tenant = body.TID
	}
	return claims, true
}

// parsePayload parses the claims of a token into body. It returns false if the
// token is not a JWT.
func parsePayload(token string, body any) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return err == nil && json.Unmarshal(payload, body) == nil
}

// isJWT reports whether s has the form of a signed JSON Web Token, whose first
// part names an algorithm. https://www.rfc-editor.org/rfc/rfc7515#section-7.1
func isJWT(s string) bool {
	first, _, _ := strings.Cut(s, ".")
	header, err := base64.RawURLEncoding.DecodeString(first)
	var body struct{ Alg string }
	return regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]+$`).MatchString(s) && err == nil && json.Unmarshal(header, &body) == nil && body.Alg != ""
}
