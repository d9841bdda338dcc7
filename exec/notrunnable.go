package exec

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"unicode"
)

// The exit statuses of a program that runs another, as in env(1), nohup(1) and
// timeout(1).
const (
	statusCannotRun = 126
	statusNotFound  = 127
)

// NotRunnableError reports a command that cannot be executed. It prints no
// arguments, because they may be secret.
type NotRunnableError struct {
	// Command as it was written.
	Command string
	// Err is the cause: fs.ErrNotExist, fs.ErrPermission or an errno.
	Err error

	interpreter bool // is missing, and not the command
	windows     bool // the first line ends as on Windows
}

func (e *NotRunnableError) Error() string {
	name := printable(e.Command)
	found := e.interpreter || errors.Is(e.Err, syscall.ENOEXEC)
	switch {
	case e.Command == "":
		return "the command is empty"
	case !found && e.Command == "--":
		return "no command: the first word is \"--\"; write it only once"
	case !found && e.Command[0] == '-':
		return "no command: the first word begins with \"-\"; write the command before it, in Kubernetes' args too"
	case !found && isAssignment(e.Command):
		variable, _, _ := strings.Cut(e.Command, "=")
		return fmt.Sprintf("no command: the first word sets %s; set this variable in the container's environment, or write env %[1]s=VALUE COMMAND", variable)
	case e.windows:
		return fmt.Sprintf("command %q: its first line ends in a carriage return, as on Windows: save the script with Linux line endings", name)
	case e.interpreter:
		return fmt.Sprintf("command %q: the interpreter that its first line or its ELF header names is not in this image: %v", name, fs.ErrNotExist)
	case e.ExitCode() == statusNotFound && strings.ContainsFunc(e.Command, unicode.IsSpace):
		return fmt.Sprintf("command %q: not found; the command and its arguments are words of their own: CMD [\"server\", \"argument\"]", name)
	case e.ExitCode() == statusNotFound && strings.Contains(e.Command, "/"):
		return fmt.Sprintf("command %q: no such file", name)
	case e.ExitCode() == statusNotFound:
		return fmt.Sprintf("command %q: not found in PATH", name)
	case errors.Is(e.Err, syscall.ENOEXEC):
		return fmt.Sprintf("command %q: not a program for this machine: built for another architecture, or a script without a #! line", name)
	default:
		return fmt.Sprintf("command %q: cannot be executed: %v", name, e.Err)
	}
}

// printable returns what may be printed of a command. An argument may follow in
// the same word, and a password in an address.
func printable(command string) string {
	end := strings.IndexFunc(command, func(r rune) bool { return unicode.IsSpace(r) || r == '=' || r == ':' })
	switch {
	case end < 0:
		return command
	case unicode.IsSpace([]rune(command[end:])[0]):
		return command[:end] + " …"
	default:
		return command[:end] + "…"
	}
}

// isAssignment reports whether a shell would take the command for NAME=VALUE.
func isAssignment(command string) bool {
	name, _, ok := strings.Cut(command, "=")
	return ok && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// Unwrap returns the cause.
func (e *NotRunnableError) Unwrap() error { return e.Err }

// ExitCode returns 127 for a command that does not exist, and 126 for one that
// cannot be executed.
func (e *NotRunnableError) ExitCode() int {
	if errors.Is(e.Err, fs.ErrNotExist) {
		return statusNotFound
	}
	return statusCannotRun
}
