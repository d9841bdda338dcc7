package main_test

import (
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"azinject/resolve"
)

// TestSamples checks that the references which pages show are references, as
// values in YAML and in the text. Placeholders such as VAULT, and beginnings, are
// left out.
func TestSamples(t *testing.T) {
	placeholder := regexp.MustCompile(`…|\b[A-Z]{3,}\b|[:/(]$`)
	beginning := regexp.MustCompile(`^(keyvault:https:|azureml://connections/|akvs://|@Microsoft\.)|\$\{\{ ?(azureml|keyvault|connections\.)`)
	found := 0
	for _, page := range pages(t) {
		for _, sample := range samples(t, string(read(t, page))) {
			if !beginning.MatchString(sample) || placeholder.MatchString(sample) {
				continue
			}
			found++
			if referencesIn(t, sample) == 0 {
				t.Errorf("%s: %s is not a reference", page, sample)
			}
		}
	}
	if found < 15 {
		t.Errorf("the pages contain only %d references", found)
	}
}

// samples returns the values in a page's blocks of YAML, the lines of its other
// blocks and its code.
func samples(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	block := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	for _, b := range block.FindAllStringSubmatch(text, -1) {
		var top yaml.Node
		if b[1] != "yaml" {
			all = append(all, strings.Split(b[2], "\n")...)
		} else if err := yaml.Unmarshal([]byte(b[2]), &top); err != nil {
			t.Errorf("%v:\n%s", err, b[2])
		}
		all = append(all, scalars(&top)...)
	}
	for _, code := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
		all = append(all, code[1])
	}
	return all
}

func scalars(node *yaml.Node) []string {
	var all []string
	if node.Kind == yaml.ScalarNode {
		all = append(all, node.Value)
	}
	for _, child := range node.Content {
		all = append(all, scalars(child)...)
	}
	return all
}

// referencesIn returns how many references a value has.
func referencesIn(t *testing.T, value string) int {
	t.Helper()
	workspace, err := resolve.ParseWorkspace("azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/g/workspaces/w")
	if err != nil {
		t.Fatal(err)
	}
	project, err := resolve.ParseProject("https://acct.services.ai.azure.com/api/projects/proj")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := resolve.Grammar{Cloud: resolve.Clouds["AzureCloud"], Workspace: workspace, Project: project}.Parse(value)
	if err != nil {
		t.Errorf("%s: %v", value, err)
	}
	return len(parsed.References())
}
