package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// response is a correct response that has not been sent yet, so that a fault
// can spoil it. It is an [http.ResponseWriter].
type response struct {
	header http.Header
	status int
	body   []byte
}

func (a *response) Header() http.Header    { return a.header }
func (a *response) WriteHeader(status int) { a.status = status }
func (a *response) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

// respond returns the correct response to the request.
func (s *strike) respond(r *http.Request) *response {
	a := &response{header: s.w.Header(), status: http.StatusOK}
	s.handler.ServeHTTP(a, r)
	return a
}

// send sends the response with its body's present length.
func (s *strike) send(a *response) {
	s.w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	s.w.WriteHeader(a.status)
	s.w.Write(a.body)
}

// challenge sends the store's response to a request without a token, with
// another WWW-Authenticate.
func (s *strike) challenge() {
	r := s.r.Clone(s.r.Context())
	r.Header.Del("Authorization")
	a := s.respond(r)
	s.w.Header().Set("WWW-Authenticate", s.Challenge)
	s.send(a)
}

func (s *strike) truncated() {
	a := s.respond(s.r)
	a.body = a.body[:len(a.body)/2]
	s.send(a)
}

// essential lists the members without which a response is useless.
var essential = []string{"value", "properties", "credentials", "primaryKey", "secondaryKey", "accessToken", "access_token"}

func (s *strike) noValue() {
	a := s.respond(s.r)
	members := map[string]json.RawMessage{}
	if json.Unmarshal(a.body, &members) == nil {
		for _, name := range essential {
			delete(members, name)
		}
		a.body = marshal(members)
	}
	s.send(a)
}

// padding is more than a client should accept.
const padding = 9 << 20

// huge streams a response whose only flaw is its length: a client that
// understands it has no limit.
func (s *strike) huge() {
	a := s.respond(s.r)
	rest := []byte("}")
	if members, ok := bytes.CutPrefix(a.body, []byte("{")); ok && a.status == http.StatusOK && json.Valid(a.body) && len(members) > 1 {
		rest = append([]byte(","), members...)
	}
	h := s.w.Header()
	h.Del("Content-Length")
	h.Set("Content-Type", "application/json; charset=utf-8")
	s.w.WriteHeader(http.StatusOK)
	if _, err := s.w.Write([]byte(`{"padding":"`)); err != nil {
		return
	}
	block := bytes.Repeat([]byte("A"), 32<<10)
	for range padding / len(block) {
		if _, err := s.w.Write(block); err != nil {
			return // the client has hung up
		}
	}
	s.w.Write(append([]byte(`"`), rest...))
}

func (s *strike) expiredToken() {
	a := s.respond(s.r)
	var issued struct {
		Token string `json:"access_token"`
	}
	i := s.azure.issuer
	if err := json.Unmarshal(a.body, &issued); err == nil {
		if c, err := i.verify(issued.Token); err == nil {
			now := i.now()
			c.IssuedAt, c.Expires = now.Add(-tokenLifetime).Unix(), now.Add(-time.Minute).Unix()
			c.NotBefore = c.IssuedAt
			a.body = bytes.Replace(a.body, []byte(issued.Token), []byte(i.sign(c)), 1)
		}
	}
	s.send(a)
}
