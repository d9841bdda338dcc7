package emulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestVaultRefuses(t *testing.T) {
	a := build(t, world)
	vaultToken := tokenFor(a, "endpoint", vaultAudience)
	expired := a.issuer.sign(claims{Audience: vaultAudience, Expires: time.Now().Add(-time.Hour).Unix()})
	forged := newIssuer(DefaultTenant).sign(claims{Audience: vaultAudience, Expires: time.Now().Add(time.Hour).Unix()})
	const db = "https://open.vault.azure.net/secrets/db?api-version=7.4"
	for name, c := range map[string]struct {
		method, url string
		header      http.Header
		want        wantRefusal
	}{
		"no token":        {"GET", db, nil, wantRefusal{401, "Unauthorized", "", "AKV10000: Request is missing a Bearer or PoP token."}},
		"basic":           {"GET", db, http.Header{"Authorization": {"Basic eA=="}}, wantRefusal{401, "Unauthorized", "", "AKV10000"}},
		"garbage":         {"GET", db, http.Header{"Authorization": {"Bearer x.y.z"}}, wantRefusal{401, "Unauthorized", "", "Error validating token"}},
		"one word":        {"GET", db, http.Header{"Authorization": {"Bearer x"}}, wantRefusal{401, "Unauthorized", "", "Error validating token"}},
		"forged":          {"GET", db, http.Header{"Authorization": {"Bearer " + forged}}, wantRefusal{401, "Unauthorized", "", "Error validating token"}},
		"expired":         {"GET", db, http.Header{"Authorization": {"Bearer " + expired}}, wantRefusal{401, "Unauthorized", "", "[TokenExpired]"}},
		"audience":        {"GET", db, tokenFor(a, "endpoint", armAudience), wantRefusal{401, "Unauthorized", "", "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.core.windows.net/."}},
		"other cloud":     {"GET", "https://x.vault.azure.cn/secrets/db?api-version=7.4", vaultToken, wantRefusal{401, "Unauthorized", "", "Expected https://vault.azure.cn"}},
		"no version":      {"GET", "https://open.vault.azure.net/secrets/db", vaultToken, wantRefusal{400, "BadParameter", "", "api-version"}},
		"unknown version": {"GET", "https://open.vault.azure.net/secrets/db?api-version=6.9", vaultToken, wantRefusal{400, "BadParameter", "", "(6.9) is not recognized"}},
		"bad name":        {"GET", "https://open.vault.azure.net/secrets/d_b?api-version=7.4", vaultToken, wantRefusal{400, "BadParameter", "", "invalid name: d_b"}},
		"slash in name":   {"GET", "https://open.vault.azure.net/secrets/d%2Fb?api-version=7.4", vaultToken, wantRefusal{400, "BadParameter", "", "invalid name: d/b"}},
		"bad secret ID":   {"GET", "https://open.vault.azure.net/secrets/db/a-b?api-version=7.4", vaultToken, wantRefusal{400, "BadParameter", "", "invalid version"}},
		"method":          {"PUT", db, vaultToken, wantRefusal{405, "MethodNotAllowed", "", ""}},
		"list":            {"GET", "https://open.vault.azure.net/secrets?api-version=7.4", vaultToken, wantRefusal{404, "NotFound", "", ""}},
		"keys":            {"GET", "https://open.vault.azure.net/keys/db?api-version=7.4", vaultToken, wantRefusal{404, "NotFound", "", ""}},
		"missing":         {"GET", "https://open.vault.azure.net/secrets/nope?api-version=7.4", vaultToken, wantRefusal{404, "SecretNotFound", "", "(name/id) nope was"}},
		"missing version": {"GET", "https://open.vault.azure.net/secrets/db/abc?api-version=7.4", vaultToken, wantRefusal{404, "SecretNotFound", "", "(name/id) db/abc was"}},
		"disabled":        {"GET", "https://open.vault.azure.net/secrets/off?api-version=7.4", vaultToken, wantRefusal{403, "Forbidden", "SecretDisabled", "Operation get is not allowed on a disabled secret."}},
		"rbac":            {"GET", "https://rbac.vault.azure.net/secrets/db?api-version=7.4", vaultToken, wantRefusal{403, "Forbidden", "ForbiddenByRbac", "Caller: appid=11111111-0000-4000-8000-000000000001;oid=11111111-0000-4000-8000-000000000002;iss=https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/\r\nAction: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'\r\nResource: '/subscriptions/00000000-1111-2222-3333-444444444444/resourcegroups/rg/providers/microsoft.keyvault/vaults/rbac/secrets/db'\r\n"}},
		"policy":          {"GET", "https://policy.vault.azure.net/secrets/db?api-version=7.4", vaultToken, wantRefusal{403, "Forbidden", "AccessDenied", "does not have secrets get permission on key vault 'policy;location=eastus'"}},
		"firewall":        {"GET", "https://walled.vault.azure.net/secrets/db?api-version=7.4", vaultToken, wantRefusal{403, "Forbidden", "ForbiddenByFirewall", "Client address: 192.0.2.1\r\n"}},
		"private":         {"GET", "https://private.vault.azure.net/secrets/db?api-version=7.4", vaultToken, wantRefusal{403, "Forbidden", "ForbiddenByConnection", "Public network access is disabled"}},
		"denied first":    {"GET", "https://rbac.vault.azure.net/secrets/nope?api-version=7.4", vaultToken, wantRefusal{403, "Forbidden", "ForbiddenByRbac", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			w := send(a.Stores(), c.method, c.url, c.header)
			c.want.check(t, w)
			challenge := w.Header().Get("WWW-Authenticate")
			if (w.Code == 401) != strings.HasPrefix(challenge, `Bearer authorization="https://login.`) {
				t.Errorf("status %d with challenge %q", w.Code, challenge)
			}
		})
	}
}

