package emulator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

type connectionKey struct{}

// withConnection lets handlers find their connection; it is a
// Server.ConnContext.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// connection returns the request's connection, which HTTP/2 shares with other
// requests. It is nil under a server without withConnection.
func (s *strike) connection() net.Conn {
	c, _ := s.r.Context().Value(connectionKey{}).(net.Conn)
	return c
}

// reset ends the connection under TLS and the proxy: what the client's kernel
// gets is a TCP segment with RST, no alert and no byte of an answer before it.
func (s *strike) reset() {
	s.unanswered()
	c := s.connection()
	for {
		if far, ok := c.(*distantConn); ok {
			s.wait(far.delay)
		}
		inner, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		c = inner.NetConn()
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
		tcp.Close()
	}
	panic(http.ErrAbortHandler)
}

// garbage writes past the server, which would make HTTP of it.
func (s *strike) garbage() {
	s.unanswered()
	if c := s.connection(); c != nil {
		io.WriteString(c, "\x00\x01\x02not-HTTP\xff\r\n\r\n")
		c.Close()
	}
	panic(http.ErrAbortHandler)
}

// cut sends the headers of the whole answer and half of its body. HTTP/2 ends
// the one request for it, not the connection.
func (s *strike) cut() {
	a := s.asked(s.r)
	whole := a.body
	s.w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
	s.w.WriteHeader(a.status)
	s.w.Write(whole[:len(whole)/2])
	http.NewResponseController(s.w).Flush()
	panic(http.ErrAbortHandler)
}
