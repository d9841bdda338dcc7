package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// quiet makes measurements at moments when the machine does nothing else, as
// long as its patience lasts.
type quiet struct {
	patience time.Duration // that is left
	runs     int
	repeated int // runs that something interfered with, and that do not count
	busy     int // runs that count although something may have interfered
}

// long is a run in which interference comes to an average, and that would be
// tedious to repeat.
const long = 500 * time.Millisecond

// take returns a run that nothing interfered with, unless it is a long one.
func (q *quiet) take(run func() (sample, error)) (sample, error) {
	q.runs++
	for {
		start := time.Now()
		calm := q.await()
		before := readProcessors()
		taken, err := run()
		if err != nil {
			return sample{}, err
		}
		after := readProcessors()
		calm = calm && after.stolen-before.stolen <= taken.elapsed*time.Duration(runtime.NumCPU())/20
		if calm || taken.elapsed > long {
			return taken, nil
		}
		if q.patience <= 0 {
			q.busy++
			return taken, nil
		}
		q.repeated++
		q.patience -= time.Since(start)
	}
}

// await returns when no others take more than a tenth of the processors, or
// patience is at its end; then it returns false.
func (q *quiet) await() bool {
	const moment = 50 * time.Millisecond
	start := time.Now()
	for {
		before := readProcessors()
		time.Sleep(moment) // this process and its children do nothing
		if readProcessors().worked-before.worked <= moment*time.Duration(runtime.NumCPU())/10 {
			return true
		}
		if time.Since(start) > q.patience {
			q.patience = 0
			return false
		}
	}
}

// processors is what all of them have done since the machine was started.
type processors struct {
	worked time.Duration // for anyone
	stolen time.Duration // by the hypervisor, for other machines
}

// readProcessors reads the first line of /proc/stat: cpu user nice system idle
// iowait irq softirq steal guest guest_nice, of which user includes the
// guests'.
func readProcessors() processors {
	const tick = 10 * time.Millisecond // Linux's USER_HZ
	stat, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(stat), "\n")
	var p processors
	for i, field := range strings.Fields(line) {
		n, _ := strconv.Atoi(field)
		switch i {
		case 1, 2, 3, 6, 7:
			p.worked += time.Duration(n) * tick
		case 8:
			p.stolen += time.Duration(n) * tick
		}
	}
	return p
}
