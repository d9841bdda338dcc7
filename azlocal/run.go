package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"azinject/emulator"
)

// Exit statuses of env(1).
const (
	statusFailed        = 125
	statusNotExecutable = 126
	statusNotFound      = 127
)

// run does everything and returns the exit status. It reports nothing itself.
func run(args, environ []string) (int, error) {
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
	config, err := emulator.Load(o.emulate)
	if err != nil {
		return statusFailed, err
	}
	declared, err := readEnvironment(o.envFrom)
	if err != nil {
		return statusFailed, err
	}
	requests, err := create(o.requests)
	if err != nil {
		return statusFailed, err
	}
	// From here on there is a temporary file to remove, so signals must not kill.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	azure, err := emulator.Start(config)
	if err != nil {
		return statusFailed, err
	}
	command.Env = compose(environ, declared, azure.Environ())
	status, err = wait(command, signals)
	err = errors.Join(err, azure.Close(), writeRequests(requests, azure.Requests()))
	if err != nil && status == 0 {
		status = statusFailed
	}
	return status, err
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

// create opens the request log at the start, so that a wrong name is found
// before COMMAND runs. It returns nil for no name.
func create(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	return os.Create(name)
}

func writeRequests(f *os.File, requests []emulator.Request) error {
	if f == nil {
		return nil
	}
	w := bufio.NewWriter(f)
	for _, r := range requests {
		fmt.Fprintln(w, r)
	}
	return errors.Join(w.Flush(), f.Close())
}
