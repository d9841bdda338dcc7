package resolve

import (
	"context"
	"math/rand/v2"
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
	granted time.Time // until when denials are retried
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
// would grant, it retries until that is given up, and then has until ctx ends. It
// does not hold up other objects. The content may have only what refs take.
func (s *store) get(ctx, bounded context.Context, o Object, refs ...Reference) content {
	defer s.plan.progress.over(o)
	for n := 0; ; n++ {
		c, err := s.inSlot(bounded, o, refs)
		if err == nil {
			c.waited = n > 0
			return c
		}
		failed := newFetchError(o, err)
		left := time.Until(s.granted)
		if !failed.mayBeGranted() || left <= 0 {
			return notFetched(failed)
		}
		s.plan.progress.trouble(o, "access denied in "+o.Store()+", a role assignment may still be arriving", s.granted)
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
