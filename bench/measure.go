package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"

	"azinject/emulator"
)

// site is an emulated Azure with a workload, and what was counted there.
type site struct {
	*emulator.Azure
	workload
	stderr  *os.File       // of the programs
	counted int            // requests so far
	perHost map[string]int // connections so far
}

// newSite starts an Azure with the workload.
func newSite(w workload) (*site, error) {
	azure, err := emulator.Start(w.config())
	if err != nil {
		return nil, err
	}
	stderr, err := os.CreateTemp("", "bench-*")
	if err != nil {
		azure.Close()
		return nil, err
	}
	os.Remove(stderr.Name())
	return &site{Azure: azure, workload: w, stderr: stderr, perHost: map[string]int{}}, nil
}

func (s *site) close() {
	s.Close()
	s.stderr.Close()
}

// command returns the command that runs the server behind the program.
func (s *site) command(p program, more ...string) *exec.Cmd {
	argv := append(slices.Clone(p.argv), server)
	c := exec.Command(argv[0], argv[1:]...)
	c.Env = append(slices.Concat(s.Environ(), s.workload.environ(), more), "PATH=/usr/bin:/bin", "HOME=/")
	c.Stderr = s.stderr
	return c
}

// sample is one run of a program.
type sample struct {
	elapsed     time.Duration // from fork to the server's exit
	cpu         time.Duration // of the program and the server
	requests    map[string]int
	connections int // to the host with the most
}

// run runs the program once.
func (s *site) run(p program) (sample, error) {
	s.count()
	c := s.command(p)
	start := time.Now()
	err := c.Run()
	elapsed := time.Since(start)
	if err != nil {
		return sample{}, s.failure(p, err)
	}
	requests, connections := s.count()
	cpu := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	return sample{elapsed, cpu, requests, connections}, nil
}

// failure adds the program's error output to err.
func (s *site) failure(p program, err error) error {
	s.stderr.Seek(0, io.SeekStart)
	said, _ := io.ReadAll(io.LimitReader(s.stderr, 4096))
	return fmt.Errorf("%s with %v: %w\n%s", p.name, s.workload, err, said)
}

// throttled is the kind of requests that were refused with 429.
const throttled = "throttled"

// count returns, since the last call, the number of requests of each kind and the
// number of connections to the host with the most.
func (s *site) count() (requests map[string]int, connections int) {
	requests = map[string]int{}
	all := s.Requests()
	for _, r := range all[s.counted:] {
		switch {
		case r.Kind == emulator.KindConnect: // counted as connections
		case r.Status == 429:
			requests[throttled]++
		default:
			requests[r.Kind]++
		}
	}
	s.counted = len(all)
	now := s.Connections()
	for host, n := range now {
		connections = max(connections, n-s.perHost[host])
	}
	s.perHost = now
	return requests, connections
}
