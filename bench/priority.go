package main

import (
	"os"
	"strconv"
	"syscall"
)

// prioritise lets this process and those it starts go before what else runs on
// the machine, if it is allowed to. Linux has priorities of threads; those to
// come get the priority of the one that starts them.
func prioritise() {
	const high = -10
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		if id, err := strconv.Atoi(task.Name()); err == nil {
			syscall.Setpriority(syscall.PRIO_PROCESS, id, high)
		}
	}
}
