package identity

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"sync/atomic"
	"testing"
	"time"
)

// TestProxy checks that requests to Microsoft Entra and to the token proxy of an
// identity binding go through the proxy, and that those to the on-behalf-of
// endpoint do not. It runs itself again, because
// net/http reads the variables only once.
func TestProxy(t *testing.T) {
	if os.Getenv("TEST_PROXY") != "" {
		throughProxy(t)
		return
	}
	entra := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, token3599)
	}))
	defer entra.Close()
	var connects, others atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "example.com:443" {
			others.Add(1)
			return
		}
		connects.Add(1)
		tunnel(t, w, entra.Listener.Addr().String())
	}))
	defer proxy.Close()
	self := osexec.Command("/proc/self/exe", "-test.run", "^TestProxy$", "-test.v")
	self.Env = append(os.Environ(), "TEST_PROXY=yes", "GORACE=atexit_sleep_ms=0", "HTTPS_PROXY="+proxy.URL, "HTTP_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=", "GOCOVERDIR="+t.TempDir())
	if out, err := self.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if connects.Load() != 2 || others.Load() != 0 {
		t.Errorf("the proxy was asked for Microsoft Entra and the token proxy %d times, for others %d times; want 2 and 0", connects.Load(), others.Load())
	}
}

// tunnel connects the client to the address.
func tunnel(t *testing.T, w http.ResponseWriter, address string) {
	server, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	client, _, err := http.NewResponseController(w).Hijack() // before the client sends more
	if err != nil {
		t.Error(err)
		return
	}
	io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		io.Copy(server, client)
		server.Close()
	}()
	io.Copy(client, server)
	client.Close()
}

func throughProxy(t *testing.T) {
	e := secret.with(env{"AZINJECT_CREDENTIAL": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": "https://example.com"})
	if token, err := ask(t.Context(), newCredential(t, e), vaultScope); err != nil || token.Token != "a token" {
		t.Errorf("GetToken: %v, or a wrong token", err)
	}
	ca, err := os.ReadFile(os.Getenv("SSL_CERT_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	e = workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": write(t, "token", token("{}")), "AZURE_KUBERNETES_TOKEN_PROXY": "https://example.com", "AZURE_KUBERNETES_CA_DATA": string(ca)})
	if token, err := ask(t.Context(), newCredential(t, e), vaultScope); err != nil || token.Token != "a token" {
		t.Errorf("GetToken through a binding: %v, or a wrong token", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	e = env{"AZINJECT_CREDENTIAL": "AzureMLOnBehalfOfCredential", "OBO_ENDPOINT": "http://name.invalid/OBO/token"}
	if _, err := ask(ctx, newCredential(t, e), vaultScope); err == nil {
		t.Error("got a token from a host that does not exist")
	}
}
