// Bare does what azinject does with the least effort: no SDK, no checks, no
// retries. It shows what the network, HTTP and TLS cost by themselves. It gets
// tokens and makes connections at the same time: one to each host, and over
// HTTP/1.1 up to 32.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
)

// store is a host, and what is fetched there.
type store struct {
	host, audience string
	wanted         []variable
}

// variable is one of the environment, and the request for its value.
type variable struct {
	index     int
	name, url string
}

const (
	vaults  = "https://vault.azure.net"
	manager = "management.azure.com"
	most    = 32 // connections to one host over HTTP/1.1
)

func main() {
	environ := os.Environ()
	inject(environ, stores(environ))
	log.Fatal(syscall.Exec(os.Args[1], os.Args[1:], environ))
}

// stores returns where the values of variables come from.
func stores(environ []string) map[string]*store {
	all := map[string]*store{}
	add := func(host, audience string, v variable) {
		if all[host] == nil {
			all[host] = &store{host: host, audience: audience}
		}
		all[host].wanted = append(all[host].wanted, v)
	}
	for i, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if url, ok := strings.CutPrefix(value, "keyvault:https://"); ok {
			host, _, _ := strings.Cut(url, "/")
			add(host, vaults, variable{i, name, "https://" + url + "?api-version=7.4"})
		} else if path, ok := strings.CutPrefix(value, "azureml://connections/"); ok {
			connection, _, _ := strings.Cut(path, "/")
			add(manager, "https://"+manager, variable{i, name, "https://" + manager + os.Getenv("AZINJECT_WORKSPACE") + "/connections/" + connection + "/listsecrets?api-version=2024-10-01"})
		}
	}
	return all
}

// inject replaces the references with what they refer to.
func inject(environ []string, all map[string]*store) {
	tokens := map[string]func() string{}
	var fetched sync.WaitGroup
	for _, s := range all {
		if tokens[s.audience] == nil {
			tokens[s.audience] = sync.OnceValue(func() string { return token(s.audience) })
			go tokens[s.audience]()
		}
	}
	if len(all) == 0 {
		return
	}
	// The bundle alone: by default, Go reads the folder beside it too.
	bundle, err := os.ReadFile(roots())
	check(err)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(bundle)
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: trusted}}
	for _, s := range all {
		fetched.Go(func() { s.fetch(t, tokens[s.audience], environ) })
	}
	fetched.Wait()
}

func roots() string {
	if name := os.Getenv("SSL_CERT_FILE"); name != "" {
		return name
	}
	return "/etc/ssl/certs/ca-certificates.crt"
}

// fetch gets everything from the store. All requests share the connection if it
// can carry several at a time.
func (s *store) fetch(t *http.Transport, token func() string, environ []string) {
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
			if !shared && lane > 0 {
				c = connect()
			}
			bearer := "Bearer " + token()
			for v := range queue {
				environ[v.index] = v.name + "=" + v.get(c, bearer)
			}
		})
	}
	all.Wait()
}

// get requests the value.
func (v variable) get(c *http.ClientConn, bearer string) string {
	method := http.MethodGet
	if strings.HasPrefix(v.url, "https://"+manager) {
		method = http.MethodPost
	}
	var answer struct {
		Value      string
		Properties struct{ Credentials struct{ Key string } }
	}
	ask(c, method, v.url, http.Header{"Authorization": {bearer}}, &answer)
	return answer.Value + answer.Properties.Credentials.Key
}

func token(audience string) string {
	var answer struct {
		Token string `json:"access_token"`
	}
	url := os.Getenv("IDENTITY_ENDPOINT") + "?api-version=2019-08-01&resource=" + audience
	ask(new(http.Transport), http.MethodGet, url, http.Header{"X-Identity-Header": {os.Getenv("IDENTITY_HEADER")}}, &answer)
	return answer.Token
}

// ask sends a request and decodes the JSON of its answer.
func ask(via http.RoundTripper, method, url string, header http.Header, into any) {
	request, err := http.NewRequest(method, url, nil)
	check(err)
	request.Header = header
	answer, err := via.RoundTrip(request)
	check(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		log.Fatal(url, ": ", answer.Status)
	}
	check(json.NewDecoder(answer.Body).Decode(into))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
