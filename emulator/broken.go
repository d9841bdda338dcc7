package emulator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

type connectionKey struct{}

// withConnection is a Server.ConnContext that lets handlers find their
// connection.
func withConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// connection returns the request's connection, which over HTTP/2 other requests
// share. It returns nil under a server without withConnection.
func (s *strike) connection() net.Conn {
	c, _ := s.r.Context().Value(connectionKey{}).(net.Conn)
	return c
}

// reset ends the connection below TLS and the proxy: the client's kernel gets a
// TCP RST, with neither an alert nor a byte of a response before it.
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

// garbage bypasses the server, which would write valid HTTP.
func (s *strike) garbage() {
	s.unanswered()
	if c := s.connection(); c != nil {
		io.WriteString(c, "\x00\x01\x02not-HTTP\xff\r\n\r\n")
		c.Close()
	}
	panic(http.ErrAbortHandler)
}

// cut sends the headers of the complete response and half of its body. Over
// HTTP/2 this ends the request, not the connection.
func (s *strike) cut() {
	a := s.respond(s.r)
	whole := a.body
	s.w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
	s.w.WriteHeader(a.status)
	s.w.Write(whole[:len(whole)/2])
	http.NewResponseController(s.w).Flush()
	panic(http.ErrAbortHandler)
}
