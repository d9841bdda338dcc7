package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"

	"azinject/emulator"
)

// parseYAML returns the documents in data, without empty ones.
func parseYAML(data []byte) ([]*yaml.Node, error) {
	var documents []*yaml.Node
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var document yaml.Node
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF):
			return documents, nil
		case err != nil:
			return nil, &emulator.ConfigError{Problems: emulator.YAMLProblems(data, err)}
		case len(document.Content) > 0 && document.Content[0].Tag != "!!null":
			documents = append(documents, document.Content[0])
		}
	}
}

// problem is a mistake in a file. Messages quote names, never values.
func problem(line int, format string, args ...any) error {
	return &emulator.ConfigError{Problems: []emulator.Problem{{Line: line, Message: fmt.Sprintf(format, args...)}}}
}

// members yields a mapping's keys and values, nothing if it is not a mapping.
func members(mapping *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if mapping == nil || mapping.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], resolved(mapping.Content[i+1])) {
				return
			}
		}
	}
}

// member returns the value that the keys lead to, nil if there is none.
func member(node *yaml.Node, keys ...string) *yaml.Node {
	for _, wanted := range keys {
		node = lookup(node, wanted, 0)
	}
	return node
}

// lookup also looks into the mappings that a merge key, <<, adds, as kubectl does.
func lookup(mapping *yaml.Node, wanted string, depth int) *yaml.Node {
	const deepest = 5 // an anchor may contain itself
	var added []*yaml.Node
	for key, value := range members(mapping) {
		switch {
		case key.Value == wanted:
			return value
		case key.ShortTag() == "!!merge" && depth < deepest:
			added = append(append(added, value), items(value)...)
		}
	}
	for _, more := range added {
		if value := lookup(more, wanted, depth+1); value != nil {
			return value
		}
	}
	return nil
}

// items returns a sequence's elements, nil if it is not a sequence.
func items(sequence *yaml.Node) []*yaml.Node {
	if sequence == nil || sequence.Kind != yaml.SequenceNode {
		return nil
	}
	elements := make([]*yaml.Node, len(sequence.Content))
	for i, element := range sequence.Content {
		elements[i] = resolved(element)
	}
	return elements
}

// scalar returns a scalar's text, "" for anything else.
func scalar(node *yaml.Node) string {
	if node == nil || node.Kind != yaml.ScalarNode {
		return ""
	}
	return node.Value
}

// resolved follows an alias to its anchor.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// checkName refuses what cannot be a variable's name.
func checkName(name *yaml.Node, line int) error {
	if name == nil {
		return problem(line, "write a variable as {name: COLOR, value: red}")
	}
	if text := scalar(name); text == "" || strings.ContainsAny(text, "=\x00") {
		return problem(line, "not the name of an environment variable")
	}
	return nil
}

// checkValue refuses what is not a single value, or was probably not meant.
func checkValue(name string, value *yaml.Node) error {
	switch {
	case value.Kind != yaml.ScalarNode:
		return problem(value.Line, "%s is not a single value: quote it if it should be one", name)
	case !strings.HasPrefix(value.ShortTag(), "!!"):
		return problem(value.Line, "%s begins with !, which makes it a tag: quote it", name)
	case strings.Contains(value.Value, "\x00"):
		return problem(value.Line, "%s contains a NUL byte", name)
	}
	return nil
}
