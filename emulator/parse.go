package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
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
	problems := config.check()
	for i := range problems {
		problems[i].Line = lineOf(root, problems[i].keys)
	}
	if len(problems) > 0 {
		return nil, configError(problems)
	}
	return config, nil
}

var (
	yamlLine     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type emulator\.(\S+)$`)
	unknownAlias = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	wrongType    = regexp.MustCompile(`(?s)^cannot unmarshal .* into (\S+)$`)
)

// YAMLProblems rewrites the YAML package's messages about data, which name Go
// types, for those who write the file.
func YAMLProblems(data []byte, err error) []Problem {
	messages := []string{err.Error()}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		messages = typed.Errors
	}
	var problems []Problem
	listed := map[string]bool{}
	for _, message := range messages {
		p := yamlProblem(data, message)
		fault, keys, _ := strings.Cut(p.Message, theKeys)
		if listed[keys] {
			p.Message = fault
		}
		listed[keys] = keys != ""
		problems = append(problems, p)
	}
	return problems
}

func yamlProblem(data []byte, message string) Problem {
	p := Problem{Message: strings.TrimPrefix(message, "yaml: ")}
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = m[2]
	}
	switch field, target := unknownField.FindStringSubmatch(p.Message), wrongType.FindStringSubmatch(p.Message); {
	case field != nil:
		p.Message = unknownKey(field[1], keysOf(field[2]))
	case target != nil:
		p.Message = wanted(target[1])
	case unknownAlias.MatchString(p.Message): // its name may be a password
		before, _, _ := bytes.Cut(data, []byte("*"+unknownAlias.FindStringSubmatch(p.Message)[1]))
		p.Line = bytes.Count(before, []byte("\n")) + 1
		p.Message = "a value that begins with * is an alias: quote it if it is not meant to be one"
	case strings.HasPrefix(p.Message, "parsing time "):
		p.Message = wanted("time.Time")
	case isIndentedWithTab(data, p.Line):
		p.Message = "indent with spaces: YAML does not allow tabs"
	case p.Message == "found character that cannot start any token":
		p.Message = "quote a value that begins with @, % or `"
	case p.Message == "mapping values are not allowed in this context":
		p.Message += ": quote a value that contains a colon and a space"
	case strings.HasPrefix(p.Message, "did not find expected ',' or"):
		p.Message += ": quote a value that contains braces or brackets"
	}
	return p
}

// wanted says what to write where the YAML package wants this Go type.
func wanted(goType string) string {
	switch {
	case goType == "time.Duration":
		return "write a duration with its unit, such as 10ms"
	case goType == "time.Time":
		return "write a time, such as 2027-01-01T00:00:00Z"
	case goType == "string":
		return "write a single value here, not a list or a mapping"
	case goType == "bool":
		return "write true or false here"
	case goType == "int":
		return "write a number here"
	case strings.HasPrefix(goType, "[]"):
		return "write a list here, such as [one, two]"
	default:
		return "write a mapping of keys to values here"
	}
}

func isIndentedWithTab(data []byte, line int) bool {
	lines := bytes.Split(data, []byte("\n"))
	if line < 1 || line > len(lines) {
		return false
	}
	text := lines[line-1]
	return bytes.Contains(text[:len(text)-len(bytes.TrimLeft(text, " \t"))], []byte("\t"))
}

// theKeys stands before the keys that exist, which are listed once.
const theKeys = ": the keys here are "

func unknownKey(key string, known []string) string {
	return fmt.Sprintf("unknown key %q", key) + theKeys + strings.Join(known, ", ")
}

// keysOf returns the keys of the type of this name, which is somewhere in Config.
func keysOf(name string) []string {
	var keys []string
	var find func(t reflect.Type)
	find = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Map, reflect.Slice, reflect.Pointer:
			find(t.Elem())
		case reflect.Struct:
			if t.Name() == name {
				keys = keysIn(t)
			}
			for field := range t.Fields() {
				find(field.Type)
			}
		}
	}
	find(reflect.TypeFor[Config]())
	return keys
}

// keysIn returns the keys that a mapping for the struct may have.
func keysIn(t reflect.Type) []string {
	var keys []string
	for field := range t.Fields() {
		if key := field.Tag.Get("yaml"); key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
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
