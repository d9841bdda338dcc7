package deploy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"azinject/resolve"
)

// readYAML reads the last document of a file.
func readYAML[T any](t *testing.T, name string) T {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var last T
	decoder := yaml.NewDecoder(f)
	for documents := 0; ; documents++ {
		var next T
		if decoder.Decode(&next) != nil {
			if documents == 0 {
				t.Fatalf("%s is empty or cannot be parsed", name)
			}
			return last
		}
		last = next
	}
}

// TestExamples parses every example and every reference in it.
func TestExamples(t *testing.T) {
	references := 0
	project, err := resolve.ParseProject("https://acct.services.ai.azure.com/api/projects/proj")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"*.yaml", "*/*.yaml", "*/*.json", "*/*.yml", "*/*/*.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%v: no examples in %s", err, pattern)
		}
		for _, file := range files {
			var environ []string
			collect(readYAML[yaml.Node](t, file), &environ)
			workspace, err := resolve.ParseWorkspace("azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/g/workspaces/w")
			if err != nil {
				t.Fatal(err)
			}
			plan, failures := resolve.NewPlan(environ, resolve.Options{Grammar: resolve.Grammar{Cloud: resolve.Clouds["AzureCloud"], Workspace: workspace, Project: project}})
			if failures != nil {
				t.Errorf("%s: %v", file, failures)
			}
			references += len(plan.Sources())
		}
	}
	if references < 8 {
		t.Errorf("the examples contain only %d references", references)
	}
}

// TestAgent checks that the example for Foundry sets no variable that is Foundry's
// own, and leaves the start, the port and the probe to the image and the agent.
func TestAgent(t *testing.T) {
	project := readYAML[struct {
		Services map[string]struct {
			Host, Kind     string
			StartupCommand string `yaml:"startupCommand"`
			Docker         struct{ Path string }
			Env            map[string]string
		}
	}](t, "foundry/azure.yaml")
	agent := project.Services["my-agent"]
	if agent.Host != "azure.ai.agent" || agent.Kind != "hosted" || agent.StartupCommand != "" || len(agent.Env) == 0 {
		t.Errorf("azure.yaml describes %+v", agent)
	}
	for name := range agent.Env {
		if strings.HasPrefix(name, "FOUNDRY_") || strings.HasPrefix(name, "AGENT_") || name == "PORT" {
			t.Errorf("azure.yaml sets %s, which is Foundry's own", name)
		}
	}
	dockerfile, err := os.ReadFile("foundry/" + agent.Docker.Path)
	if err != nil {
		t.Fatal(err)
	}
	const end = "EXPOSE 8088\nENTRYPOINT [\"/azinject\", \"--\"]\nCMD [\"python3\", \"main.py\"]\n"
	if !strings.HasSuffix(string(dockerfile), end) {
		t.Errorf("the Dockerfile does not end in %q", end)
	}
}

// TestPipelines checks that the pipelines run the command from the README, word
// for word.
func TestPipelines(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const command = "azlocal login --env-from deployment.yml -- azinject --check"
	if !strings.Contains(strings.ReplaceAll(string(readme), "bin/az", "az"), command) {
		t.Errorf("the README does not contain %s", command)
	}
	for _, name := range []string{"ci/github.yml", "ci/azure-pipelines.yml"} {
		var values []string
		collect(readYAML[yaml.Node](t, name), &values)
		if !slices.Contains(values, "VALUE="+command) {
			t.Errorf("%s does not run %s", name, command)
		}
		created := func(value string) bool { return strings.HasPrefix(value, "VALUE=az ml online-deployment create ") }
		checked, at := slices.Index(values, "VALUE=azlocal access deployment.yml"), slices.IndexFunc(values, created)
		if checked < 0 || at < checked {
			t.Errorf("%s does not run azlocal access before az ml online-deployment create", name)
		}
	}
}

// collect appends all scalars to environ, because any may be a variable's
// value. Compose turns two dollar signs into one.
func collect(node yaml.Node, environ *[]string) {
	if node.Kind == yaml.ScalarNode {
		*environ = append(*environ, "VALUE="+strings.ReplaceAll(node.Value, "$$", "$"))
	}
	for _, child := range node.Content {
		collect(*child, environ)
	}
}

// TestProbesWait checks that probes allow for the longest wait of azinject.
func TestProbesWait(t *testing.T) {
	const longest = 10*60 + 2*60 // AZINJECT_WAIT_FOR_ACCESS and AZINJECT_TIMEOUT, in seconds
	type probe struct {
		InitialDelay int `yaml:"initial_delay"`
		Period       int
		Failures     int `yaml:"failure_threshold"`
	}
	for _, name := range []string{"azureml/deployment.yml", "azureml/scoring/deployment.yml"} {
		online := readYAML[struct {
			Liveness  probe `yaml:"liveness_probe"`
			Readiness probe `yaml:"readiness_probe"`
		}](t, name)
		for _, p := range []probe{online.Liveness, online.Readiness} {
			if p.InitialDelay+p.Period*p.Failures <= longest {
				t.Errorf("%s: %+v gives up before azinject does", name, p)
			}
		}
	}
	pod := readYAML[struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Startup struct {
							Period   int `yaml:"periodSeconds"`
							Failures int `yaml:"failureThreshold"`
						} `yaml:"startupProbe"`
					}
				}
			}
		}
	}](t, "kubernetes/workload-identity.yaml")
	if p := pod.Spec.Template.Spec.Containers[0].Startup; p.Period*p.Failures <= longest {
		t.Errorf("workload-identity.yaml: %+v gives up before azinject does", p)
	}
}
