package emulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestExpiredToken shows the stores an expired token that was said to be valid.
func TestExpiredToken(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET identity/, times: 2, expired_token: true}]")
	for i, want := range []string{"[TokenExpired]", "ExpiredAuthenticationToken", `"value":"s3cr3t"`} {
		resource, target := vaultResource, request(t, "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", nil)
		if i == 1 {
			resource, target = "resource=https://management.azure.com/", request(t, "POST", arm+openWorkspace+"/connections/aoai/listsecrets"+version, nil)
		}
		answer := see(direct(t), request(t, "GET", environ(a, "MSI_ENDPOINT")+"?"+resource, http.Header{"Secret": {a.machine.secret}}))
		var issued struct {
			Token   string `json:"access_token"`
			Expires int64  `json:"expires_on"`
		}
		if err := json.Unmarshal([]byte(answer.body), &issued); err != nil || answer.length != int64(len(answer.body)) {
			t.Fatalf("token: seen %+v", answer)
		}
		if issued.Expires < time.Now().Unix()+3600 {
			t.Errorf("expires_on = %d, want it in the future", issued.Expires)
		}
		target.Header.Set("Authorization", "Bearer "+issued.Token)
		if got := see(client(t, a), target); !strings.Contains(got.body, want) {
			t.Errorf("token %d: seen %+v, want %s", i, got, want)
		}
	}
}

func TestHugeIsTheRightAnswer(t *testing.T) {
	a := launch(t, world+"faults: [{match: GET open.vault.azure.net/, huge: true}]")
	var bundle secretBundle
	got := targets["vault"].ask(t, a)
	if err := json.Unmarshal([]byte(got.body), &bundle); err != nil || bundle.Value != "s3cr3t" || len(got.body) <= 8<<20 {
		t.Errorf("%d bytes, value %q, %v", len(got.body), bundle.Value, err)
	}
}
