package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"azinject/emulator"
)

// podSpecs are the keys that lead to a Pod's specification, by kind.
var podSpecs = map[string][]string{
	"Pod":         {"spec"},
	"Deployment":  {"spec", "template", "spec"},
	"StatefulSet": {"spec", "template", "spec"},
	"DaemonSet":   {"spec", "template", "spec"},
	"ReplicaSet":  {"spec", "template", "spec"},
	"Job":         {"spec", "template", "spec"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template", "spec"},
}

// isManifest reports whether one of the documents is a Kubernetes object.
func isManifest(documents []*yaml.Node) bool {
	for _, document := range documents {
		if scalar(member(document, "kind")) != "" && scalar(member(document, "apiVersion")) != "" {
			return true
		}
	}
	return false
}

// parseManifest returns the environment of the container that the name chooses.
func parseManifest(documents []*yaml.Node, name string, inherited []string) (*declaration, error) {
	container, err := choose(containersIn(documents), name)
	if err != nil {
		return nil, err
	}
	return container.environment(inherited)
}

// container is one in a manifest, or in a container app.
type container struct {
	name, owner string // the owner as kind and name
	init        bool
	account     string // the Pod's service account
	labelled    bool   // the Pod gets the identity of its service account
	node        *yaml.Node
	configMaps  map[string]*yaml.Node // the data of those in the file, by name
}

func containersIn(documents []*yaml.Node) []container {
	var all []container
	configMaps := map[string]*yaml.Node{}
	for _, object := range objectsIn(documents) {
		if scalar(member(object, "kind")) == "ConfigMap" {
			configMaps[scalar(member(object, "metadata", "name"))] = member(object, "data")
		}
	}
	for _, object := range objectsIn(documents) {
		kind := scalar(member(object, "kind"))
		path, known := podSpecs[kind]
		if !known {
			continue
		}
		owner := strings.TrimSpace(kind + " " + scalar(member(object, "metadata", "name")))
		pod := member(object, path...)
		label := member(object, slices.Concat(path[:len(path)-1], []string{"metadata", "labels", "azure.workload.identity/use"})...)
		all = appendContainers(all, pod, container{owner: owner, account: scalar(member(pod, "serviceAccountName")), labelled: scalar(label) == "true", configMaps: configMaps})
	}
	return all
}

// appendContainers appends the containers of a Pod, or of a container app. like has
// what they have in common.
func appendContainers(all []container, pod *yaml.Node, like container) []container {
	for _, key := range []string{"containers", "initContainers"} {
		for _, node := range items(member(pod, key)) {
			like.name, like.init, like.node = scalar(member(node, "name")), key == "initContainers", node
			all = append(all, like)
		}
	}
	return all
}

// objectsIn returns the objects, also those in a list from kubectl get.
func objectsIn(documents []*yaml.Node) []*yaml.Node {
	objects := slices.Clone(documents)
	for _, document := range documents {
		if scalar(member(document, "kind")) == "List" {
			objects = append(objects, items(member(document, "items"))...)
		}
	}
	return objects
}

// choose returns the container with this name, or without one the only container
// that is not an init container.
func choose(all []container, name string) (*container, error) {
	var chosen []container
	var names []string
	for _, c := range all {
		if name == "" && !c.init || name != "" && c.name == name {
			chosen = append(chosen, c)
		}
		names = append(names, fmt.Sprintf("%s (%s)", c.name, c.owner))
	}
	list := strings.Join(names, ", ")
	switch {
	case len(chosen) == 1:
		return &chosen[0], nil
	case len(all) == 0:
		return nil, problem(0, "there is no container here: this should be a Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob")
	case name == "":
		return nil, problem(0, "choose one of the containers with --container: %s", list)
	case chosen == nil:
		return nil, problem(0, "there is no container %q: choose one of %s", name, list)
	}
	return nil, problem(0, "several containers are named %q: put the manifest of one into a file of its own: %s", name, list)
}

// environment returns the container's variables, each once. It leaves out those
// whose values are in the cluster.
func (c *container) environment(inherited []string) (*declaration, error) {
	declared := new(declaration)
	if err := c.addSources(declared); err != nil {
		return nil, err
	}
	env, err := c.env()
	if err != nil {
		return nil, err
	}
	defined := slices.Clone(declared.variables) // for expansion
	for _, item := range env {
		name := member(item, "name")
		if err := checkName(name, item.Line); err != nil {
			return nil, err
		}
		value, here, err := c.valueOf(name.Value, item, defined)
		switch {
		case err != nil:
			return nil, err
		case here:
			declared.variables = append(declared.variables, name.Value+"="+value)
		default:
			declared.leaveOut(item, "the value of "+name.Value+" is")
			value, here = valueOf(inherited, name.Value)
		}
		if here {
			defined = append(defined, name.Value+"="+value)
		}
	}
	declared.variables = merge(nil, declared.variables)
	return declared, nil
}

// valueOf returns the value of the variable that an item defines, and whether it is
// in the file.
func (c *container) valueOf(name string, item *yaml.Node, defined []string) (value string, here bool, err error) {
	from := member(item, "valueFrom")
	if from == nil {
		value, err = stringIn(name, member(item, "value"))
		return expand(value, defined), true, err
	}
	configMap := c.configMaps[scalar(member(from, "configMapKeyRef", "name"))]
	node := member(configMap, scalar(member(from, "configMapKeyRef", "key")))
	if node == nil {
		return "", false, nil
	}
	value, err = stringIn(name, node)
	return value, true, err
}

// addSources adds the variables of the container's envFrom.
func (c *container) addSources(declared *declaration) error {
	for _, source := range items(member(c.node, "envFrom")) {
		data, here := c.configMaps[scalar(member(source, "configMapRef", "name"))]
		if !here {
			declared.leaveOut(source, "the variables of "+sourceName(source)+" are")
		}
		for key, node := range members(data) {
			name := scalar(member(source, "prefix")) + scalar(key)
			if err := checkName(&yaml.Node{Kind: yaml.ScalarNode, Value: name}, key.Line); err != nil {
				return err
			}
			value, err := stringIn(name, node)
			if err != nil {
				return err
			}
			declared.variables = append(declared.variables, name+"="+value)
		}
	}
	return nil
}

// env returns the entries of the container's list of variables.
func (c *container) env() ([]*yaml.Node, error) {
	env := member(c.node, "env")
	if env != nil && env.Kind != yaml.SequenceNode && env.Tag != "!!null" {
		return nil, problem(env.Line, "env is not a list of variables")
	}
	return items(env), nil
}

// leaveOut records that the node gets its value, or values, in the cluster.
func (d *declaration) leaveOut(node *yaml.Node, what string) {
	d.absent = append(d.absent, emulator.Problem{Line: node.Line, Message: what + " not in this file but in the cluster"})
}

// sourceName describes an entry of envFrom.
func sourceName(source *yaml.Node) string {
	if name := scalar(member(source, "secretRef", "name")); name != "" {
		return "Secret " + name
	}
	return "ConfigMap " + scalar(member(source, "configMapRef", "name"))
}

// oldBool matches what Kubernetes, with YAML 1.1, takes for a truth value.
var oldBool = regexp.MustCompile(`^(?i:y|n|yes|no|on|off)$`)

// stringIn returns the variable's value, "" if it is left out. It refuses what
// the cluster would refuse.
func stringIn(name string, value *yaml.Node) (string, error) {
	if value == nil || value.ShortTag() == "!!null" {
		return "", nil
	}
	switch tag := value.ShortTag(); {
	case tag == "!!int", tag == "!!float", tag == "!!bool", value.Style == 0 && oldBool.MatchString(value.Value):
		return "", problem(value.Line, "%s is not a string, and Kubernetes takes nothing else: quote it", name)
	}
	return value.Value, checkValue(name, value)
}
