package resolve

import (
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// auth authorises the requests to one store with tokens of one scope. The scopes
// of Resource Manager and of vaults in known clouds are known, and the grammar
// makes sure that no other host is taken for such a vault. A vault that
// AZINJECT_ALLOWED_VAULT_HOSTS adds is asked for its scope. The SDK's own policy
// asks every vault, which costs a request, and panics at a malformed challenge
// (azsecrets 1.5.1).
type auth struct {
	tokens azcore.TokenCredential

	mu    sync.Mutex
	scope string // "" until a challenge tells
	err   error  // why there is no usable challenge
}

// Do implements [policy.Policy].
func (a *auth) Do(req *policy.Request) (*http.Response, error) {
	scope, answer, err := a.learnScope(req)
	if err != nil || answer != nil {
		return answer, err
	}
	token, err := a.tokens.GetToken(req.Raw().Context(), policy.TokenRequestOptions{Scopes: []string{scope}})
	if err != nil {
		return nil, &tokenError{err}
	}
	req.Raw().Header.Set("Authorization", "Bearer "+token.Token)
	return req.Next()
}

// learnScope returns the scope of the vault's tokens. If it is not known, it sends
// the request without a token, so that the vault's refusal tells the scope. It
// returns any other answer instead. After a failure that all requests would meet,
// each after as long a time, it sends no more.
func (a *auth) learnScope(req *policy.Request) (scope string, answer *http.Response, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.scope != "" || a.err != nil {
		return a.scope, nil, a.err
	}
	answer, err = req.Next()
	refusal, refused := errors.AsType[*transport.StatusError](err)
	switch {
	case err == nil:
		return "", answer, nil
	case refused && refusal.Status == http.StatusUnauthorized:
		resource, err := challengeResource(refusal.Challenge, req.Raw().URL.Host)
		if err != nil {
			a.err = &tokenError{err}
		} else {
			a.scope = resource + "/.default"
		}
	case refused && !transport.Transient(refusal.Status): // about this secret alone
		return "", nil, err
	default:
		a.err = err
	}
	return a.scope, nil, a.err
}

// challengeResource returns the resource in a vault's challenge:
//
//	Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://vault.azure.net"
//
// A vault may only ask for tokens for its own domain. Otherwise it could ask for
// one that opens something else.
// https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
func challengeResource(header, host string) (string, error) {
	for field := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ' ' || r == ',' }) {
		value, ok := strings.CutPrefix(field, "resource=")
		if !ok {
			continue
		}
		resource := strings.TrimSuffix(strings.Trim(value, `"`), "/")
		_, domain, _ := strings.Cut(host, ".")
		if !strings.EqualFold(resource, "https://"+domain) {
			return "", ChallengeError("the vault asks for a token for another domain than its own, https://" + domain)
		}
		return resource, nil
	}
	return "", ChallengeError("the vault's challenge does not name a resource")
}

// ChallengeError is what is wrong with a vault's challenge.
type ChallengeError string

func (e ChallengeError) Error() string { return string(e) }

// tokenError marks an error as the token's, and not the store's.
type tokenError struct{ error }
