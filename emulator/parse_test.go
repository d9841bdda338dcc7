package emulator

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigErrors(t *testing.T) {
	const me = "identities: {me: {}}\n"
	const ws = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
	failToParse(t, map[string]struct{ config, want string }{
		"syntax":             {"a: [\n", "line 1: did not find expected node content"},
		"unknown key":        {me + "vault: {}", `line 2: unknown key "vault"`},
		"unknown nested":     {me + "vaults:\n  kvx:\n    reader: [me]", `line 4: unknown key "reader"`},
		"unknown in secret":  {me + "vaults:\n  kvx:\n    secrets:\n      s: {value: x}", `line 5: unknown key "value"`},
		"unknown in version": {me + "vaults:\n  kvx:\n    secrets:\n      s: {versions: [{vaule: x}]}", `line 5: unknown key "vaule"`},
		"secret is a list":   {me + "vaults:\n  kvx:\n    secrets:\n      s: [x]", "line 5: want a mapping"},
		"no mapping":         {me + "vaults:\n  kvx: open", "line 3: want a mapping"},
		"duration":           {me + "network: {latency: 10}", "line 2: want a duration with a unit, such as 10ms"},
		"negative":           {me + "network: {latency: -1s}", "line 2: network.latency: must not be negative"},
		"tenant":             {me + "tenant: contoso", `line 2: tenant: "contoso" is not a GUID`},
		"platform":           {me + "platform: vm", `line 2: platform: "vm" is not one of appservice, azureml, cloudshell, imds, none, on_behalf_of, service_principal, servicefabric, workload_identity`},
		"client ID needed":   {me + "require_client_id: true", "line 2: require_client_id: only platform azureml has this"},
		"deployment":         {me + "platform: azureml\ndeployment: blue", "line 3: deployment: want /subscriptions/"},
		"deployment where":   {me + "deployment: blue", "line 2: deployment: only platform azureml"},
		"no identity":        {"platform: azureml", "identities: define at least one, or set platform: none"},
		"client ID":          {"identities:\n  me:\n    client_id: x", `line 3: identities.me.client_id: "x" is not a GUID`},
		"resource ID":        {"identities:\n  me:\n    resource_id: x", "line 3: identities.me.resource_id: want /subscriptions/"},
		"two systems":        {"identities: {a: {}, b: {}}", "attached: a, b are all system-assigned"},
		"two users":          {"identities: {a: {user: true}, b: {user: true}}", "attached: a, b are all users"},
		"attached":           {me + "attached: [you]", `line 2: attached: no identity "you"`},
		"reader":             {me + "vaults:\n  kvx:\n    readers: [you]", `line 4: vaults.kvx.readers: no identity "you"`},
		"vault's name":       {me + "vaults: {1kv: {}}", "line 2: vaults.1kv: a vault's name"},
		"permission model":   {me + "vaults: {kvx: {permission_model: acl}}", `"acl" is neither rbac nor access_policy`},
		"two networks":       {me + "vaults: {kvx: {firewall: true, private: true}}", "set firewall or private, not both"},
		"throttle":           {me + "vaults: {kvx: {throttle: {requests: 1}}}", "vaults.kvx.throttle: needs requests and per"},
		"secret's name":      {me + "vaults: {kvx: {secrets: {a_b: x}}}", "vaults.kvx.secrets.a_b: a secret's name"},
		"no value":           {me + "vaults: {kvx: {secrets: {ab: }}}", "vaults.kvx.secrets.ab: needs a value"},
		"version twice":      {me + "vaults: {kvx: {secrets: {ab: {versions: [{version: A}, {version: a}]}}}}", `version "a" is there twice`},
		"case":               {me + "vaults: {kvx: {secrets: {ab: x, AB: y}}}", "is there twice: letter case does not matter"},
		"workspace":          {me + "workspaces: {w: {}}", "workspaces.w: want /subscriptions/"},
		"auth type":          {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: Key}}}", `.connections.c.auth_type: "Key" is not one of AAD, AccessKey, `},
		"credential":         {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: ApiKey, credentials: {Key: x}}}}", "ApiKey has only key"},
		"no credential":      {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: AAD, credentials: {key: x}}}}", "AAD has no credentials"},
		"nested credential":  {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: CustomKeys, credentials: {keys: {A: x}}}}}", "line 3: cannot unmarshal !!map into string"},
		"expires":            {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: AAD, expires: soon}}}", "want a time such as"},
		"auth mode":          {me + "workspaces:\n  " + ws + ": {online_endpoints: {e: {auth_mode: keys}}}", `"keys" is not one of key, aml_token, aad_token`},
		"no key":             {me + "workspaces:\n  " + ws + ": {online_endpoints: {e: {auth_mode: key}}}", "needs primary_key"},
		"no access token":    {me + "workspaces:\n  " + ws + ": {online_endpoints: {e: {auth_mode: aml_token}}}", "needs access_token"},
		"certificate":        {me + "certificate: broken", `line 2: certificate: "broken" is not one of expired, untrusted, wrong_host`},
		"second document":    {me + "---\n" + me, "line 2: a second document: an Azure is described in one"},
		"unknown alias":      {me + "tenant: *hunter2", "line 2: a value that begins with * is an alias: quote it if it is not meant to be one"},
		"broken second":      {me + "---\na: [\n", "line 3: did not find expected node content"},
		"listen":             {me + "Listen: 0.0.0.0", `line 2: unknown key "Listen"`},
		"starts before":      {me + "identity_starts_after: -1s", "line 2: identity_starts_after: must not be negative"},
		"starts what":        {"platform: none\nidentity_starts_after: 1s", "line 2: identity_starts_after: platform none has no identity endpoint"},
		"vault's role":       {me + "vaults: {kvx: {role_propagates_after: -1}}", "vaults.kvx.role_propagates_after: must not be negative"},
		"workspace's role":   {me + "workspaces:\n  " + ws + ": {role_propagates_after: -1}", ".role_propagates_after: must not be negative"},
		"duration of a role": {me + "vaults: {kvx: {role_propagates_after: 1s}}", "line 2: cannot unmarshal !!str `1s` into int"},
	})
}

