package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"azinject/emulator"
)

// What must be in no output. The values of secrets, connections and keys in
// the emulated Azure all contain canarySecret.
const (
	canarySecret   = "canary-secret"
	canaryEnviron  = "canary-environment"
	canaryArgument = "canary-argument"
	tokenBeginning = "eyJ" // of a JWT
)

// platforms are where identities come from. IMDS needs a network of its own.
var platforms = []string{"appservice", "azureml", "cloudshell", "servicefabric", "imds"}

// job is one run of azinject.
type job struct {
	failure
	platform string
	environ  []string

	mistakes []string // that have been found
}

// TestFailures walks through everything that can go wrong: what is reported, that the server
// is not started, and how often Azure is asked. Every failure is met on every platform, at every
// level of logging and in every format, and nothing secret may be in any output.
func TestFailures(t *testing.T) {
	program := filepath.Join(t.TempDir(), "azinject")
	build(t, "bin/azinject", program)
	jobs := make(chan job)
	var workers sync.WaitGroup
	root := os.Geteuid() == 0
	for range 8 {
		workers.Go(func() {
			for j := range jobs {
				if !root {
					j.run(t, program, root)
				} else if err := inNamespaces(func() { j.run(t, program, root) }); err != nil {
					t.Errorf("namespaces: %v", err)
				}
			}
		})
	}
	for _, f := range failures {
		if f.root && !root {
			t.Logf("%s: skipped, needs root", f.name)
			continue
		}
		for _, j := range f.jobs(root) {
			jobs <- j
		}
	}
	close(jobs)
	workers.Wait()
}

// outputs are the levels and formats of logging. With them come variables that
// have the libraries beneath azinject write more than it does.
var outputs = [][]string{
	nil,
	{"AZINJECT_LOG_FORMAT=json"},
	{"AZINJECT_LOG=info"},
	{"AZINJECT_LOG=info", "AZINJECT_LOG_FORMAT=json", "GODEBUG=http2debug=2", "AZURE_SDK_GO_LOGGING=all"},
	{"AZINJECT_LOG=debug"},
	{"AZINJECT_LOG=debug", "AZINJECT_LOG_FORMAT=json"},
}

// jobs returns the runs of a failure: on every platform, with every output.
func (f failure) jobs(root bool) []job {
	on := platforms
	if f.platforms != "" {
		on = strings.Fields(f.platforms)
	}
	var all []job
	for _, platform := range on {
		if platform == "imds" && !root {
			continue
		}
		for _, environ := range outputs {
			all = append(all, f.job(platform, environ...))
		}
	}
	return all
}

func (f failure) job(platform string, environ ...string) job {
	return job{failure: f, platform: platform, environ: environ}
}

// run starts azinject in the emulated Azure of the job and checks what comes of it.
func (j *job) run(t *testing.T, program string, root bool) {
	config, err := emulator.Parse([]byte(j.azure(j.platform)))
	if err != nil {
		t.Errorf("%s: %v", j.name, err)
		return
	}
	config.Network.HTTP2 = !j.http1 && strings.Contains(strings.Join(j.environ, " "), "http2debug")
	azure, err := emulator.Start(config)
	if err != nil {
		t.Errorf("%s: %v", j.name, err)
		return
	}
	defer azure.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // should azinject hang
	defer cancel()
	cmd := osexec.CommandContext(ctx, program, "--", "/bin/sh", "-c", "echo server started", canaryArgument)
	cmd.Env = append([]string{"PATH=/bin", "CANARY=" + canaryEnviron}, azure.Environ()...)
	cmd.Env = override(override(cmd.Env, j.environ), j.env)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if root {
		os.WriteFile(terminationLog, []byte("before"), 0)
	}
	err = cmd.Run()
	var exit *osexec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("%s: %v", j.name, err)
		return
	}
	j.checkOutcome(cmd.ProcessState.ExitCode(), stdout.String(), stderr.String())
	j.checkRequests(azure)
	outputs := stderr.String() + stdout.String()
	if root {
		outputs += j.checkTerminationLog(stderr.String())
	}
	j.checkLeaks(outputs, azure.Environ())
	if j.mistakes != nil {
		t.Errorf("%s, %s %q: %s\n%s", j.name, j.platform, j.environ, strings.Join(j.mistakes, "; "), stderr.String())
	}
}

