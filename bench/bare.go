package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// bare measures, in this process, a client that does no more than it must: it gets
// a token while it connects, and then makes one request. What exceeds the floor is
// this machine's and the emulator's share of all other times.
func bare(w workload, runs int) (ms, error) {
	s, err := newSite(w)
	if err != nil {
		return 0, err
	}
	defer s.close()
	var times []time.Duration
	for range runs + 1 {
		elapsed, err := s.bare()
		if err != nil {
			return 0, fmt.Errorf("the bare client: %w", err)
		}
		times = append(times, elapsed)
	}
	return ms(median(times[1:])), nil
}

func (s *site) bare() (time.Duration, error) {
	pem, err := os.ReadFile(s.variable("SSL_CERT_FILE"))
	if err != nil {
		return 0, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	host := vaultName(0) + ".vault.azure.net"
	var token string
	var c net.Conn
	var errs [2]error
	start := time.Now()
	var both sync.WaitGroup
	both.Go(func() { token, errs[0] = s.token() })
	both.Go(func() { c, errs[1] = s.connect(host, roots) })
	both.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return 0, err
	}
	defer c.Close()
	err = ask(c, "GET /secrets/"+secretName(0)+"?api-version=7.4 HTTP/1.1\r\nHost: "+host+"\r\nAuthorization: Bearer "+token+"\r\n\r\n", nil)
	return time.Since(start), err
}

// connect returns a TLS connection to the host, through the proxy.
func (s *site) connect(host string, roots *x509.CertPool) (net.Conn, error) {
	c, err := net.Dial("tcp", strings.TrimPrefix(s.variable("HTTPS_PROXY"), "http://"))
	if err != nil {
		return nil, err
	}
	if err := ask(c, "CONNECT "+host+":443 HTTP/1.1\r\nHost: "+host+":443\r\n\r\n", nil); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	secured := tls.Client(c, &tls.Config{ServerName: host, RootCAs: roots})
	return secured, secured.Handshake()
}

func (s *site) token() (string, error) {
	var answer struct {
		Token string `json:"access_token"`
	}
	endpoint := strings.TrimPrefix(s.variable("IDENTITY_ENDPOINT"), "http://")
	host, path, _ := strings.Cut(endpoint, "/")
	c, err := net.Dial("tcp", host)
	if err != nil {
		return "", err
	}
	defer c.Close()
	err = ask(c, "GET /"+path+"?api-version=2019-08-01&resource=https://vault.azure.net HTTP/1.1\r\nHost: "+host+"\r\nX-IDENTITY-HEADER: "+s.variable("IDENTITY_HEADER")+"\r\n\r\n", &answer)
	return answer.Token, err
}

// ask sends a request and decodes the JSON in its response, unless into is nil.
func ask(c net.Conn, request string, into any) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	method, _, _ := strings.Cut(request, " ")
	answer, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	if into == nil {
		_, err = io.CopyN(io.Discard, answer.Body, max(answer.ContentLength, 0))
		return err
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

// variable returns one of the emulator's variables.
func (s *site) variable(name string) string {
	for _, kv := range s.Environ() {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}
