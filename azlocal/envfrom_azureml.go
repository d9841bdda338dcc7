package main

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

const mappingKey = "environment_variables"

// parseAzureML returns the environment_variables of an Azure ML deployment or
// job. Values are as they are written: 1_000 stays 1_000, yes stays yes.
func parseAzureML(documents []*yaml.Node) (*declaration, error) {
	if len(documents) == 0 {
		return nil, errNoMapping(nil)
	}
	mapping := member(documents[0], mappingKey)
	switch {
	case mapping == nil:
		return nil, errNoMapping(documents[0])
	case count(documents[0], mappingKey) > 1:
		return nil, problem(0, "%s is there twice", mappingKey)
	}
	return parseMapping(mappingKey, mapping, func(_ string, value *yaml.Node) (string, error) { return value.Value, nil })
}

// errNoMapping tells a pipeline, whose jobs each have an environment, from a
// file that declares none.
func errNoMapping(top *yaml.Node) error {
	var names []string
	for name, job := range members(member(top, "jobs")) {
		if member(job, mappingKey) != nil {
			names = append(names, name.Value)
		}
	}
	if names == nil {
		return problem(0, "there is no %s mapping: this should be an Azure ML deployment or job, a Kubernetes manifest, a container app, an app's settings, a project of azd or an env file", mappingKey)
	}
	return problem(0, "this is a pipeline, and the %s are its jobs': put one of them (%s) into a file of its own",
		mappingKey, strings.Join(names, ", "))
}

// count returns how often a mapping has the key: in nodes the YAML package
// allows duplicates.
func count(mapping *yaml.Node, wanted string) int {
	n := 0
	for key := range members(mapping) {
		if key.Value == wanted {
			n++
		}
	}
	return n
}
