package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// A signer makes JSON Web Tokens with a key that only this process knows. Real
// ones are RS256; clients are told to treat them as opaque.
type signer struct{ key []byte }

func newSigner() signer {
	key := make([]byte, 32)
	rand.Read(key)
	return signer{key}
}

// sign returns a token with the claims, which are strings and numbers only.
func (s signer) sign(claims any) string {
	payload, _ := json.Marshal(claims)
	signed := encode([]byte(`{"typ":"JWT","alg":"HS256"}`)) + "." + encode(payload)
	return signed + "." + encode(s.mac(signed))
}

func (s signer) mac(signed string) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(signed))
	return h.Sum(nil)
}

// open returns a token's payload, nil if it is no token at all, and whether
// this signer made it.
func (s signer) open(token string) (payload []byte, genuine bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, false
	}
	mac, err := base64.RawURLEncoding.DecodeString(parts[2])
	return payload, err == nil && hmac.Equal(mac, s.mac(parts[0]+"."+parts[1]))
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
