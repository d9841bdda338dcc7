package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"azinject/emulator"
)

// Bounds on a start with a hundred references, whatever the answers are: memory
// in KiB, processor time, and the bytes of a line.
const (
	maxMemory    = 64 << 10
	maxProcessor = 30 * time.Second
	maxLine      = 1400 // with the variable, the object and the status
)

// hostileAnswer is sent to every request of a hundred references.
type hostileAnswer struct {
	name  string
	refer string // the format of a reference
	fault emulator.Fault
	says  string
}

// hostileAnswers makes the answers. It is not a variable, because this program also
// is the server that scripts start.
func hostileAnswers() []hostileAnswer {
	return []hostileAnswer{
		{"nested arrays in a refusal", secretFormat, emulator.Fault{Status: 400, Body: nested(9_000)}, "request refused (400 c)"},
		{"nested arrays in a denial", secretFormat, emulator.Fault{Status: 403, Body: nested(9_000)}, "access denied (403 c)"},
		{"nested arrays with another good status", secretFormat, emulator.Fault{Status: 201, Body: nested(9_000)}, "(201 c)"},
		{"a refusal without end", secretFormat, emulator.Fault{Status: 400, Body: `{"error":{"message":"` + strings.Repeat("x", 1<<20) + `"}}`}, "request refused (400)"},
		{"a long message", secretFormat, emulator.Fault{Status: 400, Body: `{"error":{"message":"` + strings.Repeat("x", 60_000) + `"}}`}, "xxx…"},
		{"headers without end", secretFormat, emulator.Fault{Status: 200, Headers: map[string]string{"X": strings.Repeat("x", 900_000)}}, ""},
		{"secrets at their bound", secretFormat, emulator.Fault{Status: 200, Body: `{"id":"https://kv1.vault.azure.net/secrets/other","value":"` + strings.Repeat("v", 250<<10) + `"}`}, "not about the object that was asked for"},
		{"a secret that is too large", secretFormat, emulator.Fault{Status: 200, Body: `{"value":"` + strings.Repeat("v", 1<<20) + `"}`}, "larger than 256 KiB"},
		{"a secret of small members", pointerFormat, emulator.Fault{Status: 200, Body: jsonSecret(18_000, "m%d")}, `the secret has "m0", "m1", "m10"`},
		{"a secret of small members with odd names", pointerFormat, emulator.Fault{Status: 200, Body: jsonSecret(15_000, "m %d")}, "has 15001 others"},
		{"a secret of nested arrays", pointerFormat, emulator.Fault{Status: 200, Body: `{"id":"https://kv1.vault.azure.net/secrets/s/1","value":"` + strings.Repeat("[", 120<<10) + `"}`}, "the secret is not JSON"},
		{"half of a surrogate pair", secretFormat, emulator.Fault{Status: 200, Body: `{"id":"https://kv1.vault.azure.net/secrets/s1","value":"canary-secret\ud800"}`}, ""},
		{"keys at their bound", keyFormat, emulator.Fault{Status: 200, Body: `{"key":"k","label":null,"value":"` + strings.Repeat("v", 250<<10) + `"}`}, "not about the object that was asked for"},
		{"a key that is too large", keyFormat, emulator.Fault{Status: 200, Body: `{"key":"k","value":"` + strings.Repeat("v", 1<<20) + `"}`}, "larger than 256 KiB"},
		{"a key of nested arrays", keyFormat, emulator.Fault{Status: 200, Body: `{"key":"k","value":` + strings.Repeat("[", 120<<10) + `}`}, "not the expected JSON"},
		{"a problem without end", keyFormat, emulator.Fault{Status: 400, Body: `{"type":"https://azconfig.io/errors/x","title":"` + strings.Repeat("x", 60_000) + `"}`}, "(400 x): xxx"},
		{"empty objects", connectionFormat, emulator.Fault{Status: 200, Body: `{"name":"c","properties":{"credentials":{"a":[` + strings.Repeat("{},", 340_000) + `{}]}}}`}, ""},
		{"a hundred connections of empty objects", connectionsFormat, emulator.Fault{Status: 200, Body: `{"properties":{"credentials":{"a":[` + strings.Repeat("{},", 340_000) + `{}]}}}`}, "not about the object that was asked for"},
		{"a hundred connections with small members", connectionsFormat, emulator.Fault{Status: 200, Body: strings.Replace(connectionOf(70_000, "%d"), `"name":"c",`, "", 1)}, "not about the object that was asked for"},
		{"small members", connectionFormat, emulator.Fault{Status: 200, Body: connectionOf(70_000, "%d")}, ""},
		{"members with long names", connectionFormat, emulator.Fault{Status: 200, Body: connectionOf(100, strings.Repeat("n", 9_000)+"%d")}, ""},
		{"a hundred Foundry connections of empty objects", projectFormat, emulator.Fault{Status: 200, Body: `{"name":"other","credentials":{"a":[` + strings.Repeat("{},", 340_000) + `{}]}}`}, "not about the object that was asked for"},
		{"a Foundry connection with small members", oneProjectFormat, emulator.Fault{Status: 200, Body: projectOf(70_000)}, `no credential "key`},
		{"a Foundry connection that is too large", projectFormat, emulator.Fault{Status: 200, Body: connectionOf(300_000, "%d")}, "larger than 1024 KiB"},
		{"nested arrays in Foundry's refusal", projectFormat, emulator.Fault{Status: 401, Body: nested(9_000)}, "token refused (401 c)"},
		{"a long denial of Foundry", projectFormat, emulator.Fault{Status: 401, Body: `{"error":{"code":"PermissionDenied","message":"` + strings.Repeat("x", 60_000) + `"}}`}, "access denied (401 PermissionDenied): xxx"},
		{"an endpoint's mode with nested arrays", endpointFormat, emulator.Fault{Status: 400, Body: nested(9_000)}, "request refused (400 c)"},
		{"a connection that is too large", connectionFormat, emulator.Fault{Status: 200, Body: connectionOf(300_000, "%d")}, "larger than 1024 KiB"},
	}
}

