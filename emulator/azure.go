// Package emulator is Azure as far as secrets go: the endpoints that give a
// container its managed identity's tokens, the part of Microsoft Entra where
// applications sign in, key vaults, and the part of Resource Manager that lists
// the secrets of Azure Machine Learning connections.
//
// It is as strict as the real services are documented or recorded to be:
// requests they refuse are refused here with the same status, code and text.
// Where neither a document nor a recording says, the likeliest answer is given
// and a comment says so.
//
// Programs under test run unmodified, with real host names. [Azure.Environ]
// points them at a proxy that answers for the emulated hosts with certificates
// of a throw-away authority, and that never lets anything through to the
// network.
//
// The handlers can also be served without the proxy: see [Azure.Stores] and
// [Azure.Identity].
package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// An Azure is a running emulator. Its methods may be called concurrently.
type Azure struct {
	config   *Config
	issuer   *issuer
	log      *requestLog
	faults   *faults
	stores   map[string]http.Handler // :: host → vault, Resource Manager or Microsoft Entra
	cluster  signer                  // of service-account tokens
	machine  *machine
	platform platform

	after     func(time.Duration, func()) *time.Timer // time.AfterFunc but in tests
	environ   []string
	directory string         // of temporary files, "" as long as there are none
	closed    chan struct{}  // by Close
	closers   []func() error // in the order opened
}

// Start emulates the Azure that the configuration describes, listening on ports
// of [Config.Listen] that [Azure.Environ] tells. Platform imds listens on
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
		issuer: newIssuer(config.tenant()), cluster: newSigner(), platform: platforms[config.platform()],
		stores: map[string]http.Handler{}, after: time.AfterFunc, closed: make(chan struct{}),
	}
	a.closers = append(a.closers, func() error { close(a.closed); return nil })
	a.machine = newMachine(config, a.issuer, rand.Text())
	a.addStores()
	return a, nil
}

func (a *Azure) addStores() {
	for name := range a.config.Vaults {
		a.stores[vaultHost(name)] = newVault(a.config, name, a.issuer)
	}
	workspaces := map[string]*workspace{}
	for id := range a.config.Workspaces {
		workspaces[strings.ToLower(id)] = newWorkspace(a.config, id, time.Now())
	}
	for _, c := range clouds {
		a.stores[c.armHost] = &resourceManager{cloud: c, issuer: a.issuer, workspaces: workspaces}
		login := newEntra(a.config, c, a.issuer, a.cluster)
		for _, host := range c.loginHosts {
			a.stores[host] = login
		}
	}
}

// Environ returns the variables, as NAME=value, that make a program use this
// Azure: those of the platform, HTTPS_PROXY, NO_PROXY for loopback,
// [Config.Host] and IMDS, and SSL_CERT_FILE with its Python counterpart
// REQUESTS_CA_BUNDLE. The files that they name are there until [Azure.Close],
// for everybody to read.
func (a *Azure) Environ() []string { return append([]string(nil), a.environ...) }

// Stores serves the vaults, Resource Manager and Microsoft Entra, telling them
// apart by the Host header. Served by another server than the emulator's own,
// they are no distance away, and reset and garbage just close the connection.
func (a *Azure) Stores() http.Handler {
	return a.log.watch(storeHost, http.HandlerFunc(a.serveStore))
}

// Identity serves the platform's identity endpoint.
func (a *Azure) Identity() http.Handler {
	protocol := a.machine.handler(a.platform)
	return a.log.watch(func(*http.Request) string { return identityHost }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait(r.Context(), a.config.Network.TokenLatency, nil)
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
	_, login := loginCloud(host) // where nobody has a token yet
	a.afflict(host, login || r.Header.Get("Authorization") != "", store, w, r)
}

// storeHost is the request's host without a port, lower case.
func storeHost(r *http.Request) string {
	host := strings.ToLower(r.Host)
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// wait waits for d. It returns false if ctx ends or stop is closed first.
func wait(ctx context.Context, d time.Duration, stop <-chan struct{}) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-stop:
	}
	return false
}

// Close stops the emulator, breaks its connections and removes its temporary
// files. Closing twice does nothing.
func (a *Azure) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}
