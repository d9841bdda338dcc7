package resolve

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

const kv = "${{keyvault:https://kv1.vault.azure.net/secrets/"

// secretContent is a secret that a vault has served.
func secretContent(value string) content {
	return content{get: func(Reference) (Secret, error) { return NewSecret(value), nil }}
}

func testOptions() Options {
	return Options{Cloud: Clouds["AzureCloud"], Workspace: testWorkspace}
}

// resolved runs the plan with results that come from no network: every secret
// has the value «name».
func resolved(t *testing.T, environ []string) []string {
	t.Helper()
	p, failures := NewPlan(environ, testOptions())
	if failures != nil {
		t.Fatal(failures)
	}
	results := make([]result, len(p.objects))
	for i, o := range p.objects {
		results[i].content = secretContent("«" + o.Name + "»")
	}
	done, failures := p.substitute(results)
	if failures != nil {
		t.Fatal(failures)
	}
	return done.Environ
}

func TestEnvironmentSurvives(t *testing.T) {
	environ := []string{
		"Z=1", "A=" + kv + "a}}", "Z=2", "A=" + kv + "b}}", "no equals sign", "", "=nameless", "A=plain",
		"EQUALS=a=b=" + kv + "a}}=c", "BYTES=\xff\xfe" + kv + "a}}\n", "${{keyvault:nonsense", "TWICE=" + kv + "a}}" + kv + "a}}",
	}
	want := []string{
		"Z=1", "A=«a»", "Z=2", "A=«b»", "no equals sign", "", "=nameless", "A=plain",
		"EQUALS=a=b=«a»=c", "BYTES=\xff\xfe«a»\n", "${{keyvault:nonsense", "TWICE=«a»«a»",
	}
	before := slices.Clone(environ)
	if got := resolved(t, environ); !slices.Equal(got, want) {
		t.Errorf("resolved = %q\nwant %q", got, want)
	}
	if !slices.Equal(environ, before) {
		t.Errorf("the environment that was given has changed: %q", environ)
	}
}

func TestSubstitutionIsOnePass(t *testing.T) {
	p, failures := NewPlan([]string{"A=" + kv + "a}}"}, testOptions())
	if failures != nil {
		t.Fatal(failures)
	}
	const value = "${{keyvault:https://kv1.vault.azure.net/secrets/other}} $HOME ${{azureml:"
	done, failures := p.substitute([]result{{content: secretContent(value)}})
	if failures != nil || done.Environ[0] != "A="+value {
		t.Errorf("substitute = %q, %v, want the secret as it is", done, failures)
	}
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
		{[]string{"A=" + kv + "s}}", "B=azureml://connections/c", "C=" + kv + "t}}", "D=azureml://connections/d"}, []string{"https://vault.azure.net/.default", arm}},
		{[]string{"A=keyvault:https://kv1.vault.azure.cn/secrets/s"}, []string{"https://vault.azure.cn/.default"}},
		{[]string{"A=keyvault:https://vault.local.example/secrets/s"}, nil},
	}
	for _, test := range tests {
		options := testOptions()
		options.AllowedVaultHosts = []string{"vault.local.example"}
		p, failures := NewPlan(test.environ, options)
		if failures != nil {
			t.Fatal(failures)
		}
		if got := p.scopes(); !slices.Equal(got, test.want) {
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
		t.Errorf("Resolve = %q, %v, want the environment as it was", got, failures)
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

func TestSubstituteReportsAllFailures(t *testing.T) {
	p, failures := NewPlan([]string{"A=" + kv + "a}}", "B=" + kv + "b}}", "C=" + kv + "a}}"}, testOptions())
	if failures != nil {
		t.Fatal(failures)
	}
	broken := errors.New("broken")
	resolution, failures := p.substitute([]result{{err: broken}, {content: secretContent("b")}})
	if want := []Failure{{"A", broken}, {"C", broken}}; !slices.Equal(failures, want) || resolution.Environ != nil {
		t.Fatalf("substitute = %v, %v, want %v and no environment", resolution, failures, want)
	}
	for i, source := range resolution.Sources {
		if failed := source.Reference.Object.Name == "a"; len(resolution.Sources) != 3 || source.Variable != "ABC"[i:i+1] || (source.Err != nil) != failed {
			t.Errorf("source %d of %d is %+v", i, len(resolution.Sources), source)
		}
	}
}

func TestDiscoverWorkspace(t *testing.T) {
	job := map[string]string{"AZUREML_ARM_SUBSCRIPTION": "s", "AZUREML_ARM_RESOURCEGROUP": "r", "AZUREML_ARM_WORKSPACE_NAME": "w"}
	with := func(name, value string) map[string]string {
		m := map[string]string{name: value}
		for k, v := range job {
			m[k] = v
		}
		return m
	}
	tests := []struct {
		name string
		env  map[string]string
		want Workspace
		from string // its beginning
	}{
		{"none", nil, Workspace{}, ""},
		{"job", job, Workspace{"s", "r", "w"}, "AZUREML_ARM_SUBSCRIPTION, "},
		{"half a job", map[string]string{"AZUREML_ARM_SUBSCRIPTION": "s", "AZUREML_ARM_WORKSPACE_NAME": "w"}, Workspace{}, ""},
		{"a job's variable that leaves its segment", map[string]string{"AZUREML_ARM_SUBSCRIPTION": "s", "AZUREML_ARM_RESOURCEGROUP": "../r", "AZUREML_ARM_WORKSPACE_NAME": "w"}, Workspace{}, ""},
		{"deployment", with("AML_DEPLOYMENT_RESOURCE_ID", testWorkspace.ID()+"/onlineEndpoints/e/deployments/d"), testWorkspace, "AML_DEPLOYMENT_RESOURCE_ID"},
		{"something else in the deployment's variable", with("AML_DEPLOYMENT_RESOURCE_ID", "blue"), Workspace{"s", "r", "w"}, "AZUREML_ARM_SUBSCRIPTION, "},
	}
	for _, test := range tests {
		got, from := DiscoverWorkspace(func(name string) string { return test.env[name] })
		if got != test.want || !strings.HasPrefix(from, test.from) || test.from == "" && from != "" {
			t.Errorf("%s: %+v from %q, want %+v from %q", test.name, got, from, test.want, test.from)
		}
	}
}

func TestParseWorkspace(t *testing.T) {
	good := []string{
		testWorkspace.ID(),
		strings.Replace(testWorkspace.ID(), "resourceGroups", "RESOURCEGROUPS", 1),
		"azureml:/" + testWorkspace.ID(),
		"azureml://subscriptions/" + testWorkspace.Subscription + "/resourcegroups/my-rg/workspaces/my_ws",
	}
	for _, id := range good {
		if got, err := ParseWorkspace(id); err != nil || got != testWorkspace {
			t.Errorf("ParseWorkspace(%q) = %+v, %v", id, got, err)
		}
	}
	bad := []string{"", "/", "my_ws", strings.TrimPrefix(testWorkspace.ID(), "/"), testWorkspace.ID() + "/", testWorkspace.ID() + "/connections/c",
		"/subscriptions/s/resourceGroups/r", "azureml:" + testWorkspace.ID(), "https://ml.azure.com/x"}
	for _, id := range bad {
		if got, err := ParseWorkspace(id); !errors.Is(err, ErrWorkspace) || got != (Workspace{}) {
			t.Errorf("ParseWorkspace(%q) = %+v, %v, want ErrWorkspace", id, got, err)
		}
	}
}
