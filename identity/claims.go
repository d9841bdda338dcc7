package identity

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Claims are what a token says of the identity it was given to. They are for
// messages only: nothing here verifies them.
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
type Claims struct {
	// ObjectID is what role assignments are made to.
	ObjectID string
	// Tenant is the directory that gave the token.
	Tenant string
	// User says that the token is a person's and not a managed identity's, as
	// on a compute instance without an identity.
	User bool
}

// ParseClaims reads the claims of a token; ok is false for what is no JWT or
// names no object.
func ParseClaims(token string) (claims Claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return Claims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Claims{}, false
	}
	var body struct {
		OID, Sub, TID, IDTyp, UPN, SCP string
		UniqueName                     string `json:"unique_name"`
	}
	if json.Unmarshal(payload, &body) != nil || !isGUID(body.OID) {
		return Claims{}, false
	}
	claims = Claims{
		ObjectID: body.OID,
		// Tokens of applications say so, or at least are about themselves and
		// have nothing of what only a person's has.
		User: body.IDTyp != "app" && (body.Sub != body.OID || body.UPN+body.UniqueName+body.SCP != ""),
	}
	if isGUID(body.TID) {
		claims.Tenant = body.TID
	}
	return claims, true
}
