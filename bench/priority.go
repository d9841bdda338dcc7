package main

import (
	"os"
	"strconv"
	"syscall"
)

// prioritise raises the priority of this process and of those that it starts, if it
// may. On Linux each thread has a priority, which new threads inherit.
func prioritise() {
	const high = -10
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		if id, err := strconv.Atoi(task.Name()); err == nil {
			syscall.Setpriority(syscall.PRIO_PROCESS, id, high)
		}
	}
}
