package main_test

import "strings"

// missingFailures are references to what does not exist.
var missingFailures = []failureCase{
	{
		name:     "no such secret",
		yaml:     oneSecret,
		env:      []string{"A=keyvault:https://kv1.vault.azure.net/secrets/x"},
		says:     []string{`secret "x" in kv1.vault.azure.net: not found (404 SecretNotFound)`, "az keyvault secret list --vault-name kv1"},
		requests: secretOnce,
	},
	{
		name: "no such version",
		yaml: oneSecret,
		env:  []string{secretS + "/v1"},
		says: []string{
			`secret "s" version "v1" in kv1.vault.azure.net: not found (404 SecretNotFound)`,
			"list-versions --vault-name kv1 --name s",
		},
		requests: secretOnce,
	},
	{
		name: "no such member",
		yaml: "vaults: {kv1: {secrets: {s: '{\"db\": {\"password\": \"canary-secret\", \"canary-secret of\": 1}}'}}}\n",
		env:  []string{secretS + "#/db/pasword", "B=keyvault:https://kv1.vault.azure.net/secrets/s#/db/password"},
		says: []string{
			`A: secret "s" in kv1.vault.azure.net: no value at "#/db/pasword": "#/db" has "password" and 1 more`,
			"1 of 2 references failed",
		},
		requests: secretOnce,
	},
	{
		name:     "no JSON",
		yaml:     oneSecret,
		env:      []string{secretS + "#/db"},
		says:     []string{`A: secret "s" in kv1.vault.azure.net: no value at "#/db": the secret is not JSON`},
		requests: secretOnce,
	},
	{
		name:     "no such connection",
		yaml:     connection,
		env:      []string{"A=azureml://connections/x", inW},
		says:     []string{`connection "x" in workspace "w1x": not found (404`, "can't be found in this workspace", "az ml connection list"},
		requests: map[string]int{"connection": 1},
	},
	{
		name:     "no such credential",
		yaml:     connection,
		env:      []string{"A=azureml://connections/c/credentials/apikey", inW},
		says:     []string{`connection "c": no credential "apikey"; it has "key"`},
		requests: map[string]int{"connection": 1},
	},
	{
		name: "no such endpoint",
		yaml: connection,
		env:  []string{"A=${{azureml://onlineEndpoints/x/credentials/primaryKey}}", inW},
		says: []string{`online endpoint "x" in workspace "w1x": not found (404`, "az ml online-endpoint list"},
	},
	{
		name:      "long report",
		yaml:      connection,
		platforms: "appservice",
		env:       append(many("A%d=azureml://connections/c/credentials/a-rather-long-name-of-a-credential-that-is-not-there-%[1]d"), inW),
		says:      []string{"A40: connection", "40 of 40 references failed"},
		requests:  map[string]int{"connection": 1},
	},
	{
		name: "no such workspace",
		yaml: connection,
		env:  []string{keyOfC, strings.Replace(inW, "w1x", "w2x", 1)},
		says: []string{"not found (404 ResourceNotFound)", "check AZINJECT_WORKSPACE: there may be no workspace ", "w2x"},
	},
	{
		name: "no such workspace in the reference",
		yaml: connection,
		env:  []string{"A=${{azureml:/" + strings.Replace(workspace, "w1x", "w2x", 1) + "/connections/c}}", inW},
		says: []string{"not found (404 ResourceNotFound)", "check the reference: there may be no workspace ", "w2x"},
	},
}
