package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"azinject/emulator"
)

// declaration is what a file says about COMMAND's environment.
type declaration struct {
	variables []string           // NAME=value, in the file's order
	absent    []emulator.Problem // variables whose values are not in the file
}

// readEnvironment returns what the file declares, and nothing for no file.
// inherited is what COMMAND gets besides.
func readEnvironment(file, container string, inherited []string) (*declaration, error) {
	if file == "" {
		return new(declaration), nil
	}
	return readWith(file, func(name string, data []byte) (*declaration, error) {
		return parseEnvironment(name, data, container, inherited)
	})
}

// readWith reads a file and parses it. An error about a line names the file.
func readWith[T any](file string, parse func(name string, data []byte) (*T, error)) (*T, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parse(filepath.Base(file), data)
	if bad, ok := errors.AsType[*emulator.ConfigError](err); ok {
		bad.File = file
	}
	return parsed, err
}

// parseEnvironment chooses the decoder by the file's name and, if that does not
// tell, by its contents.
func parseEnvironment(name string, data []byte, container string, inherited []string) (*declaration, error) {
	documents, err := parseYAML(data)
	switch {
	case err != nil && namedYAML(name):
		return nil, err
	case !namedYAML(name) && (err != nil || filepath.Ext(name) == ".env" || !looksYAML(documents)):
		if container != "" {
			return nil, errNoContainers()
		}
		return parseEnvFile(data, inherited)
	case isManifest(documents):
		return parseManifest(documents, container, inherited)
	case isContainerApp(documents):
		return parseContainerApp(documents[0], container)
	case isProject(documents):
		return parseProject(documents[0], container, inherited)
	case container != "":
		return nil, errNoContainers()
	}
	if isAppSettings(documents) {
		return parseAppSettings(documents[0])
	}
	return parseAzureML(documents)
}

// parseMapping returns the variables of a mapping, which has this key. text
// returns the text of a variable's value.
func parseMapping(key string, mapping *yaml.Node, text func(variable string, value *yaml.Node) (string, error)) (*declaration, error) {
	if mapping.Kind != yaml.MappingNode {
		return nil, problem(mapping.Line, "%s is not a mapping of names to values", key)
	}
	declared, seen := new(declaration), map[string]bool{}
	for name, node := range members(mapping) {
		if err := checkName(name, name.Line); err != nil {
			return nil, err
		}
		if seen[name.Value] {
			return nil, problem(name.Line, "%s is there twice", name.Value)
		}
		seen[name.Value] = true
		if err := checkValue(name.Value, node); err != nil {
			return nil, err
		}
		value, err := text(name.Value, node)
		if err != nil {
			return nil, err
		}
		declared.variables = append(declared.variables, name.Value+"="+value)
	}
	return declared, nil
}

func errNoContainers() error {
	return problem(0, "--container is for Kubernetes manifests, container apps and azd's projects, and this is something else")
}

func namedYAML(name string) bool {
	switch filepath.Ext(name) {
	case ".yml", ".yaml", ".json":
		return true
	}
	return false
}

// looksYAML reports whether a file that may be an env file is YAML. "A=b: c" in
// an env file is a mapping too, with a key that no YAML file here has.
func looksYAML(documents []*yaml.Node) bool {
	if len(documents) == 0 || documents[0].Kind != yaml.MappingNode {
		return false
	}
	for key := range members(documents[0]) {
		if strings.Contains(key.Value, "=") {
			return false
		}
	}
	return true
}
