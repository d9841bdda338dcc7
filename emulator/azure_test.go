package emulator

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

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

func get(t *testing.T, c *http.Client, url string, header http.Header) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		r.Header = header
	}
	answer, err := c.Do(r)
	if err == nil {
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	return answer, err
}

func TestThroughTheProxy(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			a := launch(t, fmt.Sprintf("network: {http2: %t}\n", http2)+world)
			c := client(t, a)
			for _, header := range []http.Header{nil, tokenFor(a, "endpoint", vaultAudience)} {
				answer, err := get(t, c, "https://open.vault.azure.net/secrets/db/?api-version=7.4", header)
				if err != nil {
					t.Fatal(err)
				}
				if got := answer.ProtoMajor == 2; got != http2 {
					t.Errorf("protocol %s, want http2 = %t", answer.Proto, http2)
				}
			}
			want := []Request{
				{"connect", "CONNECT", "open.vault.azure.net", "", 200},
				{"challenge", "GET", "open.vault.azure.net", "/secrets/db/", 401},
				{"secret", "GET", "open.vault.azure.net", "/secrets/db/", 200},
			}
			if got := a.Requests(); !slices.Equal(got, want) {
				t.Errorf("Requests = %v, want %v", got, want)
			}
			if got := a.Connections()["open.vault.azure.net"]; got != 1 {
				t.Errorf("connections = %d, want 1", got)
			}
		})
	}
}

func TestProxyRefuses(t *testing.T) {
	a := launch(t, world)
	c := client(t, a)
	for _, url := range []string{"https://example.com/", "https://nosuch.vault.azure.net/secrets/db", "https://open.vault.azure.net:8443/"} {
		if _, err := get(t, c, url, nil); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
			t.Errorf("%s: %v, want Bad Gateway", url, err)
		}
	}
	answer, err := get(t, c, "http://open.vault.azure.net/secrets/db", nil)
	if err != nil || answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("plain HTTP: %v %v, want 405", answer, err)
	}
	if got := a.Counts(); got[KindConnect] != 3 || got[KindOther] != 1 || len(a.Connections()) != 0 {
		t.Errorf("Counts = %v, Connections = %v", got, a.Connections())
	}
}

func TestSystemRootsDoNotTrustIt(t *testing.T) {
	a := launch(t, world)
	c := client(t, a)
	c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	var untrusted x509.UnknownAuthorityError
	if _, err := get(t, c, "https://open.vault.azure.net/", nil); !errors.As(err, &untrusted) {
		t.Errorf("error = %v, want an unknown authority", err)
	}
}

func TestRequestLine(t *testing.T) {
	a := build(t, world)
	send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db%0A/?api-version=7.4&x=token", tokenFor(a, "endpoint", vaultAudience))
	send(a.Stores(), "POST", arm+openWorkspace+"/connections/aoai/listsecrets"+version, tokenFor(a, "endpoint", armAudience))
	send(a.Stores(), "POST", arm+openWorkspace+"/onlineEndpoints/keyed/listKeys"+version, tokenFor(a, "endpoint", armAudience))
	send(a.Stores(), "GET", "https://elsewhere.example/", nil)
	var got []string
	for _, r := range a.Requests() {
		got = append(got, r.String())
	}
	want := []string{
		"secret GET open.vault.azure.net /secrets/db%0A/ 400",
		"connection POST management.azure.com " + openWorkspace + "/connections/aoai/listsecrets 200",
		"keys POST management.azure.com " + openWorkspace + "/onlineEndpoints/keyed/listKeys 200",
		"other GET elsewhere.example / 421",
	}
	if !slices.Equal(got, want) {
		t.Errorf("lines = %q\nwant %q", got, want)
	}
}

func TestConcurrentRequestsAreAllCounted(t *testing.T) {
	a := build(t, world)
	token := tokenFor(a, "endpoint", vaultAudience)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			send(a.Stores(), "GET", "https://open.vault.azure.net/secrets/db?api-version=7.4", token)
			a.Counts()
		})
	}
	all.Wait()
	if got := a.Counts()[KindSecret]; got != 50 {
		t.Errorf("secrets counted = %d, want 50", got)
	}
}

func TestEnviron(t *testing.T) {
	const me = "\nidentities: {me: {}}\n"
	always := []string{"HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
	for config, want := range map[string][]string{
		"platform: azureml" + me: {"MSI_ENDPOINT", "MSI_SECRET"},
		"platform: azureml" + me + "deployment: " + openWorkspace + "/onlineEndpoints/e/deployments/d": {"AML_DEPLOYMENT_RESOURCE_ID", "MSI_ENDPOINT", "MSI_SECRET"},
		me:                             {"IDENTITY_ENDPOINT", "IDENTITY_HEADER"},
		"platform: servicefabric" + me: {"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"},
		"platform: cloudshell" + me:    {"MSI_ENDPOINT"},
		"platform: none":               nil,
		"platform: azureml\ncompute: cluster" + me:                                                           {"DEFAULT_IDENTITY_CLIENT_ID", "MSI_ENDPOINT", "MSI_SECRET"},
		"platform: azureml\ncompute: instance\nidentities: {me: {user: true}}":                               {"DEFAULT_IDENTITY_CLIENT_ID", "MSI_ENDPOINT", "MSI_SECRET"},
		"platform: on_behalf_of\nidentities: {me: {user: true}}":                                             {"AZUREML_OBO_ENABLED", "MSI_ENDPOINT", "MSI_SECRET", "OBO_ENDPOINT"},
		"platform: on_behalf_of\nidentities: {me: {user: true}, it: {}}":                                     {"AZUREML_OBO_ENABLED", "DEFAULT_IDENTITY_CLIENT_ID", "MSI_ENDPOINT", "MSI_SECRET", "OBO_ENDPOINT"},
		"platform: service_principal\nidentities: {me: {client_secret: s}}":                                  {"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"},
		"platform: workload_identity\nidentities: {me: {federated: {subject: system:serviceaccount:ns:sa}}}": {"AZURE_AUTHORITY_HOST", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TENANT_ID"},
	} {
		var got []string
		for _, kv := range launch(t, config).Environ() {
			name, _, _ := strings.Cut(kv, "=")
			got = append(got, name)
		}
		want = append(want, always...)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q: variables %v, want %v", config, got, want)
		}
	}
}

func TestCloseRemovesEverything(t *testing.T) {
	a := launch(t, world)
	roots, endpoint := environ(a, "SSL_CERT_FILE"), environ(a, "MSI_ENDPOINT")
	for range 2 {
		if err := a.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	if _, err := os.Stat(roots); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of roots is still there: %v", err)
	}
	if _, err := http.Get(endpoint); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the identity endpoint still answers: %v", err)
	}
}

func TestStartChecks(t *testing.T) {
	_, err := Start(&Config{Platform: "vm"})
	if bad := new(ConfigError); !errors.As(err, &bad) {
		t.Errorf("Start = %v, want a ConfigError", err)
	}
}

func TestIMDSNeedsItsAddress(t *testing.T) {
	a, err := Start(&Config{Platform: "imds", Identities: map[string]Identity{"me": {}}})
	if err == nil {
		a.Close()
		t.Skip("this machine has 169.254.169.254")
	}
	if !strings.Contains(err.Error(), "unshare --user --map-root-user --net") {
		t.Errorf("Start = %v, want it to say how", err)
	}
}
