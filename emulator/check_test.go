package emulator

import "testing"

func TestConfigErrors(t *testing.T) {
	const me = "identities: {me: {}}\n"
	const ws = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
	failToParse(t, map[string]struct{ config, want string }{
		"tenant":           {me + "tenant: contoso", `line 2: tenant: "contoso" is not a GUID`},
		"platform":         {me + "platform: vm", `line 2: platform: "vm" is not one of appservice, arc, azureml, azureml_cluster, azureml_instance, azureml_kubernetes, azureml_serverless, cloudshell, container_instances, foundry_agent, identity_binding, imds, none, on_behalf_of, service_principal, servicefabric, workload_identity`},
		"deployment":       {me + "platform: azureml\ndeployment: blue", "line 3: deployment: write /subscriptions/"},
		"deployment where": {me + "deployment: blue", "line 2: deployment: only platform azureml"},
		"no identity":      {"platform: azureml", "identities: define at least one, or set platform: none"},
		"client ID":        {"identities:\n  me:\n    client_id: x", `line 3: identities.me.client_id: "x" is not a GUID`},
		"two systems":      {"identities: {a: {}, b: {}}", "attached: a, b are all system-assigned"},
		"two users":        {"identities: {a: {user: true}, b: {user: true}}", "attached: a, b are all users"},
		"attached":         {me + "attached: [you]", `line 2: attached: no identity "you"`},
		"reader":           {me + "vaults:\n  kvx:\n    readers: [you]", `line 4: vaults.kvx.readers: no identity "you"`},
		"vault's name":     {me + "vaults:\n  https://kvx.vault.azure.net/: {}", "line 3: vaults.https://kvx.vault.azure.net/: write a vault's name"},
		"two vaults":       {me + "vaults: {kvx: {}, KVX.vault.azure.net: {}}", "line 2: vaults.kvx: names the same as KVX.vault.azure.net"},
		"two secrets":      {me + "vaults: {kvx: {secrets: {ab: x, AB: y}}}", "line 2: vaults.kvx.secrets.ab: names the same as AB"},
		"two stores":       {me + "app_configurations: {c1: {}, C1: {}}", "line 2: app_configurations.c1: names the same as C1"},
		"two connections":  {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: None}, C: {auth_type: None}}}", ".connections.c: names the same as C"},
		"permission model": {me + "vaults: {kvx: {permission_model: acl}}", `"acl" is not one of rbac, access_policy`},
		"throttle":         {me + "vaults: {kvx: {throttle: {requests: 1}}}", "vaults.kvx.throttle: needs requests and per"},
		"secret's name":    {me + "vaults: {kvx: {secrets: {a_b: x}}}", "vaults.kvx.secrets.a_b: a secret's name"},
		"no value":         {me + "vaults: {kvx: {secrets: {ab: }}}", "vaults.kvx.secrets.ab: needs a value"},
		"workspace":        {me + "workspaces: {w: {}}", "workspaces.w: write /subscriptions/"},
		"auth type":        {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: Key}}}", `.connections.c.auth_type: "Key" is not one of AAD, AccessKey, `},
		"credential":       {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: ApiKey, credentials: {Key: x}}}}", "ApiKey has only key"},
		"no credential":    {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: AAD, credentials: {key: x}}}}", "AAD has no credentials"},
		"auth mode":        {me + "workspaces:\n  " + ws + ": {online_endpoints: {e: {auth_mode: keys}}}", `"keys" is not one of key, aml_token, aad_token`},
		"no key":           {me + "workspaces:\n  " + ws + ": {online_endpoints: {e: {auth_mode: key}}}", "needs primary_key"},
		"no access token":  {me + "workspaces:\n  " + ws + ": {online_endpoints: {e: {auth_mode: aml_token}}}", "needs access_token"},
		"certificate":      {me + "certificate: broken", `line 2: certificate: "broken" is not one of expired, untrusted, wrong_host`},
		"starts what":      {"platform: none\nidentity_starts_after: 1s", "line 2: identity_starts_after: platform none has no identity endpoint"},
	})
}

