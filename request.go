package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"azinject/exec"
	"azinject/identity"
	"azinject/resolve"
)

// request is what an environment asks for.
type request struct {
	settings
	plan *resolve.Plan
	// These are there if the plan has references.
	selected   identity.Selection
	credential azcore.TokenCredential
}

// read parses and checks all that the environment says, before anything is
// fetched. Unless it is that of this container (here), files that it names may
// be missing.
func read(environ []string, here bool) (*request, error) {
	s, mistakes := parseSettings(environ)
	plan, malformed := resolve.NewPlan(environ, s.Options)
	if !s.misleading {
		mistakes = append(mistakes, malformed...)
	}
	r := &request{settings: s, plan: plan}
	if malformed != nil || len(plan.Sources()) > 0 {
		mistakes = r.readSurroundings(lookup(environ), here, mistakes)
	}
	if mistakes != nil {
		return nil, mistaken(mistakes)
	}
	return r, nil
}

// readSurroundings reads and checks what others have set and what matters only
// where there are references. It adds to the mistakes, one for each variable.
func (r *request) readSurroundings(getenv func(string) string, here bool, mistakes []failure) []failure {
	add := func(variable string, err error) {
		if variable == "" || !slices.ContainsFunc(mistakes, func(f failure) bool { return f.Variable == variable }) {
			mistakes = append(mistakes, failure{Variable: variable, Err: err})
		}
	}
	var err error
	if r.selected, err = identity.Select(getenv, r.Cloud.Configuration.ActiveDirectoryAuthorityHost); err == nil {
		r.credential, err = identity.New(r.selected)
	}
	for _, names := range r.needed() {
		// net/http reads the first that is set
		i := slices.IndexFunc(names, func(name string) bool { return getenv(name) != "" })
		if i >= 0 && r.refers(getenv(names[i])) {
			add(names[i], errNeeded)
		}
		if i >= 0 && names[0] == "HTTPS_PROXY" {
			if err := checkProxy(getenv(names[i])); err != nil {
				add(names[i], err)
			}
		}
	}
	wrong, ok := errors.AsType[*identity.SelectionError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !here:
	case ok:
		add(wrong.Variable, wrong)
	case err != nil:
		add("", err)
	}
	return mistakes
}

// needed returns the variables whose values decide how a secret is fetched; of
// each list the first that is set.
func (r *request) needed() [][]string {
	names := [][]string{{"HTTPS_PROXY", "https_proxy"}, {"NO_PROXY", "no_proxy"}, {"SSL_CERT_FILE"}, {"SSL_CERT_DIR"}}
	if r.selected.Kind == identity.Environment {
		names = append(names, []string{identity.ClientSecretVariable})
	}
	return names
}

// refers says whether a value has a reference, or what was meant as one or as
// another tool's, even where it is not to be resolved.
func (r *request) refers(value string) bool {
	parsed, err := resolve.Grammar{VaultSuffix: r.Cloud.VaultSuffix, AllowedVaultHosts: r.AllowedVaultHosts}.Parse(value)
	return err != nil || parsed.References() != nil || strings.Contains(value, "${{")
}

var errNeeded = errors.New("azinject itself needs this to resolve references, so none can stand here: write the value itself")

// resolve hardens the process, fetches everything, and returns the environment
// for program, which the process may become, and what became of each reference.
// Signals that stop containers end it with a signalError.
func (r *request) resolve(program *exec.Program) (environ []string, sources []resolve.Source, err error) {
	// A signal that nothing catches has Go's runtime exit with 2 and without a
	// word, where it is the first process of a container.
	ctx, stop := untilSignal()
	resolution, err := r.fetch(ctx)
	stop()
	var signaled signalError
	switch {
	case errors.As(context.Cause(ctx), &signaled):
		return nil, nil, signaled
	case resolution == nil:
		return nil, nil, err
	case err != nil:
		return nil, resolution.Sources, err
	}
	environ = r.serverEnviron(resolution.Environ)
	return environ, resolution.Sources, refused(program.Check(environ))
}

func (r *request) fetch(ctx context.Context) (*resolve.Resolution, error) {
	r.startLogging()
	if err := exec.Harden(); err != nil {
		return nil, err
	}
	tokens := identity.Share(r.credential)
	resolution, failures := r.plan.Resolve(ctx, tokens)
	if failures == nil {
		return resolution, nil
	}
	return resolution, unresolved(failures, len(resolution.Sources), advice{r.settings, r.selected, tokens.Claims()})
}
