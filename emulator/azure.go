// Package emulator is Azure as far as secrets go: the endpoints that give a
// container its managed identity's tokens, key vaults, and the part of Resource
// Manager that lists the secrets of Azure Machine Learning connections.
//
// It is as strict as the real services are documented or recorded to be:
// requests they refuse are refused here with the same status, code and text.
// Where neither a document nor a recording says, the likeliest answer is given
// and a comment says so.
//
// Programs under test run unmodified, with real host names. [Azure.Environ]
// points them at a proxy on loopback that answers for the emulated hosts with
// certificates of a throw-away authority, and that never lets anything through
// to the network.
//
// The handlers can also be served without the proxy: see [Azure.Stores] and
// [Azure.Identity].
package emulator

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// An Azure is a running emulator. Its methods may be called concurrently.
type Azure struct {
	config   *Config
	issuer   *issuer
	log      *requestLog
	faults   *faults
	stores   map[string]http.Handler // :: host → vault or Resource Manager
	machine  *machine
	platform platform

	after   func(time.Duration, func()) *time.Timer // time.AfterFunc but in tests
	environ []string
	closed  chan struct{}  // by Close
	closers []func() error // in the order opened
}

// Start emulates the Azure that the configuration describes, listening on
// loopback ports that [Azure.Environ] tells. Platform imds listens on
// 169.254.169.254:80 and fails where that address does not exist. A
// configuration with mistakes is a [*ConfigError].
func Start(config *Config) (*Azure, error) {
	a, err := newAzure(config)
	if err != nil {
		return nil, err
	}
	if err := a.open(); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// newAzure makes everything but the listeners.
func newAzure(config *Config) (*Azure, error) {
	if findings := config.check(); len(findings) > 0 {
		return nil, configError(findings)
	}
	a := &Azure{
		config: config, log: newRequestLog(), faults: newFaults(config.Faults),
		issuer: newIssuer(cmp.Or(config.Tenant, DefaultTenant)), platform: platforms[config.platform()],
		stores: map[string]http.Handler{}, after: time.AfterFunc, closed: make(chan struct{}),
	}
	a.closers = append(a.closers, func() error { close(a.closed); return nil })
	a.machine = &machine{issuer: a.issuer, resources: config.resources(), requireClientID: config.RequireClientID, secret: rand.Text()}
	for name := range sorted(config.Identities) {
		if config.attached(name) {
			a.machine.attached = append(a.machine.attached, config.identity(name))
		}
	}
	for name := range config.Vaults {
		a.stores[vaultHost(name)] = newVault(config, name, a.issuer)
	}
	workspaces := map[string]*workspace{}
	for id := range config.Workspaces {
		workspaces[strings.ToLower(id)] = newWorkspace(config, id, time.Now())
	}
	for _, c := range clouds {
		a.stores[c.armHost] = &resourceManager{cloud: c, issuer: a.issuer, workspaces: workspaces}
	}
	return a, nil
}

// Environ returns the variables, as NAME=value, that make a program use this
// Azure: those of the platform's identity endpoint, HTTPS_PROXY, NO_PROXY for
// loopback and IMDS, and SSL_CERT_FILE with its Python counterpart
// REQUESTS_CA_BUNDLE.
func (a *Azure) Environ() []string { return append([]string(nil), a.environ...) }

// Stores serves the vaults and Resource Manager, telling them apart by the
// Host header. Served by another server than the emulator's own, they are no
// distance away, and reset and garbage just close the connection.
func (a *Azure) Stores() http.Handler {
	return a.log.watch(storeHost, http.HandlerFunc(a.serveStore))
}

// Identity serves the platform's identity endpoint.
func (a *Azure) Identity() http.Handler {
	protocol := a.machine.handler(a.platform)
	return a.log.watch(func(*http.Request) string { return identityHost }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pause(r.Context(), a.config.Network.TokenLatency)
		a.afflict(identityHost, true, protocol, w, r)
	}))
}

func (a *Azure) serveStore(w http.ResponseWriter, r *http.Request) {
	host := storeHost(r)
	store := a.stores[host]
	if store == nil {
		http.Error(w, "no such host in the emulator: "+host, http.StatusMisdirectedRequest)
		return
	}
	a.afflict(host, r.Header.Get("Authorization") != "", store, w, r)
}

// storeHost is the request's host without a port, lower case.
func storeHost(r *http.Request) string {
	host := strings.ToLower(r.Host)
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// pause is a latency; a client that goes away ends it.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Close stops the emulator, breaks its connections and removes its temporary
// file. Closing twice does nothing.
func (a *Azure) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// writeRoots puts the authority's certificate into a temporary file.
func (a *Azure) writeRoots(pem []byte) (string, error) {
	f, err := os.CreateTemp("", "azure-emulator-*.pem")
	if err != nil {
		return "", fmt.Errorf("creating the file of trusted roots: %w", err)
	}
	a.closers = append(a.closers, func() error { return os.Remove(f.Name()) })
	if _, err := f.Write(pem); err != nil {
		f.Close()
		return "", fmt.Errorf("writing the trusted roots: %w", err)
	}
	return f.Name(), f.Close()
}
