package main_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"

	"azinject/emulator"
)

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
	if j.starts && strings.HasPrefix(j.output.name, "error") && stderr != "" {
		j.wrong("standard error on success: %q", stderr)
	}
	if j.output.json {
		stderr = j.decode(stderr)
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
	if unfilled := regexp.MustCompile(`\{[a-z]+\}`).FindString(stderr); unfilled != "" {
		j.wrong("standard error contains %s instead of a fact", unfilled)
	}
}

// decode returns what JSON output would be as text.
func (j *job) decode(lines string) string {
	var text strings.Builder
	for line := range strings.Lines(lines) {
		var entry struct{ Time, Level, Msg, Hint string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Time == "" || entry.Level == "" || entry.Msg == "" {
			j.wrong("%q is not a line of JSON: %v", line, err)
		}
		if entry.Level == "ERROR" {
			text.WriteString(entry.Msg + "\n" + entry.Hint + "\n")
		}
	}
	return text.String()
}

func (j *job) checkRequests(azure *emulator.Azure) {
	counts := azure.Counts()
	for kind, want := range j.requests {
		if got := counts[kind]; got != want {
			j.wrong("%d requests of the kind %s, want %d", got, kind, want)
		}
	}
}

// waitingLine matches what a long wait writes to stderr before the report.
var waitingLine = regexp.MustCompile(`(?m)^azinject: waiting: .*\n`)

// checkTerminationLog checks that the termination log contains the report as
// text, or its beginning if it is long, and that a start that succeeds does not
// change the file. It returns the contents.
func (j *job) checkTerminationLog(stderr string) string {
	data, err := os.ReadFile(terminationLog)
	if err != nil {
		j.wrong("%v", err)
	}
	written := string(data)
	switch {
	case j.starts && written != "before":
		j.wrong("the termination log contains %q after a start", written)
	case !j.starts && (!strings.HasPrefix(written, "azinject: error: ") || !strings.HasSuffix(written, "\n") || len(written) > 4096):
		j.wrong("the termination log contains %q", written)
	case !j.starts && j.output.environ == nil && !strings.HasPrefix(waitingLine.ReplaceAllString(stderr, ""), written):
		j.wrong("the termination log contains %q, standard error %q", written, stderr)
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
			j.wrong("an output contains %q:\n%s", secret, outputs)
		}
	}
}
