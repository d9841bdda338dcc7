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

// deployment and job are written as Azure Machine Learning's documentation
// writes them.
const (
	deployment = `$schema: https://azuremlschemas.azureedge.net/latest/kubernetesOnlineDeployment.schema.json
name: blue
type: kubernetes
endpoint_name: my-endpoint
model:
  path: ../../model-1/model/
environment:
  image: ghcr.io/me/app:1
  inference_config:
    scoring_route: {path: /score, port: 8080}
environment_variables:
  # a comment
  WORKER_COUNT: 1
  DB_URL: "postgres://app:${{keyvault:https://kv1.vault.azure.net/secrets/db-password}}@db/app"
  OPENAI_KEY: ${{ azureml://connections/aoai/credentials/key }}
  HASH: a#b   # the comment begins here
request_settings:
  request_timeout_ms: 3000
instance_type: defaultinstancetype
`
	job = `$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
type: command
experiment_name: lightgbm
inputs:
  data: {type: uri_file, path: "https://example.blob.core.windows.net/data/iris.csv"}
environment_variables:
  DATA: ${{inputs.data}}
  RATE: "${{search_space.rate}} ${{ parent.inputs.x }}"
  CREDS: $${{secrets.X}} ${HOME} %PATH% {{ .Values.x }} $(x)
  STORE: azureml://datastores/d/paths/p
  LINES: |
    one
    two
  FOLDED: >-
    one
    two
command: >-
  azinject -- python train.py
  --data ${{inputs.data}}
environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest
compute: azureml:cpu-cluster
`
	pipeline = `$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
jobs:
  prepare:
    type: command
    command: python prepare.py
    environment_variables: {A: 1}
  score: {type: command, component: ./score.yml}
  train:
    type: command
    component: ./train.yml
    environment_variables:
      KEY: ${{keyvault:https://kv1.vault.azure.net/secrets/s}}
`
)

// TestParseEnvironmentDocumented: what only Azure Machine Learning knows how to
// fill in stays as it is written.
func TestParseEnvironmentDocumented(t *testing.T) {
	for text, want := range map[string][]string{
		deployment: {
			"WORKER_COUNT=1", "DB_URL=postgres://app:${{keyvault:https://kv1.vault.azure.net/secrets/db-password}}@db/app",
			"OPENAI_KEY=${{ azureml://connections/aoai/credentials/key }}", "HASH=a#b",
		},
		job: {
			"DATA=${{inputs.data}}", "RATE=${{search_space.rate}} ${{ parent.inputs.x }}", "CREDS=$${{secrets.X}} ${HOME} %PATH% {{ .Values.x }} $(x)",
			"STORE=azureml://datastores/d/paths/p", "LINES=one\ntwo\n", "FOLDED=one two",
		},
	} {
		got, err := parseEnvironment([]byte(text))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("parseEnvironment = %q, %v, want %q", got, err, want)
		}
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
		"two of them":   {"environment_variables:\n  A: 1\nenvironment_variables:\n  B: 1", "environment_variables is there twice"},
		"pipeline":      {pipeline, "this is a pipeline, and the environment_variables are its jobs': put one of them (prepare, train) into a file"},
		"bare pipeline": {"type: pipeline\njobs:\n  a: {command: x}", "there is no environment_variables mapping"},
		"jobs, no jobs": {"jobs: [a]", "there is no environment_variables mapping"},
		"job, no job":   {"jobs: {a: b}", "there is no environment_variables mapping"},
		"syntax":        {"environment_variables:\n  A: b: c", "line 2: mapping values are not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseEnvironment([]byte(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("parseEnvironment(%q) = %v, want %s", c.text, err, c.want)
			}
		})
	}
}
