package main_test

import (
	"encoding/json"
	"os"
	osexec "os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"azinject/emulator"
)

const (
	cliSubscription = "/subscriptions/00000000-1111-2222-3333-444444444444"
	cliWorkspace    = cliSubscription + "/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w1x"
	cliIdentities   = cliSubscription + "/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
	cliProject      = "https://acct.services.ai.azure.com/api/projects/proj"
	cliAdmin        = "aaaaaaaa-0000-4000-8000-0000000000ad"
	cliPod          = "aaaaaaaa-0000-4000-8000-0000000000bd"
	cliOther        = "aaaaaaaa-0000-4000-8000-00000000000e"
	cliApp          = "aaaaaaaa-0000-4000-8000-00000000000a"
)

// cliAzure is a cluster with a pod that may read nothing, and an administrator's
// application and a person who may mend that.
const cliAzure = `
platform: workload_identity
attached: [pod, person]
identities:
  pod: {object_id: ` + cliPod + `, resource_id: ` + cliIdentities + `pod, federated: {subject: "system:serviceaccount:shop:web"}}
  other: {client_id: ` + cliOther + `, resource_id: ` + cliIdentities + `other}
  app: {client_id: ` + cliApp + `, client_secret: forgotten}
  admin: {client_id: ` + cliAdmin + `, client_secret: "` + canarySecret + `", graph_permissions: [Application.ReadWrite.All]}
  person: {user: true}
role_assignments:
  - {principal: admin, role: Owner, scope: ` + cliSubscription + `}
  - {principal: person, role: Owner, scope: ` + cliSubscription + `}
vaults:
  kv-role: {readers: [], secrets: {s: one}}
  kv-plan: {readers: [], secrets: {s: two}}
  kv-policy: {permission_model: access_policy, readers: [], secrets: {s: three}}
  kv-open: {readers: [other, app, pod], secrets: {s: four}}
  kv-person: {readers: [], secrets: {s: five}}
app_configurations:
  ac-plan: {readers: [admin], keys: {k: eight}}
workspaces:
  ` + cliWorkspace + `:
    connection_readers: []
    connections: {c: {auth_type: ApiKey, credentials: {key: six}}}
    endpoint_key_readers: [admin]
    online_endpoints: {e: {auth_mode: key, primary_key: nine}}
projects:
  ` + cliProject + `:
    readers: [admin]
    connections: {c: {type: ApiKey, auth_type: ApiKey, target: "-", credentials: {key: seven}}}
`

// TestAzureCLI starts what fails, runs the command that is printed about it with
// Microsoft's own az, and starts it again.
func TestAzureCLI(t *testing.T) {
	t.Parallel()
	az, err := osexec.LookPath("az")
	if err != nil {
		t.Skipf("needs the Azure CLI, as in apt-get install azure-cli: %v", err)
	}
	config, err := emulator.Parse([]byte(cliAzure))
	if err != nil {
		t.Fatal(err)
	}
	azure, err := emulator.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	defer azure.Close()
	admin := newShell(t, azure, az)
	admin.run(t, "az login --service-principal --username "+cliAdmin+" --password "+canarySecret+" --tenant "+emulator.DefaultTenant)
	person := newShell(t, azure, az)
	person.share(t, admin)
	var ran atomic.Int32
	var tests []subtest
	for _, test := range cliTests {
		shell := admin
		if test.person {
			shell = person
		}
		tests = append(tests, subtest{test.name, func(t *testing.T) {
			ran.Add(1)
			test.run(t, shell)
		}})
	}
	runTests(t, 2, tests) // az mostly computes
	// -run may have selected some.
	if !t.Failed() && int(ran.Load()) == len(cliTests) {
		checkRan(t, admin.ran(t)+person.ran(t))
	}
}

