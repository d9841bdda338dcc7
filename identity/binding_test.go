package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// TestSelectRefusesBindings checks that each mistake in a binding's variables is
// reported with its variable.
func TestSelectRefusesBindings(t *testing.T) {
	const proxy, name, file, data = "AZURE_KUBERNETES_TOKEN_PROXY", "AZURE_KUBERNETES_SNI_NAME", "AZURE_KUBERNETES_CA_FILE", "AZURE_KUBERNETES_CA_DATA"
	bound := workload.with(env{proxy: "https://10.0.0.1", name: "a.ests.aks", file: "/ca.crt"})
	for _, test := range []struct {
		what     string
		env      env
		variable string
		says     string
	}{
		{"a name alone", workload.with(env{name: "a.ests.aks"}), proxy, "not set, but AZURE_KUBERNETES_SNI_NAME is; AKS' webhook sets both"},
		{"a CA's file alone", workload.with(env{file: "/ca.crt"}), proxy, "not set, but AZURE_KUBERNETES_CA_FILE is"},
		{"a CA alone", workload.with(env{data: canary}), proxy, "not set, but AZURE_KUBERNETES_CA_DATA is"},
		{"a binding without a token", bound.with(env{tokenFileVariable: ""}), tokenFileVariable, "not set, but AZURE_KUBERNETES_TOKEN_PROXY is"},
		{"a CA without proxy and token", env{file: "/ca.crt"}, tokenFileVariable, "not set, but AZURE_KUBERNETES_CA_FILE is"},
		{"a binding without a client", bound.with(env{clientVariable: ""}), clientVariable, "azure.workload.identity/client-id"},
		{"http", bound.with(env{proxy: "http://" + canary}), proxy, "write the https address of the token proxy"},
		{"no scheme", bound.with(env{proxy: "10.0.0.1"}), proxy, "https"},
		{"no host", bound.with(env{proxy: "https:///" + canary}), proxy, "https"},
		{"a user", bound.with(env{proxy: "https://" + canary + "@10.0.0.1"}), proxy, "without user, query and fragment"},
		{"a query", bound.with(env{proxy: "https://10.0.0.1/?" + canary}), proxy, "query"},
		{"a fragment", bound.with(env{proxy: "https://10.0.0.1/#" + canary}), proxy, "fragment"},
		{"another path", bound.with(env{proxy: "https://10.0.0.1/../" + canary}), proxy, "https"},
		{"slashes", bound.with(env{proxy: "//"}), proxy, "https"},
		{"an address for a name", bound.with(env{name: "https://" + canary}), name, "write the host name"},
		{"blanks around the name", bound.with(env{name: " a.ests.aks"}), name, "write the host name"},
		{"two CAs", bound.with(env{data: canary}), file, "AZURE_KUBERNETES_CA_DATA is set too"},
		{"a CA in place of its file", bound.with(env{file: "-----BEGIN " + canary}), file, "the path of a file"},
		{"a CA's file of several lines", bound.with(env{file: "/\n" + canary}), file, "the path of a file"},
	} {
		got, err := Select(test.env.get, entra)
		var failed *SelectionError
		if !errors.As(err, &failed) || failed.Variable != test.variable || !strings.Contains(err.Error(), test.says) || got != (Selection{}) {
			t.Errorf("%s: Select = %+v, %v; want a SelectionError of %s that contains %q", test.what, got, err, test.variable, test.says)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error quotes the value: %v", test.what, err)
		}
	}
}

// TestBindingCA checks that a CA which cannot be used fails before any request.
func TestBindingCA(t *testing.T) {
	pod := workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": write(t, "token", token("{}")), "AZURE_KUBERNETES_TOKEN_PROXY": "https://10.0.0.1"})
	folder := t.TempDir()
	for _, test := range []struct{ variable, value, says string }{
		{"AZURE_KUBERNETES_CA_FILE", folder + "/none", folder + "/none: no such file or directory; leave this to AKS' webhook"},
		{"AZURE_KUBERNETES_CA_FILE", folder, folder + " is not a file with certificates"},
		{"AZURE_KUBERNETES_CA_FILE", write(t, "empty", "\n"), "/empty contains no certificate in PEM format; leave this to AKS' webhook"},
		{"AZURE_KUBERNETES_CA_FILE", write(t, "nothing", ""), "/nothing contains no certificate"},
		{"AZURE_KUBERNETES_CA_FILE", write(t, "other", canary), "/other contains no certificate"},
		{"AZURE_KUBERNETES_CA_DATA", canary, "this contains no certificate in PEM format"},
	} {
		selected, err := Select(pod.with(env{test.variable: test.value}).get, entra)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(selected)
		var failed *SelectionError
		if !errors.As(err, &failed) || failed.Variable != test.variable || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s=%s: New: %v, want a SelectionError that contains %q", test.variable, test.value, err, test.says)
		}
	}
}