// TestIdentityErrors is TestConfigErrors for identities and the platforms that
// need one.
func TestIdentityErrors(t *testing.T) {
	const me, trusted = "identities: {me: {}}\n", "federated: {subject: system:serviceaccount:ns:sa}"
	failToParse(t, map[string]struct{ config, want string }{
		"user's resource":    {"identities:\n  me: {user: true, resource_id: /subscriptions/s}", "line 2: identities.me: a user has no resource_id"},
		"user's secret":      {"identities:\n  me: {user: true, client_secret: x}", "line 2: identities.me.client_secret: a user has none"},
		"machine's secret":   {"identities:\n  me: {resource_id: /subscriptions/s, client_secret: x}", "line 2: identities.me.client_secret: a managed identity"},
		"trusting user":      {"identities:\n  me: {user: true, " + trusted + "}", "line 2: identities.me.federated: a user trusts no workload"},
		"no subject":         {"identities:\n  me: {federated: {}}", "line 2: identities.me.federated: needs subject"},
		"issuer":             {"identities:\n  me:\n    federated: {subject: x, issuer: http://x}", `line 3: identities.me.federated.issuer: "http://x" is not a URL with https`},
		"unknown":            {"identities:\n  me:\n    federated: {sub: x}", `line 3: unknown key "sub"`},
		"attached":           {"attached: [me]\nidentities:\n  me: {client_secret: x}", "line 1: attached: me is an application, which no machine has"},
		"no secret":          {"platform: service_principal\n" + me, "line 1: platform: service_principal needs an attached identity with client_secret"},
		"two secrets":        {"platform: service_principal\nidentities: {a: {client_secret: x}, b: {client_secret: x}}", "attached: a, b all have client_secret, but platform service_principal is for one"},
		"none federated":     {"platform: workload_identity\n" + me, "line 1: platform: workload_identity needs an attached identity with federated"},
		"not attached":       {"platform: workload_identity\nattached: [b]\nidentities: {a: {" + trusted + "}, b: {}}", "line 1: platform: workload_identity needs"},
		"no service account": {"platform: workload_identity\nidentities:\n  me: {federated: {subject: repo:me/it}}", "line 3: identities.me.federated.subject: want system:serviceaccount:<namespace>:<name>"},
		"other account":      {"platform: workload_identity\nidentities: {me: {" + trusted + "}}\nservice_account_token: {subject: sa}", "line 3: service_account_token.subject: want system:serviceaccount:"},
		"other issuer":       {"platform: workload_identity\nidentities: {me: {" + trusted + "}}\nservice_account_token: {issuer: x}", `line 3: service_account_token.issuer: "x" is not a URL`},
		"no pod":             {me + "service_account_token: {expired: true}", "line 2: service_account_token: only platform workload_identity has this"},
		"no user":            {"platform: on_behalf_of\n" + me, "line 1: platform: on_behalf_of needs an attached identity with user"},
		"two users":          {"platform: on_behalf_of\nidentities: {a: {user: true}, b: {user: true}}", "attached: a, b are all users"},
		"compute":            {"platform: azureml\ncompute: serverless\n" + me, `line 2: compute: "serverless" is neither cluster nor instance`},
		"compute where":      {"compute: cluster\n" + me, "line 1: compute: only platform azureml has this"},
		"instance's user":    {"platform: azureml\ncompute: instance\n" + me, "line 2: compute: a compute instance has a user"},
		"instance's IDs":     {"platform: azureml\ncompute: instance\nrequire_client_id: true\nidentities: {me: {user: true}}", "line 3: require_client_id: a compute instance gives"},
		"endpoint's start":   {"platform: service_principal\nidentity_starts_after: 1s\nidentities: {me: {client_secret: x}}", "line 2: identity_starts_after: platform service_principal has no identity endpoint"},
	})
}

