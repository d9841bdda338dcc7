package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"azinject/emulator"
)

// No output may contain these. The values of all secrets, connections and keys
// in the emulated Azure contain canarySecret.
const (
	canarySecret   = "canary-secret"
	canaryEnviron  = "canary-environment"
	canaryArgument = "canary-argument"
	tokenBeginning = "eyJ" // of a JWT
)

// platforms provide identities.
var platforms = []string{
	"appservice", "azureml", "azureml_cluster", "azureml_instance", "azureml_kubernetes", "container_instances", "foundry_agent",
	"cloudshell", "servicefabric", "arc", "imds",
}

// machinePlatforms need an address or a directory of the machine.
var machinePlatforms = []string{"container_instances", "arc", "imds"}

// output is a level and a format of azinject's log.
type output struct {
	name    string
	json    bool
	environ []string
}

// outputs alternate between text and JSON. One of them sets variables that make
// the libraries beneath azinject log more.
var outputs = []output{
	{name: "error"},
	{name: "info-json", json: true, environ: []string{"AZINJECT_LOG=info", "AZINJECT_LOG_FORMAT=json", "GODEBUG=http2debug=2", "AZURE_SDK_GO_LOGGING=all"}},
	{name: "debug", environ: []string{"AZINJECT_LOG=debug"}},
	{name: "error-json", json: true, environ: []string{"AZINJECT_LOG_FORMAT=json"}},
	{name: "info", environ: []string{"AZINJECT_LOG=info"}},
	{name: "debug-json", json: true, environ: []string{"AZINJECT_LOG=debug", "AZINJECT_LOG_FORMAT=json"}},
}

// job is one run of azinject.
type job struct {
	failureCase
	platform string
	output   output
	http2    bool // the emulator offers it

	mistakes []string // found so far
}

// files are the files that jobs run: the program and a directory of fake tools.
type files struct{ azinject, tools string }

// turns is the number of platforms that a row runs on if none makes a difference.
const turns = 3

// jobs returns the runs of a kind.
//
// A row that is everywhere runs on all platforms. Any other row is about what
// happens before azinject asks for a token, or once it has one, and no code looks at
// the platform then. It runs on three, which take turns: row i begins with platform
// 3i, modulo their number. So every kind still meets all of them.
//
// Every row runs at least twice, over HTTP/1.1 and HTTP/2 by turns. Run k of row i
// has output i+k, modulo their number. So every row is tested as text and as JSON,
// and every kind with every output. A run stays the same when it is repeated by name.
func (f failureKind) jobs() []job {
	var all []job
	for i, row := range f.rows {
		on, first, runs := platforms, 0, len(platforms)
		if row.platforms != "" {
			on = strings.Fields(row.platforms)
			runs = max(len(on), 2)
		} else if !f.everywhere && !row.everywhere {
			first, runs = turns*i, turns
		}
		for k := range runs {
			all = append(all, job{failureCase: row, platform: on[(first+k)%len(on)], output: outputs[(i+k)%len(outputs)], http2: k%2 == 1 && !row.http1})
		}
	}
	return all
}

// name returns the name by which -run selects a job.
func (j *job) name() string { return j.failureCase.name + "/" + j.platform + "/" + j.output.name }

// TestRotation checks that jobs leave out no platform and no output of a kind, and
// no format and no protocol of a row.
func TestRotation(t *testing.T) {
	for _, f := range failures {
		met := map[string]bool{}
		for _, j := range f.jobs() {
			row := j.failureCase.name
			for _, what := range []string{j.output.name, j.platform, row + " on " + j.platform, fmt.Sprint(row, " as JSON ", j.output.json), fmt.Sprint(row, " over HTTP/2 ", j.http2)} {
				met[what] = true
			}
		}
		var want []string
		for _, o := range outputs {
			want = append(want, o.name)
		}
		for _, row := range f.rows {
			want = append(want, row.name+" as JSON true", row.name+" as JSON false", row.name+" over HTTP/2 false")
			if !row.http1 {
				want = append(want, row.name+" over HTTP/2 true")
			}
			on := strings.Fields(row.platforms)
			if row.platforms == "" {
				on = platforms
			}
			for _, platform := range on {
				if f.everywhere || row.everywhere || row.platforms != "" {
					platform = row.name + " on " + platform
				}
				want = append(want, platform)
			}
		}
		for _, what := range want {
			if !met[what] {
				t.Errorf("the kind %s is not tested: %s", f.name, what)
			}
		}
	}
}

