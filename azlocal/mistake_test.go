package main

import (
	"strings"
	"testing"
)

func TestMistakes(t *testing.T) {
	for args, c := range map[string]struct{ verb, want string }{
		"":                  {"", "a command is missing: login, emulate or access"},
		"true":              {"", `unknown command "true"`},
		"lgoin -- true":     {"", `unknown command "lgoin": did you mean login?`},
		"emulat x -- true":  {"", `unknown command "emulat": did you mean emulate?`},
		"-- login true":     {"", "write login before --"},
		"frobnicate":        {"", `unknown command "frobnicate": write login, emulate or access`},
		"--token=hunter2 x": {"", "unknown option --token"},
		"-x login true":     {"", "unknown option -x"},
		"--login -- true":   {"", "unknown option --login"},

		"login":                               {"login", "COMMAND is missing: write it after --"},
		"login --":                            {"login", "COMMAND is missing: write it after --"},
		"login --containers":                  {"login", "COMMAND is missing: write it after --"},
		"emulate f":                           {"emulate", "COMMAND is missing: write it after --"},
		"emulate f --containers --":           {"emulate", "COMMAND is missing: write it after --"},
		"access":                              {"access", "FILE is missing"},
		"access --grant":                      {"access", "FILE is missing"},
		"access a.yml b.yml":                  {"access", `give one FILE only: "b.yml" is one too many`},
		"access a.yml --yes":                  {"access", "--yes and --wait need --grant"},
		"access a.yml --wait":                 {"access", "--yes and --wait need --grant"},
		"access a.yml --scope vault":          {"access", "--scope: write store or secret"},
		"access a.yml --identity":             {"access", "--identity needs a value"},
		"access a.yml --grand":                {"access", "unknown option --grand"},
		"acess a.yml":                         {"", `unknown command "acess": did you mean access?`},
		"emulate":                             {"emulate", "FILE is missing"},
		"emulate --requests r":                {"emulate", "FILE is missing"},
		"emulate -- true":                     {"emulate", "FILE is missing"},
		"emulate --containers -- f true":      {"emulate", "FILE is missing"},
		"login --nosuch true":                 {"login", "unknown option --nosuch"},
		"login --token=hunter2 true":          {"login", "unknown option --token"},
		"login -x true":                       {"login", "unknown option -x"},
		"login -x=hunter2 true":               {"login", "unknown option -x"},
		"login ---audience true":              {"login", "unknown option ---audience"},
		"login --=hunter2 true":               {"login", "unknown option --"},
		"login --requests r true":             {"login", "unknown option --requests"},
		"emulate --audience https://x f true": {"emulate", "unknown option --audience"},
		"emulate f --nosuch true":             {"emulate", "unknown option --nosuch"},

		"login --env-from":                                 {"login", "--env-from needs a value"},
		"login --env-from= true":                           {"login", "--env-from needs a value"},
		"login --env-from --containers true":               {"login", "--env-from needs a value"},
		"login --env-from -- true":                         {"login", "--env-from needs a value"},
		"login --audience -- true":                         {"login", "--audience needs a value"},
		"emulate f --requests -- true":                     {"emulate", "--requests needs a value"},
		"login --containers=yes true":                      {"login", "--containers takes no value"},
		"login --audience x true":                          {"login", "--audience x: write the URL of a service"},
		"login --audience https://x.example/.default x":    {"login", "--audience https://x.example/.default: leave out /.default"},
		"login --container c true":                         {"login", "--container needs --env-from"},
		"emulate f --container c -- true --env-from x.yml": {"emulate", "--container needs --env-from"},
	} {
		t.Run(args, func(t *testing.T) {
			got := azlocal(t, nil, strings.Fields(args)...)
			line, hint, _ := strings.Cut(got.stderr, "\n")
			if got.status != 125 || got.stdout != "" || !strings.HasPrefix(line, "azlocal: error: "+c.want) || strings.Contains(got.stderr, "hunter2") {
				t.Errorf("azlocal %s = %+v, want %q", args, got, c.want)
			}
			command := strings.TrimSuffix("azlocal "+c.verb, " ")
			if want := "azlocal: hint: see " + command + " --help\n"; hint != want {
				t.Errorf("azlocal %s ends with %q, want %q", args, hint, want)
			}
		})
	}
}
