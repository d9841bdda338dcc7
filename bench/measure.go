package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"azinject/emulator"
)

// site is an emulated Azure with a workload, and what was counted there.
type site struct {
	*emulator.Azure
	workload
	launcher *launcher
	group    *group         // of the programs, if any
	stderr   *os.File       // of the programs
	counted  int            // requests so far
	perHost  map[string]int // connections so far
}

// newSite starts an Azure with the workload. The launcher trusts no other then.
func newSite(w workload, throttle *emulator.Throttle, l *launcher) (*site, error) {
	azure, err := emulator.Start(w.config(throttle))
	if err != nil {
		return nil, err
	}
	stderr, err := os.CreateTemp("", "bench-*")
	if err != nil {
		azure.Close()
		return nil, err
	}
	os.Remove(stderr.Name())
	s := &site{Azure: azure, workload: w, launcher: l, stderr: stderr, perHost: map[string]int{}}
	for _, kv := range azure.Environ() {
		if file, ok := strings.CutPrefix(kv, "SSL_CERT_FILE="); ok {
			certificate, err := os.ReadFile(file)
			if err == nil {
				err = l.trust(certificate)
			}
			if err != nil {
				s.close()
				return nil, err
			}
		}
	}
	return s, nil
}

func (s *site) close() {
	s.Close()
	s.stderr.Close()
}

// command returns the command that runs the server behind the program.
func (s *site) command(p program) *exec.Cmd {
	argv := append(slices.Clone(p.argv), server)
	c := exec.Command(argv[0], argv[1:]...)
	azure := slices.DeleteFunc(s.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, "SSL_CERT_FILE=") || strings.HasPrefix(kv, "REQUESTS_CA_BUNDLE=")
	})
	c.Env = append(slices.Concat(azure, s.launcher.environ(), s.workload.environ()), "PATH=/usr/bin:/bin", "HOME=/")
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
	start := time.Now()
	state, err := s.execute(p, nil)
	elapsed := time.Since(start)
	if err != nil {
		return sample{}, s.failure(p, err)
	}
	requests, connections := s.count()
	return sample{elapsed, state.UserTime() + state.SystemTime(), requests, connections}, nil
}

// execute runs the program and waits for the end of the server.
func (s *site) execute(p program, out io.Writer) (*os.ProcessState, error) {
	c := s.command(p)
	c.Stdout = out
	err := s.launcher.start(c, s.group)
	if err == nil {
		err = c.Wait()
	}
	return c.ProcessState, err
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
