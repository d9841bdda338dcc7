package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// tokenLifetime is what Azure gives to managed identities.
const tokenLifetime = 24 * time.Hour

var (
	errTokenMalformed = errors.New("not a token of this tenant")
	errTokenExpired   = errors.New("token expired")
)

// claims are those of a version 1.0 access token.
type claims struct {
	Audience   string `json:"aud"`
	Issuer     string `json:"iss"`
	IssuedAt   int64  `json:"iat"`
	NotBefore  int64  `json:"nbf"`
	Expires    int64  `json:"exp"`
	AIO        string `json:"aio"`
	AppID      string `json:"appid"`
	AppIDACR   string `json:"appidacr"`
	IDP        string `json:"idp,omitempty"`
	IDType     string `json:"idtyp,omitempty"` // "app"; a user's token has none
	Name       string `json:"name,omitempty"`
	ObjectID   string `json:"oid"`
	RH         string `json:"rh"`
	Scope      string `json:"scp,omitempty"`
	Subject    string `json:"sub"`
	Tenant     string `json:"tid"`
	UniqueName string `json:"unique_name,omitempty"`
	UPN        string `json:"upn,omitempty"`
	UTI        string `json:"uti"`
	Version    string `json:"ver"`
	MIRID      string `json:"xms_mirid,omitempty"`
}

// caller is how Key Vault names the caller in a refusal.
func (c claims) caller() string {
	return "appid=" + c.AppID + ";oid=" + c.ObjectID + ";iss=" + c.Issuer
}

// An issuer makes and verifies access tokens with a key that only this process
// knows. Real tokens are RS256; clients are told to treat them as opaque.
type issuer struct {
	tenant string
	key    []byte
	now    func() time.Time
}

func newIssuer(tenant string) *issuer {
	key := make([]byte, 32)
	rand.Read(key)
	return &issuer{tenant: tenant, key: key, now: time.Now}
}

// issue returns a token for the resource and its claims.
func (i *issuer) issue(id *identity, resource string) (string, claims) {
	now := i.now()
	c := claims{
		Audience: resource, Issuer: "https://sts.windows.net/" + i.tenant + "/", Tenant: i.tenant,
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expires: now.Add(tokenLifetime).Unix(),
		AIO: rand.Text(), RH: "0." + rand.Text() + ".", UTI: rand.Text()[:22], Version: "1.0",
		AppID: id.clientID, AppIDACR: "2", ObjectID: id.objectID, Subject: id.objectID,
	}
	if id.user {
		c.AppIDACR, c.Scope, c.Name = "0", "user_impersonation", id.name
		c.UPN = id.name + "@emulated.example"
		c.UniqueName = c.UPN
	} else {
		c.IDP, c.IDType, c.MIRID = c.Issuer, "app", id.resourceID
	}
	return i.sign(c), c
}

func (i *issuer) sign(c claims) string {
	payload, _ := json.Marshal(c) // strings and numbers only
	signed := encode([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + encode(payload)
	return signed + "." + encode(i.mac(signed))
}

func (i *issuer) mac(signed string) []byte {
	h := hmac.New(sha256.New, i.key)
	h.Write([]byte(signed))
	return h.Sum(nil)
}

// verify returns the claims of a token this issuer made. With errTokenExpired
// they are returned as well.
func (i *issuer) verify(token string) (claims, error) {
	end := strings.LastIndexByte(token, '.')
	start := strings.IndexByte(token, '.')
	if start == end {
		return claims{}, errTokenMalformed
	}
	mac, err := base64.RawURLEncoding.DecodeString(token[end+1:])
	if err != nil || !hmac.Equal(mac, i.mac(token[:end])) {
		return claims{}, errTokenMalformed
	}
	payload, err := base64.RawURLEncoding.DecodeString(token[start+1 : end])
	if err != nil {
		return claims{}, errTokenMalformed
	}
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return claims{}, errTokenMalformed
	}
	if i.now().Unix() >= c.Expires {
		return c, errTokenExpired
	}
	return c, nil
}

// bearer returns the token of an Authorization header, "" if it holds none.
func bearer(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
