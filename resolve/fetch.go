package resolve

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"azinject/transport"
)

// maxAttempt bounds one request to a store.
const maxAttempt = 20 * time.Second

// store is a fetcher with the bound on requests in flight to it.
type store struct {
	fetcher
	address string
	slots   chan struct{}
	spare   int // slots that are taken until widen
	plan    *Plan
	started time.Time
}

// Resolve fetches every object of the plan once, from all stores at the same
// time, and retries what may succeed later until the plan's time is up or ctx
// ends. It returns a failure for every reference without a value, and then no
// environment. tokens must be safe for concurrent use, and should make one
// request for a token however many callers ask for it.
func (p *Plan) Resolve(ctx context.Context, tokens azcore.TokenCredential) (*Resolution, []Failure) {
	return p.substitute(p.fetch(ctx, tokens))
}

// fetch returns the results in the order of p.objects.
func (p *Plan) fetch(ctx context.Context, tokens azcore.TokenCredential) []result {
	until := time.Now().Add(p.options.Timeout)
	ctx = p.progress.begin(ctx, until, len(p.Sources()))
	bounded, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	for _, scope := range p.scopes() {
		// Whoever needs the token reports the error.
		go tokens.GetToken(bounded, policy.TokenRequestOptions{Scopes: []string{scope}})
	}
	f := p.newFetching(tokens)
	defer f.close()
	for id, indices := range p.stores() {
		requests := len(indices)
		if id.kind == VaultSecret {
			requests += p.followers()
		}
		s := f.open(p.objects[indices[0]], requests)
		f.clients[id].Preconnect(bounded, s.address, len(indices), s.widen)
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

// storeID is the same for all objects of a store.
type storeID struct {
	kind Kind // of the objects at host, Connection for Resource Manager's
	host string
}

func (o Object) store() storeID {
	if host := o.Host(); host != "" {
		return storeID{o.Kind, host}
	}
	return storeID{kind: Connection}
}

// stores maps each store to the indices of its objects.
func (p *Plan) stores() map[storeID][]int {
	stores := map[storeID][]int{}
	for i, o := range p.objects {
		stores[o.store()] = append(stores[o.store()], i)
	}
	return stores
}

// scope returns the scope of the tokens for an object's store, "" for a vault that
// must be asked for it.
func (p *Plan) scope(o Object) string {
	switch o.Kind {
	case VaultSecret:
		return vaultScope(o.Vault)
	case ProjectConnection:
		return projectScope(o.Project.Host)
	case KeyValue:
		return "https://" + o.Configuration + "/.default" // each store has its own
	}
	return p.options.Cloud.ResourceManager().Audience + "/.default"
}

// newStore returns the store of an object.
func (p *Plan) newStore(o Object, tokens azcore.TokenCredential, client policy.Transporter) *store {
	s := &store{address: "https://" + o.store().host, plan: p}
	s.bound(transport.MaxConnections, transport.MaxStreams)
	options := transport.Options(client, &auth{tokens: tokens, scope: p.scope(o)}, transport.Refusals{}, transport.NewRetry(maxAttempt), transport.Send{Transporter: client})
	switch o.Kind {
	case VaultSecret:
		s.fetcher = newKeyVault(s.address, options)
		return s
	case KeyValue:
		s.fetcher = newConfiguration(s.address, options, p.options.Grammar)
		return s
	case ProjectConnection:
		s.fetcher = foundry{newService(s.address, projectAPIVersion, options)}
	default:
		s.address = p.options.Cloud.ResourceManager().Endpoint
		s.fetcher = resourceManager{newService(s.address, workspaceAPIVersion, options), tokens, p.options.Cloud.EndpointAudience + "/.default"}
	}
	s.bound(transport.MaxConnections/4, transport.MaxConnections/4) // answers may be large
	return s
}

// bound makes the slots: so many at first, and more when widen is called.
func (s *store) bound(first, most int) {
	s.slots, s.spare = make(chan struct{}, most), most-first
	for range s.spare {
		s.slots <- struct{}{}
	}
}

// widen is called when the store turns out to speak HTTP/2.
func (s *store) widen() {
	for range s.spare {
		<-s.slots
	}
}

// get fetches an object before bounded ends. If access is denied that an assignment
// would grant, it retries for the plan's WaitForAccess, without holding up other
// objects. The content may have only what refs take.
func (s *store) get(ctx, bounded context.Context, o Object, refs ...Reference) content {
	granted := s.started.Add(s.plan.options.WaitForAccess)
	ctx, cancel := context.WithDeadline(ctx, granted.Add(s.plan.options.Timeout))
	defer cancel()
	for n := 0; ; n++ {
		c, err := s.inSlot(bounded, o, refs)
		if err == nil {
			c.waited = n > 0
			return c
		}
		failed := newFetchError(o, err)
		left := time.Until(granted)
		if !failed.mayBeGranted() || left <= 0 {
			return notFetched(failed)
		}
		s.plan.progress.trouble("access denied in "+o.Store()+", a role assignment may still be arriving", granted)
		select {
		case <-time.After(min(left, pause(n))):
			bounded = ctx
		case <-ctx.Done():
			return notFetched(failed)
		}
	}
}

// inSlot fetches o as soon as one of the store's slots is free. Answers are parsed one
// after the other.
func (s *store) inSlot(ctx context.Context, o Object, refs []Reference) (content, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		c, err := s.fetch(ctx, o)
		if err != nil || c.parse == nil {
			return c, err
		}
		s.plan.parsing.Lock()
		defer s.plan.parsing.Unlock()
		if c, err = c.parse(); err != nil {
			return content{}, err
		}
		return c.only(refs, s.plan.options.Fits), nil
	case <-ctx.Done():
		return content{}, ErrNotAsked
	}
}

// pause returns how long to wait after the denial with index n: longer each
// time, and random.
func pause(n int) time.Duration {
	const first, most = 500 * time.Millisecond, 15 * time.Second
	wait := min(most, first<<min(n, 10))
	return wait/2 + rand.N(wait/2)
}

// scopes returns the distinct scopes that are known before a store is asked.
func (p *Plan) scopes() []string {
	var scopes []string
	for _, o := range p.objects {
		if scope := p.scope(o); scope != "" && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}
