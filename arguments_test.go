package main

import (
	"slices"
	"strings"
	"testing"
)

func TestParseArguments(t *testing.T) {
	for _, test := range []struct {
		words   []string
		mode    mode
		command []string
	}{
		{[]string{"server", "--help"}, modeStart, []string{"server", "--help"}},
		{[]string{"--", "server"}, modeStart, []string{"server"}},
		{[]string{"--", "--help"}, modeStart, []string{"--help"}},
		{[]string{"--", "--"}, modeStart, []string{"--"}},
		{[]string{""}, modeStart, []string{""}},
		{[]string{"--", ""}, modeStart, []string{""}},
		{[]string{"--help", "server"}, modeHelp, nil},
		{[]string{"-h"}, modeHelp, nil},
		{[]string{"--version"}, modeVersion, nil},
		{[]string{"--install", "/shared/azinject"}, modeInstall, nil},
	} {
		got, err := parseArguments(test.words)
		if err != nil || got.mode != test.mode || !slices.Equal(got.command, test.command) {
			t.Errorf("parseArguments(%q) = %+v, %v", test.words, got, err)
		}
	}
	for _, words := range [][]string{
		nil, {"--"}, {"--chek"}, {"-"}, {"-v"}, {"--Help"}, {"--install"}, {"--install", ""}, {"--install", "a", "b"},
	} {
		if got, err := parseArguments(words); err == nil || exitCode(err) != statusFailed {
			t.Errorf("parseArguments(%q) = %+v, %v, want a mistake", words, got, err)
		}
	}
}

func TestUnknownOptionIsNamed(t *testing.T) {
	for word, want := range map[string]string{
		"--chek":              "unknown option --chek; ",
		"--password=hunter2":  "unknown option --password; ",
		"--password hunter2":  "unknown option --password; ",
		"--password\thunter2": "unknown option --password; ",
		"--password:hunter2":  "unknown option --password; ",
		"--=hunter2":          "unknown option --; ",
		"---chek":             "unknown option ---chek; ",
		"-phunter2":           "unknown option -p…; ",
		"-p=hunter2":          "unknown option -p; ",
		"-v":                  "unknown option -v; ",
		"-":                   "unknown option -; ",
		"--json=hunter2":      "unknown option --json; ",
		"--install=hunter2":   "--install and what follows it are words of their own; ",
		"--check --json":      "--check and what follows it are words of their own; ",
	} {
		if _, err := parseArguments([]string{word, "server"}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("parseArguments(%q): %v, want %s", word, err, want)
		}
	}
}
