package emulator

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// inCluster is an Azure whose pod has an identity binding. One of the identities
// trusts the cluster without a binding, too.
const inCluster = `
platform: identity_binding
attached: [bound]
identities:
  bound: {client_id: 99999999-0000-4000-8000-000000000001, resource_id: /subscriptions/s/bound, binding: {subject: "system:serviceaccount:ns:sa"}}
  both: {client_id: 88888888-0000-4000-8000-000000000001, resource_id: /subscriptions/s/both, binding: {subject: "system:serviceaccount:ns:sa"}, federated: {subject: "system:serviceaccount:ns:sa"}}
  other: {client_id: 77777777-0000-4000-8000-000000000001, resource_id: /subscriptions/s/other, federated: {subject: "system:serviceaccount:ns:sa"}}
`

// inPod returns the pod's client for the proxy: one that trusts its CA, and uses
// its name.
func inPod(t *testing.T, a *Azure) *http.Client {
	t.Helper()
	pem, err := os.ReadFile(environ(a, "AZURE_KUBERNETES_CA_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	ca := x509.NewCertPool()
	ca.AppendCertsFromPEM(pem)
	c := direct(t)
	c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: ca, ServerName: environ(a, "AZURE_KUBERNETES_SNI_NAME")}
	return c
}

// throughProxy returns a pod's request for a token. changes are made to the form.
func throughProxy(t *testing.T, a *Azure, changes map[string]string) *http.Request {
	t.Helper()
	assertion, err := os.ReadFile(environ(a, "AZURE_FEDERATED_TOKEN_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	form := asserting(string(assertion))
	form["client_id"] = environ(a, "AZURE_CLIENT_ID")
	for name, value := range changes {
		form[name] = value
	}
	r := tokenRequest(t, a, form)
	to, err := url.Parse(environ(a, "AZURE_KUBERNETES_TOKEN_PROXY"))
	if err != nil {
		t.Fatal(err)
	}
	r.URL = to.JoinPath(r.URL.Path)
	return r
}

func TestTokenProxy(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		form   map[string]string
		change func(*http.Request)
		status int
		body   string
	}{
		"right":                 {status: 200, body: `"access_token":"`},
		"another identity":      {form: map[string]string{"client_id": "88888888-0000-4000-8000-000000000001"}, status: 200},
		"no ClusterRole":        {config: "service_account_token: {subject: 'system:serviceaccount:ns:other'}", status: 403, body: `"message":"99999999-0000-4000-8000-000000000001.cid.wi.aks.azure.com is forbidden: User \"system:serviceaccount:ns:other\" cannot use-managed-identity`},
		"not bound":             {form: map[string]string{"client_id": "77777777-0000-4000-8000-000000000001"}, status: 403, body: `"reason":"Forbidden"`},
		"unknown identity":      {form: map[string]string{"client_id": DefaultTenant}, status: 403},
		"without a binding":     {config: "service_account_token: {audience: 'api://AzureADTokenExchange'}", status: 401, body: `"kind":"Status"`},
		"expired":               {config: "service_account_token: {expired: true}", status: 401},
		"no token":              {form: map[string]string{"client_assertion": "x"}, status: 401},
		"a secret instead":      {form: map[string]string{"client_assertion": "", "client_secret": "s"}, status: 401},
		"unknown resource":      {form: map[string]string{"scope": "https://vault.example/.default"}, status: 400, body: "AADSTS500011"},
		"no grant":              {form: map[string]string{"grant_type": ""}, status: 400, body: "AADSTS900144"},
		"Host of the proxy":     {change: func(r *http.Request) { r.Host = "" }, status: 404, body: `"reason":"NotFound"`},
		"Host of a vault":       {change: func(r *http.Request) { r.Host = "open.vault.azure.net" }, status: 404},
		"not under its path":    {change: func(r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, bindingPath) }, status: 404},
		"another tenant":        {change: func(r *http.Request) { r.URL.Path = bindingPath + "/x/oauth2/v2.0/token" }, status: 400, body: "AADSTS90002"},
		"not a token's address": {change: func(r *http.Request) { r.URL.Path = bindingPath + "/x" }, status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			a := launch(t, inCluster+c.config)
			r := throughProxy(t, a, c.form)
			if c.change != nil {
				c.change(r)
			}
			if got := see(inPod(t, a), r); got.err != nil || got.status != c.status || !strings.Contains(got.body, c.body) {
				t.Errorf("answer = %d %s, %v; want %d with %s", got.status, got.body, got.err, c.status, c.body)
			}
			if n := a.Counts()[KindToken]; n != 1 {
				t.Errorf("%d requests in the log, want 1", n)
			}
		})
	}
}

// TestTokenProxyName connects with other names, and with other roots.
func TestTokenProxyName(t *testing.T) {
	a := launch(t, inCluster)
	for _, name := range []string{"", "localhost", "login.microsoftonline.com"} {
		c := inPod(t, a)
		c.Transport.(*http.Transport).TLSClientConfig.ServerName = name
		if got := see(c, throughProxy(t, a, nil)); got.err == nil {
			t.Errorf("the name %q: answer %d, want no connection", name, got.status)
		}
	}
	c := inPod(t, a)
	c.Transport.(*http.Transport).TLSClientConfig.RootCAs = client(t, a).Transport.(*http.Transport).TLSClientConfig.RootCAs
	if got := see(c, throughProxy(t, a, nil)); got.err == nil {
		t.Errorf("the vaults' root: answer %d, want no trust", got.status)
	}
}

// TestBindingTokenAtEntra sends the pod's token to Microsoft Entra itself.
func TestBindingTokenAtEntra(t *testing.T) {
	a := launch(t, inCluster)
	for id, want := range map[string]wantDenial{
		"99999999-0000-4000-8000-000000000001": {401, "invalid_client", 700211, "presented assertion issuer 'https://eastus.oic.prod-aks.azure.com/"},
		"88888888-0000-4000-8000-000000000001": {401, "invalid_client", 700212, "presented assertion audience 'api://AKSIdentityBinding'"},
	} {
		r := throughProxy(t, a, map[string]string{"client_id": id})
		r.URL.Path = strings.TrimPrefix(r.URL.Path, bindingPath)
		want.check(t, serve(a.Stores(), r))
	}
}

// TestBoundIdentity checks that a token through the proxy is the identity's.
func TestBoundIdentity(t *testing.T) {
	a := launch(t, inCluster)
	got := see(inPod(t, a), throughProxy(t, a, nil))
	_, token, _ := strings.Cut(got.body, `"access_token":"`)
	token, _, _ = strings.Cut(token, `"`)
	claims, err := a.issuer.verify(token)
	if err != nil || claims.AppID != "99999999-0000-4000-8000-000000000001" || claims.MIRID != "/subscriptions/s/bound" || claims.Audience != vaultAudience {
		t.Errorf("claims %+v, %v", claims, err)
	}
}
