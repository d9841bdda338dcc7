package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// signer makes JSON Web Tokens with a key that only this process knows. Azure
// uses RS256, but tells clients to treat its tokens as opaque.
type signer struct{ key []byte }

func newSigner() signer {
	key := make([]byte, 32)
	rand.Read(key)
	return signer{key}
}

// sign returns a token with the claims, which can always be encoded.
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

// open returns a token's payload and whether this signer has signed it. The
// payload of a malformed token is nil.
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
