package main

import (
	"slices"
	"strings"
	"testing"
)

func TestParseAzureML(t *testing.T) {
	got, err := decode("d.yml", `
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
`)
	want := []string{"B=1_000", "A=yes", "Q=two\nlines", "F=1.50", "T=2023-05-15", "E=", "X===", "Y===", "R=${{keyvault:https://v.vault.azure.net/secrets/s}}"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("parseAzureML = %q, %v, want %q", got, err, want)
	}
}

// deployment and job are written as in Azure Machine Learning's documentation.
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

// TestParseAzureMLDocumented checks that what only Azure Machine Learning can
// fill in stays unchanged.
func TestParseAzureMLDocumented(t *testing.T) {
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
		got, err := decode("d.yml", text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("parseAzureML = %q, %v, want %q", got, err, want)
		}
	}
}

func TestParseAzureMLErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "there is no environment_variables mapping"},
		"a list":        {"- a", "there is no environment_variables mapping"},
		"missing":       {"name: x", "there is no environment_variables mapping"},
		"not a mapping": {"environment_variables: [A]", "line 1: environment_variables is not a mapping"},
		"empty mapping": {"name: x\nenvironment_variables:\n", "line 2: environment_variables is not a mapping"},
		"a mapping":     {"environment_variables:\n  A: {b: c}", "line 2: A is not a single value"},
		"unquoted":      {"environment_variables:\n  A: {{x}}", "line 2: A is not a single value: quote it"},
		"merge":         {"environment_variables:\n  <<: {b: c}", "line 2: << is not a single value"},
		"twice":         {"environment_variables:\n  A: 1\n  A: 2", "line 3: A is there twice"},
		"name":          {"environment_variables:\n  A=B: 1", "line 2: not the name"},
		"NUL":           {"environment_variables:\n  A: \"a\\0b\"", "line 2: A contains a NUL byte"},
		"two of them":   {"environment_variables:\n  A: 1\nenvironment_variables:\n  B: 1", "environment_variables is there twice"},
		"pipeline":      {pipeline, "this is a pipeline, and the environment_variables are its jobs': put one of them (prepare, train) into a file"},
		"bare pipeline": {"type: pipeline\njobs:\n  a: {command: x}", "there is no environment_variables mapping"},
		"jobs, no jobs": {"jobs: [a]", "there is no environment_variables mapping"},
		"job, no job":   {"jobs: {a: b}", "there is no environment_variables mapping"},
		"alias":         {"environment_variables:\n  B: 1\n  A: *hunter2", "line 3: a value that begins with * is an alias: quote it"},
		"tag":           {"environment_variables:\n  A: !hunter2", "line 2: A begins with !, which makes it a tag: quote it"},
		"container":     {"environment_variables: {A: {B: hunter2}}", "line 1: A is not a single value"},
		"syntax":        {"environment_variables:\n  A: b: c", "line 2: mapping values are not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode("d.yml", c.text); err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("parseAzureML(%q) = %v, want %s", c.text, err, c.want)
			}
		})
	}
}

// FuzzParseAzureML checks that every declaration is a valid environment.
func FuzzParseAzureML(f *testing.F) {
	for _, text := range []string{deployment, job, pipeline, "environment_variables: {A: &a x, B: *a}", "environment_variables: &a {A: *a}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		documents, err := parseYAML([]byte(text))
		if err != nil {
			return
		}
		declared, err := parseAzureML(documents)
		checkDeclaration(t, declared, err)
	})
}
