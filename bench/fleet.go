package main

import (
	"fmt"
	"sync"
	"time"

	"azinject/emulator"
)

// fleet is many replicas of a container that start at once and overload a vault.
type fleet struct {
	replicas int
	secrets  int
	limit    emulator.Throttle
}

// newFleet returns the fleet with a budget, or a smaller one.
func newFleet(quick bool) fleet {
	f := fleet{replicas: 200, secrets: 20, limit: emulator.Throttle{Requests: 400, Per: 2 * time.Second, RetryAfter: time.Second}}
	if quick {
		f.replicas = 60
	}
	return f
}

func (f fleet) String() string {
	return fmt.Sprintf("fleet of %d replicas with %s each, vault admits %d requests per %v", f.replicas, plural(f.secrets, "secret"), f.limit.Requests, f.limit.Per)
}

// imposed returns the time until the vault can have admitted all requests: all
// windows except the last, which may be used up at once.
func (f fleet) imposed() time.Duration {
	windows := (f.replicas*f.secrets + f.limit.Requests - 1) / f.limit.Requests
	return time.Duration(windows-1) * f.limit.Per
}

// fleetResult is how a fleet started.
type fleetResult struct {
	Case      string  `json:"case"`
	Started   int     `json:"started"`
	Replicas  int     `json:"replicas"`
	Elapsed   ms      `json:"elapsed_ms"` // until the last has started
	Median    ms      `json:"median_ms"`  // until half have
	Imposed   ms      `json:"imposed_ms"`
	Ratio     float64 `json:"ratio_to_imposed"`
	Throttled float64 `json:"throttled_per_secret"`
	PerHost   int     `json:"connections"` // of all replicas

	Requests map[string]int `json:"requests"`
	Error    string         `json:"error,omitempty"` // of the first replica that did not start
}

// measure starts the fleet and waits until all replicas have exited.
func (f fleet) measure(p program) (*fleetResult, error) {
	w := oneVault(f.secrets, usual)
	w.throttle = &f.limit
	s, err := newSite(w)
	if err != nil {
		return nil, err
	}
	defer s.close()
	times, errs := make([]time.Duration, f.replicas), make([]error, f.replicas)
	var all sync.WaitGroup
	start := time.Now()
	for i := range f.replicas {
		all.Go(func() {
			errs[i] = s.command(p).Run()
			times[i] = time.Since(start)
		})
	}
	all.Wait()
	r := &fleetResult{Case: f.String(), Replicas: f.replicas, Elapsed: ms(time.Since(start)), Median: ms(median(times)), Imposed: ms(f.imposed())}
	r.Ratio = float64(r.Elapsed) / float64(r.Imposed)
	r.Requests, r.PerHost = s.count()
	r.Throttled = float64(r.Requests[throttled]) / float64(f.replicas*f.secrets)
	for _, err := range errs {
		if err == nil {
			r.Started++
		} else if r.Error == "" {
			r.Error = s.failure(p, err).Error()
		}
	}
	return r, nil
}
