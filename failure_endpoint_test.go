package main_test

// Endpoints with each auth_mode. The identity may get their credentials, and see
// their modes if it is a reader.
const (
	endpoints = "workspaces: {" + workspace + ": {online_endpoints: {key: {auth_mode: key, primary_key: canary-secret}, aml: {auth_mode: aml_token, access_token: canary-secret}, aad: {auth_mode: aad_token}}}}\n"
	reader    = "role_assignments: [{principal: app, role: Reader, scope: " + workspace + "}]\n"
	scorer    = "workspaces: {" + workspace + ": {endpoint_key_readers: [], online_endpoints: {aad: {auth_mode: aad_token}}}}\n" +
		"roles: {Scores: {actions: [Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read, Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action]}}\n" +
		"role_assignments: [{principal: app, role: Scores, scope: " + workspace + "}]\n"
	readAndScore = "a role with the actions Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read and Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action"
)

func ofEndpoint(name, field string) string {
	return "A=${{azureml://onlineEndpoints/" + name + "/credentials/" + field + "}}"
}

func onEndpoint(what string) string {
	return endpoints + reader + fault("GET management.azure.com/", what)
}

var (
	askedOnce     = map[string]int{"token": 1, "keys": 1, "other": 0}
	askedForMode  = map[string]int{"token": 1, "keys": 1, "other": 1}
	askedForToken = map[string]int{"token": 2, "keys": 1, "other": 1}
)

// endpointFailures are failures of online endpoints, and what their auth modes cost.
var endpointFailures = place{env: []string{inW}}.of([]failureCase{
	{name: "endpoint with keys", yaml: endpoints + reader, env: []string{ofEndpoint("key", "primaryKey")}, starts: true, requests: askedOnce},
	{name: "endpoint with tokens", yaml: endpoints + reader, env: []string{ofEndpoint("aml", "accessToken")}, starts: true, requests: askedOnce},
	{name: "endpoint with tokens of Entra", everywhere: true, yaml: endpoints + reader, env: []string{ofEndpoint("aad", "accessToken")}, starts: true, requests: askedForToken},
	{
		name:     "endpoint with tokens of Entra, for an identity that may not have its credentials",
		yaml:     scorer,
		env:      []string{ofEndpoint("aad", "expiryTimeUtc")},
		starts:   true,
		requests: askedForToken,
	},
	{
		name:     "endpoint with tokens of Entra, for an identity that may not see it",
		yaml:     endpoints,
		env:      []string{ofEndpoint("aad", "accessToken")},
		says:     []string{`online endpoint "aad" in workspace "w1x": request refused (400 BadArgument): `, "identity with object ID " + oid, readAndScore},
		requests: askedForMode,
	},
	{
		name:     "endpoint with keys has no token",
		yaml:     endpoints + reader,
		env:      []string{ofEndpoint("key", "accessToken")},
		says:     []string{`online endpoint "key" with auth_mode key: no credential "accessToken"; it has "primaryKey", "secondaryKey"`},
		requests: askedForMode,
	},
	{
		name:     "endpoint with tokens has no key",
		yaml:     endpoints + reader,
		env:      []string{ofEndpoint("aml", "secondaryKey")},
		says:     []string{`online endpoint "aml" with auth_mode aml_token: no credential "secondaryKey"; it has "accessToken", `},
		requests: askedForMode,
	},
	{
		name:     "endpoint with tokens of Entra has no time to refresh",
		yaml:     endpoints + reader,
		env:      []string{ofEndpoint("aad", "refreshAfterTimeUtc")},
		says:     []string{`online endpoint "aad" with auth_mode aad_token: no credential "refreshAfterTimeUtc"; it has "accessToken", "expiryTimeUtc"`},
		requests: askedForToken,
	},
	{
		name: "no role on the endpoint with tokens",
		yaml: "workspaces: {" + workspace + ": {endpoint_key_readers: [other], online_endpoints: {aml: {auth_mode: aml_token, access_token: canary-secret}}}}\n",
		env:  []string{ofEndpoint("aml", "accessToken")},
		says: []string{
			`online endpoint "aml" in workspace "w1x": access denied (403 AuthorizationFailed)`,
			"a role with the action Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action on " + workspace, readAndScore,
		},
		requests: askedForMode,
	},
	{
		name:     "endpoint's mode is not said",
		yaml:     onEndpoint(`status: 200, body: '{"name":"aad","properties":{}}'`),
		env:      []string{ofEndpoint("aad", "accessToken")},
		says:     []string{"request refused (400 BadArgument): ", readAndScore},
		requests: askedForMode,
	},
	{
		name:     "endpoint's mode is another endpoint's",
		yaml:     onEndpoint(`status: 200, body: '{"name":"canary-secret","properties":{"authMode":"AADToken"}}'`),
		env:      []string{ofEndpoint("key", "accessToken")},
		says:     []string{"request refused (400 BadArgument): "},
		requests: askedForMode,
	},
	{
		name:     "endpoint's mode hangs",
		yaml:     onEndpoint("hang: true"),
		env:      []string{ofEndpoint("aad", "accessToken"), soon},
		says:     []string{"request refused (400 BadArgument): "},
		requests: askedForMode,
	},
	{
		name:     "endpoint's mode is throttled, then not",
		yaml:     onEndpoint("times: 1, status: 429, headers: {retry-after-ms: \"5\"}"),
		env:      []string{ofEndpoint("aad", "accessToken")},
		starts:   true,
		requests: map[string]int{"token": 2, "keys": 1, "other": 2},
	},
})
