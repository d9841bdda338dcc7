package identity

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const (
	guidA      = "aaaaaaaa-0000-4000-8000-00000000000a"
	guidB      = "BBBBBBBB-0000-4000-8000-00000000000B"
	guidC      = "cccccccc-0000-4000-8000-00000000000c"
	resourceID = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine"
)

// entra is the address of Microsoft Entra, as the SDK writes it.
const entra = "https://login.microsoftonline.com/"

// env is an environment.
type env map[string]string

func (e env) get(name string) string { return e[name] }

// with returns e with the variables of other.
func (e env) with(other env) env {
	both := maps.Clone(e)
	maps.Copy(both, other)
	return both
}

func TestSelect(t *testing.T) {
	tests := []struct {
		name     string
		env      env
		id       azidentity.ManagedIDKind
		variable string
	}{
		{"nothing", env{}, nil, ""},
		{"client ID", env{"AZINJECT_IDENTITY": guidA, "AZURE_CLIENT_ID": guidB}, azidentity.ClientID(guidA), "AZINJECT_IDENTITY"},
		{"resource ID", env{"AZINJECT_IDENTITY": resourceID}, azidentity.ResourceID(resourceID), "AZINJECT_IDENTITY"},
		{"resource ID in a group with letters of any script", env{"AZINJECT_IDENTITY": strings.Replace(resourceID, "/r/", "/größe-٣/", 1)}, azidentity.ResourceID(strings.Replace(resourceID, "/r/", "/größe-٣/", 1)), "AZINJECT_IDENTITY"},
		{"resource ID in lower case", env{"AZINJECT_IDENTITY": strings.ToLower(resourceID)}, azidentity.ResourceID(strings.ToLower(resourceID)), "AZINJECT_IDENTITY"},
		{"object ID", env{"AZINJECT_IDENTITY": "object:" + guidA}, azidentity.ObjectID(guidA), "AZINJECT_IDENTITY"},
		{"Azure SDK's variable", env{"AZURE_CLIENT_ID": guidB, "UAI_CLIENT_ID": guidA, "DEFAULT_IDENTITY_CLIENT_ID": guidC}, azidentity.ClientID(guidB), "AZURE_CLIENT_ID"},
		{"an application's with a secret", env{"AZURE_CLIENT_ID": guidB, "AZURE_CLIENT_SECRET": "x"}, nil, ""},
		{"an application's with a certificate", env{"AZURE_CLIENT_ID": guidB, "AZURE_CLIENT_CERTIFICATE_PATH": "/c", "DEFAULT_IDENTITY_CLIENT_ID": guidC}, azidentity.ClientID(guidC), "DEFAULT_IDENTITY_CLIENT_ID"},
		{"not a GUID", env{"AZURE_CLIENT_ID": "${{keyvault:https://kv1.vault.azure.net/secrets/s}}", "UAI_CLIENT_ID": guidA}, azidentity.ClientID(guidA), "UAI_CLIENT_ID"},
		{"Azure ML's default", env{"DEFAULT_IDENTITY_CLIENT_ID": guidC}, azidentity.ClientID(guidC), "DEFAULT_IDENTITY_CLIENT_ID"},
		{"compute instance without identity", env{"DEFAULT_IDENTITY_CLIENT_ID": "clientid"}, nil, ""},
	}
	for _, test := range tests {
		got, err := Select(test.env.get, entra)
		if err != nil || got.Kind != ManagedIdentity || got.KindVariable != "" || got.ID != test.id || got.Variable != test.variable {
			t.Errorf("%s: Select = %+v, %v, want %v from %q", test.name, got, err, test.id, test.variable)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for variable, values := range map[string][]string{
		"AZINJECT_IDENTITY": {"mine", "object:mine", "object:", "Object: " + guidA, guidA + "0", guidA[:35] + "g", guidA[:8] + "0" + guidA[9:],
			"/subscriptions/s/resourceGroups/r", "system",
			// These would be commands where the output of --plan is pasted.
			resourceID + "$(reboot)", resourceID + "\nrole: x", resourceID + "`reboot`", resourceID + "\u200b", resourceID + "\xff", resourceID + "/", strings.TrimRight(resourceID, "abcdefghijklmnopqrstuvwxyz")},
		"UAI_CLIENT_ID": {"uai_client_id_place_holder"},
	} {
		for _, value := range values {
			_, err := Select(env{variable: value}.get, entra)
			var failed *SelectionError
			if !errors.As(err, &failed) || failed.Variable != variable {
				t.Errorf("%s=%s: %v, want a SelectionError of that variable", variable, value, err)
			} else if len(value) > len("object:") && strings.Contains(err.Error(), value) {
				t.Errorf("%s: the error quotes the value: %v", variable, err)
			}
		}
	}
}

// TestSelectRefusesWrapped checks that a GUID with quotes or spaces around it,
// as docker run --env-file and YAML leave it, is an error in every variable
// that is used, and in no other.
func TestSelectRefusesWrapped(t *testing.T) {
	beside := map[string]env{
		"AZINJECT_IDENTITY":          {},
		"AZURE_CLIENT_ID":            {"UAI_CLIENT_ID": guidB, "DEFAULT_IDENTITY_CLIENT_ID": guidC},
		"UAI_CLIENT_ID":              {"DEFAULT_IDENTITY_CLIENT_ID": guidC},
		"DEFAULT_IDENTITY_CLIENT_ID": {},
	}
	for _, around := range []string{`"X"`, `'X'`, `"X`, "X'", " X", "X\n", "{X}", "“X”", "\u00a0X", "\ufeffX", "X\u200b", `{"X"}`, "X\xff"} {
		value := strings.ReplaceAll(around, "X", guidA)
		for variable, others := range beside {
			requireWrapped(t, variable, others.with(env{variable: value}))
		}
		requireWrapped(t, "AZURE_CLIENT_ID", workload.with(env{"AZURE_CLIENT_ID": value}))
		requireWrapped(t, "AZURE_TENANT_ID", workload.with(env{"AZURE_TENANT_ID": value}))
		requireWrapped(t, "AZURE_TENANT_ID", secret.with(env{"AZINJECT_CREDENTIAL": "EnvironmentCredential", "AZURE_TENANT_ID": value}))
		for _, e := range []env{
			secret.with(env{"AZURE_CLIENT_ID": value}), // names an application
			{"AZURE_CLIENT_ID": "https://" + value},    // is something else
			{"AZINJECT_IDENTITY": guidB, "AZURE_CLIENT_ID": value, "UAI_CLIENT_ID": value},
			{"AZURE_CLIENT_ID": guidB, "AZURE_TENANT_ID": value},
		} {
			if _, err := Select(e.get, entra); err != nil {
				t.Errorf("%q: Select: %v, want it ignored", around, err)
			}
		}
	}
}

func requireWrapped(t *testing.T, variable string, e env) {
	t.Helper()
	_, err := Select(e.get, entra)
	var failed *SelectionError
	if !errors.As(err, &failed) || failed.Variable != variable || !strings.Contains(err.Error(), "write the GUID without the quotes") || strings.Contains(err.Error(), guidA) {
		t.Errorf("%s=%q: %v, want an error that names the variable and says how to write it", variable, e[variable], err)
	}
}

var (
	workload = env{"AZURE_TENANT_ID": guidC, "AZURE_CLIENT_ID": guidA, "AZURE_FEDERATED_TOKEN_FILE": "/tokens/mine"}
	secret   = env{"AZURE_TENANT_ID": guidC, "AZURE_CLIENT_ID": guidA, "AZURE_CLIENT_SECRET": canary}
	job      = env{"OBO_ENDPOINT": "http://localhost:46809/OBO/token"}
)

// canary must not appear in any message.
const canary = "canary~secret"

func TestSelectKind(t *testing.T) {
	const ours, sdk = "AZINJECT_CREDENTIAL", "AZURE_TOKEN_CREDENTIALS"
	clientA, clientB := azidentity.ClientID(guidA), azidentity.ClientID(guidB)
	for _, test := range []struct {
		name         string
		env          env
		kind         Kind
		kindVariable string
		id           azidentity.ManagedIDKind
		variable     string
	}{
		{"managed identity", env{ours: "ManagedIdentityCredential"}, ManagedIdentity, ours, nil, ""},
		{"in any letter case", env{ours: "managedIDENTITYcredential"}, ManagedIdentity, ours, nil, ""},
		{"managed identity on a pod", workload.with(env{ours: "ManagedIdentityCredential"}), ManagedIdentity, ours, clientA, "AZURE_CLIENT_ID"},
		{"managed identity by resource ID on a pod", workload.with(env{ours: "ManagedIdentityCredential", Setting: resourceID}), ManagedIdentity, ours, azidentity.ResourceID(resourceID), Setting},
		{"pod", workload, WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", clientA, "AZURE_CLIENT_ID"},
		{"pod with a binding", workload.with(env{"AZURE_KUBERNETES_TOKEN_PROXY": "https://10.0.0.1"}), WorkloadIdentity, "AZURE_KUBERNETES_TOKEN_PROXY", clientA, "AZURE_CLIENT_ID"},
		{"pod with a binding in an SDK's environment", workload.with(env{sdk: "WorkloadIdentityCredential", "AZURE_KUBERNETES_TOKEN_PROXY": "https://10.0.0.1"}), WorkloadIdentity, sdk, clientA, "AZURE_CLIENT_ID"},
		{"managed identity beside a binding", env{ours: "ManagedIdentityCredential", "AZURE_KUBERNETES_TOKEN_PROXY": canary}, ManagedIdentity, ours, nil, ""},
		{"application beside a binding", secret.with(env{ours: "EnvironmentCredential", "AZURE_KUBERNETES_SNI_NAME": canary}), Environment, ours, clientA, "AZURE_CLIENT_ID"},
		{"pod of another client", workload.with(env{Setting: guidB}), WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", clientB, Setting},
		{"pod whose service account names no client", workload.with(env{"AZURE_CLIENT_ID": "", Setting: guidB}), WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", clientB, Setting},
		{"pod of a server with an application", workload.with(secret), WorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE", clientA, "AZURE_CLIENT_ID"},
		{"pod in an SDK's environment", workload.with(env{sdk: "WorkloadIdentityCredential"}), WorkloadIdentity, sdk, clientA, "AZURE_CLIENT_ID"},
		{"application", secret.with(env{ours: "EnvironmentCredential"}), Environment, ours, clientA, "AZURE_CLIENT_ID"},
		{"application of a domain", secret.with(env{ours: "EnvironmentCredential", "AZURE_TENANT_ID": "contoso.onmicrosoft.com"}), Environment, ours, clientA, "AZURE_CLIENT_ID"},
		{"application's user is ignored", secret.with(env{ours: "EnvironmentCredential", "AZURE_USERNAME": "me", "AZURE_PASSWORD": canary}), Environment, ours, clientA, "AZURE_CLIENT_ID"},
		{"application, not asked for", secret, ManagedIdentity, "", nil, ""},
		{"job", job.with(env{ours: "AzureMLOnBehalfOfCredential"}), OnBehalfOf, ours, nil, ""},
		{"job with another token provider", job.with(env{ours: "AzureMLOnBehalfOfCredential", "AZUREML_DATAPREP_TOKEN_PROVIDER": "other"}), OnBehalfOf, ours, nil, ""},
		{"job, not asked for", job, ManagedIdentity, "", nil, ""},
		{"az", env{ours: "AzureCLICredential"}, AzureCLI, ours, nil, ""},
		{"azd", env{sdk: "azuredeveloperclicredential"}, AzureDeveloperCLI, sdk, nil, ""},
		{"ours before the SDK's", env{ours: "AzureCLICredential", sdk: "nonsense"}, AzureCLI, ours, nil, ""},
		{"dev", workload.with(env{sdk: "dev"}), Developer, sdk, nil, ""},
		{"prod with an application", workload.with(secret).with(env{sdk: "Prod"}), Environment, sdk, clientA, "AZURE_CLIENT_ID"},
		{"prod with half an application", env{sdk: "prod", "AZURE_CLIENT_SECRET": canary, "AZURE_CLIENT_ID": guidA}, ManagedIdentity, sdk, nil, ""},
		{"prod with half a user", workload.with(env{sdk: "prod", "AZURE_USERNAME": "me"}), WorkloadIdentity, sdk, clientA, "AZURE_CLIENT_ID"},
		{"prod on a pod", workload.with(env{sdk: "prod"}), WorkloadIdentity, sdk, clientA, "AZURE_CLIENT_ID"},
		{"prod on a pod of another client", workload.with(env{sdk: "prod", "AZURE_CLIENT_ID": "", Setting: guidB}), WorkloadIdentity, sdk, clientB, Setting},
		{"prod on half a pod", workload.with(env{sdk: "prod", "AZURE_TENANT_ID": ""}), ManagedIdentity, sdk, clientA, "AZURE_CLIENT_ID"},
		{"prod elsewhere", env{sdk: "prod", "UAI_CLIENT_ID": guidB}, ManagedIdentity, sdk, clientB, "UAI_CLIENT_ID"},
	} {
		got, err := Select(test.env.get, entra)
		if err != nil || got.Kind != test.kind || got.KindVariable != test.kindVariable || got.ID != test.id || got.Variable != test.variable {
			t.Errorf("%s: Select = %v from %q, %v from %q, %v; want %v from %q, %v from %q", test.name,
				got.Kind, got.KindVariable, got.ID, got.Variable, err, test.kind, test.kindVariable, test.id, test.variable)
		}
		for _, format := range []string{"%v", "%+v", "%#v"} {
			if text := fmt.Sprintf(format, got); strings.Contains(text, canary) {
				t.Errorf("%s: the selection prints its secret: %s", test.name, text)
			}
		}
	}
}

func TestSelectRefusesCredentials(t *testing.T) {
	byName := func(kind string) env { return env{"AZINJECT_CREDENTIAL": kind} }
	application := secret.with(byName("EnvironmentCredential"))
	onBehalf := job.with(byName("AzureMLOnBehalfOfCredential"))
	const reference = "${{keyvault:https://kv1.vault.azure.net/secrets/canary~secret}}"
	for _, test := range []struct {
		name     string
		env      env
		variable string
		says     string
	}{
		{"no such credential", byName(canary), "AZINJECT_CREDENTIAL", "AzureMLOnBehalfOfCredential"},
		{"a word only for the SDK's variable", byName("prod"), "AZINJECT_CREDENTIAL", "ManagedIdentityCredential"},
		{"two tools, by their name in messages", byName(Developer.String()), "AZINJECT_CREDENTIAL", "ManagedIdentityCredential"},
		{"no such credential in the SDK", env{"AZURE_TOKEN_CREDENTIALS": canary}, "AZURE_TOKEN_CREDENTIALS", "dev, prod"},
		{"PowerShell", env{"AZURE_TOKEN_CREDENTIALS": "AzurePowerShellCredential"}, "AZURE_TOKEN_CREDENTIALS", "AZINJECT_CREDENTIAL"},
		{"a bad ID on a pod", workload.with(env{Setting: canary}), Setting, "client ID"},
		{"a resource ID on a pod", workload.with(env{Setting: resourceID}), Setting, "takes a client ID only"},
		{"an object ID on a pod", workload.with(env{Setting: "object:" + guidB}), Setting, "ManagedIdentityCredential"},
		{"an ID for an application", application.with(env{Setting: guidB}), Setting, "no meaning for EnvironmentCredential"},
		{"an ID for a job's user", onBehalf.with(env{Setting: guidB}), Setting, "no meaning"},
		{"an ID for az", byName("AzureCLICredential").with(env{Setting: guidB}), Setting, "no meaning"},
		{"an ID for dev", env{"AZURE_TOKEN_CREDENTIALS": "dev", Setting: guidB}, Setting, "no meaning"},
		{"a pod without a client", workload.with(env{"AZURE_CLIENT_ID": ""}), "AZURE_CLIENT_ID", "azure.workload.identity/client-id"},
		{"a pod without a tenant", workload.with(env{"AZURE_TENANT_ID": ""}), "AZURE_TENANT_ID", "azure.workload.identity/use"},
		{"a pod without a token", workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": ""}).with(byName("WorkloadIdentityCredential")), "AZURE_FEDERATED_TOKEN_FILE", "azure.workload.identity/use"},
		{"a pod with a token in place of its file", workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": canary}), "AZURE_FEDERATED_TOKEN_FILE", "the path of a file"},
		{"a pod with a file of several lines", workload.with(env{"AZURE_FEDERATED_TOKEN_FILE": "/tokens/\n" + canary}), "AZURE_FEDERATED_TOKEN_FILE", "the path of a file"},
		{"a pod with a reference for a client", workload.with(env{"AZURE_CLIENT_ID": reference}), "AZURE_CLIENT_ID", "a GUID"},
		{"a pod with a reference for a tenant", workload.with(env{"AZURE_TENANT_ID": reference}), "AZURE_TENANT_ID", "tenant"},
		{"any tenant", workload.with(env{"AZURE_TENANT_ID": "organizations"}), "AZURE_TENANT_ID", "tenant"},
		{"a tenant that leads elsewhere", workload.with(env{"AZURE_TENANT_ID": "../" + canary}), "AZURE_TENANT_ID", "tenant"},
		{"dots", workload.with(env{"AZURE_TENANT_ID": ".."}), "AZURE_TENANT_ID", "tenant"},
		{"an authority without TLS", workload.with(env{"AZURE_AUTHORITY_HOST": "http://" + canary}), "AZURE_AUTHORITY_HOST", "https"},
		{"an authority without a scheme", workload.with(env{"AZURE_AUTHORITY_HOST": "login.microsoftonline.com"}), "AZURE_AUTHORITY_HOST", "https"},
		{"an authority without a host", workload.with(env{"AZURE_AUTHORITY_HOST": "https:///" + canary}), "AZURE_AUTHORITY_HOST", "https"},
		{"an authority with a user", workload.with(env{"AZURE_AUTHORITY_HOST": "https://" + canary + "@h/"}), "AZURE_AUTHORITY_HOST", "https"},
		{"an authority with a query", workload.with(env{"AZURE_AUTHORITY_HOST": "https://h/?" + canary}), "AZURE_AUTHORITY_HOST", "https"},
		{"no proof", application.with(env{"AZURE_CLIENT_SECRET": ""}), "AZURE_CLIENT_SECRET", "needs AZURE_TENANT_ID"},
		{"a secret without a client", application.with(env{"AZURE_CLIENT_ID": ""}), "AZURE_CLIENT_ID", "EnvironmentCredential needs"},
		{"a secret without a tenant", application.with(env{"AZURE_TENANT_ID": ""}), "AZURE_TENANT_ID", "EnvironmentCredential needs"},
		{"a password", application.with(env{"AZURE_CLIENT_SECRET": "", "AZURE_USERNAME": canary, "AZURE_PASSWORD": canary}), "AZURE_USERNAME", "user's name and password"},
		{"prod with a password", workload.with(env{"AZURE_TOKEN_CREDENTIALS": "prod", "AZURE_USERNAME": canary, "AZURE_PASSWORD": canary}), "AZURE_USERNAME", "user's name and password"},
		{"prod with a certificate", application.with(env{"AZINJECT_CREDENTIAL": "", "AZURE_TOKEN_CREDENTIALS": "prod", "AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": "/" + canary}), "AZURE_CLIENT_CERTIFICATE_PATH", "does not sign in with a certificate"},
		{"a certificate", application.with(env{"AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": "/" + canary}), "AZURE_CLIENT_CERTIFICATE_PATH", "does not sign in with a certificate"},
		{"no job", byName("AzureMLOnBehalfOfCredential"), "OBO_ENDPOINT", "identity: {type: user_identity}"},
		{"a job of Spark", onBehalf.with(env{"AZUREML_DATAPREP_TOKEN_PROVIDER": "sparkobo"}), "AZUREML_DATAPREP_TOKEN_PROVIDER", "Spark"},
		{"an endpoint that is not an address", onBehalf.with(env{"OBO_ENDPOINT": "localhost:46809/" + canary}), "OBO_ENDPOINT", "address"},
		{"an endpoint that cannot be parsed", onBehalf.with(env{"OBO_ENDPOINT": "http://h:1 /" + canary}), "OBO_ENDPOINT", "address"},
	} {
		got, err := Select(test.env.get, entra)
		var failed *SelectionError
		if !errors.As(err, &failed) || failed.Variable != test.variable || !strings.Contains(err.Error(), test.says) || got != (Selection{}) {
			t.Errorf("%s: Select = %+v, %v; want a SelectionError of %s that contains %q", test.name, got, err, test.variable, test.says)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error quotes the value: %v", test.name, err)
		}
	}
}

func TestParseKind(t *testing.T) {
	for k := ManagedIdentity; k < Developer; k++ {
		if got, err := ParseKind(strings.ToUpper(k.String())); err != nil || got != k {
			t.Errorf("ParseKind(%q) = %v, %v", k, got, err)
		}
	}
	for _, name := range []string{"", "dev", "AzurePowerShellCredential", " AzureCLICredential", Developer.String()} {
		if got, err := ParseKind(name); err == nil {
			t.Errorf("ParseKind(%q) = %v, want an error", name, got)
		}
	}
}

func TestSelectAuthority(t *testing.T) {
	for _, test := range []struct {
		env  env
		want string
	}{
		{env{}, "https://login.microsoftonline.com"},
		{env{"AZURE_AUTHORITY_HOST": "https://login.example//"}, "https://login.example"},
		{env{"AZURE_AUTHORITY_HOST": "https://sts.stack.example:8443/entra/"}, "https://sts.stack.example:8443/entra"},
	} {
		got, err := Select(workload.with(test.env).get, entra)
		if err != nil || got.application.authority != test.want {
			t.Errorf("%v: Select: %v, or an authority other than %s", test.env, err, test.want)
		}
	}
}
