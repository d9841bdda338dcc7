package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"azinject/exec"
	"azinject/identity"
	"azinject/report"
	"azinject/resolve"
	"azinject/transport"
)

// prepare does everything except the last step of a start. It returns the program
// to become and its environment.
func prepare(ctx context.Context, command, environ []string, log report.Log) (*exec.Program, []string, error) {
	getenv := getenvFrom(environ)
	program, err := exec.Lookup(command, getenv("PATH"))
	if err != nil && isOption(command[0]) {
		err = fmt.Errorf("%w; azinject's own options go before \"--\": docker run --entrypoint /azinject IMAGE %s", err, command[0])
	}
	if err != nil {
		return nil, nil, err
	}
	s, err := readEnviron(environ, true, command[1:]...)
	if err != nil {
		return nil, nil, err
	}
	if len(s.plan.Sources()) == 0 {
		return program, s.serverEnviron(environ), nil
	}
	resolved, sources, err := s.resolve(ctx, program, log)
	if err != nil {
		return nil, nil, err
	}
	if s.logLevel >= infoLevel {
		for _, source := range sources {
			logSource(log, source)
		}
	}
	return program, resolved, nil
}

// resolve hardens the process and fetches everything. It returns the environment
// for the program, and what became of each reference.
func (s *start) resolve(ctx context.Context, program *exec.Program, log report.Log) (environ []string, sources []resolve.Source, err error) {
	if err := exec.Harden(); err != nil {
		return nil, nil, err
	}
	debug.SetMemoryLimit(memoryLimit)
	debug.SetGCPercent(garbage)
	resolution, err := s.fetch(ctx, log)
	if err != nil {
		return nil, resolution.Sources, err
	}
	environ = s.serverEnviron(resolution.Environ)
	if refused := program.Check(environ); refused != nil {
		markRefused(resolution.Sources, refused)
		err = report.Refused(refused)
	}
	return environ, resolution.Sources, err
}

// logSource logs where a value came from, so that the log tells which key a
// replica has.
func logSource(log report.Log, s resolve.Source) {
	o := s.Reference.Object
	attributes := []any{"variable", s.Variable, "store", o.Store(), "name", o.Name}
	for _, optional := range [][2]string{{"label", o.Label}, {"part", s.Reference.PartName()}, {"secret", s.SecretID()}, {"version", s.Version}, {"expires", s.Expiry()}} {
		if optional[1] != "" {
			attributes = append(attributes, optional[0], optional[1])
		}
	}
	log.Write("INFO", "resolved", attributes...)
}

// memoryLimit makes the garbage collector work harder, rather than let large
// answers take more memory than a small container has.
const memoryLimit = 32 << 20

// garbage is the share of garbage, in percent of what is in use, that is collected.
// With Go's 100, a hundred secrets would cause one collection, which takes a tenth
// of their processor time.
const garbage = 200

// logAttempt logs an attempt of a request.
func logAttempt(log report.Log, a transport.Attempt) {
	result := []any{"status", a.Status}
	if a.Err != nil {
		result = []any{"error", a.Err.Error()}
	}
	log.Write("DEBUG", "request", append([]any{"method", a.Method, "host", a.Host, "path", a.Path,
		"attempt", a.Number, "took", a.Took.Round(time.Millisecond / 10)}, result...)...)
}

// fetch fetches everything, and reports a long wait. The error is a
// [*report.Error].
func (s *start) fetch(ctx context.Context, log report.Log) (*resolve.Resolution, error) {
	if s.logLevel >= debugLevel {
		log.Write("DEBUG", "identity", "credential", s.selected.Kind.String(), "platform", s.selected.Platform())
		ctx = transport.Observe(ctx, func(a transport.Attempt) { logAttempt(log, a) })
	}
	tokens := identity.Share(s.credential)
	waiting, done := context.WithCancel(ctx)
	defer done()
	go report.SayWaiting(waiting, s.plan.Waiting, log)
	resolution, failures := s.plan.Resolve(ctx, tokens)
	if failures == nil {
		return resolution, nil
	}
	return resolution, report.Unresolved(failures, len(resolution.Sources), report.Facts{
		Timeout:         s.Timeout,
		ResourceManager: strings.TrimPrefix(s.Cloud.ResourceManager().Endpoint, "https://"),
		Selected:        s.selected,
		Claims:          tokens.Claims(),
		Workspace:       s.Workspace,
		WorkspaceFrom:   s.workspaceFrom,
		ProjectFrom:     s.projectFrom,
	})
}

// markRefused gives the sources of refused variables the reason.
func markRefused(sources []resolve.Source, refused []*exec.RefusedError) {
	reasons := map[string]error{}
	for _, r := range refused {
		reasons[r.Variable] = r
	}
	for i, s := range sources {
		sources[i].Err = reasons[s.Variable]
	}
}
