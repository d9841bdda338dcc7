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

// A site is an emulated Azure with a workload, and what was asked of it.
type site struct {
	*emulator.Azure
	workload
	stderr *os.File // of the programs
	asked  int      // requests that were counted
	known  map[string]int
}

// open starts the Azure that has the workload.
func open(w workload) (*site, error) {
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
	return &site{Azure: azure, workload: w, stderr: stderr, known: map[string]int{}}, nil
}

func (s *site) close() {
	s.Close()
	s.stderr.Close()
}

// command returns the program in front of the server.
func (s *site) command(p program, more ...string) *exec.Cmd {
	argv := append(slices.Clone(p.argv), server)
	c := exec.Command(argv[0], argv[1:]...)
	c.Env = append(slices.Concat(s.Environ(), s.workload.environ(), more), "PATH=/usr/bin:/bin", "HOME=/")
	c.Stderr = s.stderr
	return c
}

// A sample is one run of a program.
type sample struct {
	elapsed     time.Duration // from fork to the server's exit
	cpu         time.Duration // of the program and the server
	requests    map[string]int
	connections int // to the host that has most
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

// failure tells with what words the program failed.
func (s *site) failure(p program, err error) error {
	s.stderr.Seek(0, io.SeekStart)
	said, _ := io.ReadAll(io.LimitReader(s.stderr, 4096))
	return fmt.Errorf("%s with %v: %w\n%s", p.name, s.workload, err, said)
}

// throttled is the kind, in counts, of requests that were answered 429.
const throttled = "throttled"

// count returns how many requests of each kind there were since the last time,
// and how many connections to the host that had most.
func (s *site) count() (requests map[string]int, connections int) {
	requests = map[string]int{}
	all := s.Requests()
	for _, r := range all[s.asked:] {
		switch {
		case r.Kind == emulator.KindConnect: // these are the connections
		case r.Status == 429:
			requests[throttled]++
		default:
			requests[r.Kind]++
		}
	}
	s.asked = len(all)
	now := s.Connections()
	for host, n := range now {
		connections = max(connections, n-s.known[host])
	}
	s.known = now
	return requests, connections
}
