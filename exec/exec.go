// Package exec replaces the current process with another program; unlike
// os/exec it never starts a child.
//
// [Lookup] finds the program before any other work is done. [Program.Check] finds
// the variables that execve would refuse. [Program.Replace] makes the process the
// program. [Install] copies this program.
package exec

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Program is a command that has been found.
type Program struct {
	// Path of the file to execute.
	Path string
	// Args are the arguments. The first is the command as it was written.
	Args []string
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
		// filepath.Join would remove "..", which leads elsewhere after a link
		path := cmp.Or(dir, ".") + "/" + command
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
	return unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS)
}

// errno returns the errno in err, which says the same in fewer words.
func errno(err error) error {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
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
	if coreLimit != nil {
		if err := unix.Setrlimit(unix.RLIMIT_CORE, coreLimit); err != nil {
			return &NotRunnableError{Command: p.Args[0], Err: err}
		}
	}
	return p.NotRunnable(syscall.Exec(p.Path, p.Args, environ)) // which also restores the limit of open files
}

// NotRunnable explains why execve(2) of the program failed with err.
func (p *Program) NotRunnable(err error) *NotRunnableError {
	cause := errno(err)
	interpreter := cause == syscall.ENOENT && executable(p.Path) == nil
	return &NotRunnableError{p.Args[0], cause, interpreter, interpreter && isFromWindows(p.Path)}
}

// isFromWindows reports whether the file is a script whose first line ends in a
// carriage return, which Linux takes for a part of the interpreter's name.
func isFromWindows(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 256) // BINPRM_BUF_SIZE, which is all that the kernel reads
	n, _ := io.ReadFull(file, start)
	line, _, whole := bytes.Cut(start[:n], []byte("\n"))
	return whole && bytes.HasPrefix(line, []byte("#!")) && bytes.HasSuffix(line, []byte("\r"))
}

// coreLimit is what the limit of core files was before [Harden] set it to 0;
// nil if Harden was not called.
var coreLimit *unix.Rlimit
