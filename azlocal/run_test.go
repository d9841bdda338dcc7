package main

import (
	"strings"
	"testing"
)

func TestStatusAndErrors(t *testing.T) {
	notExecutable := write(t, "script", "#!/bin/sh\n")
	noInterpreter := write(t, "script", "#!/no/such/interpreter\n")
	text := write(t, "text", "text\n")
	for _, file := range []string{noInterpreter, text} {
		makeExecutable(t, file)
	}
	badAzure := write(t, "azure.yaml", "platform: azureml\nidentitys: {}\n")
	badJob := write(t, "job.yml", "name: x\nenvironment_variables:\n  A: [1]\n")
	for name, c := range map[string]struct {
		args   string
		status int
		stderr string // its beginning
	}{
		"true":           {"emulate " + example + " true", 0, ""},
		"false":          {"emulate " + example + " -- false", 1, ""},
		"status":         {"emulate " + example + " sh -c exit${IFS}42", 42, ""},
		"killed":         {"emulate " + example + " -- sh -c kill${IFS}-9${IFS}$$", 137, ""},
		"not found":      {"emulate " + example + " nosuchprogram", 127, "azlocal: error: command \"nosuchprogram\": not found in PATH\n"},
		"no such path":   {"emulate " + example + " ./nosuchprogram", 127, "azlocal: error: command \"./nosuchprogram\": no such file\n"},
		"not executable": {"emulate " + example + " " + notExecutable, 126, "azlocal: error: command \"" + notExecutable + "\": cannot be executed: permission denied\n"},
		"directory":      {"emulate " + example + " /", 126, "azlocal: error: command \"/\": cannot be executed: is a directory\n"},
		"no interpreter": {"emulate " + example + " " + noInterpreter, 127, "azlocal: error: command \"" + noInterpreter + "\": the interpreter that its first line"},
		"not a program":  {"emulate " + example + " " + text, 126, "azlocal: error: command \"" + text + "\": not a program for this machine"},
		"no file":        {"emulate nosuch.yaml true", 125, "azlocal: error: open nosuch.yaml: no such file"},
		"bad file":       {"emulate " + badAzure + " true", 125, "azlocal: error: " + badAzure + ":2: unknown key \"identitys\": the keys here are tenant, "},
		"no job":         {"emulate " + example + " --env-from nosuch.yml true", 125, "azlocal: error: open nosuch.yml: no such file"},
		"bad job":        {"emulate " + example + " --env-from " + badJob + " true", 125, "azlocal: error: " + badJob + ":3: A is not a single value"},
		"unwritable":     {"emulate " + example + " --requests /nosuch/file true", 125, "azlocal: error: open /nosuch/file: no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			got := azlocal(t, nil, strings.Fields(c.args)...)
			if got.status != c.status || !strings.HasPrefix(got.stderr, c.stderr) || c.stderr == "" && got.stderr != "" || got.stdout != "" {
				t.Errorf("azlocal %s = %+v, want status %d, stderr %q", c.args, got, c.status, c.stderr)
			}
			if strings.Contains(got.stderr, "--help") {
				t.Errorf("azlocal %s reports this as a mistake on the command line: %s", c.args, got.stderr)
			}
		})
	}
}
