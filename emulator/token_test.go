package emulator

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTimesOnTheWire checks whether times are numbers or strings.
func TestTimesOnTheWire(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for platform, want := range map[string]string{
		"imds":             `"client_id":"` + systemID + `","expires_in":"86400","expires_on":"1700086400","not_before":"1700000000","resource":"https://vault.azure.net","token_type":"Bearer"}`,
		"appservice":       `"client_id":"` + systemID + `","expires_on":"1700086400","resource":"https://vault.azure.net","token_type":"Bearer"}`,
		"azureml_instance": `"expires_on":1700086400,"resource":"https://vault.azure.net","token_type":"Bearer"}`,
		"servicefabric":    `"expires_on":1700086400,"resource":"https://vault.azure.net","token_type":"Bearer"}`,
	} {
		a := build(t, "platform: "+platform+"\nattached: [system]"+identities)
		a.issuer.now = func() time.Time { return now }
		header := http.Header{"Metadata": {"true"}, "Secret": {a.machine.secret}, "X-Identity-Header": {a.machine.secret}}
		v := map[string]string{"appservice": "2019-08-01", "servicefabric": "2019-07-01-preview"}[platform]
		if v == "" {
			v = "2018-02-01"
		}
		w := send(a.Identity(), "GET", "http://127.0.0.1"+a.platform.path+"?clientid="+systemID+"&api-version="+v+"&"+vaultResource, header)
		if !strings.HasSuffix(w.Body.String(), ","+want) {
			t.Errorf("%s: %s\nwant …%s", platform, w.Body, want)
		}
	}
}

func TestClaims(t *testing.T) {
	a := build(t, "platform: azureml\nattached: [system, first]\ndeployment: "+openWorkspace+"/onlineEndpoints/ep/deployments/blue"+identities)
	for name, want := range map[string]map[string]any{
		"system": {"appid": systemID, "idtyp": "app", "xms_mirid": openWorkspace + "/onlineEndpoints/ep", "upn": nil},
		"first":  {"appid": firstID, "oid": "22222222-0000-4000-8000-000000000002", "sub": "22222222-0000-4000-8000-000000000002", "idtyp": "app", "xms_mirid": firstMIID, "tid": DefaultTenant, "iss": "https://sts.windows.net/" + DefaultTenant + "/", "aud": "https://ml.azure.com", "ver": "1.0"},
		"person": {"idtyp": nil, "upn": "person@emulated.example", "unique_name": "person@emulated.example", "xms_mirid": nil},
	} {
		got := payload(t, tokenOf(a, name, "https://ml.azure.com"))
		for claim, value := range want {
			if got[claim] != value {
				t.Errorf("%s: claim %s = %v, want %v", name, claim, got[claim], value)
			}
		}
	}
}

func TestEntraClaims(t *testing.T) {
	a := build(t, world)
	now := time.Unix(1_700_000_000, 0)
	a.issuer.now = func() time.Time { return now }
	issued := decoded[entraToken](t, serve(a.Stores(), tokenRequest(t, a, map[string]string{"scope": "https://management.azure.com/.default"})))
	got := payload(t, issued.AccessToken)
	for claim, want := range map[string]any{
		"aud": "https://management.azure.com", "appid": appID, "appidacr": "1", "exp": 1_700_003_599.0, "idtyp": "app", "iss": "https://sts.windows.net/" + DefaultTenant + "/",
		"oid": "99999999-0000-4000-8000-000000000002", "sub": "99999999-0000-4000-8000-000000000002", "tid": DefaultTenant, "upn": nil, "ver": "1.0", "xms_mirid": nil,
	} {
		if got[claim] != want {
			t.Errorf("claim %s = %v, want %v", claim, got[claim], want)
		}
	}
}

func payload(t *testing.T, token string) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
