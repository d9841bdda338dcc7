package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// binary is the azlocal under test. TestMain builds it.
var binary string

// TestMain lets this binary act as COMMAND when azlocal runs it.
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

// probe stands for COMMAND. Depending on its role, it prints signals and exits
// with 7 on SIGTERM, or it prints tokens, a secret or its environment.
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

// result is the result of a run of azlocal.
type result struct {
	status         int
	stdout, stderr string
}

// azlocal runs the binary with PATH and the environment.
func azlocal(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), binary, args...)
	// Without GORACE the race detector makes the probe sleep for a second.
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

func makeExecutable(t *testing.T, file string) {
	t.Helper()
	if err := os.Chmod(file, 0o700); err != nil {
		t.Fatal(err)
	}
}
