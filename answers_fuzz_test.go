package main_test

import (
	"strings"
	"testing"

	"azinject/emulator"
)

// services are the services that return the answers: how a fault matches each,
// and a variable that makes azinject ask it.
var services = []struct{ match, reference string }{
	{"* identity/", secretS},
	{"GET kv1.vault.azure.net/", secretS},
	{"POST management.azure.com/", keyOfC},
	{"* management.azure.com/", "A=${{azureml://onlineEndpoints/c/credentials/accessToken}}"},
	{"POST acct.services.ai.azure.com/", keyInP},
	{"POST login.microsoftonline.com/", secretS},
	{"POST identity/", secretS}, // the token proxy of an identity binding
	{"GET kv1.vault.azure.net/", secretS + "#/a/0"},
	{"GET store1.azconfig.io/", keyK},
}

// FuzzAnswers gives azinject arbitrary answers from every service. It either
// starts the server or fails with a report. It stays within its limits of time
// and memory, and prints nothing secret.
func FuzzAnswers(f *testing.F) {
	for i := range services {
		f.Add(i, 200, "", []byte(`{"value":"canary-secret","id":"https://kv1.vault.azure.net/secrets/s/1"}`))
		f.Add(i, 200, "", []byte(`{"value":"{\"a\":[\"canary-secret\"]}","id":"https://kv1.vault.azure.net/secrets/s/1"}`))
		f.Add(i, 200, "", []byte(`{"key":"k","value":"{\"uri\":\"https://kv1.vault.azure.net/secrets/s\"}","content_type":"application/vnd.microsoft.appconfig.keyvaultref+json"}`))
		f.Add(i, 200, "", []byte(`{"access_token":"eyJ.e30.","expires_on":"1"}`))
		f.Add(i, 200, "", []byte("null"))
		f.Add(i, 200, "text/html", []byte("<html>canary-secret"))
		f.Add(i, 200, "", []byte(`{"name":"c","properties":{"authMode":"AADToken"},"credentials":{"type":"ApiKey","key":"canary-secret"}}`))
		f.Add(i, 401, "", []byte(`{"error":{"code":"PermissionDenied","message":"{sent}"}}`))
		f.Add(i, 401, `Bearer resource="https://management.azure.com"`, []byte(`{"error":{"code":"{sent}","message":"{sent}"}}`))
		f.Add(i, 403, "", []byte(`{"error":"e","error_description":"AADSTS50: {sent} canary","message":["{sent}"]}`))
		f.Add(i, 429, "300", []byte("{sent}"))
		f.Add(i, 204, "", []byte(nested(5_000)))
		f.Add(i, 302, "http://127.0.0.1:1/{sent}", []byte(""))
	}
	config, err := emulator.Parse([]byte(failureCase{yaml: oneSecret + oneKey + connection + project, identities: "identities: {machine: {}, app: {client_id: " + oid + ", client_secret: canary-secret-app}, " +
		"bound: {resource_id: " + identityID("bound") + ", binding: {subject: 'system:serviceaccount:shop:web'}}}\nattached: [machine, bound]\n"}.azure("appservice")))
	if err != nil {
		f.Fatal(err)
	}
	launcher(f) // built before the time for an input runs
	f.Fuzz(func(t *testing.T, service, status int, header string, body []byte) {
		s := services[uint(service)%uint(len(services))]
		fault := emulator.Fault{Match: s.match, Status: 200 + int(uint(status-200)%400), Body: string(body), Headers: map[string]string{}}
		if strings.IndexFunc(header, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
			fault.Headers = map[string]string{"Retry-After": header, "WWW-Authenticate": header, "Location": header, "Content-Type": header}
		}
		faulty := *config
		faulty.Faults = []emulator.Fault{fault}
		if strings.HasPrefix(s.match, "POST identity/") {
			faulty.Platform = "identity_binding"
		}
		azure, err := emulator.Start(&faulty)
		if err != nil {
			t.Skip(err) // the emulator does not accept such a fault
		}
		defer azure.Close()
		environ := append(azure.Environ(), s.reference, inW, inP, "AZINJECT_TIMEOUT=300ms")
		if strings.Contains(s.match, "login.") {
			environ = append(environ, "AZINJECT_CREDENTIAL=EnvironmentCredential", "AZURE_TENANT_ID=example.org", "AZURE_CLIENT_ID="+oid, "AZURE_CLIENT_SECRET=canary-secret-app")
		}
		checkAnswered(t, environ)
	})
}

// checkAnswered runs azinject against a service with an odd answer.
func checkAnswered(t *testing.T, environ []string) {
	t.Helper()
	status, output := runBounded(t, environ)
	started := status == 0 && output == "server started\n"
	failed := status == 125 && strings.HasPrefix(output, "azinject: error: ") && !strings.Contains(output, "server started")
	if !started && !failed {
		t.Errorf("exit status %d, %q", status, output)
	}
	sent := []string{tokenBeginning, "canary-secret-app"}
	for _, kv := range environ {
		if header, ok := strings.CutPrefix(kv, "IDENTITY_HEADER="); ok {
			sent = append(sent, header)
		}
	}
	for _, secret := range sent {
		if strings.Contains(output, secret) {
			t.Errorf("%q appears in %q", secret, output)
		}
	}
}