// TestIdentityErrors is TestConfigErrors for identities and the platforms that
// need them.
func TestIdentityErrors(t *testing.T) {
	const me, trusted = "identities: {me: {}}\n", "federated: {subject: system:serviceaccount:ns:sa}"
	const bound = "resource_id: /x, binding: {subject: system:serviceaccount:ns:sa}"
	failToParse(t, map[string]struct{ config, want string }{
		"no subject":         {"platform: workload_identity\nidentities:\n  me: {federated: {}}", "line 3: identities.me.federated.subject: write system:serviceaccount:<namespace>:<name>"},
		"attached":           {"attached: [me]\nidentities:\n  me: {client_secret: x}", "line 1: attached: me is an application, which cannot be attached to a machine"},
		"no secret":          {"platform: service_principal\n" + me, "line 1: platform: service_principal needs an attached identity with client_secret"},
		"two secrets":        {"platform: service_principal\nidentities: {a: {client_secret: x}, b: {client_secret: x}}", "attached: a, b all have client_secret, but platform service_principal uses only one"},
		"none federated":     {"platform: workload_identity\n" + me, "line 1: platform: workload_identity needs an attached identity with federated"},
		"not attached":       {"platform: workload_identity\nattached: [b]\nidentities: {a: {" + trusted + "}, b: {}}", "line 1: platform: workload_identity needs"},
		"no service account": {"platform: workload_identity\nidentities:\n  me: {federated: {subject: repo:me/it}}", "line 3: identities.me.federated.subject: write system:serviceaccount:<namespace>:<name>"},
		"other account":      {"platform: workload_identity\nidentities: {me: {" + trusted + "}}\nservice_account_token: {subject: sa}", "line 3: service_account_token.subject: write system:serviceaccount:"},
		"no pod":             {me + "service_account_token: {expired: true}", "line 2: service_account_token: only platforms workload_identity and identity_binding have this"},
		"none bound":         {"platform: identity_binding\n" + me, "line 1: platform: identity_binding needs an attached identity with binding"},
		"two bound":          {"platform: identity_binding\nidentities: {a: {" + bound + "}, b: {" + bound + "}}", "attached: a, b all have binding, but platform identity_binding uses only one"},
		"system bound":       {"platform: identity_binding\nidentities:\n  me: {binding: {subject: system:serviceaccount:ns:sa}}", "line 3: identities.me.binding: AKS binds user-assigned identities only"},
		"bound to whom":      {"platform: identity_binding\nidentities:\n  me: {resource_id: /x, binding: {subject: sa}}", "line 3: identities.me.binding.subject: write system:serviceaccount:"},
		"bound, other":       {"platform: identity_binding\nidentities: {me: {" + bound + "}}\nservice_account_token: {subject: sa}", "line 3: service_account_token.subject: write system:serviceaccount:"},
		"no user":            {"platform: on_behalf_of\n" + me, "line 1: platform: on_behalf_of needs an attached identity with user"},
		"two users":          {"platform: on_behalf_of\nidentities: {a: {user: true}, b: {user: true}}", "attached: a, b are all users"},
		"endpoint's start":   {"platform: service_principal\nidentity_starts_after: 1s\nidentities: {me: {client_secret: x}}", "line 2: identity_starts_after: platform service_principal has no identity endpoint"},
	})
}

// TestFaultErrors is TestConfigErrors for faults.
func TestFaultErrors(t *testing.T) {
	const me = "identities: {me: {}}\n"
	failToParse(t, map[string]struct{ config, want string }{
		"fault's host":       {me + "faults:\n  - {match: GET kvx.vault.azure.net/, status: 500}", `line 3: faults.0.match: no host "kvx.vault.azure.net": name identity, a vault`},
		"fault's endpoint":   {"platform: none\nfaults:\n  - {match: GET identity/, status: 500}", "line 3: faults.0.match: platform none has no identity endpoint"},
		"challenge of Entra": {me + "faults:\n  - {match: POST login.microsoftonline.com/, challenge: Bearer}", "faults.0.challenge: works for vaults and Resource Manager only"},
		"fault's match":      {me + "faults:\n  - {match: /secrets, status: 500}", "line 3: faults.0.match: write METHOD HOST/PATH"},
		"fault of nothing":   {me + "faults:\n  - {match: GET x/y}", "line 3: faults.0: needs one of status, challenge, redirect, "},
		"fault's effects":    {me + "faults:\n  - {match: GET x/y, status: 500, slow: 1s, reset: true}", "line 3: faults.0: has several effects, status, slow, reset"},
		"code of no status":  {me + "faults:\n  - {match: GET x/y, hang: true, code: x}", "faults.0.code: needs status"},
		"body of no status":  {me + "faults:\n  - {match: GET x/y, html: true, body: x}", "faults.0.body: needs status"},
		"challenge where":    {me + "faults:\n  - {match: GET identity/, challenge: Bearer}", "faults.0.challenge: works for vaults and Resource Manager only"},
		"inner code where":   {me + "faults:\n  - {match: GET identity/, status: 403, code: x, inner_code: y}", "faults.0.inner_code: works for vaults and Resource Manager only"},
		"fault's status":     {me + "faults:\n  - {match: GET x/y, status: 99}", "faults.0.status: 99 is not between 200 and 599"},
		"expired where":      {me + "faults:\n  - {match: POST management.azure.com/, expired_token: true}", "faults.0.expired_token: works for host identity and Microsoft Entra only"},
	})
}
