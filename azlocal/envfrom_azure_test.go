package main

import (
	"slices"
	"strings"
	"testing"
)

func TestAppSettings(t *testing.T) {
	const settings = `[
  {"name": "COLOR", "slotSetting": false, "value": "@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k)"},
  {"name": "NUMBER", "slotSetting": true, "value": "1"},
  {"name": "EMPTY", "value": ""}
]`
	declared, err := parseEnvironment("settings.json", []byte(settings), "", nil)
	want := []string{"COLOR=@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k)", "NUMBER=1", "EMPTY="}
	if err != nil || !slices.Equal(declared.variables, want) {
		t.Errorf("%+v, %v, want %q", declared, err, want)
	}
	for text, want := range map[string]string{
		`[{"name": "A"}]`: "line 1: A has no value", `[{"name": "A", "slotSetting": false, "value": null}]`: "line 1: A has no value", `[{"value": "x"}]`: "there is no environment_variables", `[{"name": "A", "value": "b"}, "C=d"]`: "line 1: write a variable as {name:", `[{"name": "A", "value": {}}]`: "line 1: A is not a single value",
	} {
		if _, err := parseEnvironment("settings.json", []byte(text), "", nil); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

const azdProject = `
name: shop
services:
  agent:
    host: azure.ai.agent
    env:
      KEY: ${{connections.search.credentials.key}}
      LITERAL: $${{connections.search.target}}
      URL: https://${HOST}/${{inputs.x}}/$HOME/${HOST}
  web:
    host: containerapp
`

func TestProject(t *testing.T) {
	want := []string{"KEY=${{connections.search.credentials.key}}", "LITERAL=${{connections.search.target}}", "URL=https://h/${{inputs.x}}/$HOME/h"}
	for _, name := range []string{"", "agent"} {
		declared, err := parseEnvironment("azure.yaml", []byte(azdProject), name, []string{"HOST=h"})
		if err != nil || !slices.Equal(declared.variables, want) {
			t.Errorf("%+v, %v, want %q", declared, err, want)
		}
	}
	for _, test := range []struct{ text, service, want string }{
		{azdProject, "", "line 9: URL needs HOST, which is not in the shell"},
		{azdProject, "web", `there is no service "web" with an env: choose one of agent`},
		{strings.Replace(azdProject, "containerapp", "containerapp\n    env: {A: b}", 1), "", "choose one of the services with --container: agent, web"},
		{"services: {web: {host: x}}", "", "no service has an env mapping, as in a project of azd: azlocal does not read Compose files"},
		{"services: {web: {env: [A]}}", "", "line 1: env is not a mapping"},
		{"services: {web: {env: {A: [b]}}}", "", "line 1: A is not a single value"},
		{"services: {web: {env: {A: b, A: c}}}", "", "line 1: A is there twice"},
	} {
		if _, err := parseEnvironment("azure.yaml", []byte(test.text), test.service, nil); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.text, err, test.want)
		}
	}
}
