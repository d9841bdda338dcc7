package identity

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Shared is a credential that makes one request for a token per audience,
// however many callers ask for it; azidentity alone makes one per caller.
type Shared struct {
	credential azcore.TokenCredential

	mu       sync.Mutex
	requests map[string]*request
}

// request is one for a token, under way or answered.
type request struct {
	ctx  context.Context // of the one who asked first
	done chan struct{}   // closed when the fields below are set

	token    azcore.AccessToken
	err      error
	received time.Time
}

// Share returns a Shared that asks credential.
func Share(credential azcore.TokenCredential) *Shared {
	return &Shared{credential: credential, requests: map[string]*request{}}
}

// expiryMargin is how long a token must still be good to be given away.
const expiryMargin = time.Minute

// GetToken implements [azcore.TokenCredential]. The first call for an audience
// makes the request, with its context; the later ones wait for the result, an
// error included, until their own contexts end. A token that is about to expire
// is requested anew.
func (s *Shared) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	key := options.Scopes[0]
	s.mu.Lock()
	r, ok := s.requests[key]
	if !ok || r.expired() {
		r = &request{ctx: ctx, done: make(chan struct{})}
		s.requests[key] = r
		go func() {
			defer close(r.done)
			r.token, r.err = s.credential.GetToken(ctx, options)
			r.received = time.Now()
		}()
	}
	s.mu.Unlock()
	select {
	case <-r.done:
	case <-ctx.Done():
		if r.ctx.Err() == nil {
			return azcore.AccessToken{}, fmt.Errorf("waiting for a token for %s: %w", audience(options), ctx.Err())
		}
		<-r.done // at once, with a better reason than that time is up
	}
	return r.token, r.err
}

// Claims returns what a token that was obtained says of the identity; the zero
// Claims if there is none.
func (s *Shared) Claims() Claims {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.requests {
		select {
		case <-r.done:
			if claims, ok := ParseClaims(r.token.Token); ok {
				return claims
			}
		default:
		}
	}
	return Claims{}
}

// expired says whether the token that the request gave is of no more use. One
// that was so when it came is used all the same, for the margin: the clocks may
// differ.
func (r *request) expired() bool {
	select {
	case <-r.done:
		return r.err == nil && time.Until(r.token.ExpiresOn) < expiryMargin && time.Since(r.received) > expiryMargin
	default:
		return false
	}
}

var _ azcore.TokenCredential = (*Shared)(nil)
