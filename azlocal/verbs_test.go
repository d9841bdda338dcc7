package main

import (
	"strings"
	"testing"
)

// TestOptionsOfCommand checks that COMMAND's words are never taken as options.
func TestOptionsOfCommand(t *testing.T) {
	m := install(t, map[string]string{"az": azSigned})
	environ := []string{"PATH=" + m.bin + ":/usr/bin:/bin"}
	const words = "--containers --env-from x --help -- --requests y login --emulate -h --version"
	print := []string{"printf", `%s\n`}
	want := strings.ReplaceAll(words, " ", "\n") + "\n"
	for _, own := range []string{
		"login", "login --", "login --audience https://x.example", "login --audience=https://x.example --",
		"emulate " + example, "emulate " + example + " --", "emulate --requests /dev/null " + example, "emulate --requests /dev/null " + example + " --",
		"emulate " + example + " --requests /dev/null", "emulate " + example + " --requests=/dev/null --",
	} {
		args := append(append(strings.Fields(own), print...), strings.Fields(words)...)
		if got := azlocal(t, environ, args...); got != (result{0, want, ""}) {
			t.Errorf("azlocal %s printf … = %+v", own, got)
		}
	}
	// Only "--" protects a COMMAND that begins with a dash.
	if got := azlocal(t, nil, "emulate", example, "--", "--help"); got.status != 127 || !strings.Contains(got.stderr, "no command: the first word begins with \"-\"") {
		t.Errorf("azlocal = %+v", got)
	}
}

func TestHelp(t *testing.T) {
	p := new(process)
	for args, use := range map[string]string{
		"--help": "azlocal [command]", "-h": "azlocal [command]", "help": "azlocal [command]",
		"login --help": p.loginCommand().UseLine(), "login -h": p.loginCommand().UseLine(), "help login": p.loginCommand().UseLine(), "login --containers --help -- true": p.loginCommand().UseLine(),
		"emulate --help": p.emulateCommand().UseLine(), "emulate f --help": p.emulateCommand().UseLine(), "emulate f --requests r -h -- true": p.emulateCommand().UseLine(),
	} {
		got := azlocal(t, nil, strings.Fields(args)...)
		if got.status != 0 || got.stderr != "" || !strings.Contains(got.stdout, "\nUsage:\n  azlocal") || !strings.Contains(got.stdout, use+"\n") {
			t.Errorf("azlocal %s = %+v", args, got)
		}
		for line := range strings.Lines(got.stdout) {
			if len(line) > 101 && !strings.Contains(line, "docker run --rm") {
				t.Errorf("azlocal %s prints a line that is %d bytes long: %s", args, len(line), line)
			}
		}
	}
}

func TestCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"emul":                             "emulate\tRun COMMAND",
		"emulate ":                         "yaml\nyml\n:8\n",
		"emulate x.yaml ":                  ":0\n",
		"emulate --req":                    "--requests\t",
		"emulate x.yaml --req":             "--requests\t",
		"emulate x.yaml -- docker --r":     ":0\n",
		"login --aud":                      "--audience\t",
		"login --env-from ":                ":0\n",
		"emulate x.yaml --env-from d.yml ": ":0\n",
	} {
		// The last word is the one to complete. It may be empty.
		got := azlocal(t, nil, append([]string{"__complete"}, strings.Split(args, " ")...)...)
		if got.status != 0 || !strings.HasPrefix(got.stdout, want) {
			t.Errorf("completing %q: %+v, want %q", args, got, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := azlocal(t, nil, "completion", shell); got.status != 0 || !strings.Contains(got.stdout, "azlocal") || got.stderr != "" {
			t.Errorf("completion %s: status %d, %s", shell, got.status, got.stderr)
		}
	}
}
