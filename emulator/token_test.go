package emulator

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTimesOnTheWire holds each platform to numbers or strings.
func TestTimesOnTheWire(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for platform, want := range map[string]string{
		"imds":          `"client_id":"` + systemID + `","expires_in":"86400","expires_on":"1700086400","not_before":"1700000000","resource":"https://vault.azure.net","token_type":"Bearer"}`,
		"appservice":    `"client_id":"` + systemID + `","expires_on":"1700086400","resource":"https://vault.azure.net","token_type":"Bearer"}`,
		"azureml":       `"expires_on":1700086400,"resource":"https://vault.azure.net","token_type":"Bearer"}`,
		"servicefabric": `"expires_on":1700086400,"resource":"https://vault.azure.net","token_type":"Bearer"}`,
	} {
		a := build(t, "platform: "+platform+"\nattached: [system]"+identities)
		a.issuer.now = func() time.Time { return now }
		header := http.Header{"Metadata": {"true"}, "Secret": {a.machine.secret}, "X-Identity-Header": {a.machine.secret}}
		v := map[string]string{"appservice": "2019-08-01", "servicefabric": "2019-07-01-preview"}[platform]
		if v == "" {
			v = "2018-02-01"
		}
		w := send(a.Identity(), "GET", "http://127.0.0.1"+a.platform.path+"?api-version="+v+"&"+vaultResource, header)
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
