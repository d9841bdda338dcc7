package emulator

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

const (
	// tokenLifetime is the lifetime of managed identities' tokens.
	tokenLifetime = 24 * time.Hour
	// shortLifetime is the lifetime of applications' and users' tokens.
	shortLifetime = time.Hour - time.Second
)

var (
	errTokenMalformed = errors.New("not a token of this tenant")
	errTokenExpired   = errors.New("token expired")
)

// claims are the claims of an access token of version 1.0.
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
	IDType     string `json:"idtyp,omitempty"` // app or user, missing in some users' tokens
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

// caller returns the caller as Key Vault names it in a refusal.
func (c claims) caller() string {
	return "appid=" + c.AppID + ";oid=" + c.ObjectID + ";iss=" + c.Issuer
}

// issuer makes and verifies access tokens.
type issuer struct {
	signer
	tenant string
	now    func() time.Time
}

func newIssuer(tenant string) *issuer {
	return &issuer{signer: newSigner(), tenant: tenant, now: time.Now}
}

// claims returns the claims of a token that is issued now.
func (i *issuer) claims(id *identity, resource string, lifetime time.Duration) claims {
	now := i.now()
	c := claims{
		Audience: resource, Issuer: "https://sts.windows.net/" + i.tenant + "/", Tenant: i.tenant,
		IssuedAt: now.Unix(), NotBefore: now.Unix(), Expires: now.Add(lifetime).Unix(),
		AIO: rand.Text(), RH: "0." + rand.Text() + ".", UTI: rand.Text()[:22], Version: "1.0",
		AppID: id.clientID, AppIDACR: "2", ObjectID: id.objectID, Subject: id.objectID,
	}
	if id.user {
		c.AppIDACR, c.Scope, c.Name = "0", "user_impersonation", id.name
		c.UPN = id.upn()
		c.UniqueName = c.UPN
	} else {
		c.IDP, c.IDType, c.MIRID = c.Issuer, "app", id.resourceID
	}
	return c
}

// verify returns the claims of a token that this issuer has issued. It returns
// them with errTokenExpired too.
func (i *issuer) verify(token string) (claims, error) {
	payload, genuine := i.open(token)
	if !genuine {
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

// bearer returns the token in an Authorization header, "" if there is none.
func bearer(authorization string) string {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