// TestFaultErrors is TestConfigErrors for faults.
func TestFaultErrors(t *testing.T) {
	const me = "identities: {me: {}}\n"
	failToParse(t, map[string]struct{ config, want string }{
		"fault's host":       {me + "faults:\n  - {match: GET kvx.vault.azure.net/, status: 500}", `line 3: faults.0.match: no host "kvx.vault.azure.net": name identity, a vault`},
		"fault's endpoint":   {"platform: none\nfaults:\n  - {match: GET identity/, status: 500}", "line 3: faults.0.match: platform none has no identity endpoint"},
		"challenge of Entra": {me + "faults:\n  - {match: POST login.microsoftonline.com/, challenge: Bearer}", "faults.0.challenge: only vaults and Resource Manager have this"},
		"fault's match":      {me + "faults:\n  - {match: /secrets, status: 500}", "line 3: faults.0.match: want METHOD HOST/PATH"},
		"fault of nothing":   {me + "faults:\n  - {match: GET x/y}", "line 3: faults.0: needs one of status, challenge, redirect, "},
		"fault of two kinds": {me + "faults:\n  - {match: GET x/y, status: 500, slow: 1s, reset: true}", "line 3: faults.0: status and slow and reset exclude each other"},
		"fault's key":        {me + "faults:\n  - {match: GET x/y, hangs: true}", `line 3: unknown key "hangs"`},
		"fault's times":      {me + "faults:\n  - {match: GET x/y, reset: true, times: -1}", "line 3: faults.0.times: must not be negative"},
		"fault's delay":      {me + "faults:\n  - {match: GET x/y, slow: -1s}", "line 3: faults.0.slow: must not be negative"},
		"fault's delay unit": {me + "faults:\n  - {match: GET x/y, slow: 3}", "line 3: want a duration with a unit"},
		"fault's retry":      {me + "faults:\n  - {match: GET x/y, status: 429, retry_after: -1s}", "faults.0.retry_after: must not be negative"},
		"code of no status":  {me + "faults:\n  - {match: GET x/y, hang: true, code: x}", "faults.0.code: goes with status only"},
		"body of no status":  {me + "faults:\n  - {match: GET x/y, html: true, body: x}", "faults.0.body: goes with status only"},
		"inner code alone":   {me + "faults:\n  - {match: GET x/y, status: 403, inner_code: x}", "faults.0.inner_code: needs code too"},
		"redirect":           {me + "faults:\n  - {match: GET x/y, redirect: '%'}", `faults.0.redirect: "%" is not a URL`},
		"challenge where":    {me + "faults:\n  - {match: GET identity/, challenge: Bearer}", "faults.0.challenge: only vaults and Resource Manager have this"},
		"inner code where":   {me + "faults:\n  - {match: GET identity/, status: 403, code: x, inner_code: y}", "faults.0.inner_code: only vaults and Resource Manager have this"},
		"expired where":      {me + "faults:\n  - {match: GET x/y, expired_token: true}", "faults.0.expired_token: only host identity and Microsoft Entra have this"},
		"fault's status":     {me + "faults:\n  - {match: GET x/y, status: 99}", "99 is not a final HTTP status"},
		"fault's header":     {me + "faults:\n  - {match: GET x/y, status: 500, headers: {a b: c}}", `"a b" is not a header's name`},
	})
}

func failToParse(t *testing.T, table map[string]struct{ config, want string }) {
	t.Helper()
	for name, c := range table {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.config))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "emulator.") {
				t.Errorf("Parse names a Go type: %v", err)
			}
		})
	}
}

func TestLoadReportsEverythingWithTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "azure.yaml")
	config := "tenant: a\nplatform: b\nidentities: {me: {}}\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(file)
	want := file + `:1: tenant: "a" is not a GUID` + "\n" + file + `:2: platform: "b" is not one of appservice, azureml, cloudshell, imds, none, on_behalf_of, service_principal, servicefabric, workload_identity`
	if err == nil || err.Error() != want {
		t.Errorf("Load = %v\nwant %s", err, want)
	}
	if bad := new(ConfigError); !errors.As(err, &bad) || len(bad.Problems) != 2 {
		t.Errorf("Load = %T, want a ConfigError with two problems", err)
	}
	if _, err := Load(file + ".nope"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Load of no file = %v", err)
	}
}

func TestExampleLoads(t *testing.T) {
	if _, err := Load("../testdata/azure.yaml"); err != nil {
		t.Error(err)
	}
}
