package resolve

import (
	"context"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/transport"
)

// fetching is one run of a plan.
type fetching struct {
	plan    *Plan
	tokens  azcore.TokenCredential
	started time.Time

	mu      sync.Mutex
	clients map[storeID]transport.Client
	stores  map[storeID]*store
	secrets map[Object]func() content // by folded object
}

func (p *Plan) newFetching(tokens azcore.TokenCredential) *fetching {
	return &fetching{
		plan: p, tokens: tokens, started: time.Now(),
		clients: map[storeID]transport.Client{}, stores: map[storeID]*store{}, secrets: map[Object]func() content{},
	}
}

// open returns an object's store. The first call makes it, for so many requests.
// f.mu has to be held once requests are running.
func (f *fetching) open(o Object, requests int) *store {
	id := o.store()
	if f.stores[id] == nil {
		maxBody := int64(transport.MaxConnection)
		if o.Kind == VaultSecret || o.Kind == KeyValue {
			maxBody = transport.MaxSecret
		}
		f.clients[id] = transport.ForStore(requests, maxBody)
		f.stores[id] = f.plan.newStore(o, f.tokens, f.clients[id])
		f.stores[id].started = f.started
	}
	return f.stores[id]
}

func (f *fetching) close() {
	for _, client := range f.clients {
		client.CloseIdleConnections()
	}
}

// content returns the content of o. It follows a Key Vault reference in App
// Configuration, once. The content may have only what refs take.
func (f *fetching) content(ctx, bounded context.Context, o Object, refs []Reference) content {
	if o.Kind == VaultSecret {
		return f.secret(ctx, bounded, o)
	}
	f.mu.Lock()
	s := f.open(o, 0)
	f.mu.Unlock()
	c := s.get(ctx, bounded, o, refs...)
	if c.follow == nil {
		return c
	}
	if c.waited { // so there is as much time as there is for a secret that had to
		options := f.plan.options
		longer, cancel := context.WithDeadline(ctx, f.started.Add(options.WaitForAccess+options.Timeout))
		defer cancel()
		bounded = longer
	}
	return f.secret(ctx, bounded, *c.follow).via(o, *c.follow)
}

// secret returns the content of a secret, which is fetched once, however many
// references and values in App Configuration lead to it.
func (f *fetching) secret(ctx, bounded context.Context, o Object) content {
	f.mu.Lock()
	get, ok := f.secrets[o.folded()]
	if !ok {
		known := f.stores[o.store()] != nil
		s := f.open(o, f.plan.followers())
		if !known {
			f.clients[o.store()].Preconnect(bounded, s.address, 1, s.widen)
		}
		get = sync.OnceValue(func() content { return s.get(ctx, bounded, o) })
		f.secrets[o.folded()] = get
	}
	f.mu.Unlock()
	return get()
}

// followers returns how many secrets may turn out to be needed that no reference
// names.
func (p *Plan) followers() (n int) {
	for _, o := range p.objects {
		if o.Kind == KeyValue {
			n++
		}
	}
	return n
}
