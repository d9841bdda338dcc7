package identity

import (
	"context"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Shared is a credential that makes one request for a token per audience,
// however many callers ask for it. azidentity alone makes one per caller.
type Shared struct {
	credential azcore.TokenCredential

	mu       sync.Mutex
	requests map[string]*tokenRequest // by scope
	claims   Claims
}

// tokenRequest is the last request for a token, under way while mu is held.
type tokenRequest struct {
	mu       sync.Mutex
	token    azcore.AccessToken
	err      error
	received time.Time // zero before the first request is done
}

// Share returns a Shared that asks credential.
func Share(credential azcore.TokenCredential) *Shared {
	return &Shared{credential: credential, requests: map[string]*tokenRequest{}}
}

// GetToken implements [azcore.TokenCredential]. The first call for an audience
// makes the request, with its context. Later calls get the same result, an error
// included, and wait for it: their own contexts must not end earlier. A token
// that is about to expire is requested anew.
func (s *Shared) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	scope := options.Scopes[0]
	s.mu.Lock()
	if s.requests[scope] == nil {
		s.requests[scope] = &tokenRequest{}
	}
	r := s.requests[scope]
	s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.usable() {
		r.token, r.err = s.credential.GetToken(ctx, options)
		r.received = time.Now()
		if claims, ok := parseClaims(r.token.Token); ok {
			s.mu.Lock()
			s.claims = claims
			s.mu.Unlock()
		}
	}
	return r.token, r.err
}

// Claims returns the claims of a token that the credential gave, or the zero
// Claims.
func (s *Shared) Claims() Claims {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claims
}

// expiryMargin is how long a token must still be valid to be used again.
const expiryMargin = time.Minute

// usable reports whether there is an error, or a token that need not be replaced. A
// token that arrives expired is used for expiryMargin anyway: clocks may differ.
func (r *tokenRequest) usable() bool {
	return r.err != nil || time.Until(r.token.ExpiresOn) >= expiryMargin || time.Since(r.received) <= expiryMargin
}

var _ azcore.TokenCredential = (*Shared)(nil)
