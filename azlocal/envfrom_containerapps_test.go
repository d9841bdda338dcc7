package main

import (
	"slices"
	"strings"
	"testing"
)

const containerApp = `
location: westeurope
properties:
  template:
    initContainers:
      - name: migrate
        env: [{name: A, value: init}]
    containers:
      - name: server
        env:
          - {name: KEY, value: "${{connections.search.credentials.key}} $(A) ${B}"}
          - {name: SECRET, secretRef: db-password}
          - {name: PLAIN, value: plain, secretRef: null}
          - {name: EMPTY}
          - {name: NOTHING, value: null}
          - {name: NUMBER, value: 5}
`

func TestContainerApp(t *testing.T) {
	declared, err := parseEnvironment("app.yaml", []byte(containerApp), "", nil)
	want := []string{"KEY=${{connections.search.credentials.key}} $(A) ${B}", "PLAIN=plain", "EMPTY=", "NOTHING=", "NUMBER=5"}
	if err != nil || !slices.Equal(declared.variables, want) {
		t.Fatalf("%+v, %v, want %q", declared, err, want)
	}
	if len(declared.absent) != 1 || declared.absent[0].Line != 12 || declared.absent[0].Message != "the value of SECRET is not in this file but in the app's secrets" {
		t.Errorf("absent %+v", declared.absent)
	}
	declared, err = parseEnvironment("app.yaml", []byte(containerApp), "migrate", nil)
	if err != nil || !slices.Equal(declared.variables, []string{"A=init"}) {
		t.Errorf("migrate: %+v, %v", declared, err)
	}
	declared, err = parseEnvironment("app.json", []byte(`{"properties": {"template": {"containers": [{"name": "c", "env": null}], "initContainers": null}}}`), "", nil)
	if err != nil || len(declared.variables) != 0 {
		t.Errorf("no env: %+v, %v", declared, err)
	}
}

func TestContainerAppMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"[{name: a, env: {A: b}}]":                 "line 1: env is not a list of variables",
		"[{name: a, env: [A=b]}]":                  "line 1: write a variable as {name:",
		"[{name: a, env: [{name: A, value: []}]}]": "line 1: A is not a single value",
		"[{name: a}, {name: b}]":                   "choose one of the containers with --container: a (container app), b (container app)",
		"[]":                                       "there is no environment_variables mapping: this should be an Azure ML deployment or job, a Kubernetes manifest, a container app",
	} {
		if _, err := parseEnvironment("app.yaml", []byte("properties: {template: {containers: "+text+"}}"), "", nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
