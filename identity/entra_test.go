package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onPod starts a server in place of Microsoft Entra and returns the environment
// of a pod with the service account's token in file. forms receives the forms
// that were sent.
func onPod(t *testing.T, file string) (e env, forms chan url.Values) {
	forms = make(chan url.Values, 8)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.String() != "/"+guidC+"/oauth2/v2.0/token" || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("%s %s of %q", r.Method, r.URL, r.Header.Get("Content-Type"))
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		forms <- r.PostForm
		fmt.Fprint(w, token3599)
	}))
	t.Cleanup(server.Close)
	return workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": file, "AZURE_AUTHORITY_HOST": server.URL}), forms
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWorkloadIdentity(t *testing.T) {
	first, second := token(`{"sub":"first"}`), token(`{"sub":"second"}`)
	file := write(t, "token", first+"\n")
	e, forms := onPod(t, file)
	c := newCredential(t, e)
	for _, assertion := range []string{first, second} {
		if err := os.WriteFile(file, []byte(assertion), 0o600); err != nil {
			t.Fatal(err)
		}
		token, err := ask(t.Context(), c, vaultScope)
		if err != nil || token.Token != "a token" {
			t.Fatalf("GetToken: %v, or a wrong token", err)
		}
		want := url.Values{
			"grant_type":            {"client_credentials"},
			"client_id":             {guidA},
			"scope":                 {vaultScope},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"client_assertion":      {assertion},
		}
		if got := <-forms; got.Encode() != want.Encode() {
			t.Errorf("the form is %v, want %v", got, want)
		}
	}
}

func TestWorkloadIdentityOfAnotherClient(t *testing.T) {
	e, forms := onPod(t, write(t, "token", token("{}")))
	c := newCredential(t, e.with(env{Setting: guidB}))
	if _, err := ask(t.Context(), c, vaultScope); err != nil {
		t.Fatal(err)
	}
	if got := <-forms; got.Get("client_id") != guidB {
		t.Errorf("the form is %v, want the client %s", got, guidB)
	}
}

func TestClientSecret(t *testing.T) {
	e, forms := onPod(t, "/nonexistent")
	const odd = "a~b+c%20&=canary~secret"
	c := newCredential(t, e.with(env{"AZINJECT_CREDENTIAL": "EnvironmentCredential", "AZURE_CLIENT_SECRET": odd}))
	if _, err := ask(t.Context(), c, vaultScope); err != nil {
		t.Fatal(err)
	}
	want := url.Values{"grant_type": {"client_credentials"}, "client_id": {guidA}, "scope": {vaultScope}, "client_secret": {odd}}
	if got := <-forms; got.Encode() != want.Encode() {
		t.Errorf("the form is %v, want %v", got, want)
	}
}

// TestTokenFile checks that a bad token file is reported with its variable and
// path, before any request.
func TestTokenFile(t *testing.T) {
	folder := t.TempDir()
	for path, says := range map[string]string{
		filepath.Join(folder, "none"): "no such file",
		folder:                        "is not a file",
		"/dev/zero":                   "is not a file",
		write(t, "empty", " \n"):      "does not contain a JSON Web Token",
		write(t, "large", strings.Repeat("x", 70e3)): "is not a file",
		write(t, "other", canary):                    "does not contain a JSON Web Token",
		"/proc/self/environ":                         "does not contain a JSON Web Token",
		"/proc/self/pagemap":                         "does not contain a JSON Web Token", // endless, although its size is 0
	} {
		selected, err := Select(workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": path}).get, entra)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(selected)
		var failed *SelectionError
		if !errors.As(err, &failed) || failed.Variable != "AZURE_FEDERATED_TOKEN_FILE" || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), canary) {
			t.Errorf("New: %v, want a SelectionError of the variable that contains %s and %q", err, path, says)
		}
	}
}

func TestTokenFileGoesAway(t *testing.T) {
	file := write(t, "token", token("{}"))
	e, forms := onPod(t, file)
	c := newCredential(t, e)
	for _, change := range []func() error{
		func() error { return os.WriteFile(file, []byte(canary), 0o600) },
		func() error { return os.Remove(file) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		_, err := ask(t.Context(), c, vaultScope)
		var failed *SelectionError
		if !errors.As(err, &failed) || failed.Variable != "AZURE_FEDERATED_TOKEN_FILE" || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), canary) {
			t.Errorf("GetToken: %v, want a SelectionError with the path", err)
		}
	}
	if len(forms) > 0 {
		t.Errorf("the contents were sent without being a token: %v", <-forms)
	}
}

// TestEntraRepeatsTheProof checks that an answer that contains the proof is
// quoted without it.
func TestEntraRepeatsTheProof(t *testing.T) {
	long := canary + strings.Repeat("x", 400)
	for _, body := range []string{
		`{"error":"invalid_client","error_description":"AADSTS1: What is ` + long + `? "}`,
		`{"error":{"code":"x","message":"` + long + `"}}`,
	} {
		e := start(t, Environment, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, body)
		})
		c := newCredential(t, e.with(env{"AZURE_CLIENT_SECRET": long}))
		_, err := ask(t.Context(), c, vaultScope)
		if e := requireTokenError(t, err); strings.Contains(e.Error(), canary) || !strings.Contains(e.Error(), "returned 400") {
			t.Errorf("GetToken: %v, want the answer without the proof", e)
		}
	}
}

func TestEntraNotTrusted(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = untrusted(t)
	server.StartTLS()
	defer server.Close()
	e := start(t, Environment, nil).with(env{"AZURE_AUTHORITY_HOST": server.URL})
	_, err := ask(t.Context(), newCredential(t, e), vaultScope)
	if failed := requireTokenError(t, err); !strings.Contains(failed.Error(), "certificate not trusted") || failed.Transient() {
		t.Errorf("GetToken: %v, transient %v", failed, failed.Transient())
	}
}

// untrusted serves a certificate that nobody trusts.
func untrusted(t *testing.T) *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
