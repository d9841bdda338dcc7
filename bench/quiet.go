package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// quiet measures when the machine is idle, as long as its patience lasts.
type quiet struct {
	patience time.Duration // with the current workload, what is left of it
	runs     int
	failed   int // runs that ended with an error and do not count
	repeated int // disturbed runs that do not count
	busy     int // runs that count although they may have been disturbed

	// Of the runs that count: their time, and the processors' time that was used
	// by other programs and taken by the hypervisor.
	elapsed, others, stolen time.Duration
}

// long is the time of a run in which disturbances average out and that takes too
// long to repeat.
const long = 500 * time.Millisecond

// take returns an undisturbed run. It does not repeat long ones.
func (q *quiet) take(run func() (sample, error)) (sample, error) {
	q.runs++
	for {
		start := time.Now()
		calm := q.await()
		before, own := readProcessors(), ownTime()
		taken, err := q.insist(run)
		if err != nil {
			return sample{}, err
		}
		after := readProcessors()
		stolen := after.stolen - before.stolen
		calm = calm && stolen <= taken.elapsed*time.Duration(runtime.NumCPU())/20
		if !calm && taken.elapsed <= long && q.patience > 0 {
			q.repeated++
			q.patience -= time.Since(start)
			continue
		}
		if !calm && taken.elapsed <= long {
			q.busy++
		}
		q.elapsed += taken.elapsed
		q.stolen += stolen
		q.others += after.worked - before.worked - (ownTime() - own) - taken.cpu
		return taken, nil
	}
}

// insist returns a run that did not fail, unless too many have.
func (q *quiet) insist(run func() (sample, error)) (sample, error) {
	for {
		taken, err := run()
		if err == nil || q.failed == 3 {
			return taken, err
		}
		q.failed++
		fmt.Println("repeated:", err)
	}
}

// String says what disturbed the runs.
func (q *quiet) String() string {
	share := func(d time.Duration) float64 {
		return max(0, 100*d.Seconds()/max(q.elapsed.Seconds(), 1e-9)/float64(runtime.NumCPU()))
	}
	return fmt.Sprintf("Of %d runs, %d failed and were repeated, %d were disturbed and repeated, and %d were disturbed and kept. Meanwhile other programs used %.0f %% of the processors, and the hypervisor took %.0f %%.",
		q.runs, q.failed, q.repeated, q.busy, share(q.others), share(q.stolen))
}

// await waits until other programs use at most a tenth of the processors. It
// returns false if patience runs out first.
func (q *quiet) await() bool {
	const moment = 50 * time.Millisecond
	start := time.Now()
	for {
		before := readProcessors()
		time.Sleep(moment) // meanwhile this process and its children are idle
		if readProcessors().worked-before.worked <= moment*time.Duration(runtime.NumCPU())/10 {
			return true
		}
		if time.Since(start) > q.patience {
			q.patience = 0
			return false
		}
	}
}

// ownTime returns the processors' time that this process has used.
func ownTime() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// processors is the processors' time since the machine was started.
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
