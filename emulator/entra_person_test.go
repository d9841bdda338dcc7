package emulator

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// login posts a form to Microsoft Entra.
func login(a *Azure, path string, form map[string]string) *httptest.ResponseRecorder {
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	r := httptest.NewRequest("POST", "https://login.microsoftonline.com"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return serve(a.Stores(), r)
}

const (
	devicePath = "/organizations/oauth2/v2.0/devicecode"
	tokenPath  = "/organizations/oauth2/v2.0/token"
	armScope   = armAudience + "/.default offline_access openid profile"
)

// beginSignIn returns a device code.
func beginSignIn(t *testing.T, a *Azure) string {
	t.Helper()
	w := login(a, devicePath, map[string]string{"client_id": azureCLI, "scope": armScope})
	code := decoded[deviceCode](t, w)
	if w.Code != 200 || !strings.Contains(code.Message, code.UserCode) || code.Interval == 0 {
		t.Fatalf("device code: %d %s", w.Code, w.Body)
	}
	return code.DeviceCode
}

func TestPersonSignsIn(t *testing.T) {
	a := build(t, directoryWorld)
	form := map[string]string{"client_id": azureCLI, "grant_type": deviceGrant, "device_code": beginSignIn(t, a), "client_info": "1"}
	w := login(a, tokenPath, form)
	got := decoded[personToken](t, w)
	id, _ := base64.RawURLEncoding.DecodeString(strings.Split(got.IDToken, ".")[1])
	info, _ := base64.RawURLEncoding.DecodeString(got.ClientInfo)
	var who idClaims
	if err := json.Unmarshal(id, &who); err != nil || who.Username != "person@emulated.example" || who.Audience != azureCLI {
		t.Errorf("ID token %s, %v", id, err)
	}
	if want := `{"uid":"` + a.config.principal("person") + `","utid":"` + a.issuer.tenant + `"}`; string(info) != want {
		t.Errorf("client_info = %s", info)
	}
	if c, err := a.issuer.verify(got.AccessToken); err != nil || c.Audience != armAudience || c.AppID != azureCLI || c.UPN != who.Username {
		t.Errorf("access token %+v, %v", c, err)
	}
	again := login(a, "/"+a.issuer.tenant+"/oauth2/v2.0/token", map[string]string{
		"client_id": azureCLI, "grant_type": refreshGrant, "refresh_token": got.RefreshToken, "scope": "https://vault.azure.net/.default",
	})
	if c, err := a.issuer.verify(decoded[personToken](t, again).AccessToken); err != nil || c.Audience != vaultAudience {
		t.Errorf("refreshed: %s", again.Body)
	}
}

func TestPersonIsRefused(t *testing.T) {
	a, empty := build(t, directoryWorld), build(t, strings.Replace(directoryWorld, ", person]", "]", 1))
	redeemed := beginSignIn(t, a)
	login(a, tokenPath, map[string]string{"client_id": azureCLI, "grant_type": deviceGrant, "device_code": redeemed})
	old := func(kind string) string {
		return a.stores["login.microsoftonline.com"].(*entra).session(kind, a.config.principal("person"), armScope, -time.Second)
	}
	device := map[string]string{"client_id": azureCLI, "grant_type": deviceGrant, "device_code": beginSignIn(t, a)}
	for what, c := range map[string]struct {
		azure   *Azure
		path    string
		changes map[string]string
		code    string
		number  int
	}{
		"tenant":           {a, "/" + appID + "/oauth2/v2.0/token", nil, "invalid_request", 90002},
		"no client":        {a, tokenPath, map[string]string{"client_id": ""}, "invalid_request", 900144},
		"another client":   {a, tokenPath, map[string]string{"client_id": appID}, "unauthorized_client", 700016},
		"no code":          {a, tokenPath, map[string]string{"device_code": ""}, "invalid_request", 900144},
		"wrong code":       {a, tokenPath, map[string]string{"device_code": "x"}, "invalid_grant", 9002313},
		"used code":        {a, tokenPath, map[string]string{"device_code": redeemed}, "invalid_grant", 54005},
		"old code":         {a, tokenPath, map[string]string{"device_code": old(deviceGrant)}, "expired_token", 70020},
		"code as refresh":  {a, tokenPath, map[string]string{"grant_type": refreshGrant, "refresh_token": device["device_code"]}, "invalid_grant", 9002313},
		"old refresh":      {a, tokenPath, map[string]string{"grant_type": refreshGrant, "refresh_token": old(refreshGrant)}, "invalid_grant", 70043},
		"resource":         {a, tokenPath, map[string]string{"scope": "https://x/.default"}, "invalid_resource", 500011},
		"nobody":           {empty, tokenPath, map[string]string{"device_code": beginSignIn(t, empty)}, "authorization_declined", 0},
		"code for nothing": {a, devicePath, nil, "invalid_scope", 1002012},
	} {
		t.Run(what, func(t *testing.T) {
			form := maps.Clone(device)
			maps.Copy(form, c.changes)
			w := login(c.azure, c.path, form)
			got := decoded[entraError](t, w)
			if w.Code != 400 || got.Error != c.code || c.number != 0 && !slices.Equal(got.Codes, []int{c.number}) {
				t.Errorf("answer = %d %s, want %s %d", w.Code, w.Body, c.code, c.number)
			}
		})
	}
}
