package main_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// processFacts reads from /proc what a process was started with. It leaves out
// what changes by itself, and writes the ID of the process as PID.
func processFacts(t *testing.T, pid int) map[string]string {
	t.Helper()
	proc := fmt.Sprintf("/proc/%d/", pid)
	facts := map[string]string{}
	for _, file := range []string{"status", "limits", "cmdline", "environ", "oom_score_adj", "cgroup", "timerslack_ns", "personality", "coredump_filter"} {
		if file == "timerslack_ns" && os.Geteuid() != 0 {
			continue // only root can read it of another process
		}
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
	// Root owns this file if the process is not dumpable.
	var owner syscall.Stat_t
	if err := syscall.Stat(proc+"environ", &owner); err != nil {
		t.Fatal(err)
	}
	facts["dumpable, so owned by"] = fmt.Sprint(owner.Uid)
	return facts
}

// compare reports differences.
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
