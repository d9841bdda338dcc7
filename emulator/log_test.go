package emulator

import (
	"slices"
	"sync"
	"testing"
)

func TestEntraInTheLog(t *testing.T) {
	a := build(t, world)
	const at = "https://login.microsoftonline.com/"
	serve(a.Stores(), tokenRequest(t, a, nil))
	serve(a.Stores(), tokenRequest(t, a, map[string]string{"client_secret": "x"}))
	send(a.Stores(), "GET", at+DefaultTenant+"/v2.0/.well-known/openid-configuration", nil)
	send(a.Stores(), "GET", at+"common/discovery/instance?api-version=1.1", nil)
	send(a.Stores(), "GET", at+"x", nil)
	var got []string
	for _, r := range a.Requests() {
		got = append(got, r.String())
	}
	want := []string{
		"entra POST login.microsoftonline.com /" + DefaultTenant + "/oauth2/v2.0/token 200",
		"entra POST login.microsoftonline.com /" + DefaultTenant + "/oauth2/v2.0/token 401",
		"discovery GET login.microsoftonline.com /" + DefaultTenant + "/v2.0/.well-known/openid-configuration 200",
		"discovery GET login.microsoftonline.com /common/discovery/instance 400",
		"other GET login.microsoftonline.com /x 404",
	}
	if !slices.Equal(got, want) {
		t.Errorf("lines = %q\nwant %q", got, want)
	}
}

func TestRequestLine(t *testing.T) {
	a := build(t, world)
	send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db%0A/?api-version=7.4&x=token", tokenFor(a, "endpoint", vaultAudience))
	send(a.Stores(), "POST", arm+openWorkspace+"/connections/aoai/listsecrets"+version, tokenFor(a, "endpoint", armAudience))
	send(a.Stores(), "POST", arm+openWorkspace+"/onlineEndpoints/keyed/listKeys"+version, tokenFor(a, "endpoint", armAudience))
	send(a.Stores(), "GET", "https://elsewhere.example/", nil)
	var got []string
	for _, r := range a.Requests() {
		got = append(got, r.String())
	}
	want := []string{
		"secret GET open.vault.azure.net /secrets/db%0A/ 400",
		"connection POST management.azure.com " + openWorkspace + "/connections/aoai/listsecrets 200",
		"keys POST management.azure.com " + openWorkspace + "/onlineEndpoints/keyed/listKeys 200",
		"other GET elsewhere.example / 421",
	}
	if !slices.Equal(got, want) {
		t.Errorf("lines = %q\nwant %q", got, want)
	}
}

func TestConcurrentRequestsAreAllCounted(t *testing.T) {
	a := build(t, world)
	token := tokenFor(a, "endpoint", vaultAudience)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", token)
			a.Counts()
		})
	}
	all.Wait()
	if got := a.Counts()[KindSecret]; got != 50 {
		t.Errorf("secrets counted = %d, want 50", got)
	}
}
