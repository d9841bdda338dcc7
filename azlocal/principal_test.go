package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	principalID     = "aaaaaaaa-0000-4000-8000-00000000000a"
	principalTenant = "bbbbbbbb-0000-4000-8000-00000000000b"
	principalSecret = "hunter2~secret"
	entraHost       = "login.microsoftonline.com"
	chinaHost       = "login.chinacloudapi.cn"
)

// startEntra starts a stand-in for Microsoft Entra in two clouds, behind a
// corporate proxy that re-signs TLS. It returns the variables that lead a
// program there.
func startEntra(t *testing.T) []string {
	t.Helper()
	if runtime.GOOS == "darwin" {
		t.Skip("Go does not read SSL_CERT_FILE here")
	}
	certificate, file := certify(t, entraHost, chinaHost)
	entra := httptest.NewUnstartedServer(http.HandlerFunc(answerAsEntra))
	entra.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	entra.EnableHTTP2 = true
	entra.StartTLS()
	t.Cleanup(entra.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != entraHost+":443" && r.Host != chinaHost+":443" {
			http.Error(w, "no way to "+r.Host, http.StatusForbidden)
			return
		}
		tunnel(w, entra.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	return []string{"HTTPS_PROXY=" + proxy.URL, "SSL_CERT_FILE=" + file}
}

// answerAsEntra acts as Microsoft Entra with one service principal:
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
func answerAsEntra(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	tenant := "https://" + r.Host + "/" + principalTenant
	switch r.URL.Path {
	case "/common/discovery/instance":
		fmt.Fprintf(w, `{"tenant_discovery_endpoint":"%s/v2.0/.well-known/openid-configuration","metadata":[{"preferred_network":"%[2]s","preferred_cache":"%[2]s","aliases":["%[2]s"]}]}`, tenant, r.Host)
	case "/" + principalTenant + "/v2.0/.well-known/openid-configuration":
		fmt.Fprintf(w, `{"token_endpoint":"%[1]s/oauth2/v2.0/token","authorization_endpoint":"%[1]s/oauth2/v2.0/authorize","issuer":"%[1]s/v2.0"}`, tenant)
	case "/" + principalTenant + "/oauth2/v2.0/token":
		if r.PostFormValue("client_id") != principalID || r.PostFormValue("client_secret") != principalSecret {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided, %s. Trace ID: x\r\nTimestamp: y","error_codes":[7000215]}`, r.PostFormValue("client_secret"))
			return
		}
		fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3599,"access_token":"%s: token for %s"}`, r.Host, strings.Fields(r.PostFormValue("scope"))[0])
	default:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintf(w, `{"error":"not_found","error_description":"%s"}`, r.URL.Path)
	}
}

// tunnel connects the client to the address.
func tunnel(w http.ResponseWriter, address string) {
	to, err := net.Dial("tcp", address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		to.Close()
		return
	}
	fmt.Fprint(from, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { io.Copy(to, from); to.Close() }()
	go func() { io.Copy(from, to); from.Close() }()
}

// certify makes a self-signed certificate for the hosts and a file of roots
// that contains it.
func certify(t *testing.T, hosts ...string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: hosts, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, "roots.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// TestPrincipal signs in with a service principal through the developer's
// proxy, as CI does. It checks that az is not asked and that the SDK logs
// nothing.
func TestPrincipal(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	environ := append(startEntra(t), "AZURE_TENANT_ID="+principalTenant, "AZURE_CLIENT_ID="+principalID, "AZURE_CLIENT_SECRET="+principalSecret)
	got := m.azlocal(t, append(environ, "AZLOCAL_SCOPES="+vaultScope))
	if !strings.HasPrefix(got.stdout, vaultScope+" "+entraHost+": token for https://vault.azure.net/.default ") || got.stderr != "" {
		t.Errorf("azlocal = %+v", got)
	}
	got = m.azlocal(t, append(environ, "AZLOCAL_PROBE=print", "AZURE_SDK_GO_LOGGING=all", "GODEBUG=http2debug=2"))
	if got.status != 0 || got.stderr != "" || strings.Contains(got.stdout, principalID) || strings.Contains(got.stdout, principalSecret) {
		t.Errorf("azlocal = %+v", got)
	}
	if m.called(t) != "" {
		t.Errorf("called:\n%s", m.called(t))
	}
}

func TestPrincipalRefused(t *testing.T) {
	const hint = "\nazlocal: hint: correct AZURE_TENANT_ID, AZURE_CLIENT_ID and the secret or certificate, or unset them and run: az login\n"
	const who = "azlocal: error: not signed in to Azure: the service principal in AZURE_CLIENT_ID: "
	m := install(t, map[string]string{"az": azSigned})
	entra := append(startEntra(t), "AZURE_TENANT_ID="+principalTenant, "AZURE_CLIENT_ID="+principalID)
	for name, c := range map[string]struct{ variable, want string }{
		"secret":         {"AZURE_CLIENT_SECRET=wrong~secret", "AADSTS7000215: Invalid client secret provided, …. Trace ID: x Timestamp: y" + hint},
		"no certificate": {"AZURE_CLIENT_CERTIFICATE_PATH=/nosuch", `failed to read certificate file "/nosuch": open /nosuch: no such file or directory` + hint},
	} {
		got := m.azlocal(t, append(entra, c.variable, "AZLOCAL_PROBE=print"))
		if got != (result{125, "", who + c.want}) {
			t.Errorf("%s: azlocal = %+v", name, got)
		}
	}
	if m.called(t) != "" {
		t.Errorf("called:\n%s", m.called(t))
	}
}

// TestPrincipalIncomplete signs in with az: variables without a secret belong
// to azure/login in GitHub Actions or to a user-assigned identity.
func TestPrincipalIncomplete(t *testing.T) {
	for _, variables := range []string{
		"AZURE_CLIENT_ID AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_SECRET AZURE_TENANT_ID", "AZURE_CLIENT_CERTIFICATE_PATH AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_ID AZURE_TENANT_ID",
	} {
		m := install(t, map[string]string{"az": azSigned})
		environ := []string{"AZLOCAL_SCOPES=" + vaultScope}
		for name := range strings.FieldsSeq(variables) {
			environ = append(environ, name+"=x")
		}
		if got := m.azlocal(t, environ); !strings.HasPrefix(got.stdout, vaultScope+" "+azToken) || got.status != 0 {
			t.Errorf("with %s: azlocal = %+v", variables, got)
		}
	}
}

// TestPrincipalCloud checks that the authority is the cloud's, unless the
// environment names one.
func TestPrincipalCloud(t *testing.T) {
	const scope = "https://vault.azure.cn/.default"
	m := install(t, nil)
	environ := append(startEntra(t), "AZURE_TENANT_ID="+principalTenant, "AZURE_CLIENT_ID="+principalID, "AZURE_CLIENT_SECRET="+principalSecret, "AZUREML_CURRENT_CLOUD=AzureChinaCloud", "AZLOCAL_SCOPES="+scope)
	for authority, want := range map[string]string{"": chinaHost, "https://" + entraHost + "/": entraHost} {
		got := m.azlocal(t, append(environ, "AZURE_AUTHORITY_HOST="+authority))
		if !strings.HasPrefix(got.stdout, scope+" "+want+": token for "+scope) || got.stderr != "" {
			t.Errorf("authority %q: azlocal = %+v", authority, got)
		}
	}
}
