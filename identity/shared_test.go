package identity

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// source is a credential that returns when answer is closed.
type source struct {
	mu       sync.Mutex
	requests map[string]int
	answer   chan struct{} // closed when GetToken may return
	err      error
	lifetime time.Duration
}

func newSource() *source {
	return &source{requests: map[string]int{}, answer: make(chan struct{}), lifetime: time.Hour}
}

func (s *source) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	s.mu.Lock()
	s.requests[o.Scopes[0]]++
	s.mu.Unlock()
	select {
	case <-s.answer:
		return azcore.AccessToken{Token: o.Scopes[0], ExpiresOn: time.Now().Add(s.lifetime)}, s.err
	case <-ctx.Done():
		return azcore.AccessToken{}, ctx.Err()
	}
}

func ask(ctx context.Context, c azcore.TokenCredential, scope string) (azcore.AccessToken, error) {
	return c.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
}

func TestSharedAsksOncePerAudience(t *testing.T) {
	s := newSource()
	shared := Share(s)
	var waiting sync.WaitGroup
	for range 50 {
		for _, scope := range []string{"vault", "arm"} {
			waiting.Go(func() {
				if token, err := ask(t.Context(), shared, scope); err != nil || token.Token != scope {
					t.Errorf("GetToken(%s): %v, or a token for another audience", scope, err)
				}
			})
		}
	}
	close(s.answer)
	waiting.Wait()
	if _, err := ask(t.Context(), shared, "vault"); err != nil {
		t.Error(err)
	}
	if s.requests["vault"] != 1 || s.requests["arm"] != 1 {
		t.Errorf("requests = %v, want one for each audience", s.requests)
	}
}

func TestSharedSharesErrors(t *testing.T) {
	s := newSource()
	s.err = errors.New("no identity")
	close(s.answer)
	shared := Share(s)
	for range 3 {
		if _, err := ask(t.Context(), shared, "vault"); !errors.Is(err, s.err) {
			t.Errorf("GetToken: %v, want %v", err, s.err)
		}
	}
	if s.requests["vault"] != 1 {
		t.Errorf("%d requests, want 1", s.requests["vault"])
	}
}

func TestSharedReplacesExpiringTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSource()
		s.lifetime = 2 * expiryMargin
		close(s.answer)
		shared := Share(s)
		for _, step := range []struct {
			later    time.Duration
			lifetime time.Duration // of the next token
			requests int
		}{
			{0, 0, 1},
			{expiryMargin / 2, 0, 1},
			{expiryMargin, -time.Hour, 2}, // within the margin, and so is the next token, as with a wrong clock
			{expiryMargin / 2, -time.Hour, 2},
			{expiryMargin, time.Hour, 3},
			{expiryMargin, 0, 3},
		} {
			time.Sleep(step.later)
			s.lifetime = cmp.Or(step.lifetime, s.lifetime)
			if _, err := ask(t.Context(), shared, "vault"); err != nil || s.requests["vault"] != step.requests {
				t.Errorf("%v later: %v after %d requests, want %d", step.later, err, s.requests["vault"], step.requests)
			}
		}
	})
}

func TestSharedClaims(t *testing.T) {
	s := newSource()
	shared := Share(s)
	if claims := shared.Claims(); claims != (Claims{}) {
		t.Error("got claims without a token")
	}
	close(s.answer)
	if _, err := ask(t.Context(), shared, "opaque"); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t.Context(), shared, token(`{"oid":"`+guidA+`"}`)); err != nil { // the source returns the scope as the token
		t.Fatal(err)
	}
	if claims := shared.Claims(); claims.ObjectID != guidA {
		t.Errorf("Claims = %+v, want those of the only token with claims", claims)
	}
}

// TestSharedReasonAtDeadline checks that a waiter that reaches its deadline
// together with the request gets the request's error.
func TestSharedReasonAtDeadline(t *testing.T) {
	shared := Share(newSource()) // it never returns
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("over"))
	if _, err := ask(ctx, shared, "vault"); !errors.Is(err, context.Canceled) {
		t.Errorf("GetToken = %v, want what the source returns", err)
	}
}
