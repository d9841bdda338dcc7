package main

import (
	"context"
	"errors"
	"io/fs"
	"slices"

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
	for _, s := range r.plan.Sources() {
		if slices.Contains(needed, s.Variable) || s.Variable == identity.ClientSecretVariable && r.selected.Kind == identity.Environment {
			add(s.Variable, errNeeded)
		}
	}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		if value := getenv(name); value != "" {
			if err := checkProxy(value); err != nil {
				add(name, err)
			}
			break // net/http reads the first that is set
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

// needed are variables whose values decide how a secret is fetched.
var needed = []string{"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"}

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
