package main_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	osexec "os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"azinject/emulator"
)

// start is one way to start the server.
type start struct {
	before  []string // words that come before the server's own
	environ []string
	process syscall.SysProcAttr
	stdin   *os.File
}

// server stops, so that it can be looked at.
var server = []string{"sh", "-c", "kill -STOP $$", "an argument", ""}

// changedByGo is what Go's runtime makes of the signals and streams of peculiar,
// and the one thing in which a server started through azinject may differ.
var changedByGo = map[string]string{
	"status SigIgn": mask(syscall.SIGHUP, syscall.SIGINT),
	"status SigBlk": mask(syscall.SIGUSR1, 64),
	"descriptor 0":  "/dev/null flags:\t0100002",
}

// mask writes a set of signals as /proc does.
func mask(signals ...syscall.Signal) string {
	set := uint64(0)
	for _, s := range signals {
		set |= 1 << (s - 1)
	}
	return fmt.Sprintf("\t%016x\n", set)
}

// TestTransparent compares a server that was started directly with one that was
// started through azinject, without and with references: of all that one
// process hands on to the next, only changedByGo may differ. The program is
// built with a plain "go build".
func TestTransparent(t *testing.T) {
	directory := publicDirectory(t)
	azinject := filepath.Join(directory, "azinject")
	if text, err := osexec.Command("go", "build", "-o", azinject, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	launcher := filepath.Join(directory, "peculiar")
	self, err := os.Executable()
	if err == nil {
		err = osexec.Command("cp", self, launcher).Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, terminal := openTerminal(t)
	session := syscall.SysProcAttr{Setsid: true, Setctty: true}
	servant := syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: 65534, Gid: 65533, Groups: []uint32{4, 24, 65532}},
		AmbientCaps: []uintptr{unix.CAP_NET_BIND_SERVICE},
	}
	tests := []struct {
		name    string
		root    bool
		changed map[string]string
		start
	}{
		{"usual", false, nil, start{}},
		{"terminal", false, nil, start{process: session, stdin: terminal}},
		{"peculiar", false, changedByGo, start{before: []string{launcher}}},
		{"servant", true, changedByGo, start{before: []string{launcher}, process: servant}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.root && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			azure := emulated(t)
			plain := append(slices.Clip(azure), "B=1", "A=2", "B=3", "odd", "", "A=2", "BYTES=\xff\n", "EMPTY=", "SECRET=before demo-user-secret after")
			referring := slices.Clone(plain)
			referring[len(plain)-1] = "SECRET=before ${{keyvault:https://mykeyvault.vault.azure.net/secrets/secret1}} after"
			s := test.start
			s.environ = plain
			want := s.observe(t)
			maps.Copy(want, test.changed)
			s.before = append(slices.Clip(s.before), azinject, "--")
			compare(t, "without references", want, s.observe(t))
			s.environ = append(slices.Clip(referring), "AZINJECT_TIMEOUT=1m")
			compare(t, "with references", want, s.observe(t))
		})
	}
}