// cliTests begins with the longest.
var cliTests = []struct {
	name   string
	person bool
	run    func(*testing.T, *shell)
}{
	{"person", true, cliPerson},
	{"role", false, func(t *testing.T, c *shell) {
		c.mends(t, "one", "az role assignment create", keep, vaultReference("kv-role"))
	}},
	{"planned role", false, func(t *testing.T, c *shell) {
		a := vaultReference("kv-plan")
		c.fails(t, a)
		c.run(t, c.plan(t, a))
		c.starts(t, "two", a)
	}},
	{"planned role on nothing", false, func(t *testing.T, c *shell) {
		// az takes an empty scope for the whole subscription.
		command := c.plan(t, vaultReference("kv-none"), "AZINJECT_CREDENTIAL=ManagedIdentityCredential", "AZINJECT_IDENTITY=object:"+cliPod)
		status, stdout, stderr := c.execute(t, nil, "/bin/sh", "-c", command)
		if status == 0 || stdout != "" || !strings.Contains(stderr, "not found") {
			t.Errorf("status %d\n%s%s", status, stdout, stderr)
		}
	}},
	{"planned role on a workspace", false, func(t *testing.T, c *shell) {
		const a = "A=azureml://connections/c/credentials/key"
		c.fails(t, a)
		c.run(t, c.plan(t, a, "AZINJECT_CREDENTIAL=ManagedIdentityCredential", "AZINJECT_IDENTITY="+cliIdentities+"pod"))
		c.starts(t, "six", a)
	}},
	{"planned role on a project", false, func(t *testing.T, c *shell) {
		project := []string{"A=${{connections.c.credentials.key}}", "AZINJECT_PROJECT=" + cliProject}
		c.fails(t, project...)
		c.run(t, c.plan(t, append(project, "AZINJECT_CREDENTIAL=ManagedIdentityCredential", "AZINJECT_IDENTITY=object:"+cliPod)...))
		c.starts(t, "seven", project...)
		missing := c.fails(t, "A=${{connections.nope.credentials.key}}", project[1])
		if names := c.run(t, line(t, missing, "az rest")); strings.Join(strings.Fields(names), "") != `["c"]` {
			t.Errorf("connections = %s", names)
		}
	}},
	{"planned role on App Configuration", false, func(t *testing.T, c *shell) {
		key := func(name string) string {
			return "A=@Microsoft.AppConfiguration(Endpoint=https://ac-plan.azconfig.io; Key=" + name + ")"
		}
		c.fails(t, key("k"))
		c.run(t, c.plan(t, key("k"), "AZINJECT_CREDENTIAL=ManagedIdentityCredential", "AZINJECT_IDENTITY=object:"+cliPod))
		c.starts(t, "eight", key("k"))
		if keys := c.run(t, line(t, c.fails(t, key("nope")), "az appconfig kv list")); member(t, keys, "key") != "k" {
			t.Errorf("keys = %s", keys)
		}
	}},
	{"custom role", false, cliCustomRole},
	{"access policy", false, func(t *testing.T, c *shell) {
		c.mends(t, "three", "az keyvault set-policy", keep, vaultReference("kv-policy"))
	}},
	{"federated credential", false, func(t *testing.T, c *shell) {
		filled := strings.NewReplacer("IDENTITY", "other", "GROUP", "rg", "ISSUER_OF_THE_CLUSTER", c.issuer(t), "NAMESPACE", "shop", "SERVICE_ACCOUNT", "web")
		c.mends(t, "four", "az identity federated-credential create", filled.Replace, vaultReference("kv-open"), "AZURE_CLIENT_ID="+cliOther)
	}},
	{"client secret", false, func(t *testing.T, c *shell) {
		environ := []string{vaultReference("kv-open"), "AZINJECT_CREDENTIAL=EnvironmentCredential", "AZURE_CLIENT_ID=" + cliApp, "AZURE_CLIENT_SECRET="}
		answer := c.run(t, strings.Replace(line(t, c.fails(t, environ[0], environ[1], environ[2], "AZURE_CLIENT_SECRET=wrong"), "az ad app credential reset"), "CLIENT_ID", cliApp, 1))
		environ[3] += member(t, answer, "password")
		c.starts(t, "four", environ...)
	}},
	{"tenant", false, func(t *testing.T, c *shell) {
		a := vaultReference("kv-open")
		tenant := strings.Trim(c.run(t, line(t, c.fails(t, a, "AZURE_TENANT_ID="+nobody), "az account show")), "\"\n")
		c.starts(t, "four", a, "AZURE_TENANT_ID="+tenant)
	}},
}

// cliPerson signs in, and starts azinject with that sign-in.
func cliPerson(t *testing.T, c *shell) {
	a := vaultReference("kv-person")
	withCLI := []string{a, "AZINJECT_CREDENTIAL=AzureCLICredential"}
	c.run(t, line(t, c.fails(t, withCLI...), "az login"))
	if refused := c.fails(t, withCLI...); !strings.Contains(refused, "the user with object ID ") || !strings.Contains(refused, "ForbiddenByRbac") {
		t.Errorf("without a role: %s", refused)
	}
	c.run(t, c.plan(t, withCLI...))
	c.starts(t, "five", withCLI...)
	command := append([]string{program(t, "azlocal"), "login", "--", program(t, "azinject")}, echoA...)
	if status, stdout, stderr := c.execute(t, []string{a}, command...); status != 0 || stdout != "five\n" {
		t.Errorf("azlocal login: status %d, output %q\n%s", status, stdout, stderr)
	}
	// Two ways for az to fail that it has not in this Azure.
	c.run(t, line(t, c.fails(t, append(withCLI, "PATH="+c.path("outdated"))...), "az login --scope"))
	token := member(t, c.run(t, line(t, c.fails(t, append(withCLI, "PATH="+c.path("broken"))...), "az account get-access-token")), "accessToken")
	if !strings.HasPrefix(token, tokenBeginning) {
		t.Errorf("token %q", token)
	}
}

// cliCustomRole makes and assigns the role that azlocal access prints.
func cliCustomRole(t *testing.T, c *shell) {
	const a = "A=${{azureml://onlineEndpoints/e/credentials/primaryKey}}"
	c.fails(t, a)
	if err := os.WriteFile(c.path("deployment.env"), []byte(a+"\nAZINJECT_WORKSPACE="+cliWorkspace+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stdout, stderr := c.execute(t, nil, program(t, "azlocal"), "access", c.path("deployment.env"), "--identity", "object:"+cliPod, "--json")
	var report struct {
		Stores []struct {
			Grants []struct {
				Command    string
				Definition json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || len(report.Stores) != 1 || len(report.Stores[0].Grants) != 1 {
		t.Fatalf("azlocal access: %v\n%s%s", err, stdout, stderr)
	}
	grant := report.Stores[0].Grants[0]
	if err := os.WriteFile(c.path("role.json"), grant.Definition, 0o600); err != nil {
		t.Fatal(err)
	}
	c.run(t, "az role definition create --role-definition "+c.path("role.json"))
	c.run(t, grant.Command)
	c.starts(t, "nine", a)
}

func vaultReference(vault string) string {
	return "A=keyvault:https://" + vault + ".vault.azure.net/secrets/s"
}

func keep(command string) string { return command }
