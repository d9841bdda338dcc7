package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// fakeCredential numbers its tokens, which are valid for some time.
type fakeCredential struct {
	good time.Duration
	n    int
}

func (f *fakeCredential) GetToken(_ context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	f.n++ // the race detector notices two calls at once
	return azcore.AccessToken{Token: strings.Join(o.Scopes, " ") + " " + string(rune('0'+f.n)), ExpiresOn: time.Now().Add(f.good)}, nil
}

// TestTokenIsAskedForOnce checks that a valid token is not requested again, and
// that tokens are requested one at a time.
func TestTokenIsAskedForOnce(t *testing.T) {
	for good, want := range map[time.Duration]int{time.Hour: 2, 6 * time.Minute: 2, 4 * time.Minute: 6, -time.Minute: 6} {
		f := &fakeCredential{good: good}
		s := &signIn{credential: f, tokens: map[string]azcore.AccessToken{}}
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				audience := []string{"https://a", "https://b/"}[i%2]
				got, err := s.token(t.Context(), audience)
				if err != nil || !strings.HasPrefix(got.Token, audience+"/.default ") {
					t.Errorf("token(%s) = %v, %v", audience, got, err)
				}
			})
		}
		all.Wait()
		if f.n != want {
			t.Errorf("good for %v: %d requests, want %d", good, f.n, want)
		}
	}
}

// TestTokenIsWaitedForInBounds checks the error at the deadline. az itself does
// not say why it was stopped.
func TestTokenIsWaitedForInBounds(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	s := &signIn{source: source{name: "az"}, credential: stopped{}, tokens: map[string]azcore.AccessToken{}}
	if _, err := s.token(ctx, "https://a"); err == nil || err.Error() != "az: no answer within 1m0s" {
		t.Errorf("token = %v", err)
	}
}

// stopped fails like az at its deadline.
type stopped struct{}

func (stopped) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	<-ctx.Done()
	return azcore.AccessToken{}, errors.New("AzureCLICredential: signal: killed")
}
