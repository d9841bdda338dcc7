package main

import (
	"slices"
	"strings"
	"testing"
)

// TestParseEnvFile checks the cases of Docker's own tests, in
// github.com/docker/cli/pkg/kvfile, and more.
func TestParseEnvFile(t *testing.T) {
	inherited := []string{"HOME=/home/me", "EMPTY=", "PATH=/bin"}
	for text, want := range map[string][]string{
		"":                                     nil,
		"A=b\nC=d\n":                           {"A=b", "C=d"},
		"A=b\nC=d":                             {"A=b", "C=d"},
		"A=b\r\nC=d\r\n":                       {"A=b", "C=d"},
		"A=b\r\r\n":                            {"A=b\r"},
		"A=\n":                                 {"A="},
		"A==b=c\n":                             {"A==b=c"},
		"# a comment\n  # another\n\n \t\nA=b": {"A=b"},
		"A=b # no comment\n":                   {"A=b # no comment"},
		"  \tA=  b  \n":                        {"A=  b  "},
		`A="b c"` + "\nB='d'\n":                {`A="b c"`, "B='d'"},
		"A=$HOME ${HOME} $(HOME) `x` \\n\n":    {"A=$HOME ${HOME} $(HOME) `x` \\n"},
		"A=${{keyvault:https://v.vault.azure.net/secrets/s}}\n": {"A=${{keyvault:https://v.vault.azure.net/secrets/s}}"},
		"HOME\nEMPTY\nABSENT\n":                                 {"HOME=/home/me", "EMPTY="},
		"HOME=1\nHOME\n":                                        {"HOME=1", "HOME=/home/me"},
		"HOM\n":                                                 nil,
		"\ufeffA=b\n":                                           {"A=b"},
		"A=\ufeffb\n\ufeffB=c\n":                                {"A=\ufeffb", "\ufeffB=c"},
		"a.b-c/d=1\n1=2\n":                                      {"a.b-c/d=1", "1=2"},
		"A=1\nA=2\n":                                            {"A=1", "A=2"},
		"A=é\n":                                                 {"A=é"},
		"\u00a0A=b\u00a0\n":                                     {"A=b\u00a0"},
		"A=" + strings.Repeat("x", 100_000):                     {"A=" + strings.Repeat("x", 100_000)},
	} {
		got, err := decode(".env", text, inherited...)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("parseEnvFile(%.100q) = %.100q, %v, want %.100q", text, got, err, want)
		}
	}
}

func TestParseEnvFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"A=b\n=hunter2\n":                 "line 2: the name before = is missing",
		"A = hunter2\n":                   "line 1: the name before = contains a space",
		"export A=hunter2\n":              "line 1: the name before = contains a space",
		"A=-----BEGIN KEY-----\nhun ter2": "line 2: this line is not NAME=value",
		"A\u00a0B=hunter2\n":              "line 1: the name before = contains a space",
		"\n\n\nA: hunter2\n":              "line 4: this line is not NAME=value",
		"A=hunter2\x00\n":                 "line 1: there is a NUL byte in this line",
		"A=b\nB=hunter2\xff\n":            "line 2: this is not UTF-8",
	} {
		if _, err := decode(".env", text); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "hun") {
			t.Errorf("parseEnvFile(%q) = %v, want %s", text, err, want)
		}
	}
}

// FuzzParseEnvFile checks that every variable is a line of the file or
// inherited, and that no error quotes anything.
func FuzzParseEnvFile(f *testing.F) {
	for _, text := range []string{"A=b\n# c\n\nHOME\n", "\ufeffA = b", "\tA='b'\r\n", "=x", "A\x00=b", "\xff"} {
		f.Add(text)
	}
	messages := []string{
		"this is not UTF-8", "the name before = is missing", "there is a NUL byte in this line",
		"this line is not NAME=value: in an env file every line is NAME=value or NAME",
		"the name before = contains a space: in an env file every line is NAME=value or NAME",
	}
	f.Fuzz(func(t *testing.T, text string) {
		declared, err := parseEnvFile([]byte(text), []string{"HOME=/home/me"})
		checkDeclaration(t, declared, err)
		if err != nil {
			if _, message, _ := strings.Cut(err.Error(), ": "); !slices.Contains(messages, message) {
				t.Errorf("the error is %q", err)
			}
			return
		}
		for _, kv := range declared.variables {
			if kv != "HOME=/home/me" && !strings.Contains(text, kv) {
				t.Errorf("%q is not in %q", kv, text)
			}
		}
	})
}
