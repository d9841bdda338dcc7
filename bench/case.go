package main

import (
	"maps"
	"slices"
	"time"
)

// testCase is a workload with azinject's budget for it, in multiples of the floor.
// A budget of 0 is none.
type testCase struct {
	workload
	budget float64
}

// Round trips within a region, to the next one, and across an ocean. The budgets
// are for the usual one.
const (
	near    = 2 * time.Millisecond
	usual   = 10 * time.Millisecond
	distant = 50 * time.Millisecond
)

// cases returns all test cases. quick omits the long ones.
func cases(quick bool) []testCase {
	sizes := []int{1, 5, 20, 50, 100, 200}
	if quick {
		sizes = []int{1, 20, 100}
	}
	budgets := map[int]float64{1: 1.3, 20: 1.6, 100: 2.2}
	list := []testCase{{workload{}, 2.2}}
	for _, n := range sizes {
		list = append(list, testCase{oneVault(n, usual), budgets[n]})
	}
	for _, n := range []int{20, 100} {
		w := oneVault(n, usual)
		w.http2 = true
		list = append(list, testCase{workload: w})
	}
	list = append(list, testCase{workload{vaults: 3, secrets: 20, connections: 5, roundTrip: usual}, 2.4})
	if quick {
		return list
	}
	for _, r := range []time.Duration{near, distant} {
		for _, n := range []int{1, 20, 100} {
			list = append(list, testCase{workload: oneVault(n, r)})
		}
	}
	return list
}

// result sums up the runs of one program in one case.
type result struct {
	Case        string         `json:"case"`
	Program     string         `json:"program"`
	Secrets     int            `json:"secrets"` // in each vault
	Runs        int            `json:"runs"`
	Median      ms             `json:"median_ms"`
	Min         ms             `json:"min_ms"`
	Max         ms             `json:"max_ms"`
	CPU         ms             `json:"cpu_ms"` // the median
	Floor       ms             `json:"floor_ms"`
	Ratio       float64        `json:"ratio_to_floor,omitempty"`
	Budget      float64        `json:"budget_ratio,omitempty"`
	Requests    map[string]int `json:"requests"`             // by kind, the maximum of all runs
	Connections int            `json:"connections_per_host"` // the maximum of all runs and hosts

	of testCase
}

// measure runs the programs in turn, so that a noisy moment affects all of them.
func (c testCase) measure(programs []program, quick bool, q *quiet) ([]result, error) {
	s, err := newSite(c.workload)
	if err != nil {
		return nil, err
	}
	defer s.close()
	programs = slices.DeleteFunc(slices.Clone(programs), func(p program) bool { return !p.handles(c.workload) })
	planned, most := make([]int, len(programs)), 0
	for i, p := range programs {
		warm, err := s.run(p)
		if err != nil {
			return nil, err
		}
		planned[i] = runs(warm.elapsed, quick)
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
		results = append(results, c.sum(p, samples[i]))
	}
	return c.compare(results), nil
}

// runs returns how often to measure a program whose first run took this long.
func runs(elapsed time.Duration, quick bool) int {
	if quick {
		return max(3, min(9, int(time.Second/elapsed)))
	}
	return max(3, min(21, int(3*time.Second/elapsed)))
}

func (c testCase) sum(p program, samples []sample) result {
	r := result{Case: c.String(), Program: p.name, Secrets: c.secrets, Runs: len(samples), Floor: ms(c.floor()), Requests: map[string]int{}, of: c}
	var times, cpu []time.Duration
	for _, s := range samples {
		times, cpu = append(times, s.elapsed), append(cpu, s.cpu)
		for kind, n := range s.requests {
			r.Requests[kind] = max(r.Requests[kind], n)
		}
		r.Connections = max(r.Connections, s.connections)
	}
	r.Median, r.Min, r.Max = ms(median(times)), ms(slices.Min(times)), ms(slices.Max(times))
	r.CPU = ms(median(cpu))
	if p.name == nameAzinject {
		r.Budget = c.budget
	}
	return r
}

// compare fills in the ratios. If there is nothing to fetch, the empty program's
// time is the floor.
func (c testCase) compare(results []result) []result {
	floor := ms(c.floor())
	for _, r := range results {
		if r.Program == nameEmpty {
			floor = r.Median
		}
	}
	for i := range results {
		results[i].Floor = floor
		results[i].Ratio = float64(results[i].Median) / float64(floor)
	}
	return results
}

func (r result) met() bool { return r.Ratio <= r.Budget }

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// kinds returns the kinds of requests in the order of the table.
func (r result) kinds() []string { return slices.Sorted(maps.Keys(r.Requests)) }
