package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// systemBundle is where Debian keeps its certificates in one file. The folder
// around it contains each of them once more.
const systemBundle = "/etc/ssl/certs/ca-certificates.crt"

// launcher starts programs that trust the emulator beside the system's own
// certificates. If this process is root, they find these in the usual place.
type launcher struct {
	calls  chan func() // made by the thread that starts the programs
	system []byte      // the system's certificates
	bundle string      // a file with these and the emulator's
	hidden error       // why SSL_CERT_FILE names it; nil if it is mounted over the system's
}

func newLauncher(directory string) (*launcher, error) {
	l := &launcher{calls: make(chan func()), bundle: filepath.Join(directory, "roots.pem")}
	l.system, l.hidden = os.ReadFile(systemBundle)
	if err := l.trust(nil); err != nil {
		return nil, err
	}
	mounted := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends together with its namespace
		mounted <- l.mount()
		for call := range l.calls {
			call()
		}
	}()
	l.hidden = errors.Join(l.hidden, <-mounted)
	return l, nil
}

// mount mounts the file over the system's, for this thread and the programs that
// it starts.
func (l *launcher) mount() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_FS); err != nil {
		return err
	}
	return errors.Join(
		syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""),
		syscall.Mount(l.bundle, systemBundle, "", syscall.MS_BIND, ""))
}

// trust makes the programs trust these certificates too, instead of those of the
// last call.
func (l *launcher) trust(certificates []byte) error {
	return os.WriteFile(l.bundle, append(l.system[:len(l.system):len(l.system)], certificates...), 0o644)
}

// environ returns the variables that name the certificates. Python always needs
// one.
func (l *launcher) environ() []string {
	if l.hidden == nil {
		return []string{"REQUESTS_CA_BUNDLE=" + systemBundle}
	}
	return []string{"SSL_CERT_FILE=" + l.bundle, "REQUESTS_CA_BUNDLE=" + l.bundle}
}

// start starts the command, in the control group unless it is nil.
func (l *launcher) start(c *exec.Cmd, g *group) error {
	started := make(chan error)
	l.calls <- func() { started <- g.start(c) }
	return <-started
}
