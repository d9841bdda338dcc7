// Package emulator imitates the services of Azure that deliver secrets: the
// endpoints that issue managed identities' tokens, the sign-in of applications and
// people at Microsoft Entra, key vaults, App Configuration, and the parts of
// Resource Manager, Microsoft Foundry and Microsoft Graph that list the secrets of
// connections and say who may read what.
//
// It is as strict as the real services are documented or recorded to be: it
// refuses what they refuse, with the same status, code and text. Where neither
// a document nor a recording exists, it sends the likeliest response, and a
// comment says so.
//
// Programs under test run unmodified, with real host names. [Azure.Environ]
// points them at a proxy that plays the emulated hosts, with certificates of a
// throw-away authority. Nothing reaches the real network.
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

// Azure is a running emulator. Its methods may be called concurrently.
type Azure struct {
	config   *Config
	issuer   *issuer
	log      *requestLog
	faults   *faults
	stores   map[string]http.Handler // vaults, Foundry, Resource Manager, Microsoft Entra and Microsoft Graph by host
	cluster  signer                  // signs service account tokens
	machine  *machine
	platform platform
	binding  *authority // of the token proxy, nil if there is none

	after     func(time.Duration, func()) *time.Timer // time.AfterFunc, except in tests
	environ   []string
	directory string         // for temporary files, "" until there are any
	closed    chan struct{}  // closed by Close
	closers   []func() error // called by Close, the last one first
}

// Start emulates the Azure that the configuration describes. It listens on free
// ports of [Config.Listen], which [Azure.Environ] names. Platforms imds and
// container_instances listen on 169.254.169.254:80 and fail where that address does
// not exist, and arc fails where it cannot write its key. If the
// configuration has mistakes, the error is a [*ConfigError].
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

// newAzure makes everything except the listeners.
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
	rights, resources, people := newAuthorization(a.config), newResources(a.config), newDirectory(a.config)
	for name := range a.config.Vaults {
		v := newVault(a.config, name, a.issuer, rights)
		a.stores[v.host] = v
		resources.add(v.resource(a.issuer.tenant))
	}
	a.addProjects(rights, resources)
	for name := range a.config.AppConfigurations {
		s := newConfigurationStore(a.config, name, a.issuer, rights)
		a.stores[s.host] = s
		resources.add(s.resource())
	}
	workspaces := map[string]*workspace{}
	for id := range a.config.Workspaces {
		workspaces[strings.ToLower(id)] = newWorkspace(a.config, id, rights, time.Now())
	}
	for _, c := range clouds {
		a.stores[c.armHost] = &resourceManager{
			cloud: c, issuer: a.issuer, workspaces: workspaces, rights: rights, resources: resources, directory: people, answering: a.config.CheckAccess,
		}
		a.stores[c.graphHost] = &graph{c, a.issuer, people}
		login := &entra{cloud: c, issuer: a.issuer, cluster: a.cluster, directory: people, resources: a.config.resources(c)}
		for _, host := range c.loginHosts {
			a.stores[host] = login
		}
	}
}

// Environ returns the variables, as NAME=value, that make a program use this
// Azure: the platform's, HTTPS_PROXY, NO_PROXY for loopback, [Config.Host] and
// IMDS, and SSL_CERT_FILE with its Python counterpart REQUESTS_CA_BUNDLE. The
// files that they name exist until [Azure.Close], and every user may read them.
func (a *Azure) Environ() []string { return append([]string(nil), a.environ...) }

// Stores serves everything except the identity endpoint, and tells hosts apart by
// the Host header. Behind a server that is not the emulator's own there is no
// latency, and the faults reset and garbage merely close the connection.
func (a *Azure) Stores() http.Handler {
	return a.log.watch(storeHost, http.HandlerFunc(a.serveStore))
}

// Identity serves the platform's identity endpoint, or its token proxy.
func (a *Azure) Identity() http.Handler {
	protocol := a.machine.handler(a.platform)
	if a.platform.proxy {
		protocol = &tokenProxy{a}
	}
	return a.log.watch(func(*http.Request) string { return identityHost }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait(r.Context(), a.config.Network.TokenLatency, nil)
		challenged := a.config.platform() == "arc" && r.Header.Get("Authorization") == ""
		a.serveOrStrike(identityHost, !challenged, protocol, w, r)
	}))
}

func (a *Azure) serveStore(w http.ResponseWriter, r *http.Request) {
	host := storeHost(r)
	store := a.stores[host]
	if store == nil {
		http.Error(w, "no such host in the emulator: "+host, http.StatusMisdirectedRequest)
		return
	}
	_, login := loginCloud(host) // requests to Entra need no token
	a.serveOrStrike(host, login || r.Header.Get("Authorization") != "", store, w, r)
}

// storeHost returns the request's host in lower case, without a port.
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
// files. A second call does nothing.
func (a *Azure) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}
