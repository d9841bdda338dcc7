package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/exec"
	"azinject/identity"
	"azinject/report"
	"azinject/resolve"
	"azinject/transport"
)

// start is what an environment asks for.
type start struct {
	settings
	plan *resolve.Plan
	// These are set if the plan has references.
	selected   identity.Selection
	credential azcore.TokenCredential
}

// prepare does everything except the last step of a start. It returns the program
// to become and its environment. Log lines go to stderr.
func prepare(ctx context.Context, command, environ []string, stderr io.Writer) (*exec.Program, []string, error) {
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
	resolved, sources, err := s.resolve(ctx, program, stderr)
	if err != nil {
		return nil, nil, err
	}
	if s.logLevel >= infoLevel {
		for _, source := range sources {
			logSource(report.Log{Writer: stderr, JSON: s.logJSON}, source)
		}
	}
	return program, resolved, nil
}

// readEnviron parses and validates environ, and checks the command's arguments. It
// makes no request. If checkFiles is false, as for --plan, files that variables
// name may be missing.
func readEnviron(environ []string, checkFiles bool, arguments ...string) (*start, error) {
	s := &start{}
	var mistakes []resolve.Failure
	s.settings, mistakes = parseSettings(environ)
	mistakes = append(mistakes, checkArguments(arguments)...)
	s.Skip = s.skips
	plan, malformed := resolve.NewPlan(environ, s.Options)
	s.plan = plan
	getenv := getenvFrom(environ)
	s.blameProject(malformed, getenv)
	if !s.misleading {
		mistakes = append(mistakes, malformed...)
	}
	if malformed != nil || len(plan.Sources()) > 0 {
		mistakes = append(mistakes, s.selectCredential(getenv, checkFiles)...)
		mistakes = append(mistakes, s.checkNeeded(getenv, checkFiles)...)
	}
	if mistakes = firstOfEach(mistakes); mistakes != nil {
		return nil, report.Mistakes(mistakes)
	}
	return s, nil
}

// blameProject replaces references without a project by the variable that was to
// name it, if there is one.
func (s *start) blameProject(malformed []resolve.Failure, getenv func(string) string) {
	for i, m := range malformed {
		if errors.Is(m.Err, resolve.ErrNoProject) && s.projectFrom != "" {
			endpoint := getenv(s.projectFrom)
			_, err := resolve.ParseProject(endpoint)
			malformed[i] = resolve.Failure{Variable: s.projectFrom, Err: cmp.Or(resolve.Wrapped(endpoint), err)}
		}
	}
}

// firstOfEach returns the first mistake of each variable. Later ones may only
// follow from it.
func firstOfEach(mistakes []resolve.Failure) []resolve.Failure {
	seen := map[string]bool{}
	return slices.DeleteFunc(mistakes, func(m resolve.Failure) bool {
		again := m.Variable != "" && seen[m.Variable]
		seen[m.Variable] = true
		return again
	})
}

// selectCredential sets the credential, and returns what keeps it from being
// used.
func (s *start) selectCredential(getenv func(string) string, checkFiles bool) []resolve.Failure {
	var err error
	if s.selected, err = identity.Select(getenv, s.Cloud.Configuration.ActiveDirectoryAuthorityHost); err == nil {
		s.credential, err = identity.New(s.selected)
	}
	wrong, ok := errors.AsType[*identity.SelectionError](err)
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist) && !checkFiles:
		return nil
	case ok:
		return []resolve.Failure{{Variable: wrong.Variable, Err: cmp.Or(resolve.Wrapped(getenv(wrong.Variable)), wrong.Err)}}
	default:
		return []resolve.Failure{{Err: err}}
	}
}

var errNeeded = errors.New("azinject itself needs this to resolve references, so it cannot be one: write the value itself")

// checkNeeded checks the variables that decide how secrets are fetched, and the
// files that they name if checkFiles is true. None of them can be a reference.
func (s *start) checkNeeded(getenv func(string) string, checkFiles bool) []resolve.Failure {
	var mistakes []resolve.Failure
	add := func(variable string, err error) {
		if err != nil {
			mistakes = append(mistakes, resolve.Failure{Variable: variable, Err: cmp.Or(resolve.Wrapped(getenv(variable)), err)})
		}
	}
	names := []string{firstSet(getenv, "HTTPS_PROXY", "https_proxy"), firstSet(getenv, "NO_PROXY", "no_proxy"), "SSL_CERT_FILE", "SSL_CERT_DIR"}
	if s.selected.Kind == identity.Environment {
		names = append(names, identity.ClientSecretVariable)
	}
	for _, name := range names {
		if s.refers(getenv(name)) {
			add(name, errNeeded)
		}
	}
	add(names[0], checkProxyURL(getenv(names[0])))
	if checkFiles {
		add("SSL_CERT_FILE", transport.CheckRootFile())
	}
	return mistakes
}

// firstSet returns the first of two variables that is set, which is the one that
// net/http reads.
func firstSet(getenv func(string) string, upper, lower string) string {
	if getenv(upper) == "" {
		return lower
	}
	return upper
}

// refers reports whether a value has a reference, or something meant as one or
// as another tool's.
func (s *start) refers(value string) bool {
	parsed, err := s.Grammar.Parse(value)
	return err != nil || parsed.References() != nil || strings.Contains(value, "${{")
}

// resolve hardens the process and fetches everything. It returns the environment
// for the program, and what became of each reference.
func (s *start) resolve(ctx context.Context, program *exec.Program, stderr io.Writer) (environ []string, sources []resolve.Source, err error) {
	if err := exec.Harden(); err != nil {
		return nil, nil, err
	}
	debug.SetMemoryLimit(memoryLimit)
	debug.SetGCPercent(garbage)
	resolution, err := s.fetch(ctx, stderr)
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
func (s *start) fetch(ctx context.Context, stderr io.Writer) (*resolve.Resolution, error) {
	if s.logLevel >= debugLevel {
		log := report.Log{Writer: stderr, JSON: s.logJSON}
		log.Write("DEBUG", "identity", "credential", s.selected.Kind.String(), "platform", s.selected.Platform())
		ctx = transport.Observe(ctx, func(a transport.Attempt) { logAttempt(log, a) })
	}
	tokens := identity.Share(s.credential)
	waiting, done := context.WithCancel(ctx)
	defer done()
	go report.SayWaiting(waiting, s.plan.Waiting, stderr, s.logJSON)
	resolution, failures := s.plan.Resolve(ctx, tokens)
	if failures == nil {
		return resolution, nil
	}
	return resolution, report.Unresolved(failures, len(resolution.Sources), report.Facts{
		Timeout:         s.Timeout,
		ResourceManager: strings.TrimPrefix(s.Cloud.ResourceManager().Endpoint, "https://"),
		Selected:        s.selected,
		Claims:          tokens.Claims(),
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
