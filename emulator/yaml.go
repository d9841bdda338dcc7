package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

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
	p := Problem{Line: 1, Message: strings.TrimPrefix(message, "yaml: ")} // the YAML package does not number the first line
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
