package emulator

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// A distantConn is the server's end of a connection to a client that is a round
// trip away. Whatever either of them sends, the end included, is on its way for
// half of that: handshakes take as long as they would. Bandwidth has no limit,
// and nothing waits for what was sent before it.
type distantConn struct {
	net.Conn // to those who carry
	client   net.Conn
	delay    time.Duration // of what the server sends
}

// distant puts the client at a distance. Closing stop breaks the connection at
// once, and both of its ends end what was started here.
func distant(client net.Conn, roundTrip time.Duration, stop <-chan struct{}) net.Conn {
	server, relay := net.Pipe()
	delay := roundTrip / 2
	go carry(relay, client, roundTrip-delay, stop)
	go carry(client, relay, delay, stop)
	return &distantConn{server, client, delay}
}

func (c *distantConn) LocalAddr() net.Addr  { return c.client.LocalAddr() }
func (c *distantConn) RemoteAddr() net.Addr { return c.client.RemoteAddr() }

// NetConn returns the client's own connection, as [crypto/tls.Conn.NetConn]
// does.
func (c *distantConn) NetConn() net.Conn { return c.client }

// carry takes to one connection what comes from the other, and then closes it.
func carry(to, from net.Conn, delay time.Duration, stop <-chan struct{}) {
	defer to.Close()
	r := &road{delay: delay, departed: make(chan struct{}, 1)}
	go r.load(from)
	r.unload(to, stop)
}

// A road is the way in one direction. It is as wide as it needs to be.
type road struct {
	delay    time.Duration
	departed chan struct{} // holds a value if parcels may be on the way

	mu      sync.Mutex
	parcels []parcel // in the order sent, so in the order due
}

// A parcel is bytes that arrive together; none is the end of the connection.
type parcel struct {
	bytes []byte
	due   time.Time
}

// load sends off what comes, until nothing more does.
func (r *road) load(from io.Reader) {
	buffer := make([]byte, 16<<10) // the largest TLS record, about
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			r.send(append([]byte(nil), buffer[:n]...))
		}
		if err != nil {
			r.send(nil)
			return
		}
	}
}

func (r *road) send(b []byte) {
	r.mu.Lock()
	r.parcels = append(r.parcels, parcel{b, time.Now().Add(r.delay)})
	r.mu.Unlock()
	select {
	case r.departed <- struct{}{}:
	default: // the one that is there does for both
	}
}

// unload delivers each parcel when it is due, until the end comes, stop is
// closed or nobody is there to take it.
func (r *road) unload(to io.Writer, stop <-chan struct{}) {
	for {
		for _, p := range r.departures() {
			if !wait(context.Background(), time.Until(p.due), stop) || p.bytes == nil {
				return
			}
			if _, err := to.Write(p.bytes); err != nil {
				return
			}
		}
		select {
		case <-r.departed:
		case <-stop:
			return
		}
	}
}

// departures takes everything that is on the way off the road's hands.
func (r *road) departures() []parcel {
	r.mu.Lock()
	defer r.mu.Unlock()
	parcels := r.parcels
	r.parcels = nil
	return parcels
}
