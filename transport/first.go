package transport

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// connections are those to one store. The first is opened while the tokens are on
// their way. Over HTTP/2 no other is needed until it is lost.
type connections struct {
	*http.Transport
	open func() *opening // nil without Preconnect

	mu    sync.Mutex
	first *opening // the last that open returned

	bundled bool        // the roots are those of a bundle
	unknown atomic.Bool // the bundle does not contain the issuer of the store's certificate
	others  sync.Once
	byAll   *http.Transport // verifies with all roots
}

// RoundTrip implements [http.RoundTripper].
func (c *connections) RoundTrip(req *http.Request) (*http.Response, error) {
	if !c.unknown.Load() {
		resp, err := c.roundTrip(req)
		if !c.bundled || !is[x509.UnknownAuthorityError](err) {
			return resp, err
		}
		c.unknown.Store(true)
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
	c.others.Do(func() {
		c.byAll = c.Clone()
		c.byAll.TLSClientConfig.RootCAs = allRoots()
	})
	return c.byAll.RoundTrip(req)
}

// opening is a connection that is being opened.
type opening struct {
	done        chan struct{}    // closed when the fields below are set
	conn        *http.ClientConn // nil if it cannot be opened
	multiplexed bool             // it can carry several requests at a time
	lost        atomic.Bool      // it takes no more requests, although conn may not say so
}

// roundTrip waits for the first connection, because what that speaks decides about
// the others.
func (c *connections) roundTrip(req *http.Request) (*http.Response, error) {
	first := c.current()
	if first == nil {
		return c.Transport.RoundTrip(req)
	}
	select {
	case <-first.done:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	switch {
	case first.multiplexed:
		return first.roundTrip(req)
	case first.conn != nil && first.conn.Err() == nil && first.conn.Reserve() == nil:
		return first.conn.RoundTrip(req)
	default:
		return c.Transport.RoundTrip(req)
	}
}

// current returns the first connection, or a new one in its place if it was lost. The
// transport would open one for each request that waits.
func (c *connections) current() *opening {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first != nil && c.first.isLost() {
		c.first = c.open()
	}
	return c.first
}

// isLost reports whether a connection that was open takes no more requests.
func (o *opening) isLost() bool {
	select {
	case <-o.done:
		return o.multiplexed && (o.lost.Load() || o.conn.Err() != nil)
	default:
		return false
	}
}

// roundTrip waits for another request to end if the server allows no more at a time.
func (o *opening) roundTrip(req *http.Request) (*http.Response, error) {
	resp, err := o.conn.RoundTrip(req)
	if err != nil && req.Context().Err() == nil && !isStreamError(err) && o.conn.Available() == 0 {
		o.lost.Store(true) // the server is shutting it down
	}
	return resp, err
}

// dialedKey is the key of a *net.Conn in a context, which [dialStore] sets.
type dialedKey struct{}

// Preconnect begins to open a connection to an https address, or over HTTP/1.1 as
// many as there will be requests, so that the handshakes need not wait for a
// token. Requests wait for it. It sends none itself, and must be called before
// any. It calls multiplexed once if the connection can carry several requests at a time.
func (c Client) Preconnect(ctx context.Context, address string, requests int, multiplexed func()) {
	store, ok := c.Client.Transport.(*connections)
	u, err := url.Parse(address)
	if !ok || err != nil {
		return
	}
	multiplexed = sync.OnceFunc(multiplexed)
	more := min(requests, MaxConnections) - 1
	alone := store.Clone()
	alone.MaxConnsPerHost = 0 // or net/http 1.26 panics when the connection is closed
	store.MaxConnsPerHost = max(store.MaxConnsPerHost-1, 1)
	store.open = func() *opening {
		o := &opening{done: make(chan struct{})}
		go func() {
			defer close(o.done)
			var dialed net.Conn
			conn, err := alone.NewClientConn(context.WithValue(ctx, dialedKey{}, &dialed), u.Scheme, net.JoinHostPort(u.Hostname(), u.Port()))
			if err != nil {
				return // a request fails in the same way, and reports it
			}
			dialed.SetDeadline(time.Time{})
			o.conn, o.multiplexed = conn, conn.Available() > 1
			if o.multiplexed {
				multiplexed()
			} else {
				store.preopen(ctx, address, more)
			}
		}()
		return o
	}
	store.first = store.open()
}

// preopen begins to open n more connections, and returns when they are under way.
// It begins n requests and cancels each when its connection is being made, which
// net/http then completes and keeps for others. No request is sent. If no more
// connections may be opened, later requests wait for these.
func (c *connections) preopen(ctx context.Context, address string, n int) {
	var begun, withdrawn sync.WaitGroup
	begun.Add(n)
	withdrawn.Add(n)
	for range n {
		go func() {
			defer withdrawn.Done()
			once := sync.OnceFunc(begun.Done)
			defer once()
			ctx, withdraw := context.WithCancel(ctx)
			defer withdraw()
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
				DNSStart: func(httptrace.DNSStartInfo) { once() },
				ConnectStart: func(string, string) {
					once()
					withdraw()
					withdrawn.Wait() // or a request might find another's connection and be sent
				},
			})
			req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
			if err != nil {
				return
			}
			if resp, err := c.Transport.RoundTrip(req); err == nil {
				resp.Body.Close()
			}
		}()
	}
	begun.Wait()
}
