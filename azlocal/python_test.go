package main

import (
	"os/exec"
	"slices"
	"testing"
)

// python is the interpreter with Debian's python3-azure.
const python = "/usr/bin/python3"

// pythonProgram reads a secret as every Azure tutorial does.
const pythonProgram = `
import sys
from azure.core.exceptions import ResourceNotFoundError
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

client_id = sys.argv[1] or None
for credential in (ManagedIdentityCredential(client_id=client_id), DefaultAzureCredential(managed_identity_client_id=client_id)):
    client = SecretClient("https://mykeyvault.vault.azure.net", credential)
    secret = client.get_secret("db")
    print(secret.value, secret.properties.version, secret.properties.enabled)
    try:
        client.get_secret("nope")
    except ResourceNotFoundError as e:
        print(e.status_code, e.error.code)
`

// pythonAzure writes the emulated Azure for pythonProgram.
func pythonAzure(t *testing.T, platform string) string {
	t.Helper()
	if out, err := exec.Command(python, "-c", "import azure.keyvault.secrets, azure.identity").CombinedOutput(); err != nil {
		t.Skipf("needs the Azure SDK for Python, as in apt-get install python3-azure: %v\n%s", err, out)
	}
	return write(t, "azure.yaml", "platform: "+platform+`
identities: {me: {client_id: `+pythonClientID+`, resource_id: /subscriptions/s/uai}}
vaults: {mykeyvault: {secrets: {db: {versions: [{version: v1, value: s3cr3t}]}}}}
`)
}

const (
	pythonClientID = "aaaaaaaa-0000-4000-8000-000000000001"
	pythonOutput   = "s3cr3t v1 True\n404 SecretNotFound\ns3cr3t v1 True\n404 SecretNotFound\n"
)

// TestPythonSDK checks the emulator with an independent client, on the platforms
// that it knows. On some of them no identity can be selected.
func TestPythonSDK(t *testing.T) {
	for platform, clientID := range map[string]string{
		"appservice": pythonClientID, "foundry_agent": pythonClientID,
		"azureml": pythonClientID, "azureml_cluster": pythonClientID, "azureml_serverless": pythonClientID, "azureml_instance": pythonClientID, "azureml_kubernetes": "",
		"cloudshell": "", "servicefabric": "",
	} {
		t.Run(platform, func(t *testing.T) {
			got := azlocal(t, nil, "emulate", pythonAzure(t, platform), "--", python, "-c", pythonProgram, clientID)
			if got.status != 0 || got.stdout != pythonOutput {
				t.Errorf("status %d, output %q, want %q\n%s", got.status, got.stdout, pythonOutput, got.stderr)
			}
		})
	}
}

// TestPythonLogin checks the endpoint of login with the same client. az gets
// its tokens from the Cloud Shell that it runs in.
func TestPythonLogin(t *testing.T) {
	m := install(t, map[string]string{"az": azAsPerson})
	environ := []string{"PATH=" + m.bin + ":/usr/bin:/bin"}
	got := azlocal(t, environ, "emulate", pythonAzure(t, "cloudshell"), "--", binary, "login", "--", python, "-c", pythonProgram, pythonClientID)
	if got != (result{0, pythonOutput, ""}) {
		t.Errorf("azlocal = %+v, want %q", got, pythonOutput)
	}
}

// TestPythonOnMachines checks platforms with an address or a directory of the
// machine in namespaces, the only place where these are free.
func TestPythonOnMachines(t *testing.T) {
	const namespace = `ip link set lo up && ip address add 169.254.169.254/32 dev lo && mkdir -p /var/opt && mount -t tmpfs tmpfs /var/opt && exec "$@"`
	unshare := []string{"--user", "--map-root-user", "--net", "--mount", "sh", "-c", namespace, "sh"}
	if out, err := exec.Command("unshare", append(unshare, "true")...).CombinedOutput(); err != nil {
		t.Skipf("needs unshare(1), ip(8) and unprivileged network namespaces: %v\n%s", err, out)
	}
	for platform, clientID := range map[string]string{"imds": pythonClientID, "container_instances": pythonClientID, "arc": ""} {
		args := append(slices.Clip(unshare), binary, "emulate", pythonAzure(t, platform), "--", python, "-c", pythonProgram, clientID)
		out, err := exec.CommandContext(t.Context(), "unshare", args...).CombinedOutput()
		if err != nil || string(out) != pythonOutput {
			t.Errorf("%s: output %q, %v, want %q", platform, out, err, pythonOutput)
		}
	}
}

// pythonConfiguration reads keys of App Configuration.
const pythonConfiguration = `
import sys
from azure.appconfiguration import AzureAppConfigurationClient, SecretReferenceConfigurationSetting
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.identity import ManagedIdentityCredential

credential = ManagedIdentityCredential(client_id=sys.argv[1])
client = AzureAppConfigurationClient("https://myconfig.azconfig.io", credential)
print(client.get_configuration_setting(key="app1:color").value)
print(client.get_configuration_setting(key="a/b", label="west 1").value)
secret = client.get_configuration_setting(key="secret")
print(isinstance(secret, SecretReferenceConfigurationSetting), secret.secret_id)
try:
    client.get_configuration_setting(key="app1:color", label="prod")
except ResourceNotFoundError as e:
    print(e.status_code)
try:
    AzureAppConfigurationClient("https://shut.azconfig.io", credential).get_configuration_setting(key="k")
except (HttpResponseError, KeyError) as e: # old versions do not expect this status
    print(getattr(e, "status_code", e.args[0]))
`

// TestPythonConfiguration checks App Configuration with an independent client.
func TestPythonConfiguration(t *testing.T) {
	if out, err := exec.Command(python, "-c", "import azure.appconfiguration, azure.identity").CombinedOutput(); err != nil {
		t.Skipf("needs the Azure SDK for Python, as in apt-get install python3-azure: %v\n%s", err, out)
	}
	file := write(t, "azure.yaml", `
identities: {me: {client_id: `+pythonClientID+`, resource_id: /subscriptions/s/uai}}
app_configurations:
  myconfig:
    keys:
      app1:color: red
      a/b: [{label: west 1, value: odd}]
      secret: [{value: '{"uri":"https://kv1.vault.azure.net/secrets/s"}', content_type: application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8}]
  shut: {readers: [], keys: {k: x}}
`)
	got := azlocal(t, nil, "emulate", file, "--", python, "-c", pythonConfiguration, pythonClientID)
	const want = "red\nodd\nTrue https://kv1.vault.azure.net/secrets/s\n404\n403\n"
	if got.status != 0 || got.stdout != want {
		t.Errorf("status %d, output %q, want %q\n%s", got.status, got.stdout, want, got.stderr)
	}
}
