package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// An answer is one that is not sent yet: the right one, for faults to spoil.
type answer struct {
	header http.Header
	status int
	body   []byte
}

// Header, WriteHeader and Write make it an [http.ResponseWriter].
func (a *answer) Header() http.Header    { return a.header }
func (a *answer) WriteHeader(status int) { a.status = status }
func (a *answer) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

// asked returns the right answer to the request.
func (s *strike) asked(r *http.Request) *answer {
	a := &answer{header: s.w.Header(), status: http.StatusOK}
	s.right.ServeHTTP(a, r)
	return a
}

// send sends the answer, with the length that its body has now.
func (s *strike) send(a *answer) {
	s.w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	s.w.WriteHeader(a.status)
	s.w.Write(a.body)
}

// challenge answers as the store does to a request without a token.
func (s *strike) challenge() {
	r := s.r.Clone(s.r.Context())
	r.Header.Del("Authorization")
	a := s.asked(r)
	s.w.Header().Set("WWW-Authenticate", s.Challenge)
	s.send(a)
}

func (s *strike) truncated() {
	a := s.asked(s.r)
	a.body = a.body[:len(a.body)/2]
	s.send(a)
}

// essential are the members that answers are all about.
var essential = []string{"value", "properties", "primaryKey", "secondaryKey", "accessToken", "access_token"}

func (s *strike) noValue() {
	a := s.asked(s.r)
	members := map[string]json.RawMessage{}
	if json.Unmarshal(a.body, &members) == nil {
		for _, name := range essential {
			delete(members, name)
		}
		a.body = marshal(members)
	}
	s.send(a)
}

// padding is more than clients should be ready to read.
const padding = 9 << 20

// huge streams an answer that only its length is wrong with, so that a client
// without a limit gives itself away by understanding it.
func (s *strike) huge() {
	a := s.asked(s.r)
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
			return // the client has seen enough
		}
	}
	s.w.Write(append([]byte(`"`), rest...))
}

func (s *strike) expiredToken() {
	a := s.asked(s.r)
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
