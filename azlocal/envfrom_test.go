package main

import (
	"slices"
	"strings"
	"testing"
)

func TestParseEnvironment(t *testing.T) {
	got, err := parseEnvironment([]byte(`
name: blue
environment_variables:
  B: 1_000
  A: yes
  Q: "two\nlines"
  F: 1.50
  T: 2023-05-15
  E:
  X: &x "=="
  Y: *x
  R: ${{keyvault:https://v.vault.azure.net/secrets/s}}
`))
	want := []string{"B=1_000", "A=yes", "Q=two\nlines", "F=1.50", "T=2023-05-15", "E=", "X===", "Y===", "R=${{keyvault:https://v.vault.azure.net/secrets/s}}"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("parseEnvironment = %q, %v, want %q", got, err, want)
	}
}

func TestParseEnvironmentErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "there is no environment_variables mapping"},
		"a list":        {"- a", "there is no environment_variables mapping"},
		"missing":       {"name: x", "there is no environment_variables mapping"},
		"not a mapping": {"environment_variables: [A]", "line 1: environment_variables is not a mapping"},
		"empty mapping": {"name: x\nenvironment_variables:\n", "line 2: environment_variables is not a mapping"},
		"a mapping":     {"environment_variables:\n  A: {b: c}", "line 2: A is not a single value"},
		"unquoted":      {"environment_variables:\n  A: {{x}}", "line 2: A is not a single value; quote it"},
		"merge":         {"environment_variables:\n  <<: {b: c}", "line 2: << is not a single value"},
		"twice":         {"environment_variables:\n  A: 1\n  A: 2", "line 3: A is there twice"},
		"name":          {"environment_variables:\n  A=B: 1", "line 2: not the name"},
		"NUL":           {"environment_variables:\n  A: \"a\\0b\"", "line 2: A holds a NUL byte"},
		"syntax":        {"environment_variables:\n  A: b: c", "line 2: mapping values are not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseEnvironment([]byte(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("parseEnvironment(%q) = %v, want %s", c.text, err, c.want)
			}
		})
	}
}

func TestCompose(t *testing.T) {
	got := compose(
		[]string{"A=1", "Http_Proxy=x", "odd", "=C:=x", "B=2", "MSI_X=y"},
		[]string{"A=3", "C=4"}, []string{"HTTPS_PROXY=p", "C=5"},
	)
	if want := []string{"odd", "=C:=x", "B=2", "A=3", "HTTPS_PROXY=p", "C=5"}; !slices.Equal(got, want) {
		t.Errorf("compose = %q, want %q", got, want)
	}
}
