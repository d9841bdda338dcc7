// Bare does what azinject does with the least effort: no SDK, no checks and no
// retries. It shows what the network, TLS and HTTP cost by themselves. It makes
// connections while it gets tokens: one to each host, and over HTTP/1.1 up to 32.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
)

const (
	manager = "management.azure.com"
	most    = 32 // connections to a host over HTTP/1.1
)

// store is a host and what is fetched there.
type store struct {
	host   string
	token  func() string
	wanted []variable
}

// variable is a variable and the request for its value.
type variable struct {
	index             int // in the environment
	name, method, url string
}

func main() {
	environ := os.Environ()
	if all := stores(environ); len(all) > 0 {
		inject(environ, all)
	}
	log.Fatal(syscall.Exec(os.Args[1], os.Args[1:], environ))
}

// stores returns where values come from, by host.
func stores(environ []string) map[string]*store {
	all := map[string]*store{}
	forVaults := sync.OnceValue(func() string { return token("https://vault.azure.net") })
	forManager := sync.OnceValue(func() string { return token("https://" + manager) })
	add := func(host string, token func() string, v variable) {
		if all[host] == nil {
			all[host] = &store{host: host, token: token}
		}
		all[host].wanted = append(all[host].wanted, v)
	}
	for i, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if url, ok := strings.CutPrefix(value, "keyvault:https://"); ok {
			host, _, _ := strings.Cut(url, "/")
			add(host, forVaults, variable{i, name, http.MethodGet, "https://" + url + "?api-version=7.4"})
		} else if path, ok := strings.CutPrefix(value, "azureml:/"); ok {
			connection := strings.TrimSuffix(path, "/credentials/key")
			add(manager, forManager, variable{i, name, http.MethodPost,
				"https://" + manager + os.Getenv("AZINJECT_WORKSPACE") + connection + "/listsecrets?api-version=2024-10-01"})
		}
	}
	return all
}

// inject replaces the references in environ with what they refer to.
func inject(environ []string, all map[string]*store) {
	for _, s := range all {
		go s.token()
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots()}}
	var fetched sync.WaitGroup
	for _, s := range all {
		fetched.Go(func() { s.fetch(t, environ) })
	}
	fetched.Wait()
}

// roots returns the bundle alone. By default, Go reads the folder beside it too.
func roots() *x509.CertPool {
	name := os.Getenv("SSL_CERT_FILE")
	if name == "" {
		name = "/etc/ssl/certs/ca-certificates.crt"
	}
	bundle, err := os.ReadFile(name)
	check(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(bundle)
	return pool
}

// fetch fetches everything from the store, over one connection if that can carry
// several requests at a time.
func (s *store) fetch(t *http.Transport, environ []string) {
	connect := func() *http.ClientConn {
		c, err := t.NewClientConn(context.Background(), "https", s.host+":443")
		check(err)
		return c
	}
	first := connect()
	shared, lanes := first.Available() > 1, len(s.wanted)
	if !shared {
		lanes = min(lanes, most)
	}
	queue := make(chan variable, len(s.wanted))
	for _, v := range s.wanted {
		queue <- v
	}
	close(queue)
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			c := first
			if lane > 0 && !shared {
				c = connect()
			}
			authorization := http.Header{"Authorization": {"Bearer " + s.token()}}
			for v := range queue {
				value, err := v.get(c, authorization)
				if err != nil && !shared { // net/http gives up a connection if it is slow to use it again
					c = connect()
					value, err = v.get(c, authorization)
				}
				check(err)
				environ[v.index] = v.name + "=" + value
			}
		})
	}
	all.Wait()
}

func (v variable) get(c *http.ClientConn, authorization http.Header) (string, error) {
	var answer struct {
		Value      string
		Properties struct{ Credentials struct{ Key string } }
	}
	err := ask(c, v.method, v.url, authorization, &answer)
	return answer.Value + answer.Properties.Credentials.Key, err
}

func token(audience string) string {
	var answer struct {
		Token string `json:"access_token"`
	}
	check(ask(new(http.Transport), http.MethodGet, os.Getenv("IDENTITY_ENDPOINT")+"?api-version=2019-08-01&resource="+audience,
		http.Header{"X-Identity-Header": {os.Getenv("IDENTITY_HEADER")}}, &answer))
	return answer.Token
}

// ask sends a request and decodes the JSON in its response.
func ask(via http.RoundTripper, method, url string, header http.Header, into any) error {
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		return err
	}
	request.Header = header
	response, err := via.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
