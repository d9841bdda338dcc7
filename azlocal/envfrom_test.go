package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"azinject/emulator"
)

// decode returns what a file with this name and text declares for a COMMAND
// that inherits the variables.
func decode(name, text string, inherited ...string) ([]string, error) {
	declared, err := parseEnvironment(name, []byte(text), "", inherited)
	if err != nil {
		return nil, err
	}
	return declared.variables, nil
}

// checkDeclaration checks for a valid environment or a mistake in the file.
func checkDeclaration(t *testing.T, declared *declaration, err error) {
	t.Helper()
	if err != nil {
		if bad, ok := errors.AsType[*emulator.ConfigError](err); !ok || len(bad.Problems) != 1 || bad.Problems[0].Message == "" {
			t.Errorf("the error is %#v", err)
		}
		return
	}
	for _, kv := range declared.variables {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" || strings.Contains(kv, "\x00") {
			t.Errorf("%q is not a variable", kv)
		}
	}
}

// TestFormats checks how the format of a file is recognised.
func TestFormats(t *testing.T) {
	const azureML = "environment_variables:\n  A: ml\n"
	const manifest = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, env: [{name: A, value: pod}]}]}\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"deployment":                {"deployment.yml", azureML, "A=ml"},
		"deployment.yaml":           {"deployment.yaml", azureML, "A=ml"},
		"deployment in JSON":        {"job.json", `{"environment_variables": {"A": "ml"}}`, "A=ml"},
		"deployment without a name": {"63", azureML, "A=ml"},
		"deployment, second":        {"d.yml", "---\n---\n" + azureML, "A=ml"},
		"manifest":                  {"pod.yaml", manifest, "A=pod"},
		"manifest without a name":   {"stdin", manifest, "A=pod"},
		"manifest in JSON":          {"pod.json", "{\n\t\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n\t\"spec\": {\"containers\": [{\"name\": \"c\", \"env\": [{\"name\": \"A\", \"value\": \"pod\"}]}]}\n}", "A=pod"},
		"manifest, second":          {"all.yaml", "apiVersion: v1\nkind: Service\n---\n" + manifest, "A=pod"},
		"manifest, first":           {"all.yaml", manifest + "---\napiVersion: v1\nkind: Service\n", "A=pod"},
		"env file":                  {".env", "A=b\n", "A=b"},
		"env file, one more name":   {".env.local", "A=b\n", "A=b"},
		"env file without a name":   {"settings", "A=b\n", "A=b"},
		"env file, a mapping":       {"settings", "A=b: c\n", "A=b: c"},
		"env file, mappings":        {"settings", "A=b: c\nB=d: e\n", "A=b: c B=d: e"},
		"env file, braces":          {"settings", "A={b: c}\n", "A={b: c}"},
		"env file, reference":       {"settings", "A=${{keyvault:https://v.vault.azure.net/secrets/s}}\n", "A=${{keyvault:https://v.vault.azure.net/secrets/s}}"},
		"env file, a block":         {"settings", "A=b: |\n", "A=b: |"},
		"env file, comment":         {"settings", "# environment_variables: {A: 1}\nA=b\n", "A=b"},
		"env file, document":        {"settings", "A=b\n---=x\n", "A=b ---=x"},
		"env file, .env":            {"prod.env", "A=b: c\n", "A=b: c"},
		"env file of comments":      {"settings", "# nothing\n", ""},
		"empty env file":            {"settings", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := decode(c.file, c.text)
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("%s: %q, %v, want %s", c.file, got, err, c.want)
			}
		})
	}
}

func TestFormatErrors(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"broken YAML":          {"deployment.yml", "environment_variables:\n  A: b: c\n", "line 2: mapping values are not allowed"},
		"broken JSON":          {"pod.json", "{\"a\": [}\n", "line 1: did not find expected node content"},
		"env file as YAML":     {"prod.yml", "A=hunter2\n", "there is no environment_variables mapping"},
		"YAML as env file":     {"prod.env", "environment_variables:\n  A: hunter2\n", "line 2: this line is not NAME=value"},
		"broken, without name": {"stdin", "environment_variables:\n  A: b: hunter2\n", "line 2: this line is not NAME=value"},
		"mapping":              {"settings", "A: hunter2\n", "there is no environment_variables mapping"},
		"list":                 {"settings", "- A=hunter2\n", "line 1: the name before = contains a space"},
		"broken second":        {"all.yaml", "a: 1\n---\nb: c: hunter2\n", "line 3: mapping values are not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode(c.file, c.text); err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v, want %s", c.file, err, c.want)
			}
		})
	}
}

func TestContainerIsForManifests(t *testing.T) {
	for name, text := range map[string]string{"d.yml": "environment_variables: {A: 1}", ".env": "A=1", "settings": "A=1"} {
		if _, err := parseEnvironment(name, []byte(text), "c", nil); err == nil || err.Error() != "--container is for Kubernetes manifests, container apps and azd's projects, and this is something else" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReadEnvironment checks that errors name the file and the line.
func TestReadEnvironment(t *testing.T) {
	if got, err := readEnvironment("", "", nil); err != nil || got.variables != nil {
		t.Errorf("no file: %+v, %v", got, err)
	}
	if _, err := readEnvironment("/nosuch.yml", "", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	for name, want := range map[string]string{
		"environment_variables:\n  A: [1]\n": ":2: A is not a single value: quote it if it should be one",
		"name: x\n":                          ": there is no environment_variables mapping: this should be an Azure ML deployment or job, a Kubernetes manifest, a container app, an app's settings, a project of azd or an env file",
	} {
		file := write(t, "d.yml", name)
		if _, err := readEnvironment(file, "", nil); err == nil || err.Error() != file+want {
			t.Errorf("%v, want %s%s", err, file, want)
		}
	}
}

// TestReadEnvironmentOfExamples reads the files that users copy.
func TestReadEnvironmentOfExamples(t *testing.T) {
	for pattern, names := range map[string][]string{
		"../deploy/azureml/deployment.yml":            {"OPENAI_KEY", "DB_PASSWORD", "AZINJECT_WAIT_FOR_ACCESS"},
		"../deploy/azureml/job.yml":                   {"DB_PASSWORD", "OPENAI_KEY"},
		"../deploy/kubernetes/identity-binding.yaml":  {"DB_PASSWORD"},
		"../deploy/kubernetes/workload-identity.yaml": {"DB_URL", "DB_PASSWORD", "AZINJECT_WAIT_FOR_ACCESS"},
		"../deploy/kubernetes/init-container.yaml":    {"OPENAI_KEY"},
	} {
		got, err := readEnvironment(filepath.FromSlash(pattern), "", nil)
		if err != nil {
			t.Error(err)
			continue
		}
		var have []string
		for _, kv := range got.variables {
			have = append(have, nameOf(kv))
		}
		if !slices.Equal(have, names) || got.absent != nil {
			t.Errorf("%s declares %q, want %q", pattern, have, names)
		}
	}
}
