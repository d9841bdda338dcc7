package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one mistake in a configuration.
type Problem struct {
	Line    int    // in the file; 0 if unknown
	Path    string // to the key, such as vaults.mykeyvault.readers; may be empty
	Message string
}

// ConfigError lists all mistakes in a configuration.
type ConfigError struct {
	File     string // empty if it did not come from a file
	Problems []Problem
}

// Error returns one line for each problem: file, line, key and message, without
// those that are unknown.
func (e *ConfigError) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, e.position(p)+p.text())
	}
	return strings.Join(lines, "\n")
}

func (e *ConfigError) position(p Problem) string {
	switch {
	case e.File == "" && p.Line == 0:
		return ""
	case e.File == "":
		return fmt.Sprintf("line %d: ", p.Line)
	case p.Line == 0:
		return e.File + ": "
	}
	return fmt.Sprintf("%s:%d: ", e.File, p.Line)
}

func (p Problem) text() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Load reads a configuration from a YAML file. If it has mistakes, the error is
// a [*ConfigError] that names the file.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	config, err := Parse(data)
	var bad *ConfigError
	if errors.As(err, &bad) {
		bad.File = path
	}
	return config, err
}

// Parse reads a configuration in YAML. If it has mistakes, such as unknown keys
// or names that refer to nothing, the error is a [*ConfigError] with all of them.
func Parse(data []byte) (*Config, error) {
	config, root := new(Config), new(yaml.Node)
	if err := yaml.Unmarshal(data, root); err != nil {
		return nil, &ConfigError{Problems: YAMLProblems(data, err)}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(config); err != nil && !errors.Is(err, io.EOF) {
		return nil, &ConfigError{Problems: YAMLProblems(data, err)}
	}
	if decoder.Decode(new(yaml.Node)) != io.EOF {
		return nil, &ConfigError{Problems: []Problem{{Message: "this file has several documents: write one, without ---"}}}
	}
	problems := config.check()
	for i := range problems {
		problems[i].Line = lineOf(root, problems[i].keys)
	}
	if len(problems) > 0 {
		return nil, configError(problems)
	}
	return config, nil
}

// decodeStrictly decodes a mapping into the struct that out points to. It refuses
// unknown keys.
func decodeStrictly(node *yaml.Node, out any) error {
	if node.Kind != yaml.MappingNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: write a mapping of keys to values here", node.Line)}}
	}
	known := keysIn(reflect.TypeOf(out).Elem())
	var unknown []string
	for i := 0; i < len(node.Content); i += 2 {
		if key := node.Content[i]; !slices.Contains(known, key.Value) {
			unknown = append(unknown, fmt.Sprintf("line %d: %s", key.Line, unknownKey(key.Value, known)))
		}
	}
	if unknown != nil {
		return &yaml.TypeError{Errors: unknown}
	}
	return node.Decode(out)
}

// lineOf returns the line of the key at the end of the path, or of the last key
// on it that exists.
func lineOf(node *yaml.Node, keys []string) int {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := node.Line
	for _, key := range keys {
		keyNode, value := member(node, key)
		if keyNode == nil {
			break
		}
		node, line = value, keyNode.Line
	}
	return line
}

// member returns a key and its value in a mapping, or an element of a sequence.
func member(node *yaml.Node, key string) (keyNode, value *yaml.Node) {
	if node.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(key); err == nil && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
		return nil, nil
	}
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
}