const (
	secretFormat      = "A%d=keyvault:https://kv1.vault.azure.net/secrets/s%[1]d"
	pointerFormat     = "A%d=keyvault:https://kv1.vault.azure.net/secrets/s#/key%[1]d"
	keyFormat         = "A%d=@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Label=%[1]d)"
	connectionFormat  = "A%d=azureml://connections/c/credentials/key%[1]d"
	connectionsFormat = "A%d=azureml://connections/c%[1]d/credentials/key"
	oneProjectFormat  = "A%d=${{connections.c.credentials.key%[1]d}}"
	projectFormat     = "A%d=${{connections.c%[1]d.credentials.key}}"
	endpointFormat    = "A%d=${{azureml://onlineEndpoints/e%[1]d/credentials/accessToken}}"
)

func nested(depth int) string {
	return `{"error":{"code":"c","message":"m"},"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + "}"
}

// connectionOf returns a connection with this many keys.
func connectionOf(keys int, format string) string {
	var b strings.Builder
	b.WriteString(`{"name":"c","properties":{"authType":"CustomKeys","credentials":{"keys":{"a":1`)
	for i := range keys {
		fmt.Fprintf(&b, `,"`+format+`":0`, i)
	}
	return b.String() + "}}}}"
}

// jsonSecret returns a secret that is JSON with this many members.
func jsonSecret(members int, format string) string {
	var b strings.Builder
	b.WriteString(`{"id":"https://kv1.vault.azure.net/secrets/s/1","value":"{\"a a\":1`)
	for i := range members {
		fmt.Fprintf(&b, `,\"`+format+`\":0`, i)
	}
	return b.String() + `}"}`
}

// projectOf returns a connection of a Foundry project with this many keys.
func projectOf(keys int) string {
	flat := strings.Replace(connectionOf(keys, "%d"), `"properties":{"authType":"CustomKeys","credentials":{"keys":{`, `"credentials":{"type":"CustomKeys",`, 1)
	return strings.TrimSuffix(flat, "}}")
}

// TestHostileAnswers checks that no answer of a store starts the server or
// makes azinject exceed its bounds.
func TestHostileAnswers(t *testing.T) {
	var tests []subtest
	for _, answer := range hostileAnswers() {
		for _, http2 := range []bool{false, true} {
			name := fmt.Sprintf("%s/http2=%v", answer.name, http2)
			tests = append(tests, subtest{name, func(t *testing.T) { answer.check(t, http2) }})
		}
	}
	runTests(t, 4, tests)
}

func (a hostileAnswer) check(t *testing.T, http2 bool) {
	config, err := emulator.Parse([]byte(failureCase{yaml: oneSecret + oneKey + connection + project}.azure("appservice")))
	if err != nil {
		t.Fatal(err)
	}
	config.Network.HTTP2 = http2
	for _, match := range []string{"GET kv1.vault.azure.net/", "* management.azure.com/", "POST acct.services.ai.azure.com/", "GET store1.azconfig.io/"} {
		fault := a.fault
		fault.Match = match
		config.Faults = append(config.Faults, fault)
	}
	var references []string
	for i := range 100 {
		references = append(references, fmt.Sprintf(a.refer, i))
	}
	checkCost(t, config, append(references, inW, inP, "AZINJECT_TIMEOUT=1m"), a.says)
}

// checkCost starts azinject in an Azure where it must fail, and checks its bounds
// and its report.
func checkCost(t *testing.T, config *emulator.Config, references []string, says string) {
	t.Helper()
	azure, err := emulator.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	defer azure.Close()
	status, output := runBounded(t, slices.Concat(azure.Environ(), references))
	if status != 125 {
		t.Errorf("exit status %d, want 125", status)
	}
	if !strings.Contains(output, says) || strings.Contains(output, "server started") || strings.Contains(output, canarySecret) || strings.Contains(output, tokenBeginning) {
		t.Errorf("the report does not say %q, or says too much:\n%.2000s", says, output)
	}
}

// runBounded runs azinject, checks its memory, its processor time and the length
// of its lines, and returns its exit status and the output of it and the server.
func runBounded(t *testing.T, environ []string) (status int, output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // in case azinject hangs
	defer cancel()
	cmd := osexec.CommandContext(ctx, launcher(t), program(t, "azinject"), "--", "/bin/echo", "server started")
	cmd.Env = environ
	var peak, out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &peak, &out
	err := cmd.Run()
	var exit *osexec.ExitError
	memory, wrong := strconv.Atoi(peak.String())
	if err != nil && !errors.As(err, &exit) || wrong != nil {
		t.Fatalf("%v, %v\n%s", err, wrong, out.String())
	}
	if memory > maxMemory {
		t.Errorf("used %d KiB of memory, the bound is %d", memory, maxMemory)
	}
	if used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); used > maxProcessor {
		t.Errorf("used %v of processor time, the bound is %v", used, maxProcessor)
	}
	for line := range strings.Lines(out.String()) {
		if len(line) > maxLine {
			t.Errorf("a line has %d bytes, the bound is %d: %.200s", len(line), maxLine, line)
		}
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// launcher returns the path of a small program that measures the memory of
// another. The tests are too large for that: a child's peak memory includes that
// of the process that started it.
func launcher(t testing.TB) string {
	t.Helper()
	path := filepath.Join(filepath.Dir(program(t, "azinject")), "launch")
	launched.Do(func() {
		if text, err := osexec.Command("go", "build", "-C", "bench", "-o", path, "./programs/launch").CombinedOutput(); err != nil {
			launched.err = fmt.Errorf("go build: %w\n%s", err, text)
		}
	})
	if launched.err != nil {
		t.Fatal(launched.err)
	}
	return path
}

var launched struct {
	sync.Once
	err error
}

// TestClosedStore checks that a vault that asks for a longer pause than the
// remaining time gets no requests beyond those in flight, and that all
// references are reported at once.
func TestClosedStore(t *testing.T) {
	const references = 300
	for http2, most := range map[bool]int{false: 32, true: 100} {
		t.Run(fmt.Sprintf("http2=%v", http2), func(t *testing.T) {
			config, err := emulator.Parse([]byte(failureCase{yaml: onSecret("status: 429, code: Throttled, retry_after: 300s")}.azure("appservice")))
			if err != nil {
				t.Fatal(err)
			}
			config.Network.HTTP2 = http2
			azure, err := emulator.Start(config)
			if err != nil {
				t.Fatal(err)
			}
			defer azure.Close()
			cmd := osexec.Command(program(t, "azinject"), "--", "/bin/echo", "server started")
			cmd.Env = append(azure.Environ(), "AZINJECT_TIMEOUT=2m")
			for i := range references {
				cmd.Env = append(cmd.Env, fmt.Sprintf(secretFormat, i))
			}
			report, err := cmd.CombinedOutput()
			if err == nil || bytes.Count(report, []byte("throttled (429 Throttled)")) != references {
				t.Errorf("%v, and not a refusal for each reference in\n%s", err, report)
			}
			if requests := azure.Counts()["secret"]; requests < 1 || requests > most {
				t.Errorf("%d requests, want at most %d", requests, most)
			}
		})
	}
}
