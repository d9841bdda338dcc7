package main

import (
	"slices"
	"strings"
	"testing"
)

func TestMerge(t *testing.T) {
	got := merge([]string{"A=1", "odd", "=C:=x", "B=2"}, []string{"A=3", "C=4"}, []string{"HTTPS_PROXY=p", "C=5"})
	if want := []string{"odd", "=C:=x", "B=2", "A=3", "HTTPS_PROXY=p", "C=5"}; !slices.Equal(got, want) {
		t.Errorf("merge = %q, want %q", got, want)
	}
}

func TestWithout(t *testing.T) {
	environ := []string{
		"A=1", "Http_Proxy=x", "odd", "=C:=x", "MSI_X=y", "identity_endpoint=x", "IMDS_ENDPOINT=x", "AZURE_CLIENT_ID=x", "azure_client_secret=x",
		"AZURE_TENANT_ID=x", "AZURE_USERNAME=x", "AZURE_PASSWORD=x", "AZURE_FEDERATED_TOKEN_FILE=x", "AZURE_TOKEN_CREDENTIALS=x",
		"AZURE_KUBERNETES_TOKEN_PROXY=x",
		"AZINJECT_CREDENTIAL=x", "AZINJECT_IDENTITY=x", "AZURE_CONFIG_DIR=x", "SSL_CERT_DIR=x", "XMSI_X=y", "PROXY=x",
	}
	for name, c := range map[string]struct {
		is   func(string) bool
		gone []string
	}{
		"identity": {ofIdentity, []string{"MSI_X", "identity_endpoint", "IMDS_ENDPOINT"}},
		"network":  {ofNetwork, []string{"Http_Proxy", "SSL_CERT_DIR"}},
		"sign-in": {ofSignIn, []string{
			"AZURE_CLIENT_ID", "azure_client_secret", "AZURE_USERNAME", "AZURE_PASSWORD", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TOKEN_CREDENTIALS", "AZURE_KUBERNETES_TOKEN_PROXY",
			"AZINJECT_CREDENTIAL",
		}},
		"credential": {ofCredential, []string{"AZURE_FEDERATED_TOKEN_FILE", "AZURE_TOKEN_CREDENTIALS", "AZURE_KUBERNETES_TOKEN_PROXY"}},
	} {
		got := without(environ, c.is)
		want := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool { return slices.Contains(c.gone, nameOf(kv)) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: without = %q, want %q", name, got, want)
		}
	}
}

func TestValueOf(t *testing.T) {
	type result struct {
		value string
		found bool
	}
	environ := []string{"A=1", "AB=2", "odd", "A=3=4", "E="}
	for name, want := range map[string]result{"A": {"3=4", true}, "AB": {"2", true}, "E": {"", true}, "odd": {}, "B": {}, "A=3": {}} {
		value, found := valueOf(environ, name)
		if got := (result{value, found}); got != want {
			t.Errorf("valueOf(%q) = %+v, want %+v", name, got, want)
		}
	}
}

func TestLoginEnvironment(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	file := write(t, "deployment.yml", "environment_variables: {AZURE_CLIENT_ID: declared, AZINJECT_CREDENTIAL: declared, https_proxy: declared, KEPT: declared}")
	inherited := []string{
		"AZLOCAL_PROBE=print", "HTTPS_PROXY=mine", "NO_PROXY=mine", "SSL_CERT_FILE=mine", "AZURE_TENANT_ID=mine", "KEPT=mine", "AZINJECT_WORKSPACE=mine",
		"IDENTITY_ENDPOINT=other", "IDENTITY_HEADER=other", "IDENTITY_SERVER_THUMBPRINT=other", "MSI_ENDPOINT=other", "MSI_SECRET=other", "IMDS_ENDPOINT=other",
		"AZURE_CLIENT_SECRET=other", "AZURE_CLIENT_CERTIFICATE_PASSWORD=other", "AZURE_FEDERATED_TOKEN_FILE=other", "AZURE_TOKEN_CREDENTIALS=other",
		"AZINJECT_CREDENTIAL=other", "AZURE_CLIENT_ID=", "AZURE_PASSWORD=other",
	}
	got := m.azlocal(t, inherited, "--env-from", file)
	for _, want := range []string{
		"HTTPS_PROXY=mine", "NO_PROXY=mine", "SSL_CERT_FILE=mine", "AZURE_TENANT_ID=mine", "AZINJECT_WORKSPACE=mine",
		"AZURE_CLIENT_ID=declared", "https_proxy=declared", "KEPT=declared",
	} {
		if !strings.Contains(got.stdout, "\""+want+"\"\n") {
			t.Errorf("environment lacks %s:\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout, "other") || got.status != 0 || got.stderr != "" {
		t.Errorf("azlocal = %+v", got)
	}
	if !strings.Contains(got.stdout, "\"IDENTITY_ENDPOINT=http://127.0.0.1:") || strings.Count(got.stdout, "IDENTITY_HEADER=") != 1 {
		t.Errorf("environment:\n%s", got.stdout)
	}
}
