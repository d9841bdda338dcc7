package resolve

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// content is an object that has been fetched.
type content interface {
	// part returns what ref takes of it, or a [*PartError].
	part(ref Reference) (Secret, error)
}

// fetcher is a vault or Resource Manager.
type fetcher interface {
	fetch(ctx context.Context, o Object) (content, error)
}

// result is what became of an object.
type result struct {
	content content
	err     error
}

// store is a fetcher with the bound on requests in flight to it.
type store struct {
	fetcher
	slots chan struct{}
}

// Resolve fetches every object of the plan once, all stores at the same time,
// and returns the environment with the values in place: same order, same
// duplicates, same bytes but for the references. tokens must be safe for
// concurrent use and should share the request for a token among those who ask for the same.
// The error is [*Failures]; nothing is returned beside it.
func (p *Plan) Resolve(ctx context.Context, tokens azcore.TokenCredential) ([]string, error) {
	if len(p.objects) == 0 {
		return p.environ, nil
	}
	return p.substitute(p.fetch(ctx, tokens))
}

// fetch returns the results in the order of p.objects.
func (p *Plan) fetch(ctx context.Context, tokens azcore.TokenCredential) []result {
	client := newClient()
	stores := map[string]*store{}
	results := make([]result, len(p.objects))
	for _, scope := range p.scopes() {
		// Those who need the token find it under way, or there. An error is theirs to report.
		go tokens.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
	}
	var running sync.WaitGroup
	for i, o := range p.objects {
		s, ok := stores[o.Vault]
		if !ok {
			var err error
			if s, err = p.newStore(o, tokens, client); err != nil {
				results[i].err = newFetchError(o, err)
				continue
			}
			stores[o.Vault] = s
		}
		running.Go(func() { results[i] = s.get(ctx, o) })
	}
	running.Wait()
	client.CloseIdleConnections()
	return results
}

// newStore returns the store that holds o. Its key in a map is o.Vault, which
// is empty for everything that Resource Manager holds.
func (p *Plan) newStore(o Object, tokens azcore.TokenCredential, client *http.Client) (*store, error) {
	var f fetcher
	var err error
	if o.Kind == VaultSecret {
		f, err = newVault(o.Vault, tokens, client)
	} else {
		f, err = newResourceManager(p.cloud, tokens, client)
	}
	return &store{fetcher: f, slots: make(chan struct{}, maxConnections)}, err
}

// get fetches o when one of the store's slots is free.
func (s *store) get(ctx context.Context, o Object) result {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return result{err: newFetchError(o, ctx.Err())}
	}
	c, err := s.fetch(ctx, o)
	if err != nil {
		return result{err: newFetchError(o, err)}
	}
	return result{content: c}
}

// scopes returns the distinct scopes of the tokens that the plan is known to
// need before any store was asked.
func (p *Plan) scopes() []string {
	var scopes []string
	seen := map[string]bool{"": true} // a vault whose scope only its challenge tells
	for _, o := range p.objects {
		scope := p.cloud.resourceManagerScope()
		if o.Kind == VaultSecret {
			scope = vaultScope(o.Vault)
		}
		if !seen[scope] {
			seen[scope] = true
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// substitute puts the results into a copy of the environment. It is the one
// place where secrets are unwrapped.
func (p *Plan) substitute(results []result) ([]string, error) {
	environ := append([]string(nil), p.environ...)
	failures := &Failures{Total: p.References()}
	for _, e := range p.entries {
		var text strings.Builder
		text.WriteString(e.variable + "=")
		for _, piece := range e.value.parts {
			text.WriteString(piece.literal)
			if piece.ref == nil {
				continue
			}
			secret, err := results[p.index[piece.ref.Object.identity()]].part(*piece.ref)
			if err != nil {
				failures.List = append(failures.List, &Failure{Variable: e.variable, Err: err})
				continue
			}
			text.WriteString(secret())
		}
		environ[e.position] = text.String()
	}
	if failures.List != nil {
		return nil, failures
	}
	return environ, nil
}

// part returns what ref takes of the result.
func (r result) part(ref Reference) (Secret, error) {
	if r.err != nil {
		return nil, r.err
	}
	return r.content.part(ref)
}
