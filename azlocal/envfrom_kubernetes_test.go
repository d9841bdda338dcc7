package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const shop = `apiVersion: v1
kind: Service
metadata: {name: shop}
---
# Source: chart/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      initContainers:
        - name: migrate
          env:
            - {name: MODE, value: migrate}
      containers:
        - name: server
          image: server:1
          envFrom:
            - configMapRef: {name: shop-config}
            - secretRef: {name: shop-secrets}
              prefix: X_
          env:
            - name: HOST
              value: db
            - name: PASSWORD
              valueFrom: {secretKeyRef: {name: db, key: password}}
            - name: URL
              value: "postgres://$(USER):$(PASSWORD)@$(HOST)/$(LATER)$$(HOST)"
            - name: LATER
              value: "1"
            - name: EMPTY
            - name: NULL_
              value: ~
            - name: HOST
              value: $(HOST)2
            - name: KEY
              value: ${{keyvault:https://mykeyvault.vault.azure.net/secrets/key}}
        - name: proxy
          image: proxy:1
`

func TestParseManifest(t *testing.T) {
	declared, err := parseEnvironment("shop.yaml", []byte(shop), "server", []string{"USER=me", "PASSWORD=mine"})
	want := []string{
		"URL=postgres://$(USER):mine@db/$(LATER)$(HOST)", "LATER=1", "EMPTY=", "NULL_=", "HOST=db2",
		"KEY=${{keyvault:https://mykeyvault.vault.azure.net/secrets/key}}",
	}
	if err != nil || !slices.Equal(declared.variables, want) {
		t.Fatalf("parseManifest = %+v, %v, want %q", declared, err, want)
	}
	const where = " not in this file but in the cluster"
	var absent []string
	for _, a := range declared.absent {
		absent = append(absent, fmt.Sprintf("%d: %s", a.Line, a.Message))
	}
	if want := []string{"21: the variables of ConfigMap shop-config are" + where, "22: the variables of Secret shop-secrets are" + where, "27: the value of PASSWORD is" + where}; !slices.Equal(absent, want) {
		t.Errorf("absent: %q, want %q", absent, want)
	}
	// What refers to a variable that the shell does not have stays as written.
	if declared, err = parseEnvironment("shop.yaml", []byte(shop), "server", nil); err != nil || !strings.Contains(declared.variables[0], ":$(PASSWORD)@") {
		t.Errorf("parseManifest = %+v, %v", declared, err)
	}
}

