package exec

import (
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"strings"
	"syscall"
	"testing"
)

// hardenAndReplace runs in a child. It prints the owner of its files in /proc,
// which is root if it is not dumpable, and its limit for core files. Then it
// becomes a shell that prints the same.
func hardenAndReplace() {
	p := &Program{Path: "/bin/sh", Args: []string{"sh", "-c", "stat -c %u /proc/$$/environ; ulimit -Sc"}}
	if err := Harden(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	var info syscall.Stat_t
	var core syscall.Rlimit
	err := errors.Join(syscall.Stat("/proc/self/environ", &info), syscall.Getrlimit(syscall.RLIMIT_CORE, &core))
	fmt.Println(err, info.Uid, core.Cur)
	fmt.Println(p.Replace(nil))
	os.Exit(1)
}

func TestHarden(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to start a child as another user")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Only root can read the directory of the test binary.
	public, err := os.MkdirTemp("/tmp", "harden")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(public)
	if err := errors.Join(os.Chmod(public, 0o755), osexec.Command("cp", self, public+"/test").Run()); err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command("/bin/sh", "-c", "ulimit -c 1000 && exec "+public+"/test")
	cmd.Env = []string{"TEST_CHILD=harden"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	const want = "<nil> 0 0\n65534\n1000\n"
	if err != nil || strings.TrimSpace(string(out)) != strings.TrimSpace(want) {
		t.Errorf("%v: %q, want %q", err, out, want)
	}
}
