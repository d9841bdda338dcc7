package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"azinject/identity"
	"azinject/report"
)

// surroundings are the variables that azinject reads besides its settings, and
// one that contains a reference.
var surroundings = []string{
	cloudSetting, "AML_DEPLOYMENT_RESOURCE_ID", "AZUREML_ARM_SUBSCRIPTION", "HTTPS_PROXY", "https_proxy", "AZURE_TOKEN_CREDENTIALS",
	"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_USERNAME", "AZURE_FEDERATED_TOKEN_FILE",
	"AZURE_AUTHORITY_HOST", "UAI_CLIENT_ID", "DEFAULT_IDENTITY_CLIENT_ID", "OBO_ENDPOINT", "AZUREML_DATAPREP_TOKEN_PROVIDER", "A",
}

var credentials = []string{"", "ManagedIdentityCredential", "WorkloadIdentityCredential", "AzureMLOnBehalfOfCredential", "EnvironmentCredential", "AzureCLICredential"}

// FuzzSettings checks that no value of a variable crashes the parsers, that a
// mistake is reported without the value, and that an accepted value is within
// its bounds.
func FuzzSettings(f *testing.F) {
	names := slices.Concat(settingNames(), surroundings)
	for i, values := range [][]string{
		{"2m"}, {"azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/g/workspaces/w", "/subscriptions/"}, {"object:", "/subscriptions/"}, {"AzureCLICredential"},
		{"0", "24h"}, {"A,B", ","}, {"MSI_SECRET", "A=,"}, {"vault.example, .stack.example", ".com"}, {"info"}, {"json"}, {"AzureChinaCloud"},
	} {
		for _, value := range values {
			f.Add(byte(i), byte(0), value, "")
		}
	}
	for i := range names {
		f.Add(byte(i), byte(i), "https://u:", "@h\n")
	}
	f.Add(byte(len(names)-1), byte(0), "keyvault:https://kv1.vault.azure.net/secrets/", "!")
	f.Fuzz(func(t *testing.T, which, credential byte, before, after string) {
		name := names[int(which)%len(names)]
		others := []string{"B=keyvault:https://kv1.vault.azure.net/secrets/s", identity.CredentialSetting + "=" + credentials[int(credential)%len(credentials)]}

		const canary = "hunter2"
		environ := append([]string{name + "=" + before + canary + after}, others...)
		if _, err := readEnviron(environ, false); err != nil && strings.Contains(report.New(environ, err, "").String(), canary) {
			t.Fatalf("%q: the report quotes the value:\n%s", environ, report.New(environ, err, ""))
		}

		environ = append([]string{name + "=" + before + after}, others...)
		s, mistakes := parseSettings(environ)
		if mistakes == nil && (s.Timeout <= 0 || s.Timeout > maxDuration || s.WaitForAccess < 0 || s.WaitForAccess > maxDuration) {
			t.Fatalf("%q: out of bounds: %+v", environ, s)
		}
		for _, host := range s.AllowedVaultHosts {
			if domain := strings.TrimPrefix(host, "."); !strings.Contains(domain, ".") || strings.Trim(domain, ".") != domain || strings.ContainsAny(domain, "/:@*") {
				t.Fatalf("%q: allows tokens for %q", environ, host)
			}
		}
		if again, more := parseSettings(append(environ, name+"="+canary)); !reflect.DeepEqual(again, s) || len(more) != len(mistakes) {
			t.Fatalf("%q: the second of two entries counts", environ)
		}
		for _, kv := range s.serverEnviron(environ) {
			if strings.HasPrefix(kv, prefix) || !slices.Contains(environ, kv) {
				t.Fatalf("%q: the server gets %q", environ, kv)
			}
		}
	})
}
