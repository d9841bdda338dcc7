package resolve

import (
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// auth authorises the requests to one store with tokens of one scope. That of
// Resource Manager and of the vaults in known clouds is known, and the grammar
// has made sure that nothing else is taken for such a vault; a vault that
// AZINJECT_ALLOWED_VAULT_HOSTS adds is asked. The SDK's policy asks every
// vault, which costs a request, and panics at a malformed challenge (azsecrets
// 1.5.1).
type auth struct {
	tokens azcore.TokenCredential

	mu    sync.Mutex
	scope string // "" until a challenge has told it
	err   error  // that the challenge is none
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

// learnScope returns the scope of the vault's tokens. If it is not known, the
// request is sent without a token, for the vault to refuse it and say; an
// answer that is not such a refusal is returned instead.
func (a *auth) learnScope(req *policy.Request) (scope string, answer *http.Response, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.scope != "" || a.err != nil {
		return a.scope, nil, a.err
	}
	answer, err = req.Next()
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return "", answer, err
	}
	io.Copy(io.Discard, answer.Body) // so that the connection can be used again
	answer.Body.Close()
	resource, err := challengeResource(answer.Header.Get("WWW-Authenticate"), req.Raw().URL.Host)
	if err != nil {
		a.err = &tokenError{err}
		return "", nil, a.err
	}
	a.scope = resource + "/.default"
	return a.scope, nil, nil
}

// challengeResource returns the resource that a vault's challenge names:
//
//	Bearer authorization="https://login.microsoftonline.com/TENANT", resource="https://vault.azure.net"
//
// A vault may only ask for tokens of just the domain that it is in, or it could
// ask for one that opens something else.
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
			return "", ChallengeError("the vault asks for a token that is not for its own domain, https://" + domain)
		}
		return resource, nil
	}
	return "", ChallengeError("the vault's challenge names no resource")
}

// ChallengeError says what is wrong with a vault's challenge.
type ChallengeError string

func (e ChallengeError) Error() string { return string(e) }

// tokenError marks an error as one that has to do with the token, and not with
// the store.
type tokenError struct{ error }

// Unwrap returns the cause.
func (e *tokenError) Unwrap() error { return e.error }
