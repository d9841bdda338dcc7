package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const mappingKey = "environment_variables"

// readEnvironment returns the environment_variables of an Azure ML deployment
// or job as NAME=value, in the file's order; nothing for no file. Values are
// passed as they are written: 1_000 stays 1_000, yes stays yes.
func readEnvironment(file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	variables, err := parseEnvironment(data)
	var bad *lineError
	switch {
	case errors.As(err, &bad):
		return nil, fmt.Errorf("%s:%d: %s", file, bad.line, bad.message)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return variables, nil
}

// A lineError is a mistake in a YAML file.
type lineError struct {
	line    int
	message string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

func parseEnvironment(data []byte) ([]string, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, yamlError(err)
	}
	top := firstOf(&document)
	mapping := member(top, mappingKey)
	switch {
	case mapping == nil:
		return nil, errNoMapping(top)
	case count(top, mappingKey) > 1:
		return nil, errors.New(mappingKey + " is there twice")
	case mapping.Kind != yaml.MappingNode:
		return nil, &lineError{mapping.Line, mappingKey + " is not a mapping of names to values"}
	}
	var variables []string
	seen := map[string]bool{}
	for i := 0; i < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], resolved(mapping.Content[i+1])
		if err := checkVariable(key, value, seen); err != nil {
			return nil, err
		}
		variables = append(variables, key.Value+"="+value.Value)
	}
	return variables, nil
}

func checkVariable(key, value *yaml.Node, seen map[string]bool) error {
	switch {
	case key.Kind != yaml.ScalarNode || key.Value == "" || strings.ContainsAny(key.Value, "=\x00"):
		return &lineError{key.Line, "not the name of an environment variable"}
	case seen[key.Value]:
		return &lineError{key.Line, key.Value + " is there twice"}
	case value.Kind != yaml.ScalarNode:
		return &lineError{key.Line, key.Value + " is not a single value; quote it if it should be one"}
	case strings.Contains(value.Value, "\x00"):
		return &lineError{key.Line, key.Value + " holds a NUL byte"}
	}
	seen[key.Value] = true
	return nil
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// yamlError makes the YAML package's syntax errors look like the others.
func yamlError(err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	if m == nil {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	e := &lineError{message: m[2]}
	fmt.Sscan(m[1], &e.line)
	return e
}

// errNoMapping tells a pipeline, each job of which has an environment, from
// what has none.
func errNoMapping(top *yaml.Node) error {
	var names []string
	if jobs := member(top, "jobs"); jobs != nil && jobs.Kind == yaml.MappingNode {
		for i := 0; i < len(jobs.Content); i += 2 {
			if member(resolved(jobs.Content[i+1]), mappingKey) != nil {
				names = append(names, jobs.Content[i].Value)
			}
		}
	}
	if names == nil {
		return errors.New("there is no " + mappingKey + " mapping")
	}
	return errors.New("this is a pipeline, and the " + mappingKey + " are its jobs': put one of them (" + strings.Join(names, ", ") + ") into a file of its own")
}

// firstOf returns what the document consists of, nil if it is empty.
func firstOf(document *yaml.Node) *yaml.Node {
	if len(document.Content) == 0 {
		return nil
	}
	return document.Content[0]
}

// member returns the value of a mapping's key, nil if there is none.
func member(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return resolved(mapping.Content[i+1])
		}
	}
	return nil
}

// count returns how often a mapping has the key, which the YAML package lets
// pass in nodes.
func count(mapping *yaml.Node, key string) int {
	n := 0
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			n++
		}
	}
	return n
}

// resolved follows an alias to its anchor.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