// TestConfigMaps checks that variables from ConfigMaps in the file are read, as
// the cluster would.
func TestConfigMaps(t *testing.T) {
	const manifest = `
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {KEY: "keyvault:https://kv1.vault.azure.net/secrets/s", HOST: db, OLD: $(HOST)}
---
apiVersion: v1
kind: Pod
spec:
  containers:
  - name: server
    envFrom:
    - {configMapRef: {name: shop}}
    - {configMapRef: {name: shop}, prefix: X_}
    - {configMapRef: {name: other}}
    env:
    - {name: OLD, value: new}
    - {name: URL, value: "http://$(HOST)/$(X_HOST)"}
    - {name: ONE, valueFrom: {configMapKeyRef: {name: shop, key: OLD}}}
    - {name: NONE, valueFrom: {configMapKeyRef: {name: shop, key: none}}}
`
	declared, err := parseEnvironment("shop.yaml", []byte(manifest), "", nil)
	want := []string{
		"KEY=keyvault:https://kv1.vault.azure.net/secrets/s", "HOST=db", "X_KEY=keyvault:https://kv1.vault.azure.net/secrets/s", "X_HOST=db", "X_OLD=$(HOST)",
		"OLD=new", "URL=http://db/db", "ONE=$(HOST)",
	}
	if err != nil || !slices.Equal(declared.variables, want) {
		t.Fatalf("parseManifest = %+v, %v, want %q", declared, err, want)
	}
	if len(declared.absent) != 2 || !strings.Contains(declared.absent[0].Message, "ConfigMap other are") || !strings.Contains(declared.absent[1].Message, "NONE is") {
		t.Errorf("absent: %+v", declared.absent)
	}
	for text, want := range map[string]string{"{HOST: 1}": "HOST is not a string", "{A=B: x}": "not the name"} {
		if _, err := parseEnvironment("x.yaml", []byte(strings.Replace(manifest, "{KEY:", text+" # {KEY:", 1)), "", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParseManifestContainers(t *testing.T) {
	for name, want := range map[string]string{"migrate": "MODE=migrate", "proxy": ""} {
		declared, err := parseEnvironment("shop.yaml", []byte(shop), name, nil)
		if err != nil || strings.Join(declared.variables, " ") != want {
			t.Errorf("%s: %+v, %v, want %s", name, declared, err, want)
		}
	}
	for name, c := range map[string]struct{ text, container, want string }{
		"several": {shop, "", "choose one of the containers with --container: server (Deployment shop), proxy (Deployment shop), migrate (Deployment shop)"},
		"unnamed": {"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}, {name: b}]}", "", "choose one of the containers with --container: a (Pod), b (Pod)"},
		"unknown": {shop, "serve", `there is no container "serve": choose one of server (Deployment shop), proxy`},
		"both":    {shop + "---\n" + strings.ReplaceAll(shop, "name: shop", "name: other"), "server", `several containers are named "server": put the manifest of one into a file of its own: server (Deployment shop), `},
		"none":    {"apiVersion: v1\nkind: Service\n", "", "there is no container here: this should be a Pod, Deployment"},
		"no pod":  {"apiVersion: v1\nkind: Pod\nspec: {containers: none}\n", "", "there is no container here"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseEnvironment("x.yaml", []byte(c.text), c.container, nil); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("parseManifest = %v, want %s", err, c.want)
			}
		})
	}
}

func TestParseManifestKinds(t *testing.T) {
	const containers = "{initContainers: [{name: i, env: [{name: A, value: i}]}], containers: [{name: c, env: [{name: A, value: b}]}]}"
	for kind, spec := range map[string]string{
		"Pod": "%s", "Deployment": "{template: {spec: %s}}", "StatefulSet": "{template: {spec: %s}}", "DaemonSet": "{template: {spec: %s}}",
		"ReplicaSet": "{template: {spec: %s}}", "Job": "{template: {spec: %s}}", "CronJob": "{jobTemplate: {spec: {template: {spec: %s}}}}",
	} {
		object := fmt.Sprintf("{apiVersion: x, kind: %s, spec: %s}", kind, fmt.Sprintf(spec, containers))
		for _, text := range []string{object, "{apiVersion: v1, kind: List, items: [" + object + "]}"} {
			if got, err := decode("x.yaml", text); err != nil || !slices.Equal(got, []string{"A=b"}) {
				t.Errorf("%s: %q, %v", text, got, err)
			}
		}
	}
}

func TestParseManifestErrors(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: c\n    env:"
	for name, c := range map[string]struct{ env, want string }{
		"mapping":   {" {A: hunter2}", "line 6: env is not a list of variables"},
		"no name":   {"\n    - value: hunter2", "line 7: write a variable as {name:"},
		"a string":  {"\n    - hunter2", "line 7: write a variable as {name:"},
		"name":      {"\n    - name: A=hunter2", "line 7: not the name"},
		"number":    {"\n    - name: A\n      value: 12345", "line 8: A is not a string, and Kubernetes takes nothing else: quote it"},
		"fraction":  {"\n    - {name: A, value: 1.5}", "line 7: A is not a string"},
		"truth":     {"\n    - {name: A, value: true}", "line 7: A is not a string"},
		"old truth": {"\n    - {name: A, value: Yes}", "line 7: A is not a string"},
		"list":      {"\n    - {name: A, value: [hunter2]}", "line 7: A is not a single value"},
		"tag":       {"\n    - name: A\n      value: !hunter2", "line 8: A begins with !"},
		"alias":     {"\n    - name: A\n      value: *hunter2", "line 8: a value that begins with * is an alias"},
		"NUL":       {"\n    - {name: A, value: \"hunter2\\0\"}", "line 7: A contains a NUL byte"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := decode("pod.yaml", pod+c.env); err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("parseManifest = %v, want %s", err, c.want)
			}
		})
	}
	for _, env := range []string{"", " []", "\n    - {name: A, value: \"12345\"}", "\n    - {name: A, value: 'yes'}"} {
		if _, err := decode("pod.yaml", pod+env); err != nil {
			t.Errorf("%q: %v", env, err)
		}
	}
}

// FuzzParseManifest checks that every declaration is a valid environment.
func FuzzParseManifest(f *testing.F) {
	f.Add(shop, "server")
	f.Add("{apiVersion: v1, kind: List, items: [{kind: Pod, spec: {containers: [{env: &e [{name: A, value: $(A)}, {name: B, valueFrom: *e}]}]}}]}", "")
	f.Add("{apiVersion: v1, kind: List, items: [{kind: ConfigMap, metadata: {name: m}, data: {A: b}}, {kind: Pod, spec: {containers: [{envFrom: [{configMapRef: {name: m}, prefix: X=}]}]}}]}", "")
	f.Add("&a {apiVersion: v1, kind: List, items: [*a]}", "c")
	f.Fuzz(func(t *testing.T, text, name string) {
		documents, err := parseYAML([]byte(text))
		if err != nil {
			return
		}
		declared, err := parseManifest(documents, name, []string{"A=1"})
		checkDeclaration(t, declared, err)
	})
}

// TestMergeKeys checks that what a merge key adds is found, without an end if an
// anchor contains itself.
func TestMergeKeys(t *testing.T) {
	const pod = `
apiVersion: v1
kind: Pod
x-one: &one {env: [{name: A, value: one}], image: one}
x-two: &two {<<: *one, env: [{name: A, value: two}]}
spec:
  containers:
    - {name: own, <<: *one, env: [{name: A, value: own}]}
    - {name: merged, <<: *two}
    - {name: list, <<: [{image: x}, *one, *two]}
    - &self {name: self, <<: *self}
`
	for name, want := range map[string]string{"own": "A=own", "merged": "A=two", "list": "A=one", "self": ""} {
		declared, err := parseEnvironment("pod.yaml", []byte(pod), name, nil)
		if err != nil || strings.Join(declared.variables, " ") != want {
			t.Errorf("%s: %+v, %v, want %s", name, declared, err, want)
		}
	}
}
