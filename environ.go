package main

import (
	"cmp"
	"errors"
	"io/fs"
	"net/url"
	"slices"
	"strings"

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

// readEnviron parses and validates environ, and checks the command's arguments. It
// makes no request. If checkFiles is false, as for --plan, files that variables
// name may be missing.
func readEnviron(environ []string, checkFiles bool, arguments ...string) (*start, error) {
	s := &start{}
	var mistakes []resolve.Failure
	s.settings, mistakes = parseSettings(environ)
	mistakes = append(mistakes, checkArguments(arguments)...)
	s.Skip, s.Fits = s.skips, exec.CheckValue
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
	secrets, _ := s.selected.Unset()
	for _, name := range secrets {
		add(name, resolve.Wrapped(getenv(name)))
	}
	for _, name := range append(secrets, names...) {
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

// checkProxyURL refuses the address of a proxy that net/http would take for
// another, or ignore.
func checkProxyURL(value string) error {
	if value == "" {
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return errors.New("write the address of a proxy, http://HOST:PORT, with special characters of a password percent-encoded")
	}
	return nil
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
	return err != nil || parsed != nil || strings.Contains(value, "${{")
}
