package main_test

import (
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"azinject/exec"
)

// isolated runs a program on a network of its own. There this machine has the
// address 169.254.169.254, which is that of Azure's instance metadata service.
// /var/opt, where Azure Arc's agent keeps files, is empty. It needs root.
//
//	isolated PROGRAM [ARG ...]
func isolated() {
	if os.Getenv("ISOLATED") == "" {
		self := osexec.Command("/proc/self/exe", os.Args[1:]...)
		self.Args[0] = os.Args[0] // testscript runs the program of this name
		self.Env = append(os.Environ(), "ISOLATED=yes")
		self.Stdout, self.Stderr = os.Stdout, os.Stderr
		self.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
		err := self.Run()
		var exit *osexec.ExitError
		if err != nil && !errors.As(err, &exit) {
			fmt.Fprintln(os.Stderr, "isolated:", err)
		}
		os.Exit(self.ProcessState.ExitCode())
	}
	os.Unsetenv("ISOLATED")
	err := errors.Join(emptyDirectories("/var/opt"), address("lo", 127, 0, 0, 1), address("lo:1", 169, 254, 169, 254))
	if err == nil {
		var program *exec.Program
		if program, err = exec.Lookup(os.Args[1:], os.Getenv("PATH")); err == nil {
			err = program.Replace(os.Environ())
		}
	}
	fmt.Fprintln(os.Stderr, "isolated:", err)
	os.Exit(1)
}

// address gives a network interface an address and turns it on.
func address(name string, ip ...byte) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := request.SetInet4Addr(ip); err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFADDR, request); err != nil {
		return fmt.Errorf("address of %s: %w", name, err)
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
}
