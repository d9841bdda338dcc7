package emulator

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// seen is what a plain client sees of a response.
type seen struct {
	status int
	header http.Header
	length int64 // as announced
	body   string
	major  int   // version of HTTP
	err    error // of the request, or of reading the body
}

func see(c *http.Client, r *http.Request) seen {
	answer, err := c.Do(r)
	if err != nil {
		return seen{err: err}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return seen{answer.StatusCode, answer.Header, answer.ContentLength, string(body), answer.ProtoMajor, err}
}

// target is a request that faults can hit.
type target struct {
	match string
	ask   func(t *testing.T, a *Azure) seen
}

// targets lists a request to each service, each over its own connection.
var targets = map[string]target{
	"vault": {"GET open.vault.azure.net/secrets/db", func(t *testing.T, a *Azure) seen {
		return see(fresh(t, a), request(t, "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", tokenFor(a, "endpoint", vaultAudience)))
	}},
	"connection": {"POST management.azure.com/", func(t *testing.T, a *Azure) seen {
		return see(fresh(t, a), request(t, "POST", arm+openWorkspace+"/connections/aoai/listsecrets"+version, tokenFor(a, "endpoint", armAudience)))
	}},
	"Entra": {"POST login.microsoftonline.com/", func(t *testing.T, a *Azure) seen {
		return see(fresh(t, a), tokenRequest(t, a, nil))
	}},
	"identity": {"* identity/", func(t *testing.T, a *Azure) seen {
		return see(direct(t), request(t, "GET", environ(a, "MSI_ENDPOINT")+"?"+vaultResource, http.Header{"Secret": {a.machine.secret}}))
	}},
}

// tokenRequest signs in as the world's application. changes are made to the form.
// An empty value removes a parameter.
func tokenRequest(t *testing.T, a *Azure, changes map[string]string) *http.Request {
	t.Helper()
	form := url.Values{}
	for name, value := range map[string]string{
		"grant_type": "client_credentials", "client_id": appID, "client_secret": appSecret,
		"scope": "https://vault.azure.net/.default openid offline_access profile",
	} {
		form.Set(name, value)
	}
	for name, value := range changes {
		form.Set(name, value)
		if value == "" {
			form.Del(name)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", "https://login.microsoftonline.com/"+a.issuer.tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func request(t *testing.T, method, url string, header http.Header) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	return r
}

// fresh returns a client that follows no redirects.
func fresh(t *testing.T, a *Azure) *http.Client {
	c := client(t, a)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// direct returns such a client without the proxy.
func direct(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// alike reports whether two responses are the same, except for tokens and random
// numbers.
func alike(a, b seen) bool {
	return a.err == nil && b.err == nil && a.status == b.status && a.length == b.length && len(a.body) == len(b.body) && strings.HasPrefix(b.body, a.body[:15])
}

// environ returns one of the emulator's variables.
func environ(a *Azure, name string) string {
	for _, kv := range a.Environ() {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}

// client returns an HTTP client that obeys HTTPS_PROXY and SSL_CERT_FILE.
func client(t *testing.T, a *Azure) *http.Client {
	t.Helper()
	proxy, err := url.Parse(environ(a, "HTTPS_PROXY"))
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(environ(a, "SSL_CERT_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
