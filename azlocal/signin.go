package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const (
	// tokenTimeout bounds one attempt: az takes a second or two, more behind a
	// slow proxy.
	tokenTimeout = time.Minute
	// tokenReserve is how long a token must still be valid. Clients ask for
	// another one when five minutes are left.
	tokenReserve = 5 * time.Minute
)

// signIn gets tokens of whoever is signed in on this machine.
type signIn struct {
	source     source
	credential azcore.TokenCredential

	mu     sync.Mutex
	tokens map[string]azcore.AccessToken // by audience
}

// source is where a sign-in may be found.
type source struct {
	name    string // for messages
	program string // that signs in, if it is one
	remedy  string
	open    func() (azcore.TokenCredential, error)
}

// principal is the service principal in the environment, as in CI.
func principal(environ []string, c cloud.Configuration) source {
	options := &azidentity.EnvironmentCredentialOptions{}
	// Somebody waits, and the SDK says nothing meanwhile. By default it would take 20
	// seconds to give up a network without Microsoft Entra.
	options.Retry = policy.RetryOptions{MaxRetries: 2, RetryDelay: 500 * time.Millisecond}
	if host, _ := valueOf(environ, "AZURE_AUTHORITY_HOST"); host == "" { // the SDK reads it if it is given no cloud
		options.Cloud = c
	}
	return source{
		name:   "the service principal in AZURE_CLIENT_ID",
		remedy: "correct AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate, or unset them and run: az login",
		open:   func() (azcore.TokenCredential, error) { return azidentity.NewEnvironmentCredential(options) },
	}
}

// programs are those that developers sign in with, the most common first.
var programs = []source{
	{"az", "az", "run: az login", func() (azcore.TokenCredential, error) { return azidentity.NewAzureCLICredential(nil) }},
	{"azd", "azd", "run: azd auth login", func() (azcore.TokenCredential, error) { return azidentity.NewAzureDeveloperCLICredential(nil) }},
}

// sources returns where to look for a sign-in, in order. A complete service
// principal was put there for the purpose, so nothing else is tried. Without a
// secret or certificate the variables are another application's, or those of
// azure/login in GitHub Actions.
func sources(environ []string, c cloud.Configuration) []source {
	set := func(name string) bool { value, _ := valueOf(environ, name); return value != "" }
	if set("AZURE_TENANT_ID") && set("AZURE_CLIENT_ID") && (set("AZURE_CLIENT_SECRET") || set("AZURE_CLIENT_CERTIFICATE_PATH")) {
		return []source{principal(environ, c)}
	}
	var found []source
	for _, s := range programs {
		if _, err := exec.LookPath(s.program); err == nil {
			found = append(found, s)
		}
	}
	if set("AZURE_TENANT_ID") && set("AZURE_CLIENT_ID") { // to be named if nothing else signs in
		half := principal(environ, c)
		half.open = func() (azcore.TokenCredential, error) { return nil, errors.New("AZURE_CLIENT_SECRET is not set") }
		found = append(found, half)
	}
	return found
}

// unreached matches the errors of sign-ins that got no answer: the SDK's, as text,
// and those of az, which is in Python.
var unreached = regexp.MustCompile(`(Get|Post) "https?://|HTTPSConnectionPool`)

// findSignIn returns the first sign-in that gets a token for the audience, so
// that a missing one is found before anything runs. The error is a
// [*signInError].
func findSignIn(ctx context.Context, all []source, audience string) (*signIn, error) {
	failed := &signInError{remedy: "install the Azure CLI (https://aka.ms/azure-cli), and run: az login"}
	for i, s := range all {
		found, err := s.signIn(ctx, audience)
		if err == nil {
			return found, nil
		}
		failed.reasons = append(failed.reasons, err.Error())
		if i == 0 {
			failed.remedy = s.remedy
			if unreached.MatchString(err.Error()) {
				failed.remedy = "check the network of this machine, and HTTPS_PROXY and SSL_CERT_FILE if there is a proxy"
			}
		}
	}
	return nil, failed
}

func (s source) signIn(ctx context.Context, audience string) (*signIn, error) {
	credential, err := s.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %s", s.name, reason(err))
	}
	found := &signIn{source: s, credential: credential, tokens: map[string]azcore.AccessToken{}}
	_, err = found.token(ctx, audience)
	return found, err
}

// token returns a token for the audience, the same one while it is valid. It
// asks for one at a time: az does not run twice at once.
func (s *signIn) token(ctx context.Context, audience string) (azcore.AccessToken, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t, ok := s.tokens[audience]; ok && time.Until(t.ExpiresOn) > tokenReserve {
		return t, nil
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	t, err := s.credential.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{audience + "/.default"}})
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return t, fmt.Errorf("%s: no answer within %v", s.source.name, tokenTimeout)
	case err != nil:
		return t, fmt.Errorf("%s: %s", s.source.name, reason(err))
	case t.Token == "":
		return t, fmt.Errorf("%s: no token in the answer", s.source.name)
	}
	s.tokens[audience] = t
	return t, nil
}

// signInError reports that nobody is signed in.
type signInError struct {
	reasons []string
	remedy  string
}

func (e *signInError) hint() string { return e.remedy }

func (e *signInError) Error() string {
	if e.reasons == nil {
		return "not signed in to Azure: neither az nor azd is installed, and the environment contains no service principal"
	}
	return "not signed in to Azure: " + strings.Join(e.reasons, "; ")
}