// TestFailures runs everything that can go wrong. It checks what is reported,
// that the server is not started, how often Azure is asked, and that no output
// contains anything secret.
func TestFailures(t *testing.T) {
	t.Parallel()
	// Programs cannot be built in the namespaces.
	files := files{program(t, "azinject"), fakeTools(t)}
	var tests []subtest
	for _, f := range failures {
		for _, j := range f.jobs() {
			tests = append(tests, subtest{j.name(), func(t *testing.T) { j.start(t, files) }})
		}
	}
	runTests(t, 16, tests) // most wait for something
}

// subtest is a part of a test that does not count as a parallel test of its own.
type subtest struct {
	name string
	run  func(*testing.T)
}

// runTests runs this many tests at once, beginning with the first.
func runTests(t *testing.T, atOnce int, tests []subtest) {
	queue := make(chan subtest)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for test := range queue {
				t.Run(test.name, test.run)
			}
		})
	}
	for _, test := range tests {
		queue <- test
	}
	close(queue)
	workers.Wait()
}

// start runs the job, in namespaces of its own if this user can make them.
func (j *job) start(t *testing.T, with files) {
	if os.Geteuid() == 0 {
		if err := inNamespaces(func() { j.run(t, with, true) }); err != nil {
			t.Errorf("namespaces: %v", err)
		}
		return
	}
	if j.root || slices.Contains(machinePlatforms, j.platform) {
		t.Skip("needs root, for namespaces of its own")
	}
	j.run(t, with, false)
}

// run starts azinject in the emulated Azure of the job and checks the result.
func (j *job) run(t *testing.T, with files, isolated bool) {
	config, err := emulator.Parse([]byte(j.azure(j.platform)))
	if err != nil {
		t.Error(err)
		return
	}
	config.Network.HTTP2 = j.http2
	azure, err := emulator.Start(config)
	if err != nil {
		t.Error(err)
		return
	}
	defer azure.Close()
	if isolated {
		os.WriteFile(terminationLog, []byte("before"), 0)
	}
	status, stdout, stderr := j.azinject(t, azure.Environ(), with)
	j.checkOutcome(status, stdout, stderr)
	j.checkRequests(azure)
	all := stderr + stdout
	if isolated {
		all += j.checkTerminationLog(stderr)
	}
	j.checkLeaks(all, azure.Environ())
	if testing.Verbose() && j.output.environ == nil { // for people who read every report
		t.Logf("%s", stderr)
	}
	if j.mistakes != nil {
		t.Errorf("%s\n%s", strings.Join(j.mistakes, "; "), stderr)
	}
}

// azinject runs the program and returns its exit status and output.
func (j *job) azinject(t *testing.T, azure []string, with files) (status int, stdout, stderr string) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // in case azinject hangs
	defer cancel()
	cmd := osexec.CommandContext(ctx, with.azinject, "--", "/bin/sh", "-c", "echo server started", canaryArgument)
	cmd.Env = append([]string{"PATH=/bin", "CANARY=" + canaryEnviron}, azure...)
	cmd.Env = override(override(cmd.Env, j.output.environ), j.env)
	if j.tools != "" {
		cmd.Env = override(cmd.Env, []string{"PATH=" + with.tools, "TOOLS=" + j.tools})
	}
	var out, report bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &report
	var exit *osexec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), report.String()
}

// fakeTools makes a directory with an az and an azd, which run the commands in
// the variable TOOLS. It writes them before anything is started: a program
// cannot be run while a process that is being started has its file open.
func fakeTools(t *testing.T) string {
	directory := t.TempDir()
	for _, name := range []string{"az", "azd"} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte("#!/bin/sh\neval \"$TOOLS\"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func (j *job) wrong(format string, args ...any) {
	j.mistakes = append(j.mistakes, fmt.Sprintf(format, args...))
}

// override replaces the variables of the same names.
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
