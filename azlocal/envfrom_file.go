package main

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseEnvFile reads an env file exactly as "docker run --env-file" does. A line
// without "=" names a variable that is inherited. Errors do not quote the line,
// even the part before "=": it may be a piece of a secret with several lines.
func parseEnvFile(data []byte, inherited []string) (*declaration, error) {
	declared := new(declaration)
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		number++
		if !utf8.Valid(line) {
			return nil, problem(number, "this is not UTF-8")
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" || text[0] == '#' {
			continue
		}
		name, _, hasValue := strings.Cut(text, "=")
		switch {
		case name == "":
			return nil, problem(number, "the name before = is missing")
		case !hasValue && strings.ContainsFunc(name, unicode.IsSpace):
			return nil, problem(number, "this line is not NAME=value: in an env file every line is NAME=value or NAME")
		case strings.ContainsFunc(name, unicode.IsSpace):
			return nil, problem(number, "the name before = contains a space: in an env file every line is NAME=value or NAME")
		case strings.Contains(text, "\x00"):
			return nil, problem(number, "there is a NUL byte in this line")
		case hasValue:
			declared.variables = append(declared.variables, text)
			continue
		}
		if value, found := valueOf(inherited, name); found {
			declared.variables = append(declared.variables, name+"="+value)
		}
	}
	return declared, nil
}
