package resolve

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// vaultAPIVersion is old, because sovereign clouds and Azure Stack get new versions
// late. Reading a secret has not changed since.
// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
const vaultAPIVersion = "7.4"

// keyVault is one key vault.
type keyVault struct{ service }

// vaultScope returns the scope of the tokens for a vault in a known cloud, ""
// for any other: those name it in their challenge.
func vaultScope(host string) string {
	for _, suffix := range vaultSuffixes {
		if strings.HasSuffix(host, suffix) {
			return "https://" + strings.TrimPrefix(suffix, ".") + "/.default"
		}
	}
	return ""
}

func (v keyVault) fetch(ctx context.Context, o Object) (content, error) {
	_, body, err := v.send(ctx, http.MethodGet, "/secrets/"+o.Name+"/"+o.Version)
	if err != nil {
		return content{}, err
	}
	return parseSecret(o, body)
}

// parseSecret reads the answer for a VaultSecret.
func parseSecret(o Object, body []byte) (content, error) {
	var answer members
	if err := decode(body, &answer); err != nil {
		return content{}, err
	}
	var text, id *string
	var attributes struct{ Exp *int64 }
	for name, into := range map[string]any{"value": &text, "id": &id, "attributes": &attributes} {
		if member, ok := answer[name]; ok && json.Unmarshal(member, into) != nil {
			return content{}, errUnexpected
		}
	}
	if text == nil || id == nil {
		return content{}, errUnexpected
	}
	_, path, _ := strings.Cut(*id, "/secrets/") // https://HOST/secrets/NAME/VERSION
	name, version, _ := strings.Cut(path, "/")
	if !strings.EqualFold(name, o.Name) || o.Version != "" && !strings.EqualFold(version, o.Version) {
		return content{}, errAnother
	}
	value := NewSecret(*text)
	c := content{get: func(Reference) (Secret, error) { return value, nil }}
	if checkSecretVersion(version, 0) == nil {
		c.version = version
	}
	if attributes.Exp != nil {
		c.expires = time.Unix(*attributes.Exp, 0)
	}
	return c, nil
}
