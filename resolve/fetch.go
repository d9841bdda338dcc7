package resolve

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/resolve/transport"
)

// content is an object that has been fetched.
type content interface {
	// part returns what ref takes of it, or a [*PartError].
	part(ref Reference) (Secret, error)
	// served returns the version that the store gave and when it expires;
	// zero values where the store does not say.
	served() (version string, expires time.Time)
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
	address string
	slots   chan struct{}
	plan    *Plan
	started time.Time
}

// Resolution is an environment with the values in place.
type Resolution struct {
	// Environ has the order, the duplicates and the bytes of the environment
	// that was planned for, except where references stood; nil if one of them failed.
	Environ []string
	// Sources say what became of each reference, in the order of the environment.
	Sources []Source
}

// Source says where a value comes from.
type Source struct {
	Variable  string
	Reference Reference
	// Version of the secret that the vault served; empty for other objects.
	Version string
	// Expires is when the secret expires, which Key Vault serves all the
	// same; zero if never.
	Expires time.Time
	// Err is why there is no value; nil if there is one.
	Err error
}

// Resolve fetches every object of the plan once, all stores at the same time.
// It repeats what may succeed the next time until the plan's time is up or ctx ends. tokens must be safe for
// concurrent use and should share the request for a token among those who ask for the same.
// The error is [*Failures]; beside it there are the Sources.
func (p *Plan) Resolve(ctx context.Context, tokens azcore.TokenCredential) (*Resolution, error) {
	if len(p.objects) == 0 {
		return &Resolution{Environ: p.environ}, nil
	}
	return p.substitute(p.fetch(ctx, tokens))
}

// fetch returns the results in the order of p.objects.
func (p *Plan) fetch(ctx context.Context, tokens azcore.TokenCredential) []result {
	bounded, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	for _, scope := range p.scopes() {
		// Those who need the token find it under way, or there. An error is theirs to report.
		go tokens.GetToken(bounded, policy.TokenRequestOptions{Scopes: []string{scope}})
	}
	results := make([]result, len(p.objects))
	var running sync.WaitGroup
	for _, places := range p.stores() {
		connections := min(len(places), transport.MaxConnections)
		client := transport.Bounded{Client: transport.ForStore(connections)}
		defer client.CloseIdleConnections()
		s, err := p.newStore(p.objects[places[0]], tokens, client)
		if err == nil {
			client.Preconnect(bounded, s.address, connections)
		}
		for _, i := range places {
			if err != nil {
				results[i].err = newFetchError(p.objects[i], err)
				continue
			}
			running.Go(func() { results[i] = s.get(ctx, bounded, p.objects[i]) })
		}
	}
	running.Wait()
	return results
}

// stores returns the places of the objects by the store that holds them, both
// in order of appearance. A vault is a store, and so is Resource Manager.
func (p *Plan) stores() [][]int {
	var stores [][]int
	index := map[string]int{}
	for i, o := range p.objects {
		n, ok := index[o.Vault]
		if !ok {
			n = len(stores)
			index[o.Vault] = n
			stores = append(stores, nil)
		}
		stores[n] = append(stores[n], i)
	}
	return stores
}

// newStore returns the store that holds o.
func (p *Plan) newStore(o Object, tokens azcore.TokenCredential, client policy.Transporter) (*store, error) {
	s := &store{slots: make(chan struct{}, transport.MaxConnections), plan: p, started: time.Now()}
	var err error
	if o.Kind == VaultSecret {
		s.address = "https://" + o.Vault
		s.fetcher, err = newVault(s.address, vaultScope(o.Vault), tokens, client)
	} else {
		s.address = p.cloud.Configuration.Services[cloud.ResourceManager].Endpoint
		s.fetcher, err = newResourceManager(p.cloud, tokens, client)
	}
	return s, err
}

// newRetry returns the policy that repeats the requests to one store.
func newRetry() *transport.Retry {
	return &transport.Retry{Attempt: 20 * time.Second, Again: transport.Transient, Patience: transport.Patience}
}

// get fetches o, within the time that bounded has. Where access is denied that
// an assignment would grant, it asks again while the plan has patience; nobody else waits for that.
func (s *store) get(ctx, bounded context.Context, o Object) result {
	for n := 0; ; n++ {
		c, err := s.inSlot(bounded, o)
		if err == nil {
			return result{content: c}
		}
		failed := newFetchError(o, err)
		if !failed.mayBeGranted() || time.Since(s.started) >= s.plan.patience {
			return result{err: failed}
		}
		slog.Info("access is denied, waiting", "store", o.Store(), "name", o.Name, "attempt", n+1)
		if !pause(ctx, n) {
			return result{err: failed}
		}
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, s.plan.timeout)
		defer cancel()
	}
}

// inSlot fetches o when one of the store's slots is free.
func (s *store) inSlot(ctx context.Context, o Object) (content, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		return s.fetch(ctx, o)
	case <-ctx.Done():
		return nil, ErrNotAsked
	}
}

// pause waits between two requests for which access was denied, longer each
// time, and returns false if the context ends.
func pause(ctx context.Context, n int) bool {
	const first, most = 500 * time.Millisecond, 15 * time.Second
	wait := min(most, first<<min(n, 10))
	select {
	case <-time.After(wait/2 + rand.N(wait/2)):
		return true
	case <-ctx.Done():
		return false
	}
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
func (p *Plan) substitute(results []result) (*Resolution, error) {
	done := &Resolution{Environ: slices.Clone(p.environ)}
	failures := &Failures{Total: p.References()}
	for _, e := range p.entries {
		var text strings.Builder
		text.WriteString(e.variable + "=")
		for _, piece := range e.value.parts {
			text.WriteString(piece.literal)
			if piece.ref == nil {
				continue
			}
			r := results[p.index[piece.ref.Object.identity()]]
			secret, source := r.part(*piece.ref)
			source.Variable = e.variable
			done.Sources = append(done.Sources, source)
			if source.Err != nil {
				failures.List = append(failures.List, &Failure{Variable: e.variable, Err: source.Err})
				continue
			}
			text.WriteString(secret())
		}
		done.Environ[e.position] = text.String()
	}
	if failures.List != nil {
		done.Environ = nil
		return done, failures
	}
	return done, nil
}

// part returns what ref takes of the result, nil if that fails.
func (r result) part(ref Reference) (Secret, Source) {
	source := Source{Reference: ref, Err: r.err}
	if r.err != nil {
		return nil, source
	}
	source.Version, source.Expires = r.content.served()
	var secret Secret
	secret, source.Err = r.content.part(ref)
	return secret, source
}