func (j *job) wrong(format string, args ...any) {
	j.mistakes = append(j.mistakes, fmt.Sprintf(format, args...))
}

// override puts variables in the place of those of the same name.
func override(environ, by []string) []string {
	for _, kv := range by {
		name, _, _ := strings.Cut(kv, "=")
		var kept []string
		for _, other := range environ {
			if !strings.HasPrefix(other, name+"=") {
				kept = append(kept, other)
			}
		}
		environ = append(kept, kv)
	}
	return environ
}

func (j *job) checkOutcome(status int, stdout, stderr string) {
	started := strings.Contains(stdout, "server started")
	if started != j.starts || stdout != "" && stdout != "server started\n" {
		j.wrong("standard output %q", stdout)
	}
	want := 125
	if j.starts {
		want = 0
	}
	if status != want {
		j.wrong("exit status %d, want %d", status, want)
	}
	if strings.Contains(strings.Join(j.environ, " "), "json") {
		stderr = strings.ReplaceAll(stderr, `\"`, `"`)
	}
	for _, words := range j.says {
		if !strings.Contains(stderr, words) {
			j.wrong("standard error does not say %q", words)
		}
	}
	for _, words := range j.saysNot {
		if strings.Contains(stderr, words) {
			j.wrong("standard error says %q", words)
		}
	}
	for line := range strings.Lines(stderr) {
		hint, ok := strings.CutPrefix(line, "azinject: hint: ")
		if ok && !strings.HasPrefix(hint, "  ") && !explained(hint) {
			j.wrong("the README's troubleshooting does not explain %q", hint)
		}
	}
	if j.starts && j.environ == nil && stderr != "" {
		j.wrong("standard error on success: %q", stderr)
	}
}

// explained says whether the README's troubleshooting has an entry with words
// of the hint. "…" in an entry stands for anything.
func explained(hint string) bool {
	for _, entry := range troubleshooting() {
		if entry.MatchString(hint) {
			return true
		}
	}
	return false
}

var troubleshooting = sync.OnceValue(func() []*regexp.Regexp {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		panic(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Troubleshooting\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var entries []*regexp.Regexp
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		words, _, _ := strings.Cut(line[1:], "|")
		for _, quoted := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(words, -1) {
			entries = append(entries, regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(quoted[1]), "…", ".*")))
		}
	}
	return entries
})

func (j *job) checkRequests(azure *emulator.Azure) {
	counts := azure.Counts()
	for kind, want := range j.requests {
		if got := counts[kind]; got != want {
			j.wrong("%d requests of the kind %s, want %d", got, kind, want)
		}
	}
}

// checkTerminationLog checks that the report is there too, as text, as much of it as fits,
// and that a start that succeeds leaves the file alone. It returns the contents.
func (j *job) checkTerminationLog(stderr string) string {
	data, err := os.ReadFile(terminationLog)
	if err != nil {
		j.wrong("%v", err)
	}
	written := string(data)
	switch {
	case j.starts && written != "before":
		j.wrong("the termination log has %q after a start", written)
	case !j.starts && (!strings.HasPrefix(written, "azinject: error: ") || !strings.HasSuffix(written, "\n") || len(written) > 4096):
		j.wrong("the termination log has %q", written)
	case !j.starts && j.environ == nil && !strings.HasPrefix(stderr, written):
		j.wrong("the termination log has %q, standard error %q", written, stderr)
	}
	return written
}

func (j *job) checkLeaks(outputs string, environ []string) {
	secrets := []string{canarySecret, canaryEnviron, canaryArgument, tokenBeginning}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); name == "IDENTITY_HEADER" || name == "MSI_SECRET" {
			secrets = append(secrets, value)
		}
	}
	for _, secret := range secrets {
		if strings.Contains(outputs, secret) {
			j.wrong("an output has %q in it:\n%s", secret, outputs)
		}
	}
}
