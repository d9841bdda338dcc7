package main

import (
	"net"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/emulator"
	"azinject/identity"
)

// endpoint gives out tokens as App Service does. It ignores which identity is
// asked for: the developer, who has one sign-in, stands for all of them.
type endpoint struct {
	secret    string
	hosts     map[string]bool // names that requests may use for it
	audiences map[string]bool
	token     func(audience string) (azcore.AccessToken, error)
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !e.hosts[hostOf(r)] {
		// A web page can make its own host name lead to this machine.
		emulator.RefuseAppService(http.StatusForbidden, "This is not the host that was asked for.").Write(w)
		return
	}
	(&emulator.AppService{Secret: e.secret, Token: e.give}).ServeHTTP(w, r)
}

// give returns the token that a correct request asks for. No refusal has a
// status that makes clients try again: az has done so itself.
func (e *endpoint) give(r *http.Request) (emulator.AppServiceToken, *emulator.AppServiceError) {
	var none emulator.AppServiceToken
	q := r.URL.Query()
	resource := q.Get("resource")
	switch {
	case r.URL.Path != emulator.AppServicePath:
		return none, emulator.RefuseAppService(http.StatusBadRequest, "The path is %s, as in IDENTITY_ENDPOINT.", emulator.AppServicePath)
	case !e.audiences[resource] && !isConfiguration(resource):
		return none, refuse("azlocal gives tokens for Key Vault, App Configuration, Foundry, Resource Manager and online endpoints; if COMMAND needs one for %q, start azlocal login with --audience and this URL", resource)
	}
	t, err := e.token(resource)
	if err != nil {
		return none, refuse("azlocal got no token for %s: %v", resource, err)
	}
	return emulator.AppServiceToken{AccessToken: t.Token, ClientID: q.Get("client_id"), ExpiresOn: t.ExpiresOn.Unix()}, nil
}

// refuse returns a refusal whose message says what the developer has to do.
func refuse(format string, args ...any) *emulator.AppServiceError {
	e := emulator.RefuseAppService(http.StatusBadRequest, format, args...)
	e.Code = identity.CodeDeveloper
	return e
}

// hostOf returns the name that the request uses for this machine, in lower case.
func hostOf(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}