// emulated starts the Azure of testdata and returns the variables that lead
// there.
func emulated(t *testing.T) []string {
	config, err := emulator.Load("testdata/azure.yaml")
	if err != nil {
		t.Fatal(err)
	}
	azure, err := emulator.Start(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { azure.Close() })
	environ := append(azure.Environ(), "PATH=/usr/bin:/bin")
	for _, kv := range environ {
		// other users read the certificate too
		if name, file, _ := strings.Cut(kv, "="); name == "SSL_CERT_FILE" {
			if err := errors.Join(os.Chmod(file, 0o644), os.Chmod(filepath.Dir(file), 0o755)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return environ
}

// publicDirectory is one that other users can read.
func publicDirectory(t *testing.T) string {
	directory, err := os.MkdirTemp("", "transparent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(directory) })
	if err := os.Chmod(directory, 0o755); err != nil {
		t.Fatal(err)
	}
	return directory
}

// observe starts the server and returns what can be seen of its process.
func (s start) observe(t *testing.T) map[string]string {
	t.Helper()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	words := slices.Concat(s.before, server)
	path, err := osexec.LookPath(words[0])
	if err != nil {
		t.Fatal(err)
	}
	process := s.process
	pid, err := syscall.ForkExec(path, words, &syscall.ProcAttr{
		Env: s.environ, Sys: &process,
		Files: []uintptr{cmp.Or(s.stdin, null).Fd(), null.Fd(), 2, null.Fd(), null.Fd()},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		syscall.Kill(pid, syscall.SIGKILL)
		syscall.Wait4(pid, nil, 0, nil)
	}()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("%q did not start the server: %v, status %d", words, err, status.ExitStatus())
	}
	return processFacts(t, pid)
}

// processFacts reads from /proc what a process has been handed. What changes by
// itself is left out, and its ID is written as PID.
func processFacts(t *testing.T, pid int) map[string]string {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", pid)
	facts := map[string]string{}
	for _, file := range []string{"status", "limits", "cmdline", "environ", "oom_score_adj", "cgroup", "timerslack_ns", "personality", "coredump_filter"} {
		data, err := os.ReadFile(proc + file)
		if err != nil {
			t.Fatal(err)
		}
		facts[file] = string(data)
	}
	for line := range strings.Lines(facts["status"]) {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "Umask", "PPid", "TracerPid", "Uid", "Gid", "Groups", "Threads", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt",
			"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Cpus_allowed", "Mems_allowed", "CoreDumping":
			facts["status "+name] = value
		}
	}
	delete(facts, "status")
	stat, err := os.ReadFile(proc + "stat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third field on, see proc_pid_stat(5)
	for i, name := range map[int]string{4: "parent", 5: "group", 6: "session", 7: "terminal", 8: "foreground", 18: "priority", 19: "nice", 40: "realtime priority", 41: "policy"} {
		facts["stat "+name] = strings.Replace(fields[i-3], fmt.Sprint(pid), "PID", 1)
	}
	facts["cwd"], _ = os.Readlink(proc + "cwd")
	facts["exe"], _ = os.Readlink(proc + "exe")
	descriptors, err := os.ReadDir(proc + "fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range descriptors {
		to, _ := os.Readlink(proc + "fd/" + d.Name())
		info, _ := os.ReadFile(proc + "fdinfo/" + d.Name())
		flags, _, _ := strings.Cut(string(info[strings.Index(string(info), "flags:"):]), "\n")
		facts["descriptor "+d.Name()] = to + " " + flags
	}
	// of a process that is not dumpable root owns this
	var owner syscall.Stat_t
	if err := syscall.Stat(proc+"environ", &owner); err != nil {
		t.Fatal(err)
	}
	facts["dumpable, so owned by"] = fmt.Sprint(owner.Uid)
	return facts
}

// compare reports what differs.
func compare(t *testing.T, how string, want, got map[string]string) {
	t.Helper()
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is %q, want none", how, name, got[name])
		}
	}
	for name := range want {
		if value, ok := got[name]; !ok || value != want[name] {
			t.Errorf("%s: %s is %q, want %q", how, name, value, want[name])
		}
	}
}

// peculiar makes its process unlike most, and becomes a program:
//
//	peculiar PROGRAM [ARG ...]
func peculiar() {
	unix.Umask(0o027)
	one := unix.CPUSet{}
	one.Set(0)
	err := errors.Join(
		os.Chdir("/usr"),
		unix.Setpriority(unix.PRIO_PROCESS, 0, 5),
		lower(unix.RLIMIT_NOFILE, 77),
		lower(unix.RLIMIT_CORE, 4096),
		lower(unix.RLIMIT_STACK, 4<<20),
		unix.SchedSetaffinity(0, &one),
		unix.Prctl(unix.PR_SET_TIMERSLACK, 12345, 0, 0, 0),
		unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		os.WriteFile("/proc/self/coredump_filter", []byte("0x1"), 0),
		os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0),
		os.Stdin.Close(),
	)
	// Go's own handlers are for the first of these, no one's for the others.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGHUP, syscall.SIGINT, syscall.Signal(40))
	blocked := unix.Sigset_t{}
	for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGCHLD, syscall.SIGPROF, syscall.SIGQUIT, syscall.Signal(64)} {
		blocked.Val[0] |= 1 << (s - 1)
	}
	err = errors.Join(err, unix.PthreadSigmask(unix.SIG_SETMASK, &blocked, nil))
	if err == nil {
		var path string
		if path, err = osexec.LookPath(os.Args[1]); err == nil {
			var environ []byte // with its duplicates
			if environ, err = os.ReadFile("/proc/self/environ"); err == nil {
				err = syscall.Exec(path, os.Args[1:], strings.Split(strings.TrimSuffix(string(environ), "\x00"), "\x00"))
			}
		}
	}
	fmt.Fprintln(os.Stderr, "peculiar:", err)
	os.Exit(1)
}

// lower lowers a soft limit.
func lower(resource int, soft uint64) error {
	var limit unix.Rlimit
	err := unix.Getrlimit(resource, &limit)
	limit.Cur = min(soft, limit.Max)
	return errors.Join(err, unix.Setrlimit(resource, &limit))
}
