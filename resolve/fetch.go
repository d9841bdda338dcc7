package resolve

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// content is an object that has been fetched. Its values are where no message
// can find them: in a function.
type content struct {
	// part returns what ref takes of the object, or a [*PartError].
	part func(ref Reference) (Secret, error)
	// version that the store served and when it expires; "" and zero where the
	// store does not say.
	version string
	expires time.Time
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

// maxAttempt bounds one request to a store.
const maxAttempt = 20 * time.Second

// store is a fetcher with the bound on requests in flight to it.
type store struct {
	fetcher
	address string
	slots   chan struct{}
	plan    *Plan
	started time.Time
}

// Resolve fetches every object of the plan once, all stores at the same time,
// and repeats what may succeed the next time until the plan's time is up or ctx
// ends. There is a failure for every reference without a value, and then no
// environment. tokens must be safe for concurrent use and should share the
// request for a token among all who ask for it.
func (p *Plan) Resolve(ctx context.Context, tokens azcore.TokenCredential) (*Resolution, []Failure) {
	return p.substitute(p.fetch(ctx, tokens))
}

// fetch returns the results in the order of p.objects.
func (p *Plan) fetch(ctx context.Context, tokens azcore.TokenCredential) []result {
	bounded, cancel := context.WithTimeout(ctx, p.options.Timeout)
	defer cancel()
	for _, scope := range p.scopes() {
		// Those who need the token find it under way, or there. An error is
		// theirs to report.
		go tokens.GetToken(bounded, policy.TokenRequestOptions{Scopes: []string{scope}})
	}
	results := make([]result, len(p.objects))
	var running sync.WaitGroup
	for vault, places := range p.stores() {
		client := transport.ForStore(len(places))
		defer client.CloseIdleConnections()
		s, err := p.newStore(vault, tokens, client)
		if err == nil {
			client.Preconnect(bounded, s.address, len(places))
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

// stores returns the places of the objects by the host of the vault that holds
// them, which is "" for Resource Manager.
func (p *Plan) stores() map[string][]int {
	stores := map[string][]int{}
	for i, o := range p.objects {
		stores[o.Vault] = append(stores[o.Vault], i)
	}
	return stores
}

// scope returns the scope of the tokens for a store; "" for a vault that has to
// be asked for it.
func (p *Plan) scope(vault string) string {
	if vault == "" {
		return p.options.Cloud.ResourceManager().Audience + "/.default"
	}
	return vaultScope(vault)
}

func (p *Plan) newStore(vault string, tokens azcore.TokenCredential, client policy.Transporter) (s *store, err error) {
	s = &store{address: "https://" + vault, slots: make(chan struct{}, transport.MaxConnections), plan: p, started: time.Now()}
	if vault == "" {
		s.address = p.options.Cloud.ResourceManager().Endpoint
		s.fetcher = newResourceManager(s.address, p.scope(vault), tokens, client)
		return s, nil
	}
	s.fetcher, err = newVault(s.address, p.scope(vault), tokens, client)
	return s, err
}

// get fetches o, within the time that bounded has. Where access is denied that
// an assignment would grant, it asks again while the plan has patience; nobody
// else waits for that.
func (s *store) get(ctx, bounded context.Context, o Object) result {
	granted := s.started.Add(s.plan.options.WaitForAccess)
	ctx, cancel := context.WithDeadline(ctx, granted.Add(s.plan.options.Timeout))
	defer cancel()
	for n := 0; ; n++ {
		c, err := s.inSlot(bounded, o)
		if err == nil {
			return result{content: c}
		}
		failed := newFetchError(o, err)
		left := time.Until(granted)
		if !failed.mayBeGranted() || left <= 0 {
			return result{err: failed}
		}
		slog.Info("access is denied, waiting", "store", o.Store(), "name", o.Name, "attempt", n+1)
		if !transport.Sleep(ctx, min(left, pause(n))) {
			return result{err: failed}
		}
		bounded = ctx
	}
}

// inSlot fetches o when one of the store's slots is free.
func (s *store) inSlot(ctx context.Context, o Object) (content, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		return s.fetch(ctx, o)
	case <-ctx.Done():
		return content{}, ErrNotAsked
	}
}

// pause returns for how long to wait between two requests for which access was
// denied: longer each time.
func pause(n int) time.Duration {
	const first, most = 500 * time.Millisecond, 15 * time.Second
	wait := min(most, first<<min(n, 10))
	return wait/2 + rand.N(wait/2)
}

// scopes returns the distinct scopes of the tokens that the plan is known to
// need before any store was asked.
func (p *Plan) scopes() []string {
	var scopes []string
	for _, o := range p.objects {
		if scope := p.scope(o.Vault); scope != "" && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
