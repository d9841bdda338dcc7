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

// overload is the fleet with budgets.
var overload = fleet{60, 20, emulator.Throttle{Requests: 120, Per: 2 * time.Second, RetryAfter: time.Second}}

func (f fleet) String() string {
	return fmt.Sprintf("%d replicas with %s each, whose vault admits %d requests in %v", f.replicas, plural(f.secrets, "secret"), f.limit.Requests, f.limit.Per)
}

// imposed returns the time until the vault can have admitted all requests: all
// windows except the last, which may be used up at once.
func (f fleet) imposed() time.Duration {
	windows := (f.replicas*f.secrets + f.limit.Requests - 1) / f.limit.Requests
	return time.Duration(windows-1) * f.limit.Per
}

// fleetResult is how a fleet started.
type fleetResult struct {
	failed    int     // replicas that did not start
	err       error   // of the first of them
	elapsed   float64 // until the last has started, as a multiple of what the limit imposes
	throttled float64 // answers per secret
}

// cell returns a cell with a value of the result, empty if there is none.
func (r *fleetResult) cell(budget float64, value func(*fleetResult) float64) cell {
	if r == nil {
		return cell{}
	}
	return within(value(r), budget, "")
}

// measure starts the fleet and waits until all replicas have exited.
func (f fleet) measure(p program, http2 bool, l *launcher) (*fleetResult, error) {
	s, err := newSite(oneVault(f.secrets).over(http2), &f.limit, l)
	if err != nil {
		return nil, err
	}
	defer s.close()
	errs := make([]error, f.replicas)
	var all sync.WaitGroup
	start := time.Now()
	for i := range f.replicas {
		all.Go(func() { _, errs[i] = s.execute(p, nil) })
	}
	all.Wait()
	elapsed := time.Since(start)
	requests, _ := s.count()
	r := &fleetResult{
		elapsed:   float64(elapsed) / float64(f.imposed()),
		throttled: float64(requests[throttled]) / float64(f.replicas*f.secrets),
	}
	for _, err := range errs {
		if err == nil {
			continue
		}
		if r.failed++; r.err == nil {
			r.err = s.failure(p, err)
		}
	}
	return r, nil
}
