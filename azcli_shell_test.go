package main_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"azinject/emulator"
)

// debianRepair is read by Python before az. Debian's az 2.45 is older than the
// clients that it comes with. They have made an attribute private, and lack a class
// that only some other commands use. Without this, "az role" and "az appconfig kv"
// never get as far as a request. Microsoft's own packages ignore it.
const debianRepair = `import sys

if sys.orig_argv[2:3] == ["role"]:
    from azure.mgmt.authorization.v2018_01_01_preview.operations import RoleDefinitionsOperations
    from azure.mgmt.authorization.v2020_04_01_preview.operations import RoleAssignmentsOperations

    def config(self, name):
        if name != "config":
            raise AttributeError(name)
        return self._config

    for operations in RoleDefinitionsOperations, RoleAssignmentsOperations:
        operations.__getattr__ = config

if sys.orig_argv[2:4] == ["appconfig", "kv"]:
    from types import SimpleNamespace

    sys.modules["azure.keyvault.key_vault_id"] = SimpleNamespace(KeyVaultIdentifier=None)
`

// shell is where somebody runs az and azinject.
type shell struct {
	directory string
	environ   []string
}

// newShell makes a shell in which nobody has signed in yet. Its az writes down how
// it is called. Except for grep there is nothing else, such as a browser.
func newShell(t *testing.T, azure *emulator.Azure, az string) *shell {
	t.Helper()
	s := &shell{directory: t.TempDir()}
	for name, text := range map[string]string{
		"bin/az":               "#!/bin/sh\nprintf '%s\\n' \"az $*\" >>'" + s.path("calls") + "'\nexec '" + az + "' \"$@\"\n",
		"broken/az":            "#!/bin/sh\nexit 3\n",
		"outdated/az":          "#!/bin/sh\necho 'ERROR: AADSTS50076: You must use multi-factor authentication. Please run: az login' >&2\nexit 1\n",
		"lib/sitecustomize.py": debianRepair,
		"azure/config":         "[core]\ncollect_telemetry = no\n",
	} {
		if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.path(name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	grep, err := osexec.LookPath("grep")
	if err == nil {
		err = os.Symlink(grep, s.path("bin/grep"))
	}
	if err != nil {
		t.Fatal(err)
	}
	s.environ = append(azure.Environ(), "AZINJECT_WORKSPACE="+cliWorkspace,
		"HOME="+s.directory, "PATH="+s.path("bin"), "PYTHONPATH="+s.path("lib"), "AZURE_CONFIG_DIR="+s.path("azure"))
	return s
}

func (s *shell) path(name string) string { return filepath.Join(s.directory, name) }

// share saves az the time to look for its commands again.
func (s *shell) share(t *testing.T, other *shell) {
	t.Helper()
	index, err := os.ReadFile(other.path("azure/commandIndex.json"))
	if err == nil {
		err = os.WriteFile(s.path("azure/commandIndex.json"), index, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// execute runs a program in the shell's environment, changed by environ, and
// returns its exit status and output.
func (s *shell) execute(t *testing.T, environ []string, command ...string) (status int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // in case it hangs
	defer cancel()
	cmd := osexec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = override(s.environ, environ)
	var out, report bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &report
	cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("%s does not start", command[0])
	}
	return cmd.ProcessState.ExitCode(), out.String(), report.String()
}

// run types a command line and returns what it prints.
func (s *shell) run(t *testing.T, command string) string {
	t.Helper()
	status, stdout, stderr := s.execute(t, nil, "/bin/sh", "-c", command)
	if status != 0 {
		t.Fatalf("%s: status %d\n%s%s", command, status, stdout, stderr)
	}
	return stdout
}

// echoA is what azinject starts.
var echoA = []string{"--", "/bin/sh", "-c", `echo "$A"`}

// starts checks that the server starts with A resolved.
func (s *shell) starts(t *testing.T, a string, environ ...string) {
	t.Helper()
	status, stdout, stderr := s.execute(t, environ, append([]string{program(t, "azinject")}, echoA...)...)
	if status != 0 || stdout != a+"\n" || strings.Contains(stderr, "error") { // that it waits for az is no error
		t.Fatalf("azinject: status %d, output %q, want %q\n%s", status, stdout, a, stderr)
	}
}

// fails checks that azinject does not start the server, and returns its report.
func (s *shell) fails(t *testing.T, environ ...string) string {
	t.Helper()
	status, stdout, stderr := s.execute(t, environ, append([]string{program(t, "azinject")}, echoA...)...)
	if status != 125 || stdout != "" {
		t.Fatalf("azinject: status %d, output %q, want a failure\n%s", status, stdout, stderr)
	}
	return stderr
}

// mends checks that a start fails, and succeeds after the command that is printed
// about it, with its placeholders filled in.
func (s *shell) mends(t *testing.T, a, words string, fill func(string) string, environ ...string) {
	t.Helper()
	s.run(t, fill(line(t, s.fails(t, environ...), words)))
	s.starts(t, a, environ...)
}

// plan returns the command that azinject --plan prints for the only role.
func (s *shell) plan(t *testing.T, environ ...string) string {
	t.Helper()
	status, stdout, stderr := s.execute(t, environ, program(t, "azinject"), "--plan")
	if status != 0 {
		t.Fatalf("azinject --plan: status %d\n%s", status, stderr)
	}
	return line(t, stdout, "az role assignment create")
}

// issuer returns who has issued the pod's token.
func (s *shell) issuer(t *testing.T) string {
	t.Helper()
	for _, kv := range s.environ {
		if file, ok := strings.CutPrefix(kv, "AZURE_FEDERATED_TOKEN_FILE="); ok {
			token, err := os.ReadFile(file)
			parts := strings.Split(string(token), ".")
			if err != nil || len(parts) != 3 {
				t.Fatalf("%s: %q, %v", file, token, err)
			}
			claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
			var c struct{ Iss string }
			if err := json.Unmarshal(claims, &c); err != nil {
				t.Fatal(err)
			}
			return c.Iss
		}
	}
	t.Fatal("there is no pod")
	return ""
}

// ran returns the command lines of az, one a line.
func (s *shell) ran(t *testing.T) string {
	t.Helper()
	calls, err := os.ReadFile(s.path("calls"))
	if err != nil {
		t.Fatal(err)
	}
	return string(calls)
}

// line returns the command that a report or a plan prints, which begins with these
// words and extends to the end of its line.
func line(t *testing.T, text, words string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, words)
	if !found {
		t.Fatalf("no %s in:\n%s", words, text)
	}
	rest, _, _ = strings.Cut(rest, "\n")
	return words + rest
}

// member returns a member of a JSON object whose value is a string.
func member(t *testing.T, object, name string) string {
	t.Helper()
	m := regexp.MustCompile(`"` + name + `": "([^"]+)"`).FindStringSubmatch(object)
	if m == nil {
		t.Fatalf("no %s in:\n%s", name, object)
	}
	return m[1]
}
