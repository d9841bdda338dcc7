package main_test

import "strings"

var onFoundry = place{env: []string{keyInP, inP}}

// foundryFailures are failures of Microsoft Foundry.
var foundryFailures = onFoundry.of([]failureCase{
	{
		name:     "Foundry",
		yaml:     project,
		starts:   true,
		requests: connectionOnce,
	},
	{
		name: "no role on the project",
		yaml: strings.Replace(project, "{connections:", "{readers: [other], connections:", 1),
		says: []string{
			`A: connection "c" in project "acct/p": access denied (401 PermissionDenied): The principal ` + "`" + oid + "` lacks the required data action `Microsoft.CognitiveServices/accounts/AIServices/connections/read`",
			`identity with object ID ` + oid + ` needs "Foundry User" on the project`,
			`--assignee-object-id ` + oid + ` --assignee-principal-type ServicePrincipal --role "53ca6127-db72-4b80-b1b0-d745d6d5456d" --scope "$(az resource list `,
			"AZINJECT_WAIT_FOR_ACCESS",
		},
		saysNot:  []string{"tenant", "token refused"},
		requests: connectionOnce,
	},
	{
		name: "no role on the project, whose ID is known",
		yaml: strings.Replace(project, "{connections:", "{readers: [], connections:", 1) +
			"roles: {Reads: {data_actions: [Microsoft.CognitiveServices/accounts/AIServices/connections/read]}}\nrole_assignments: [{principal: app, role: Reads, scope: " + projectURL + "}]\n",
		env: []string{"FOUNDRY_PROJECT_ARM_ID=/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/acct/projects/p"},
		says: []string{
			"connections/listSecrets/action",
			`--scope "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/acct/projects/p"`,
		},
		requests: connectionOnce,
	},
	{
		name:     "no role on the project, without a code",
		yaml:     onProject("status: 401, body: '{\"error\":{\"message\":\"The principal `x` lacks the required data action `y`\"}}'"),
		says:     []string{"access denied (401): The principal", "Foundry User"},
		requests: connectionOnce,
	},
	{
		name:     "no role on the project, with 403",
		yaml:     onProject("status: 403, code: PermissionDenied, message: not you"),
		says:     []string{"access denied (403 PermissionDenied): not you", "Foundry User"},
		requests: connectionOnce,
	},
	{
		name:     "role on the project arrives in time",
		yaml:     strings.Replace(project, "{connections:", "{role_propagates_after: 2, connections:", 1),
		env:      []string{"AZINJECT_WAIT_FOR_ACCESS=1m"},
		starts:   true,
		requests: map[string]int{"token": 1, "connection": 3},
	},
	{
		name:     "project in another tenant",
		yaml:     onProject("status: 401, code: Unauthorized, message: Tenant provided in token does not match resource token"),
		env:      []string{"AZINJECT_WAIT_FOR_ACCESS=1m"},
		says:     []string{"token refused (401 Unauthorized): Tenant provided in token does not match resource token", "Microsoft Entra tenant"},
		saysNot:  []string{"Foundry User", "az role"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry refuses the token",
		yaml:     project + fault("* identity/", "expired_token: true"),
		env:      []string{"AZINJECT_WAIT_FOR_ACCESS=1m"},
		says:     []string{"token refused (401): Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), or have expired."},
		saysNot:  []string{"Foundry User", "az role"},
		requests: connectionOnce,
	},
	{
		name:     "project without public access",
		yaml:     strings.Replace(project, "{connections:", "{private: true, connections:", 1),
		env:      []string{"AZINJECT_WAIT_FOR_ACCESS=1m"},
		says:     []string{"access denied (403 AccessDenied): Public access is disabled", "private endpoint of the project", "no role will help"},
		saysNot:  []string{"az role", "az keyvault"},
		requests: connectionOnce,
	},
	{
		name:     "project behind a firewall",
		yaml:     onProject("status: 403, code: AccessDenied, message: Access denied due to Virtual Network/Firewall rules."),
		env:      []string{"AZINJECT_WAIT_FOR_ACCESS=1m"},
		says:     []string{"access denied (403 AccessDenied): Access denied due to", "allow this network in the project's firewall, no role will help"},
		saysNot:  []string{"az role", "az keyvault"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry denies for a new reason",
		yaml:     onProject("status: 403, code: ForbiddenByMoon, message: the moon is full"),
		env:      []string{"AZINJECT_WAIT_FOR_ACCESS=1m"},
		says:     []string{"access denied (403 ForbiddenByMoon): the moon is full", oid},
		saysNot:  []string{"az role"},
		requests: connectionOnce,
	},
	{
		name:     "no such connection in the project",
		yaml:     project,
		env:      []string{"A=${{connections.x.target}}"},
		says:     []string{`connection "x" in project "acct/p": not found (404`, `az rest --resource https://ai.azure.com --url "` + projectURL + `/connections?api-version=v1"`},
		requests: connectionOnce,
	},
	{
		name:     "no such connection in the project, with 400",
		yaml:     onProject("status: 400, code: UserError, message: Connection c can't be found in this workspace"),
		says:     []string{"request refused (400 UserError): Connection c can't be found", "az rest "},
		requests: connectionOnce,
	},
	{
		name:     "no such project",
		yaml:     project,
		env:      []string{inP + "x"},
		says:     []string{"not found (404 ResourceNotFound): The project does not exist.", "check AZINJECT_PROJECT", projectURL + "x"},
		saysNot:  []string{"az rest"},
		requests: connectionOnce,
	},
	{
		name: "no such Foundry account",
		yaml: project,
		env:  []string{strings.Replace(inP, "acct", "acct2", 1), soon},
		says: []string{`connection "c" in project "acct2/p": the proxy returned 502`, "check the name acct2.services.ai.azure.com"},
	},
	{
		name:     "no such credential in the project",
		yaml:     project,
		env:      []string{"A=${{connections.c.credentials.apikey}}"},
		says:     []string{`connection "c": no credential "apikey"; it has "key"`},
		requests: connectionOnce,
	},
	{
		name:      "no project is known",
		yaml:      project,
		platforms: "appservice azureml azureml_cluster cloudshell", // hosted agents know theirs
		env:       []string{"AZINJECT_PROJECT="},
		says:      []string{"A: no Foundry project is known: set AZINJECT_PROJECT"},
		requests:  never,
	},
	{
		name:     "project on another host",
		yaml:     project,
		env:      []string{"AZINJECT_PROJECT=https://acct.services.ai.azure.com.canary-secret.example/api/projects/p"},
		says:     []string{"AZINJECT_PROJECT: not the endpoint of a Foundry project: write https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT"},
		requests: never,
	},
	{
		name:     "Foundry is throttled, then not",
		yaml:     onProject("times: 2, status: 429, code: TooManyRequests, headers: {retry-after-ms: \"5\"}"),
		starts:   true,
		requests: map[string]int{"token": 1, "connection": 3},
	},
	{
		name:     "Foundry is throttled for too long",
		yaml:     onProject("status: 429, code: TooManyRequests, message: too many, retry_after: 300s"),
		says:     []string{"throttled (429 TooManyRequests): too many", "asked for a longer pause"},
		requests: connectionOnce,
	},
	{
		name:   "Foundry is out of order, then not",
		yaml:   onProject("times: 1, status: 500"),
		starts: true,
	},
	{
		name: "Foundry is out of order",
		yaml: onProject("status: 503, body: canary-secret"),
		env:  []string{soon},
		says: []string{"service error (503)", "AZINJECT_TIMEOUT"},
	},
	{
		name:     "Foundry hangs",
		yaml:     onProject("hang: true"),
		env:      []string{soon},
		says:     []string{`connection "c" in project "acct/p": no answer in time`, "firewall"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry redirects",
		yaml:     onProject("redirect: \"https://login.example/canary-secret\""),
		says:     []string{"redirected, and redirects are not followed (302)", "captive portal"},
		requests: map[string]int{"connection": 1, "connect": 1},
	},
	{
		name:     "Foundry gives a web page",
		yaml:     onProject("html: true"),
		says:     []string{"the response is not the expected JSON", "captive portal"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry gives half an answer",
		yaml:     onProject("truncated: true"),
		says:     []string{"the response is not the expected JSON"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry gives no credentials",
		yaml:     onProject("no_value: true"),
		says:     []string{`connection "c": no credential "key"; it has none`},
		requests: connectionOnce,
	},
	{
		name:     "Foundry gives another connection",
		yaml:     onProject(`status: 200, body: '{"name":"d","target":"canary-secret","credentials":{"type":"ApiKey","key":"canary-secret"}}'`),
		says:     []string{"the response is about another object"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry gives a connection without a name",
		yaml:     onProject(`status: 200, body: '{"credentials":{"type":"ApiKey","key":"canary-secret"}}'`),
		says:     []string{"the response is not the expected JSON"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry gives too much",
		yaml:     onProject("huge: true"),
		says:     []string{"larger than 1024 KiB"},
		requests: connectionOnce,
	},
	{
		name:     "Foundry repeats the token",
		yaml:     onProject(`status: 200, body: '{"name":"c","credentials":{"type":"{sent}","{sent}":"canary-secret"}}'`),
		says:     []string{`connection "c": no credential "key"; it has "…"`},
		requests: connectionOnce,
	},
})
