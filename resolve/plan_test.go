package resolve

import (
	"context"
	"slices"
	"strings"
	"testing"
)

const kv = "${{keyvault:https://kv1.vault.azure.net/secrets/"

// secretContent returns a secret as a vault serves it.
func secretContent(value string) content {
	return content{get: func(Reference) (Secret, error) { return NewSecret(value), nil }}
}

func appKey(key, label string) string { return written(keyRef("store1.azconfig.io", key, label)) }

func testOptions() Options {
	return Options{Grammar: Grammar{Cloud: Clouds["AzureCloud"], Workspace: testWorkspace}}
}

func TestPlanFetchesEachObjectOnce(t *testing.T) {
	long := "azureml://" + strings.TrimPrefix(testWorkspace.ID(), "/") + "/connections/"
	tests := []struct {
		name    string
		environ []string
		objects int
	}{
		{"equal references", []string{"A=" + kv + "s}}", "B=x" + kv + "s}}", "C=keyvault:https://kv1.vault.azure.net/secrets/s"}, 1},
		{"letter case of vault, name and version", []string{"A=" + kv + "Sec/V1}}", "B=keyvault:https://KV1.vault.azure.net/secrets/sEC/v1"}, 1},
		{"pointers into a secret", []string{"A=" + kv + "s#/a}}", "B=" + kv + "s#/b}}", "C=" + kv + "s}}"}, 1},
		{"azd's form", []string{"A=akvs://00000000-1111-2222-3333-444444444444/KV1/s", "B=" + kv + "s}}"}, 1},
		{"a key", []string{"A=" + appKey("k", ""), "B=" + appKey("k", "")}, 1},
		{"letter case of keys and labels", []string{"A=" + appKey("k", "l"), "B=" + appKey("K", "l"), "C=" + appKey("k", "L"), "D=" + appKey("k", "")}, 4},
		{"another version", []string{"A=" + kv + "s}}", "B=" + kv + "s/v1}}"}, 2},
		{"another vault", []string{"A=" + kv + "s}}", "B=keyvault:https://kv2.vault.azure.net/secrets/s"}, 2},
		{"all parts of a connection", []string{"A=azureml://connections/c", "B=azureml://connections/c/target",
			"C=azureml://connections/c/credentials/a", "D=azureml://connections/c/metadata/b", "E=azureml://connections/C/credentials/z"}, 1},
		{"own workspace by its name", []string{"A=azureml://connections/c", "B=${{" + long + "c}}", "C=${{" + strings.ToLower(long) + "c}}"}, 1},
		{"keys and token of an endpoint", []string{"A=${{azureml://onlineEndpoints/e/credentials/primaryKey}}${{azureml://onlineEndpoints/e/credentials/secondaryKey}}",
			"B=${{azureml://onlineEndpoints/e/credentials/accessToken}}"}, 2},
		{"an endpoint named like a connection", []string{"A=azureml://connections/c", "B=${{azureml://onlineEndpoints/c/credentials/primaryKey}}"}, 2},
		{"none", []string{"A=1"}, 0},
	}
	for _, test := range tests {
		p, failures := NewPlan(test.environ, testOptions())
		if failures != nil {
			t.Errorf("%s: %v", test.name, failures)
			continue
		}
		if len(p.objects) != test.objects {
			t.Errorf("%s: %d objects, want %d: %v", test.name, len(p.objects), test.objects, p.objects)
		}
	}
}

func TestPlanScopes(t *testing.T) {
	const arm = "https://management.core.windows.net//.default"
	tests := []struct {
		environ []string
		want    []string
	}{
		{[]string{"A=" + kv + "s}}", "B=azureml://connections/c", "C=" + kv + "t}}", "D=azureml://connections/d"}, []string{"https://vault.azure.net/.default", arm, "https://vault.azure.net/.default", arm}},
		{[]string{"A=" + appKey("k", ""), "B=" + appKey("k", "l")}, []string{"https://store1.azconfig.io/.default", "https://store1.azconfig.io/.default"}},
		{[]string{"A=keyvault:https://kv1.vault.azure.cn/secrets/s"}, []string{"https://vault.azure.cn/.default"}},
		{[]string{"A=keyvault:https://vault.local.example/secrets/s"}, []string{""}},
	}
	for _, test := range tests {
		options := testOptions()
		options.AllowedVaultHosts = []string{"vault.local.example"}
		p, failures := NewPlan(test.environ, options)
		if failures != nil {
			t.Fatal(failures)
		}
		var got []string
		for _, o := range p.objects {
			got = append(got, p.scope(o))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%q: scopes = %q, want %q", test.environ, got, test.want)
		}
	}
}

func TestSkippedVariables(t *testing.T) {
	options := testOptions()
	options.Skip = func(name string) bool { return name == "RAW" || name == "OWN_X" }
	environ := []string{"RAW=${{keyvault:", "OWN_X=" + kv + "s}}", "OTHER=1"}
	p, failures := NewPlan(environ, options)
	if failures != nil {
		t.Fatal(failures)
	}
	if got, failures := p.Resolve(context.Background(), nil); failures != nil || !slices.Equal(got.Environ, environ) {
		t.Errorf("Resolve = %q, %v, want the environment unchanged", got, failures)
	}
}

func TestPlanReportsAllMistakes(t *testing.T) {
	options := testOptions()
	options.Workspace = Workspace{}
	_, failures := NewPlan([]string{"OK=" + kv + "s}}", "BAD=${{keyvault:x}}", "LOST=azureml://connections/c", "FINE=1", "WORSE=keyvault:https://x"}, options)
	var names []string
	for _, f := range failures {
		names = append(names, f.Variable)
	}
	if want := []string{"BAD", "LOST", "WORSE"}; !slices.Equal(names, want) {
		t.Fatalf("failures of %q, want %q", names, want)
	}
	if failures[1].Err != ErrNoWorkspace {
		t.Errorf("%v is not ErrNoWorkspace", failures[1].Err)
	}
}
