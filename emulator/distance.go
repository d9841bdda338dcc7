package emulator

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// distantConn is the server's end of a connection to a client that is a round
// trip away. Everything that either end sends, including the end of the
// connection, takes half a round trip, so handshakes take as long as in reality.
// Bandwidth is unlimited.
type distantConn struct {
	net.Conn
	client net.Conn
	delay  time.Duration // of what the server sends
}

// distant puts the client at a distance. Closing stop breaks the connection at
// once. Its goroutines end when both ends are closed.
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

// carry copies from one connection to the other with the delay, and then closes
// the other.
func carry(to, from net.Conn, delay time.Duration, stop <-chan struct{}) {
	defer to.Close()
	r := &road{delay: delay, departed: make(chan struct{}, 1)}
	go r.load(from)
	r.unload(to, stop)
}

// road is one direction of a connection.
type road struct {
	delay    time.Duration
	departed chan struct{} // holds a value if there may be parcels

	mu      sync.Mutex
	parcels []parcel // in the order of their due times
}

// parcel is bytes that arrive together. Without bytes it is the end of the
// connection.
type parcel struct {
	bytes []byte
	due   time.Time
}

// load sends what it reads until there is nothing more to read.
func (r *road) load(from io.Reader) {
	buffer := make([]byte, 16<<10) // about the largest TLS record
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
	default: // one value is enough
	}
}

// unload writes each parcel when it is due, until the connection ends, stop is
// closed or a write fails.
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

// departures returns the parcels and removes them from the road.
func (r *road) departures() []parcel {
	r.mu.Lock()
	defer r.mu.Unlock()
	parcels := r.parcels
	r.parcels = nil
	return parcels
}
