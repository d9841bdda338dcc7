package exec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// The test binary runs itself as the child that calls Replace, Check or
// Environ.
func TestMain(m *testing.M) {
	switch os.Getenv("TEST_CHILD") {
	case "":
		os.Exit(m.Run())
	case "replace":
		p := &Program{Path: os.Args[1], Args: os.Args[1:]}
		err := p.Replace([]string{"A=1", "A=2", "", "odd"})
		os.Stdout.WriteString(err.Error())
		os.Exit(err.(*NotRunnableError).ExitCode())
	case "size":
		replaceWithSize(os.Args[1])
	case "harden":
		hardenAndReplace()
	case "environ":
		os.Stdout.WriteString(strings.Join(Environ(), "\n"))
		os.Exit(0)
	}
}

func child(t *testing.T, mode string, args ...string) *osexec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(self, args...)
	cmd.Env = []string{"TEST_CHILD=" + mode, "GORACE=atexit_sleep_ms=0"}
	return cmd
}

// commands makes a directory of files that are commands and files that are not.
func commands(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, mode := range map[string]fs.FileMode{"run": 0o755, "data": 0o644, "sub/run": 0o755, "sub/data": 0o755} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLookup(t *testing.T) {
	dir := commands(t)
	sub := filepath.Join(dir, "sub")
	t.Chdir(sub)
	if err := os.Symlink(dir, "up"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		command, searchPath string
		path                string // if found
		status              int    // if not
	}{
		{"run", dir, filepath.Join(dir, "run"), 0},
		{"run", "/nowhere:" + sub + ":" + dir, filepath.Join(sub, "run"), 0},
		{"data", dir + ":" + sub, filepath.Join(sub, "data"), 0},
		{"run", "", "", 127},
		{"run", "up/../" + filepath.Base(dir), "up/../" + filepath.Base(dir) + "/run", 0}, // not sub's own
		{"run", ":/nowhere", "./run", 0}, // an empty element is the working directory
		{filepath.Join(dir, "run"), "", filepath.Join(dir, "run"), 0},
		{"../run", "", "../run", 0},
		{"./run", "/nowhere", "./run", 0},
		{"data", dir, "", 126},
		{filepath.Join(dir, "data"), "", "", 126},
		{dir, "", "", 126},
		{"sub", dir, "", 126},
		{"missing", dir, "", 127},
		{"./missing", dir, "", 127},
		{filepath.Join(dir, "run/x"), "", "", 127},
		{"", dir, "", 127},
		{"sh", "", "/bin/sh", 0}, // as without PATH
		{"/dev/null", "", "", 126},
	}
	for _, test := range tests {
		args := []string{test.command, "an argument"}
		p, err := Lookup(args, test.searchPath)
		if test.status == 0 {
			if err != nil || p.Path != test.path || !slices.Equal(p.Args, args) {
				t.Errorf("Lookup(%q, %q) = %+v, %v, want %s", test.command, test.searchPath, p, err, test.path)
			}
			continue
		}
		var failed *NotRunnableError
		if !errors.As(err, &failed) || failed.ExitCode() != test.status || p != nil {
			t.Errorf("Lookup(%q, %q) = %+v, %v, want status %d", test.command, test.searchPath, p, err, test.status)
		} else if strings.Contains(err.Error(), "an argument") {
			t.Errorf("Lookup(%q): the error %q shows arguments", test.command, err)
		}
	}
}

// TestNoArgumentsInErrors checks that errors do not show arguments that are
// written in place of the command or in the same word.
func TestNoArgumentsInErrors(t *testing.T) {
	directory := commands(t)
	const (
		words      = "server …\": not found; the command and its arguments are words of their own"
		argument   = "no command: the first word begins with \"-\"; write the command before it"
		assignment = "no command: the first word sets DB_PASSWORD; set this variable in the container's environment, or write env DB_PASSWORD=VALUE COMMAND"
	)
	for command, want := range map[string]string{
		"server --token=hunter2":                       words,
		"server\t--token=hunter2":                      words,
		"server\n--token=hunter2":                      words,
		"server\u00a0--token=hunter2":                  words,
		"server\u2003hunter2":                          words,
		"/bin/server --token=hunter2":                  words,
		"--token=hunter2":                              argument,
		"--token hunter2":                              argument,
		"-phunter2":                                    argument,
		"--file=/hunter2":                              argument,
		"-" + strings.Repeat("hunter2", 50):            argument, // too long for the name of a file
		"--":                                           "no command: the first word is \"--\"; write it only once",
		"DB_PASSWORD=hunter2":                          assignment,
		"DB_PASSWORD=hunter2 server":                   assignment,
		"DB_PASSWORD=/hunter2/x":                       assignment,
		"DB_PASSWORD=" + strings.Repeat("hunter2", 50): assignment,
		"--=hunter2":                                   argument,
		"=hunter2":                                     "command \"…\": not found in PATH",
		"a-b=hunter2":                                  "command \"a-b…\": not found in PATH",
		"./server=hunter2":                             "command \"./server…\": no such file",
		"postgres://u:hunter2@db/x":                    "command \"postgres…\": no such file",
		directory + "/data --hunter2":                  words[len("server"):],
	} {
		_, err := Lookup([]string{command}, "/bin")
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), want) {
			t.Errorf("Lookup(%q): %v, want %s", command, err, want)
		}
	}
}

// TestCommandsWithOddNames checks that errors show the name of an existing
// command, however odd.
func TestCommandsWithOddNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"-x", "A=1"} {
		if err := os.WriteFile(name, []byte("text"), 0o755); err != nil {
			t.Fatal(err)
		}
		p, err := Lookup([]string{name}, ":/nowhere")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.NotRunnable(syscall.ENOEXEC); !strings.Contains(err.Error(), "not a program for this machine") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReplaceGivesArgumentsAndEnvironment(t *testing.T) {
	out, err := child(t, "replace", "/usr/bin/env").Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "A=1\nA=2\n\nodd\n"; string(out) != want {
		t.Errorf("env prints %q, want %q", out, want)
	}
}

func TestReplaceKeepsProcess(t *testing.T) {
	const script = "echo $$; ulimit -Sn"
	direct, err := osexec.Command("/bin/sh", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, limit, _ := strings.Cut(string(direct), "\n")
	cmd := child(t, "replace", "/bin/sh", "-c", script)
	var out strings.Builder
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d\n%s", cmd.Process.Pid, limit); out.String() != want {
		t.Errorf("process ID and limit of open files are %q, want %q", out.String(), want)
	}
}

func TestReplaceFails(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name, content, message string
		mode                   fs.FileMode
		status                 int
	}{
		{"noformat", "text", "another architecture", 0o755, 126},
		{"nointerpreter", "#!/no/such/interpreter\n", "interpreter", 0o755, 127},
		{"windows", "#!/bin/sh\r\necho\r\n", "its first line ends in a carriage return", 0o755, 127},
		{"windowslater", "#!/no/such/interpreter\necho\r\n", "interpreter", 0o755, 127},
		{"elf", "\x7fELF", "another architecture", 0o755, 126},
	}
	for _, test := range tests {
		path := filepath.Join(dir, test.name)
		if err := os.WriteFile(path, []byte(test.content), test.mode); err != nil {
			t.Fatal(err)
		}
		out, err := child(t, "replace", path).Output()
		var exit *osexec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != test.status || !strings.Contains(string(out), test.message) {
			t.Errorf("%s: %v, %q, want status %d and %q", test.name, err, out, test.status, test.message)
		}
	}
}
