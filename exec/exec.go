// Package exec replaces the current process with another program; unlike
// os/exec it never starts a child.
//
// [Lookup] finds the program before any other work is done. [Program.Check] finds
// the variables that execve would refuse. [Program.Replace] makes the process the
// program. [Install] copies this program.
package exec

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The exit statuses of a program that runs another, as in env(1), nohup(1) and
// timeout(1).
const (
	statusCannotRun = 126
	statusNotFound  = 127
)

// Program is a command that has been found.
type Program struct {
	// Path of the file to execute.
	Path string
	// Args are the arguments. The first is the command as it was written.
	Args []string
}

// NotRunnableError reports a command that cannot be executed.
type NotRunnableError struct {
	// Command as it was written.
	Command string
	// Err is the cause: fs.ErrNotExist, fs.ErrPermission or an errno.
	Err error

	interpreter bool // is missing, and not the command
}

func (e *NotRunnableError) Error() string {
	// arguments are not printed, and one may follow a space
	name, _, hasArguments := strings.Cut(e.Command, " ")
	switch {
	case e.interpreter:
		return fmt.Sprintf("command %q: the interpreter that its first line or its ELF header names is not in this image: %v", name, fs.ErrNotExist)
	case e.Command == "":
		return "the command is empty"
	case e.ExitCode() == statusNotFound && hasArguments:
		return fmt.Sprintf("command %q: not found; the command and its arguments are words of their own: CMD [\"server\", \"argument\"]", name+" …")
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

// defaultPath is where execvp(3) looks for commands if PATH is not set.
const defaultPath = "/bin:/usr/bin"

// Lookup finds the program for args, which must not be empty, as execvp(3) does:
// a command with a slash is a path, any other is looked for in the directories of
// searchPath. The error is a [*NotRunnableError].
func Lookup(args []string, searchPath string) (*Program, error) {
	command := args[0]
	if strings.Contains(command, "/") {
		if err := executable(command); err != nil {
			return nil, &NotRunnableError{Command: command, Err: err}
		}
		return &Program{Path: command, Args: args}, nil
	}
	missing := error(fs.ErrNotExist)
	for _, dir := range filepath.SplitList(cmp.Or(searchPath, defaultPath)) {
		if command == "" {
			break
		}
		path := filepath.Join(dir, command) // an empty dir is the working directory
		err := executable(path)
		if err == nil {
			return &Program{Path: path, Args: args}, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			missing = err // found here, but a later directory may have a better one
		}
	}
	return nil, &NotRunnableError{Command: command, Err: missing}
}

// executable returns why the file cannot be executed, nil if it can.
func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return fs.ErrNotExist
	case err != nil:
		return errno(err)
	case info.IsDir():
		return syscall.EISDIR
	case !info.Mode().IsRegular():
		return fs.ErrPermission
	}
	return errno(unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS))
}

// errno returns the errno in err, which says the same in fewer words.
func errno(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}

// The main goroutine stays on the thread that the kernel started, because the
// signal for the death of the parent, PR_SET_PDEATHSIG, is that thread's own.
func init() { runtime.LockOSThread() }

// Replace makes the process the program, with this environment. It returns only
// if that fails, with a [*NotRunnableError]. The main goroutine must call it.
//
// The program inherits everything that a process hands on, with the exceptions
// that Go's runtime makes in every program: of the ignored signals only SIGHUP
// and SIGINT stay ignored, blocked signals that the runtime itself needs are
// unblocked, and closed standard streams are open on /dev/null.
func (p *Program) Replace(environ []string) error {
	if err := restoreCoreLimit(); err != nil {
		return &NotRunnableError{Command: p.Args[0], Err: err}
	}
	return p.NotRunnable(syscall.Exec(p.Path, p.Args, environ)) // which also restores the limit of open files
}

// NotRunnable explains why execve(2) of the program failed with err.
func (p *Program) NotRunnable(err error) *NotRunnableError {
	cause := errno(err)
	return &NotRunnableError{p.Args[0], cause, cause == syscall.ENOENT && executable(p.Path) == nil}
}

// coreLimit is what the limit of core files was before [Harden] set it to 0;
// nil if Harden was not called.
var coreLimit *unix.Rlimit

// restoreCoreLimit undoes what Harden did to the limit.
func restoreCoreLimit() error {
	if coreLimit == nil {
		return nil
	}
	return unix.Setrlimit(unix.RLIMIT_CORE, coreLimit)
}
