package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSignalAtAnyMoment sends a signal at each system call of azinject's main
// thread, from the first in main to the last before the server's own.
func TestSignalAtAnyMoment(t *testing.T) {
	const beforeServer = "azinject: error: ended by a signal (%v) before the server was started\n"
	t.Run("start", func(t *testing.T) { eachMoment(t, 7, beforeServer, "--", "/bin/sh", "-c", "exit 7") })
	t.Run("not found", func(t *testing.T) { eachMoment(t, 127, beforeServer, "--", "/nowhere/server") })
	t.Run("check", func(t *testing.T) { eachMoment(t, 0, beforeServer, "--check") })
	t.Run("plan", func(t *testing.T) { eachMoment(t, 0, beforeServer, "--plan") })
	t.Run("install", func(t *testing.T) {
		directory := t.TempDir()
		path := directory + "/azinject"
		eachMoment(t, 0, "azinject: error: installing "+path+": ended by a signal (%v)\n", "--install", path)
		if left, err := filepath.Glob(directory + "/.*"); err != nil || left != nil {
			t.Errorf("%v: files are left: %v", err, left)
		}
	})
}

// eachMoment runs azinject with a signal at each of its system calls in turn.
// The last run gets no signal and must exit with status. The others must report
// the signal.
func eachMoment(t *testing.T, status int, report string, args ...string) {
	t.Parallel()
	var namespaces uintptr
	if os.Geteuid() == 0 {
		namespaces = syscall.CLONE_NEWPID // like the first process of a container
	}
	for number := range 1000 {
		m := moment{number: number}
		if m.run(t, namespaces, args); m.after {
			return
		}
		if wrong := m.wrong(status, fmt.Sprintf(report, m.signal())); wrong != "" {
			t.Errorf("%v at system call %d: %s: status %#x\n%s", m.signal(), number, wrong, m.status, m.output)
		}
	}
	t.Error("azinject does not end")
}

// TestSignalsAreCaughtEarly checks that signals are caught before the packages
// that take longest are initialised.
func TestSignalsAreCaughtEarly(t *testing.T) {
	cmd := osexec.Command(program(t, "azinject"), "/bin/true")
	cmd.Env = []string{"GODEBUG=inittrace=1"}
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	caught := bytes.Index(trace, []byte("init azinject/exec/signals "))
	for _, name := range []string{"crypto/internal/fips140/sha256", "encoding/xml", "net/http"} {
		if other := bytes.Index(trace, []byte("init "+name+" ")); caught < 0 || other < caught {
			t.Errorf("%s is initialised before signals are caught:\n%s", name, trace)
		}
	}
}

// moment is a run of azinject and the point at which it gets a signal.
type moment struct {
	number int // of system calls since main's first

	after    bool // the process becomes the server or ends before this moment
	released bool // signals may have their default action
	status   syscall.WaitStatus
	output   string
}

func (m *moment) signal() syscall.Signal {
	all := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP}
	return all[m.number%len(all)]
}

// wrong describes what is wrong with how the process ended, or returns "".
func (m *moment) wrong(status int, report string) string {
	switch {
	case m.status.ExitStatus() == 128+int(m.signal()):
		if m.output != report {
			return "a different report"
		}
	case m.status.Signaled() && m.status.Signal() == m.signal():
		if !m.released || m.output != "" {
			return "died before it became the server"
		}
	case m.status.ExitStatus() != status:
		return "neither the signal's status nor the server's"
	case !m.released && status == 7:
		return "the signal is lost"
	}
	return ""
}

// run runs azinject and sends the signal.
func (m *moment) run(t *testing.T, namespaces uintptr, args []string) {
	runtime.LockOSThread() // the thread that may trace the process
	defer runtime.UnlockOSThread()
	output, err := os.CreateTemp(t.TempDir(), "output")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	azinject := program(t, "azinject")
	pid, err := syscall.ForkExec(azinject, append([]string{azinject}, args...), &syscall.ProcAttr{
		Env: []string{"PATH=/bin"}, Files: []uintptr{0, output.Fd(), output.Fd()},
		Sys: &syscall.SysProcAttr{Ptrace: true, Cloneflags: namespaces},
	})
	if err != nil {
		t.Skip("processes cannot be traced here: ", err)
	}
	if err := m.trace(pid); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(output.Name())
	if m.output = string(text); err != nil {
		t.Fatal(err)
	}
}

// trace runs the process until the moment, sends the signal, and waits for the
// process to end.
func (m *moment) trace(pid int) error {
	_, err := syscall.Wait4(pid, &m.status, 0, nil)
	err = errors.Join(err, syscall.PtraceSetOptions(pid, syscall.PTRACE_O_TRACEEXEC|syscall.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_EXITKILL))
	for begun := false; err == nil && !begun && !m.after; {
		var path string
		path, err = m.nextStop(pid)
		begun = path == "/proc/self/environ"
	}
	for stop := 0; err == nil && stop < 2*m.number && !m.after; stop++ {
		_, err = m.nextStop(pid)
	}
	if err == nil && !m.after {
		// to the main thread, which the kernel prefers unless it is traced
		err = unix.Tgkill(pid, pid, m.signal())
	}
	if err == nil && m.status.Stopped() {
		err = syscall.PtraceDetach(pid)
	}
	for err == nil && m.status.Stopped() {
		_, err = syscall.Wait4(pid, &m.status, 0, nil)
	}
	return err
}

// nextStop runs the main thread until a system call begins or ends. For an
// openat, it returns the path.
func (m *moment) nextStop(pid int) (path string, err error) {
	pass := 0 // a signal that the scheduler of Go has sent
	for {
		err = syscall.PtraceSyscall(pid, pass)
		if err == nil {
			_, err = syscall.Wait4(pid, &m.status, 0, nil)
		}
		switch {
		case err != nil:
			return "", err
		case !m.status.Stopped() || m.status.TrapCause() == syscall.PTRACE_EVENT_EXEC:
			m.after = true
			return "", nil
		case m.status.StopSignal() == syscall.SIGTRAP|0x80:
			return m.describe(pid)
		}
		pass = int(m.status.StopSignal())
	}
}

// describe returns the name or path that the system call is about.
func (m *moment) describe(pid int) (path string, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
	var number int
	var directory uint64
	var address uintptr
	fmt.Sscan(string(text), &number, &directory, &address)
	m.released = m.released || number == unix.SYS_RT_SIGACTION
	if number != unix.SYS_OPENAT {
		return "", err
	}
	name := make([]byte, len("/proc/self/environ"))
	_, err = syscall.PtracePeekData(pid, address, name)
	return string(name), err
}
