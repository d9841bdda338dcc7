package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// binary is the azlocal under test; TestMain builds it.
var binary string

// TestMain makes this test a stand-in for COMMAND when azlocal runs it.
func TestMain(m *testing.M) {
	if role := os.Getenv("AZLOCAL_PROBE"); role != "" {
		probe(role)
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "azlocal-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "azlocal")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building azlocal: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// probe prints the signals it gets until one is SIGTERM and exits 7, or the
// tokens it gets, or a secret, or its environment.
func probe(role string) {
	switch role {
	case "signal":
		printSignals()
	case "token":
		printTokens()
	case "secret":
		printSecret()
	default:
		for _, kv := range os.Environ() {
			fmt.Printf("%q\n", kv)
		}
	}
	os.Exit(0)
}

func printSignals() {
	got := make(chan os.Signal, 8)
	signal.Notify(got, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	fmt.Println("ready")
	for s := range got {
		fmt.Println(s)
		if s == syscall.SIGTERM {
			os.Exit(7)
		}
	}
}

// A result is what a run of azlocal left behind.
type result struct {
	status         int
	stdout, stderr string
}

// azlocal runs the binary with the environment given and PATH.
func azlocal(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), binary, args...)
	// Or the race detector has the probe sleep for a second.
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}, environ...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const example = "../testdata/azure.yaml"

func TestStatusAndErrors(t *testing.T) {
	notExecutable := write(t, "script", "#!/bin/sh\n")
	badAzure := write(t, "azure.yaml", "platform: azureml\nidentitys: {}\n")
	badJob := write(t, "job.yml", "name: x\nenvironment_variables:\n  A: [1]\n")
	for name, c := range map[string]struct {
		args   string
		status int
		stderr string // begins so
	}{
		"true":              {"--emulate " + example + " true", 0, ""},
		"false":             {"--emulate " + example + " -- false", 1, ""},
		"status":            {"--emulate=" + example + " sh -c exit${IFS}42", 42, ""},
		"killed":            {"--emulate " + example + " -- sh -c kill${IFS}-9${IFS}$$", 137, ""},
		"not found":         {"--emulate " + example + " nosuchprogram", 127, "azlocal: error: nosuchprogram: executable file not found in $PATH\n"},
		"no such path":      {"--emulate " + example + " ./nosuchprogram", 127, "azlocal: error: ./nosuchprogram: stat ./nosuchprogram: no such file"},
		"not executable":    {"--emulate " + example + " " + notExecutable, 126, "azlocal: error: " + notExecutable + ": permission denied\n"},
		"directory":         {"--emulate " + example + " /", 126, "azlocal: error: /: "},
		"one dash":          {"-emulate " + example + " true", 0, ""},
		"no option":         {"true", 125, "azlocal: error: --login or --emulate is needed\nusage: "},
		"both":              {"--login --emulate " + example + " true", 125, "azlocal: error: --login and --emulate exclude each other\nusage: "},
		"no command":        {"--emulate " + example, 125, "azlocal: error: COMMAND is missing\nusage: "},
		"no command, login": {"--login --", 125, "azlocal: error: COMMAND is missing\nusage: "},
		"unknown option":    {"--emulat x -- true", 125, "azlocal: error: unknown option --emulat\nusage: "},
		"unknown, value":    {"--token=hunter2 true", 125, "azlocal: error: unknown option --token\nusage: "},
		"unknown, one dash": {"-x true", 125, "azlocal: error: unknown option -x\nusage: "},
		"three dashes":      {"---login true", 125, "azlocal: error: unknown option ---login\nusage: "},
		"no value":          {"--emulate", 125, "azlocal: error: --emulate needs a value\nusage: "},
		"empty value":       {"--emulate= true", 125, "azlocal: error: --emulate needs a value\nusage: "},
		"option as value":   {"--emulate --login true", 125, "azlocal: error: --emulate needs a value\nusage: "},
		"dashes as value":   {"--login --env-from -- true", 125, "azlocal: error: --env-from needs a value\nusage: "},
		"value for none":    {"--login=yes true", 125, "azlocal: error: --login takes no value\nusage: "},
		"requests, login":   {"--login --requests x true", 125, "azlocal: error: --requests is for --emulate"},
		"audience, emulate": {"--audience https://x.example --emulate " + example + " true", 125, "azlocal: error: --audience is for --login\nusage: "},
		"odd audience":      {"--login --audience x true", 125, "azlocal: error: --audience x: not the URL of a service"},
		"scope":             {"--login --audience https://x.example/.default true", 125, "azlocal: error: --audience https://x.example/.default: leave out /.default"},
		"no file":           {"--emulate nosuch.yaml true", 125, "azlocal: error: open nosuch.yaml: no such file"},
		"bad file":          {"--emulate " + badAzure + " true", 125, "azlocal: error: " + badAzure + ":2: unknown key \"identitys\"\n"},
		"no job":            {"--emulate " + example + " --env-from nosuch.yml true", 125, "azlocal: error: open nosuch.yml: no such file"},
		"bad job":           {"--emulate " + example + " --env-from " + badJob + " true", 125, "azlocal: error: " + badJob + ":3: A is not a single value"},
		"unwritable":        {"--emulate " + example + " --requests /nosuch/file true", 125, "azlocal: error: open /nosuch/file: no such file"},
		"option of command": {"--emulate " + example + " -- sh -c exit${IFS}$# x --emulate y", 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := azlocal(t, nil, strings.Fields(c.args)...)
			if got.status != c.status || !strings.HasPrefix(got.stderr, c.stderr) || c.stderr == "" && got.stderr != "" || got.stdout != "" {
				t.Errorf("azlocal %s = %+v, want status %d, stderr %q", c.args, got, c.status, c.stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"--help", "-h", "-help", "--login --help"} {
		if got := azlocal(t, nil, strings.Fields(args)...); got != (result{0, usage, ""}) {
			t.Errorf("%s = %+v", args, got)
		}
	}
	source, err := os.ReadFile("main.go")
	manual := strings.ReplaceAll(strings.ReplaceAll("//\t"+strings.TrimSpace(usage), "\n", "\n//\t"), "//\t\n", "//\n")
	if err != nil || !strings.Contains(string(source), manual+"\n//\n") {
		t.Errorf("the package comment is not what --help prints (%v)", err)
	}
}
