package emulator

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	const me = "identities: {me: {}}\n"
	const ws = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
	failToParse(t, map[string]struct{ config, want string }{
		"syntax":                {"a: [\n", "line 1: did not find expected node content"},
		"unknown key":           {me + "vault: {}", `line 2: unknown key "vault": the keys here are tenant, platform, `},
		"unknown nested":        {me + "vaults:\n  kvx:\n    reader: [me]", `line 4: unknown key "reader": the keys here are permission_model, resource_group, readers, `},
		"unknown in secret":     {me + "vaults:\n  kvx:\n    secrets:\n      s: {value: x}", `line 5: unknown key "value": the keys here are versions`},
		"unknown in version":    {me + "vaults:\n  kvx:\n    secrets:\n      s: {versions: [{vaule: x}]}", `line 5: unknown key "vaule"`},
		"secret is a list":      {me + "vaults:\n  kvx:\n    secrets:\n      s: [x]", "line 5: write a mapping"},
		"no mapping":            {me + "vaults:\n  kvx: open", "line 3: write a mapping"},
		"duration":              {me + "network: {latency: 10}", "line 2: write a duration with its unit, such as 10ms"},
		"nested credential":     {me + "workspaces:\n  " + ws + ": {connections: {c: {auth_type: CustomKeys, credentials: {keys: {A: x}}}}}", "line 3: write a single value here, not a list or a mapping"},
		"unknown alias":         {me + "tenant: *hunter2", "line 2: a value that begins with * is an alias: quote it if it is not meant to be one"},
		"listen":                {me + "Listen: 0.0.0.0", `line 2: unknown key "Listen"`},
		"duration of a role":    {me + "vaults: {kvx: {role_propagates_after: 1s}}", "line 2: write a number here"},
		"list":                  {me + "vaults: {kvx: {readers: me}}", "line 2: write a list here, such as [one, two]"},
		"truth":                 {me + "vaults: {kvx: {firewall: maybe}}", "line 2: write true or false here"},
		"time":                  {me + "vaults: {kvx: {secrets: {s: {versions: [{value: x, expires: tomorrow}]}}}}", "write a time, such as 2027-01-01T00:00:00Z"},
		"no time":               {me + "vaults: {kvx: {secrets: {s: {versions: [{value: x, expires: [x]}]}}}}", "line 2: write a time, such as 2027-01-01T00:00:00Z"},
		"at sign":               {"tenant: @Microsoft.KeyVault(x)", "quote a value that begins with @, % or `"},
		"colon":                 {"platform: none\ntenant: a: b", "line 2: mapping values are not allowed in this context: quote a value that contains a colon and a space"},
		"braces":                {"{tenant: ${{a}}}", "quote a value that contains braces or brackets"},
		"tab":                   {me + "vaults:\n\tkvx: {}", "line 3: indent with spaces: YAML does not allow tabs"},
		"tab in the first line": {"\tplatform: none", "line 1: indent with spaces: YAML does not allow tabs"},
		"two documents":         {me + "---\nvaults: {}", "this file has several documents"},
		"tab after spaces":      {me + "vaults:\n \tkvx: {}", "indent with spaces: YAML does not allow tabs"},
		"unknown":               {"identities:\n  me:\n    federated: {sub: x}", `line 3: unknown key "sub"`},
		"fault's key":           {me + "faults:\n  - {match: GET x/y, hangs: true}", `line 3: unknown key "hangs"`},
		"fault's delay unit":    {me + "faults:\n  - {match: GET x/y, slow: 3}", "line 3: write a duration with its unit"},
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
			if strings.Contains(err.Error(), "emulator.") || strings.Contains(err.Error(), "unmarshal") {
				t.Errorf("Parse names a Go type: %v", err)
			}
		})
	}
}

func TestKeysAreListedOnce(t *testing.T) {
	_, err := Parse([]byte("name: x\nscope: y\nnetwork: {lag: 1s}\n"))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], theKeys) || lines[1] != `line 2: unknown key "scope"` || lines[2] != `line 3: unknown key "lag": the keys here are latency, token_latency, http2` {
		t.Errorf("Parse = %v", err)
	}
}

func TestLoadReportsEverythingWithTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "azure.yaml")
	config := "tenant: a\nplatform: b\nidentities: {me: {}}\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(file)
	want := file + `:1: tenant: "a" is not a GUID` + "\n" + file + `:2: platform: "b" is not one of appservice, arc, azureml, azureml_cluster, azureml_instance, azureml_kubernetes, azureml_serverless, cloudshell, container_instances, foundry_agent, identity_binding, imds, none, on_behalf_of, service_principal, servicefabric, workload_identity`
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
