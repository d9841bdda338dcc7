package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Exit statuses of env(1).
const (
	statusFailed        = 125
	statusNotExecutable = 126
	statusNotFound      = 127
)

// run does everything and returns the exit status. It reports nothing itself
// but, to warnings, who else can use what COMMAND is led to.
func run(args, environ []string, warnings io.Writer) (int, error) {
	o, err := parseOptions(args)
	switch {
	case errors.Is(err, errHelp):
		return 0, err
	case err != nil:
		return statusFailed, err
	}
	command, status, err := find(o.command)
	if err != nil {
		return status, err
	}
	declared, err := readEnvironment(o.envFrom)
	if err != nil {
		return statusFailed, err
	}
	start, err := prepare(o, environ, declared)
	if err != nil {
		return statusFailed, err
	}
	// From here on there may be temporary files to remove, so signals must not
	// kill.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	a, err := start()
	if err != nil {
		return statusFailed, err
	}
	if o.containers {
		fmt.Fprintln(warnings, "azlocal: warning:", a.warning())
	}
	command.Env = a.environ(environ, declared)
	status, err = wait(command, signals)
	err = errors.Join(err, a.close())
	if err != nil && status == 0 {
		status = statusFailed
	}
	return status, err
}

// prepare does what needs nothing to be undone, signing in included, and
// returns what starts the Azure that is asked for.
func prepare(o *options, environ, declared []string) (func() (azure, error), error) {
	if o.login {
		return prepareLogin(o, environ, declared)
	}
	return prepareEmulation(o)
}

// find resolves COMMAND before anything is started. The status is the one to
// exit with if it cannot be.
func find(argv []string) (*exec.Cmd, int, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		err = fmt.Errorf("%s: %w", argv[0], cause(err))
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return nil, statusNotFound, err
		}
		return nil, statusNotExecutable, err
	}
	return &exec.Cmd{Path: path, Args: argv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}, 0, nil
}

// cause strips the name that LookPath's error repeats.
func cause(err error) error {
	var named *exec.Error
	if errors.As(err, &named) {
		return named.Err
	}
	return err
}

// wait runs the command to its end, passing signals on to it, and returns its
// status as a shell would.
func wait(command *exec.Cmd, signals <-chan os.Signal) (int, error) {
	if err := command.Start(); err != nil {
		return statusNotExecutable, fmt.Errorf("starting %s: %w", command.Args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case s := <-signals:
			if !fromTerminal(s, command.Process.Pid) {
				command.Process.Signal(s) // fails only if it has ended
			}
		case err := <-ended:
			return exitStatus(command.ProcessState, err)
		}
	}
}

func exitStatus(state *os.ProcessState, err error) (int, error) {
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return statusFailed, err
	}
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal()), nil
	}
	return state.ExitCode(), nil
}
