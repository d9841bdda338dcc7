package resolve

import (
	"context"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// fetching is one run of a plan.
type fetching struct {
	plan    *Plan
	tokens  azcore.TokenCredential
	started time.Time

	mu      sync.Mutex
	stores  map[storeID]*store
	secrets map[Object]func() content // by folded object
}

func (p *Plan) newFetching(tokens azcore.TokenCredential) *fetching {
	return &fetching{plan: p, tokens: tokens, started: time.Now(), stores: map[storeID]*store{}, secrets: map[Object]func() content{}}
}

// Resolve fetches every object of the plan once, from all stores at the same
// time, and retries what may succeed later until the plan's time is up or ctx
// ends. It returns a failure for every reference without a value, and then no
// environment. tokens must be safe for concurrent use, and should make one
// request for a token however many callers ask for it.
func (p *Plan) Resolve(ctx context.Context, tokens azcore.TokenCredential) (*Resolution, []Failure) {
	return p.substitute(p.newFetching(tokens).run(ctx))
}

// run returns the results in the order of the plan's objects.
func (f *fetching) run(ctx context.Context) []result {
	p, until := f.plan, f.started.Add(f.plan.options.Timeout)
	ctx, stop := context.WithDeadline(p.progress.begin(ctx, until, len(p.Sources())), until.Add(p.options.WaitForAccess))
	defer stop()
	bounded, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	requests := map[storeID]int{}
	for _, o := range p.objects {
		if scope := p.scope(o); requests[o.store()] == 0 && scope != "" {
			// Whoever needs the token reports the error.
			go f.tokens.GetToken(bounded, policy.TokenRequestOptions{Scopes: []string{scope}})
		}
		requests[o.store()]++
	}
	for _, o := range p.objects {
		f.open(bounded, o, requests[o.store()])
	}
	results := make([]result, len(p.objects))
	var running sync.WaitGroup
	for i, o := range p.objects {
		running.Go(func() {
			results[i] = f.content(ctx, bounded, o, p.references[i]).take(p.references[i], p.options.Fits)
			p.progress.done(len(p.references[i]))
		})
	}
	running.Wait()
	return results
}

// open returns an object's store. The first call makes it, and connects to it for so
// many requests. Others may follow to a vault.
func (f *fetching) open(ctx context.Context, o Object, requests int) *store {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := o.store()
	if f.stores[id] == nil {
		most, maxBody := requests, int64(transport.MaxConnection)
		switch o.Kind {
		case VaultSecret:
			most, maxBody = requests+f.plan.keyValues, transport.MaxSecret
		case KeyValue:
			maxBody = transport.MaxSecret
		}
		client := transport.ForStore(most, maxBody)
		s := f.plan.newStore(o, f.tokens, client)
		s.granted = f.started.Add(f.plan.options.WaitForAccess)
		client.Preconnect(ctx, s.address, requests, s.widen)
		f.stores[id] = s
	}
	return f.stores[id]
}

// content returns the content of o. It follows a Key Vault reference in App
// Configuration, once. The content may have only what refs take.
func (f *fetching) content(ctx, bounded context.Context, o Object, refs []Reference) content {
	if o.Kind == VaultSecret {
		return f.secret(ctx, bounded, o)
	}
	c := f.open(bounded, o, 1).get(ctx, bounded, o, refs...)
	if c.follow == nil {
		return c
	}
	if c.waited { // so there is as much time as there is for a secret that had to
		bounded = ctx
	}
	return f.secret(ctx, bounded, *c.follow).via(o, *c.follow)
}

// secret returns the content of a secret, which is fetched once, however many
// references and values in App Configuration lead to it.
func (f *fetching) secret(ctx, bounded context.Context, o Object) content {
	s := f.open(bounded, o, 1)
	f.mu.Lock()
	get, ok := f.secrets[o.folded()]
	if !ok {
		get = sync.OnceValue(func() content { return s.get(ctx, bounded, o) })
		f.secrets[o.folded()] = get
	}
	f.mu.Unlock()
	return get()
}
