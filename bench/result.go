package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// result sums up the runs of one program with one workload.
type result struct {
	work        workload
	program     string
	runs        int
	wall, cpu   time.Duration // medians
	fastest     time.Duration
	requests    map[string]int // by kind, the maximum of all runs
	connections int            // the maximum of all runs and hosts
}

// measure runs the programs in turn, so that a noisy moment affects all of them.
func (s *site) measure(programs []program, quick bool, q *quiet) ([]result, error) {
	programs = slices.DeleteFunc(slices.Clone(programs), func(p program) bool { return !p.does(s.workload) || p.sequential && s.group != nil })
	planned, most := make([]int, len(programs)), 0
	for i, p := range programs {
		warm, err := q.insist(func() (sample, error) { return s.run(p) })
		if err != nil {
			return nil, err
		}
		planned[i] = runs(quick)
		if p.sequential {
			planned[i] = max(3, min(planned[i], int(3*time.Second/warm.elapsed)))
		}
		most = max(most, planned[i])
	}
	samples := make([][]sample, len(programs))
	for round := range most {
		for i, p := range programs {
			if round >= planned[i] {
				continue
			}
			taken, err := q.take(func() (sample, error) { return s.run(p) })
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], taken)
		}
	}
	var results []result
	for i, p := range programs {
		results = append(results, sum(s.workload, p, samples[i]))
	}
	return results, nil
}

// runs returns how often to measure a program.
func runs(quick bool) int {
	if quick {
		return 5
	}
	return 21
}

func sum(w workload, p program, samples []sample) result {
	r := result{work: w, program: p.name, runs: len(samples), requests: map[string]int{}}
	var wall, cpu []time.Duration
	for _, s := range samples {
		wall, cpu = append(wall, s.elapsed), append(cpu, s.cpu)
		for kind, n := range s.requests {
			r.requests[kind] = max(r.requests[kind], n)
		}
		r.connections = max(r.connections, s.connections)
	}
	r.wall, r.cpu, r.fastest = median(wall), median(cpu), slices.Min(wall)
	return r
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// String returns the result with absolute times, which depend on the machine.
func (r result) String() string {
	var counts []string
	for _, kind := range slices.Sorted(maps.Keys(r.requests)) {
		counts = append(counts, fmt.Sprint(r.requests[kind], " ", kind))
	}
	short := func(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
	return fmt.Sprintf("%-10s %8v, fastest %8v, processor %8v, %d runs, %s, %s", r.program,
		short(r.wall), short(r.fastest), short(r.cpu), r.runs, plural(r.connections, "connection"), strings.Join(counts, ", "))
}

// results are those of all programs and workloads.
type results []result

// of returns a program's result with a workload, nil if it was not measured.
func (all results) of(p string, w workload) *result {
	for i, r := range all {
		if r.program == p && r.work == w {
			return &all[i]
		}
	}
	return nil
}

// beside returns the times of r as multiples of those of another result. It
// returns false if either was not measured.
func (r *result) beside(other *result) (wall, cpu float64, ok bool) {
	if r == nil || other == nil {
		return 0, 0, false
	}
	return float64(r.wall) / float64(other.wall), float64(r.cpu) / float64(other.cpu), true
}
