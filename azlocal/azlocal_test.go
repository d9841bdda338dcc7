package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// binary is the azlocal under test; TestMain builds it.
var binary string

// TestMain makes this test a stand-in for COMMAND when azlocal runs it.
func TestMain(m *testing.M) {
	if role := os.Getenv("AZLOCAL_PROBE"); role != "" {
		probe(role)
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "azlocal-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "azlocal")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building azlocal: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// probe prints the signals it gets until one is SIGTERM and exits 7, or it
// prints its environment.
func probe(role string) {
	if role == "signal" {
		got := make(chan os.Signal, 8)
		signal.Notify(got, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
		fmt.Println("ready")
		for s := range got {
			fmt.Println(s)
			if s == syscall.SIGTERM {
				os.Exit(7)
			}
		}
	}
	for _, kv := range os.Environ() {
		fmt.Printf("%q\n", kv)
	}
	os.Exit(0)
}

// A result is what a run of azlocal left behind.
type result struct {
	status         int
	stdout, stderr string
}

// azlocal runs the binary with the environment given and PATH.
func azlocal(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), binary, args...)
	c.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environ...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const example = "../testdata/azure.yaml"

func TestStatusAndErrors(t *testing.T) {
	notExecutable := write(t, "script", "#!/bin/sh\n")
	badAzure := write(t, "azure.yaml", "platform: azureml\nidentitys: {}\n")
	badJob := write(t, "job.yml", "name: x\nenvironment_variables:\n  A: [1]\n")
	for name, c := range map[string]struct {
		args   string
		status int
		stderr string // begins so
	}{
		"true":              {"--emulate " + example + " true", 0, ""},
		"false":             {"--emulate " + example + " -- false", 1, ""},
		"status":            {"--emulate=" + example + " sh -c exit${IFS}42", 42, ""},
		"killed":            {"--emulate " + example + " -- sh -c kill${IFS}-9${IFS}$$", 137, ""},
		"not found":         {"--emulate " + example + " nosuchprogram", 127, "azlocal: error: nosuchprogram: executable file not found in $PATH\n"},
		"no such path":      {"--emulate " + example + " ./nosuchprogram", 127, "azlocal: error: ./nosuchprogram: stat ./nosuchprogram: no such file"},
		"not executable":    {"--emulate " + example + " " + notExecutable, 126, "azlocal: error: " + notExecutable + ": permission denied\n"},
		"directory":         {"--emulate " + example + " /", 126, "azlocal: error: /: "},
		"no option":         {"true", 125, "azlocal: error: --emulate is missing\nusage: "},
		"no command":        {"--emulate " + example, 125, "azlocal: error: COMMAND is missing\nusage: "},
		"unknown option":    {"--login -- true", 125, "azlocal: error: flag provided but not defined: -login\nusage: "},
		"no file":           {"--emulate nosuch.yaml true", 125, "azlocal: error: open nosuch.yaml: no such file"},
		"bad file":          {"--emulate " + badAzure + " true", 125, "azlocal: error: " + badAzure + ":2: unknown key \"identitys\"\n"},
		"no job":            {"--emulate " + example + " --env-from nosuch.yml true", 125, "azlocal: error: open nosuch.yml: no such file"},
		"bad job":           {"--emulate " + example + " --env-from " + badJob + " true", 125, "azlocal: error: " + badJob + ":3: A is not a single value"},
		"unwritable":        {"--emulate " + example + " --requests /nosuch/file true", 125, "azlocal: error: open /nosuch/file: no such file"},
		"option of command": {"--emulate " + example + " -- sh -c exit${IFS}$# x --emulate y", 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := azlocal(t, nil, strings.Fields(c.args)...)
			if got.status != c.status || !strings.HasPrefix(got.stderr, c.stderr) || c.stderr == "" && got.stderr != "" || got.stdout != "" {
				t.Errorf("azlocal %s = %+v, want status %d, stderr %q", c.args, got, c.status, c.stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	if got := azlocal(t, nil, "--help"); got != (result{0, usage, ""}) {
		t.Errorf("--help = %+v", got)
	}
	if strings.Contains(usage, "login") {
		t.Error("usage mentions an option that does not exist")
	}
}

func TestEnvironment(t *testing.T) {
	inherited := []string{
		"AZLOCAL_PROBE=print", "KEPT=1", "OPENAI_KEY=replaced", "MSI_ENDPOINT=http://other/", "IDENTITY_ENDPOINT=http://other/", "IDENTITY_HEADER=x",
		"https_proxy=http://other/", "HTTP_PROXY=http://other/", "no_proxy=*", "ALL_PROXY=x", "SSL_CERT_DIR=/nowhere", "OBO_ENDPOINT=x", "IMDS_ENDPOINT=x",
	}
	got := azlocal(t, inherited, "--emulate", example, "--env-from", "../testdata/deployment.yml", "--", os.Args[0])
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
	for _, no := range []string{"other", "replaced", "IDENTITY_", "no_proxy", "ALL_PROXY", "SSL_CERT_DIR", "OBO_ENDPOINT", "IMDS_ENDPOINT"} {
		if strings.Contains(got.stdout, no) {
			t.Errorf("environment has %s:\n%s", no, got.stdout)
		}
	}
}

func TestRequestsFile(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("no curl to make requests with")
	}
	file := filepath.Join(t.TempDir(), "requests")
	script := `curl -s "$MSI_ENDPOINT?resource=https://vault.azure.net" -H "secret: $MSI_SECRET"
		curl -s --cacert "$SSL_CERT_FILE" 'https://mykeyvault.vault.azure.net/secrets/secret1/?api-version=7.4&x=hunter2'`
	if got := azlocal(t, nil, "--emulate", example, "--requests", file, "sh", "-c", script+"; exit 9"); got.status != 9 {
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
	azlocal(t, []string{"TMPDIR=" + dir}, "--emulate", example, "true")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the temporary directory: %v %v", left, err)
	}
}
