package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// group is a control group whose programs together have a quarter of a processor.
type group struct {
	root      string
	directory string // in root
	threads   bool   // threads may be in it, as in version 1
}

// newGroup makes a group of version 2, or else of version 1. The period is 100 ms,
// as Kubernetes has it.
func newGroup() (*group, error) {
	g, err := makeGroup("/sys/fs/cgroup", "cpu.max", "25000 100000")
	if err == nil {
		return g, nil
	}
	g, err1 := makeGroup("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "25000")
	if err1 != nil {
		return nil, errors.Join(err, err1)
	}
	g.threads = true
	return g, nil
}

func makeGroup(root, file, limit string) (*group, error) {
	g := &group{root: root, directory: filepath.Join(root, "azinject-bench-"+strconv.Itoa(os.Getpid()))}
	if err := os.Mkdir(g.directory, 0o755); err != nil {
		return nil, err
	}
	write(filepath.Join(root, "cgroup.subtree_control"), "+cpu") // in case it is not there already
	if err := write(filepath.Join(g.directory, file), limit); err != nil {
		return nil, errors.Join(err, g.remove())
	}
	return g, nil
}

// write writes to a file of the kernel. Unlike [os.WriteFile], it never makes one.
func write(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func (g *group) remove() error { return os.Remove(g.directory) }

// start starts the command in the group, or in that of this process if g is nil.
// It must be called by a thread that goes nowhere else.
func (g *group) start(c *exec.Cmd) error {
	switch {
	case g == nil:
		return c.Start()
	case g.threads: // the command inherits the thread's
		if err := join(g.directory); err != nil {
			return err
		}
		return errors.Join(c.Start(), join(g.root))
	}
	directory, err := os.Open(g.directory)
	if err != nil {
		return err
	}
	defer directory.Close()
	c.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(directory.Fd())}
	return c.Start()
}

// join moves the calling thread to a group.
func join(directory string) error {
	return write(filepath.Join(directory, "tasks"), strconv.Itoa(syscall.Gettid()))
}