// bindingName is the name in the certificates of proxies.
const bindingName = "test.ests.aks"

// tokenProxy is a token proxy, whose certificate can be replaced.
type tokenProxy struct {
	*httptest.Server
	ca   string // in PEM format
	tls  tls.Certificate
	seen chan *http.Request
}

func startProxy(t *testing.T) *tokenProxy {
	p := &tokenProxy{seen: make(chan *http.Request, 8)}
	p.renew(t)
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		p.seen <- r
		fmt.Fprint(w, token3599)
	}))
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.TLS = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &p.tls, nil }}
	p.EnableHTTP2 = true
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

// renew gives the proxy a certificate of a new CA.
func (p *tokenProxy) renew(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{bindingName}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	p.tls = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	p.ca = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// pod returns the environment of a pod that is bound through the proxy.
func (p *tokenProxy) pod(t *testing.T) env {
	return workload.with(env{
		"AZURE_FEDERATED_TOKEN_FILE":   write(t, "token", token(`{"aud":["api://AKSIdentityBinding"]}`)),
		"AZURE_AUTHORITY_HOST":         "https://login.example/",
		"AZURE_KUBERNETES_TOKEN_PROXY": p.URL + "/base/",
		"AZURE_KUBERNETES_SNI_NAME":    bindingName,
		"AZURE_KUBERNETES_CA_DATA":     p.ca,
	})
}

func TestBinding(t *testing.T) {
	p := startProxy(t)
	for path, want := range map[string]string{"/base/": "/base/", "/base": "/base/", "/": "/", "": "/"} {
		e := p.pod(t).with(env{"AZURE_KUBERNETES_TOKEN_PROXY": p.URL + path})
		if token, err := ask(t.Context(), newCredential(t, e), vaultScope); err != nil || token.Token != "a token" {
			t.Fatalf("GetToken: %v, or a wrong token", err)
		}
		got := <-p.seen
		if got.URL.String() != want+guidC+"/oauth2/v2.0/token" || got.Host != "login.example" || got.TLS.ServerName != bindingName || got.ProtoMajor != 2 {
			t.Errorf("request for %s of %s to %s over HTTP/%d", got.URL, got.Host, got.TLS.ServerName, got.ProtoMajor)
		}
		if got.PostForm.Get("client_id") != guidA || got.PostForm.Get("scope") != vaultScope || !isForBinding(got.PostForm.Get("client_assertion")) {
			t.Errorf("the form is %v", got.PostForm)
		}
	}
}

// TestBindingPlatform checks what the selection is called.
func TestBindingPlatform(t *testing.T) {
	p := startProxy(t)
	s, err := Select(p.pod(t).get, entra)
	if err != nil || s.Platform() != IdentityBinding {
		t.Errorf("Select: %v, platform %q", err, s.Platform())
	}
	s, err = Select(workload.get, entra)
	if err != nil || s.Platform() != "" {
		t.Errorf("Select: %v, platform %q without a binding", err, s.Platform())
	}
}

// TestBindingTrust checks that only the binding's CA and name are trusted.
func TestBindingTrust(t *testing.T) {
	p, other := startProxy(t), startProxy(t)
	public := httptest.NewTLSServer(nil) // trusted through SSL_CERT_FILE
	defer public.Close()
	public.Config.ErrorLog = log.New(io.Discard, "", 0)
	for what, e := range map[string]env{
		"another CA":               {"AZURE_KUBERNETES_CA_DATA": other.ca},
		"no CA":                    {"AZURE_KUBERNETES_CA_DATA": ""},
		"another name":             {"AZURE_KUBERNETES_SNI_NAME": "other.ests.aks"},
		"no name":                  {"AZURE_KUBERNETES_SNI_NAME": ""},
		"a server of another root": {"AZURE_KUBERNETES_TOKEN_PROXY": public.URL, "AZURE_KUBERNETES_SNI_NAME": ""},
	} {
		_, err := ask(t.Context(), newCredential(t, p.pod(t).with(e)), vaultScope)
		if failed := requireTokenError(t, err); !strings.Contains(failed.Error(), "the token proxy of an AKS identity binding at https://127.0.0.1") || !strings.Contains(failed.Error(), "certificate not trusted") || failed.Transient() {
			t.Errorf("%s: GetToken: %v, transient %v", what, failed, failed.Transient())
		}
	}
	if len(p.seen) > 0 {
		t.Errorf("the proxy got %v", (<-p.seen).URL)
	}
	usual := p.pod(t).with(env{"AZURE_KUBERNETES_TOKEN_PROXY": public.URL, "AZURE_KUBERNETES_SNI_NAME": "example.com", "AZURE_KUBERNETES_CA_DATA": ""})
	_, err := ask(t.Context(), newCredential(t, usual), vaultScope)
	if failed := requireTokenError(t, err); failed.Status != http.StatusNotFound {
		t.Errorf("without a CA: %v, want the usual roots to be trusted", failed)
	}
}

// TestBindingCAIsRenewed checks that the CA's file is read for each token.
func TestBindingCAIsRenewed(t *testing.T) {
	p := startProxy(t)
	file := write(t, "ca.crt", p.ca)
	c := newCredential(t, p.pod(t).with(env{"AZURE_KUBERNETES_CA_DATA": "", "AZURE_KUBERNETES_CA_FILE": file}))
	replace := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old := p.ca
	for _, step := range []struct {
		what   string
		change func()
		says   string // "" if there is a token
	}{
		{"at first", func() {}, ""},
		{"empty for a moment", func() { replace("") }, ""},
		{"renewed", func() { p.renew(t); replace(p.ca) }, ""},
		{"empty again", func() { replace("\n") }, ""},
		{"the old one again", func() { replace(old) }, "certificate not trusted"},
		{"something else", func() { replace(canary) }, "AZURE_KUBERNETES_CA_FILE: " + file + " contains no certificate"},
		{"both", func() { replace(old + p.ca) }, ""},
		{"gone", func() { os.Remove(file) }, "AZURE_KUBERNETES_CA_FILE: " + file + ": no such file"},
	} {
		step.change()
		_, err := ask(t.Context(), c, vaultScope)
		switch {
		case step.says == "" && err != nil:
			t.Errorf("%s: GetToken: %v", step.what, err)
		case step.says != "" && !strings.Contains(requireTokenError(t, err).Error(), step.says):
			t.Errorf("%s: GetToken: %v, want an error that contains %q", step.what, err, step.says)
		}
	}
	if n := len(p.seen); n != 5 {
		t.Errorf("the proxy got %d requests, want 5", n)
	}
}

// TestBindingRefuses checks what is quoted of a proxy's refusal, in formats that
// are not documented.
func TestBindingRefuses(t *testing.T) {
	p := startProxy(t)
	e := p.pod(t)
	assertion, err := os.ReadFile(e[tokenFileVariable])
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"x is forbidden","reason":"Forbidden","code":403}`: "returned 403: x is forbidden",
		`{"error":{"code":"Denied","message":"no"}}`:                               "returned 403 Denied: no",
		`{"error":"invalid_client","error_description":"AADSTS700211: No. More."}`: "returned 403 invalid_client: AADSTS700211: No",
		`{"why":"because of ` + string(assertion) + `"}`:                           `returned 403: {"why":"because of …"}`,
		"not\n  for you\x00":                   "returned 403: not for you",
		"":                                     "returned 403",
		"<html>" + canary + "</html>":          "returned 403",
		`{"access_token":"` + canary + `"}`:    "returned 403",
		`{"why":{"token" : "` + canary + `"}}`: "returned 403",
		strings.Repeat("long ", 400):           "returned 403: long long",
	} {
		p.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, body)
		})
		_, err := ask(t.Context(), newCredential(t, e), vaultScope)
		got := requireTokenError(t, err)
		_, text, _ := strings.Cut(got.Error(), "/base ")
		if text != want && !strings.HasPrefix(text, "returned 403: long long") || len(text) > 1100 || !got.ForBinding || got.Platform != IdentityBinding {
			t.Errorf("%q: %s, for a binding %v, from %q; want %s", body, text, got.ForBinding, got.Platform, want)
		}
	}
}

func TestIsForBinding(t *testing.T) {
	for claims, want := range map[string]bool{
		`{"aud":"api://AKSIdentityBinding"}`:             true,
		`{"aud":["api://x","api://AKSIdentityBinding"]}`: true,
		`{"aud":["api:\/\/AKSIdentityBinding"]}`:         true,
		`{"aud":["api://AzureADTokenExchange"]}`:         false,
		`{"sub":"api://AKSIdentityBinding"}`:             false,
		`{}`:                                             false,
		`[]`:                                             false,
	} {
		if got := isForBinding(token(claims)); got != want {
			t.Errorf("isForBinding(%s) = %v", claims, got)
		}
	}
	if isForBinding("") || isForBinding(canary) {
		t.Error("isForBinding is true for what is no token")
	}
}
