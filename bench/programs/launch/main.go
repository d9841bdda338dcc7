// Launch runs a command, writes its peak memory, in KiB, to stdout, and exits with
// its status. The kernel includes the memory of the process that forks, so Launch
// must be small.
package main

import (
	"os"
	"strconv"
	"syscall"
)

func main() {
	pid, err := syscall.ForkExec(os.Args[1], os.Args[1:], &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 2, 2}})
	if err != nil {
		os.Stderr.WriteString("launch: " + err.Error() + "\n")
		os.Exit(125)
	}
	var status syscall.WaitStatus
	var usage syscall.Rusage
	if _, err := syscall.Wait4(pid, &status, 0, &usage); err != nil || !status.Exited() {
		os.Exit(125)
	}
	os.Stdout.WriteString(strconv.FormatInt(usage.Maxrss, 10))
	os.Exit(status.ExitStatus())
}