func TestChallengeNamesTheCloud(t *testing.T) {
	a := build(t, world)
	for host, want := range map[string]string{
		"open.vault.azure.net":      `Bearer authorization="https://login.microsoftonline.com/` + DefaultTenant + `", resource="https://vault.azure.net"`,
		"x.vault.azure.cn":          `Bearer authorization="https://login.chinacloudapi.cn/` + DefaultTenant + `", resource="https://vault.azure.cn"`,
		"x.vault.usgovcloudapi.net": `Bearer authorization="https://login.microsoftonline.us/` + DefaultTenant + `", resource="https://vault.usgovcloudapi.net"`,
	} {
		w := send(a.Stores(), "GET", "https://"+host+"/secrets/db?api-version=7.4", nil)
		if got := w.Header().Get("WWW-Authenticate"); got != want {
			t.Errorf("%s: WWW-Authenticate = %s, want %s", host, got, want)
		}
		// The body's length is from a log of the real service.
		if w.Body.Len() != 97 {
			t.Errorf("%s: body of %d bytes, want 97: %s", host, w.Body.Len(), w.Body)
		}
	}
}

func TestVaultGets(t *testing.T) {
	a := build(t, world)
	for path, want := range map[string]string{
		"/secrets/db":                "s3cr3t",
		"/secrets/db/":               "s3cr3t",
		"/Secrets/DB":                "s3cr3t",
		"/secrets/number":            "0123",
		"/secrets/mixed":             "two",
		"/secrets/MIXED/FIRST":       "one",
		"/secrets/mixed/second/":     "two", // expired, and served all the same
		"/secrets/off/" + first(off): "x",
	} {
		w := send(a.Stores(), "GET", "https://Open.vault.azure.net:443"+path+"?api-version=2026-04-01", tokenFor(a, "endpoint", vaultAudience))
		if got := decoded[secretBundle](t, w); w.Code != 200 || got.Value != want {
			t.Errorf("%s: %d %s, want value %q", path, w.Code, w.Body, want)
		}
	}
}

// off holds the words from which the versions of the secret "off" are derived.
var off = []string{"version", "open.vault.azure.net", "off"}

func first(words []string) string { return derivedHex(append(words[:3:3], "0")...) }

func TestSecretBundle(t *testing.T) {
	a := build(t, world)
	header := tokenFor(a, "endpoint", vaultAudience)
	for path, want := range map[string]string{
		"/secrets/mixed/first":  `{"value":"one","id":"https://open.vault.azure.net/secrets/Mixed/first","attributes":{"enabled":true,"created":1711119416,"updated":1711119416,"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90},"tags":{}}`,
		"/secrets/mixed/second": `{"value":"two","id":"https://open.vault.azure.net/secrets/Mixed/Second","attributes":{"enabled":true,"exp":1577836800,"created":1711119416,"updated":1711119416,"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90},"tags":{}}`,
	} {
		w := send(a.Stores(), "GET", "https://open.vault.azure.net"+path+"?api-version=7.4", header)
		if got := w.Body.String(); got != want {
			t.Errorf("%s:\n got %s\nwant %s", path, got, want)
		}
	}
}
