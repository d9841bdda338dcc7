package main

import (
	"errors"
	"os"
	osexec "os/exec"
	"os/signal"
	"syscall"

	"azinject/exec"
)

// statusFailed is what env(1) and its like exit with if they fail themselves.
const statusFailed = 125

// run runs COMMAND. It sets the exit status except for mistakes in the command
// line.
func (p *process) run(o *options, v *verb, command []string) (err error) {
	switch {
	case len(command) == 0:
		return errors.New("COMMAND is missing: write it after --")
	case o.container != "" && o.envFrom == "":
		return errors.New("--container needs --env-from: it names a container in that file")
	}
	p.status, err = p.runIn(o, v, command)
	if err != nil && p.status == 0 {
		p.status = statusFailed
	}
	return err
}

// runIn finds COMMAND and its environment before it starts anything, and
// returns COMMAND's exit status.
func (p *process) runIn(o *options, v *verb, command []string) (int, error) {
	searchPath, _ := valueOf(p.environ, "PATH")
	program, err := exec.Lookup(command, searchPath)
	if err != nil {
		return exitCode(err), err
	}
	inherited := without(p.environ, v.replaced)
	declared, err := readEnvironment(o.envFrom, o.container, inherited)
	if err != nil {
		return statusFailed, err
	}
	for _, absent := range declared.absent {
		p.warn("%s:%d: %s: COMMAND gets what this shell has", o.envFrom, absent.Line, absent.Message)
	}
	start, err := v.prepare(p.environ, declared.variables)
	if err != nil {
		return statusFailed, err
	}
	// From here on there may be temporary files to remove, so signals must not
	// kill azlocal.
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	a, err := start()
	if err != nil {
		return statusFailed, err
	}
	if o.containers {
		p.warn("%s", a.warning())
	}
	environ := merge(inherited, without(declared.variables, v.refused), a.Environ())
	status, err := wait(program, environ, signals)
	return status, errors.Join(err, a.Close())
}

// exitCode returns the status for a command that was not started.
func exitCode(err error) int {
	if failed, ok := errors.AsType[*exec.NotRunnableError](err); ok {
		return failed.ExitCode()
	}
	return statusFailed
}

// wait runs the program to its end, passes signals on to it and returns its
// status as a shell would.
func wait(program *exec.Program, environ []string, signals <-chan os.Signal) (int, error) {
	command := &osexec.Cmd{Path: program.Path, Args: program.Args, Env: environ, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := command.Start(); err != nil {
		failed := program.NotRunnable(err)
		return failed.ExitCode(), failed
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
	var exited *osexec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return statusFailed, err
	}
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal()), nil
	}
	return state.ExitCode(), nil
}
