package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvironment(t *testing.T) {
	inherited := []string{
		"AZLOCAL_PROBE=print", "KEPT=1", "OPENAI_KEY=replaced", "MSI_ENDPOINT=http://other/", "IDENTITY_ENDPOINT=http://other/", "IDENTITY_HEADER=other", "IDENTITY_SERVER_THUMBPRINT=x",
		"https_proxy=http://other/", "HTTP_PROXY=http://other/", "no_proxy=*", "ALL_PROXY=x", "SSL_CERT_DIR=/nowhere", "OBO_ENDPOINT=x", "IMDS_ENDPOINT=x",
	}
	got := azlocal(t, inherited, "emulate", example, "--env-from", "../testdata/deployment.yml", "--", os.Args[0])
	for _, want := range []string{
		"\"KEPT=1\"\n", "\"MSI_ENDPOINT=http://127.0.0.1:", "\"MSI_SECRET=", "\"HTTPS_PROXY=http://127.0.0.1:", "\"SSL_CERT_FILE=/", "\"AML_DEPLOYMENT_RESOURCE_ID=/subscriptions/",
		"\"AOAI_CONNECTION=${{azureml://connections/aoai_connection}}\"\n\"LANGCHAIN_CONNECTION=${{azureml://connections/multi_connection_langchain}}\"\n" +
			"\"OPENAI_KEY=${{azureml://connections/multi_connection_langchain/credentials/OPENAI_API_KEY}}\"\n",
		"\"USER_SECRET_KV1_KEY=${{keyvault:https://mykeyvault.vault.azure.net/secrets/secret1/secretversion1}}\"\n",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("environment lacks %s:\n%s", want, got.stdout)
		}
	}
	for _, no := range []string{"other", "replaced", "IDENTITY_SERVER_THUMBPRINT", "no_proxy", "ALL_PROXY", "SSL_CERT_DIR", "OBO_ENDPOINT", "IMDS_ENDPOINT"} {
		if strings.Contains(got.stdout, no) {
			t.Errorf("environment contains %s:\n%s", no, got.stdout)
		}
	}
}

func TestRequestsFile(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("needs curl")
	}
	file := filepath.Join(t.TempDir(), "requests")
	script := `curl -s "$MSI_ENDPOINT?resource=https://vault.azure.net" -H "secret: $MSI_SECRET"
		curl -s --cacert "$SSL_CERT_FILE" 'https://mykeyvault.vault.azure.net/secrets/secret1/?api-version=7.4&x=hunter2'`
	if got := azlocal(t, nil, "emulate", example, "--requests", file, "sh", "-c", script+"; exit 9"); got.status != 9 {
		t.Errorf("status %d, want 9: %s", got.status, got.stderr)
	}
	got, err := os.ReadFile(file)
	want := `token GET identity /MSI/auth 200
connect CONNECT mykeyvault.vault.azure.net 200
challenge GET mykeyvault.vault.azure.net /secrets/secret1/ 401
`
	if err != nil || string(got) != want {
		t.Errorf("requests file: %v\n%swant\n%s", err, got, want)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	azlocal(t, []string{"TMPDIR=" + dir}, "emulate", example, "true")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("the temporary directory contains %v, %v", left, err)
	}
}

// TestEnvironmentOfDeployment checks that a deployment's own network settings,
// in either letter case, do not lead away from the emulator.
func TestEnvironmentOfDeployment(t *testing.T) {
	file := write(t, "deployment.yml", `environment_variables:
  https_proxy: http://other/
  no_proxy: "*"
  HTTPS_PROXY: http://other/
  http_proxy: http://other/
  ALL_PROXY: http://other/
  Ssl_Cert_Dir: /other
  SSL_CERT_FILE: /other
  REQUESTS_CA_BUNDLE: /other
  curl_ca_bundle: /other
  MSI_SECRET: other
  A_PROXY: kept
`)
	got := azlocal(t, []string{"AZLOCAL_PROBE=print"}, "emulate", example, "--env-from", file, "--", os.Args[0])
	if strings.Contains(got.stdout, "other") || !strings.Contains(got.stdout, "\"A_PROXY=kept\"\n") || got.status != 0 {
		t.Errorf("environment:\n%s%s", got.stdout, got.stderr)
	}
	for _, name := range []string{"HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "MSI_SECRET"} {
		if n := strings.Count(strings.ToUpper(got.stdout), "\""+name+"="); n != 1 {
			t.Errorf("%d variables %s in\n%s", n, name, got.stdout)
		}
	}
}

// TestRequestsFileIsKept checks that a failure before COMMAND runs keeps an
// older log.
func TestRequestsFileIsKept(t *testing.T) {
	badAzure := write(t, "azure.yaml", "platform: nosuch\n")
	badJob := write(t, "job.yml", "name: x\n")
	for _, args := range []string{
		"emulate " + example + " --requests FILE nosuchprogram",
		"emulate " + badAzure + " --requests FILE true",
		"emulate " + example + " --requests FILE --env-from " + badJob + " true",
		"emulate " + example + " --requests FILE --nosuch true",
	} {
		file := write(t, "requests", "older\n")
		if got := azlocal(t, nil, strings.Fields(strings.ReplaceAll(args, "FILE", file))...); got.status < 125 {
			t.Errorf("azlocal %s = %+v", args, got)
		}
		if left, err := os.ReadFile(file); string(left) != "older\n" {
			t.Errorf("azlocal %s left %q, %v in the file", args, left, err)
		}
	}
}

// TestRequestsFileUnwritable checks that COMMAND does not run and that the
// emulator leaves nothing behind.
func TestRequestsFileUnwritable(t *testing.T) {
	dir := t.TempDir()
	got := azlocal(t, []string{"TMPDIR=" + dir}, "emulate", example, "--requests", "/nosuch/file", "echo", "run")
	if left, _ := os.ReadDir(dir); got.status != 125 || got.stdout != "" || len(left) != 0 {
		t.Errorf("azlocal = %+v, left %v", got, left)
	}
}
