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
	mapping := mappingOf(&document)
	switch {
	case mapping == nil:
		return nil, errors.New("there is no " + mappingKey + " mapping")
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

// mappingOf returns the mapping's node, nil if the document has none.
func mappingOf(document *yaml.Node) *yaml.Node {
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	top := document.Content[0].Content
	for i := 0; i < len(top); i += 2 {
		if top[i].Value == mappingKey {
			return resolved(top[i+1])
		}
	}
	return nil
}

// resolved follows an alias to its anchor.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}
