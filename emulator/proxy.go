package emulator

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// proxy serves CONNECT to port 443 of emulated hosts by handing the connection
// to the stores' server. It never opens a connection itself, so nothing reaches
// the real network. CONNECT takes a round trip, in place of TCP's handshake.
type proxy struct {
	emulated  func(host string) bool
	log       *requestLog
	accepted  *handover
	roundTrip time.Duration
	closed    <-chan struct{} // closed with the emulator
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		p.log.add(Request{KindOther, r.Method, r.Host, r.URL.EscapedPath(), http.StatusMethodNotAllowed})
		w.Header().Set("Allow", http.MethodConnect)
		http.Error(w, "the emulator's proxy is for https only", http.StatusMethodNotAllowed)
		return
	}
	host, port, err := net.SplitHostPort(r.Host)
	host = strings.ToLower(host)
	if err != nil || port != "443" || !p.emulated(host) {
		p.log.add(Request{Kind: KindConnect, Method: r.Method, Host: r.Host, Status: http.StatusBadGateway})
		http.Error(w, "no such host in the emulator: "+r.Host, http.StatusBadGateway)
		return
	}
	p.log.add(Request{Kind: KindConnect, Method: r.Method, Host: host, Status: http.StatusOK})
	p.tunnel(w, host)
}

// tunnel turns the request's connection into a connection to the host.
func (p *proxy) tunnel(w http.ResponseWriter, host string) {
	c, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if !wait(context.Background(), p.roundTrip, p.closed) {
		c.Close()
		return
	}
	if _, err := fmt.Fprint(c, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		c.Close()
		return
	}
	p.log.connected(host)
	var tunnel net.Conn = &tunnelConn{c, buffered.Reader}
	if p.roundTrip > 0 {
		tunnel = distant(tunnel, p.roundTrip, p.closed)
	}
	p.accepted.give(tunnel)
}

// tunnelConn is a client's connection after CONNECT.
type tunnelConn struct {
	net.Conn
	r *bufio.Reader // may hold what the client sent before the 200
}

func (c *tunnelConn) Read(b []byte) (int, error) {
	if c.r.Buffered() > 0 {
		return c.r.Read(b)
	}
	return c.Conn.Read(b)
}

// NetConn returns the underlying connection, as [crypto/tls.Conn.NetConn] does.
func (c *tunnelConn) NetConn() net.Conn { return c.Conn }

// handover is a listener whose connections were accepted elsewhere.
type handover struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	addr   net.Addr
}

func newHandover(addr net.Addr) *handover {
	return &handover{conns: make(chan net.Conn), closed: make(chan struct{}), addr: addr}
}

// give passes the connection on, or closes it if the listener is closed.
func (h *handover) give(c net.Conn) {
	select {
	case h.conns <- c:
	case <-h.closed:
		c.Close()
	}
}

func (h *handover) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *handover) Close() error {
	h.once.Do(func() { close(h.closed) })
	return nil
}

func (h *handover) Addr() net.Addr { return h.addr }

var _ net.Listener = (*handover)(nil)
