package main

import (
	"fmt"
	"strings"
	"time"

	"azinject/emulator"
)

// The distance of the stores, and the time that the identity endpoint takes for a
// token.
const (
	roundTrip = 10 * time.Millisecond
	tokenTime = 50 * time.Millisecond
)

// workspaceID is the ID of the workspace with the connections.
const workspaceID = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/bench/providers/Microsoft.MachineLearningServices/workspaces/bench"

// workload is what a container's environment refers to.
type workload struct {
	vaults      int
	secrets     int // in each vault
	connections int
	http2       bool
}

// oneVault returns a workload of secrets in one vault over HTTP/1.1.
func oneVault(secrets int) workload { return workload{vaults: 1, secrets: secrets} }

// over returns the workload over HTTP/2 or HTTP/1.1. It is the same if there is
// nothing to fetch.
func (w workload) over(http2 bool) workload {
	w.http2 = http2 && w.references() > 0
	return w
}

func (w workload) references() int { return w.vaults*w.secrets + w.connections }

// audiences returns the number of tokens that are needed.
func (w workload) audiences() int { return min(w.vaults, 1) + min(w.connections, 1) }

func (w workload) String() string {
	if w.references() == 0 {
		return "no reference"
	}
	what := plural(w.secrets, "secret")
	if w.vaults > 1 {
		what = fmt.Sprintf("%d vaults with %s each", w.vaults, what)
	}
	if w.connections > 0 {
		what += " and " + plural(w.connections, "connection")
	}
	return what + ", " + protocol(w.http2)
}

func protocol(http2 bool) string {
	if http2 {
		return "HTTP/2"
	}
	return "HTTP/1.1"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// environ returns the variables with references.
func (w workload) environ() []string {
	var environ []string
	for v := range w.vaults {
		for s := range w.secrets {
			environ = append(environ, fmt.Sprintf("SECRET_%d_%03d=keyvault:https://%s.vault.azure.net/secrets/%s", v, s, vaultName(v), secretName(s)))
		}
	}
	for c := range w.connections {
		environ = append(environ, fmt.Sprintf("CONNECTION_%d=azureml://connections/%s/credentials/key", c, connectionName(c)))
	}
	if w.connections > 0 {
		environ = append(environ, "AZINJECT_WORKSPACE="+workspaceID)
	}
	return environ
}

// config returns the Azure with everything that the workload refers to. The vaults
// admit what throttle allows, or everything if it is nil.
func (w workload) config(throttle *emulator.Throttle) *emulator.Config {
	c := &emulator.Config{
		Identities: map[string]emulator.Identity{"container": {}},
		Vaults:     map[string]emulator.Vault{},
		Network:    emulator.Network{Latency: roundTrip, TokenLatency: tokenTime, HTTP2: w.http2},
	}
	for v := range w.vaults {
		vault := emulator.Vault{Throttle: throttle, Secrets: map[string]emulator.Secret{}}
		for s := range w.secrets {
			value := strings.Repeat(secretName(s), 8)[:40] // as long as many API keys
			vault.Secrets[secretName(s)] = emulator.Secret{Versions: []emulator.SecretVersion{{Value: value}}}
		}
		c.Vaults[vaultName(v)] = vault
	}
	connections := map[string]emulator.Connection{}
	for n := range w.connections {
		connections[connectionName(n)] = emulator.Connection{AuthType: "ApiKey", Credentials: map[string]string{"key": "bench"}}
	}
	c.Workspaces = map[string]emulator.Workspace{workspaceID: {Connections: connections}}
	return c
}

func vaultName(n int) string      { return fmt.Sprintf("bench%d", n) }
func secretName(n int) string     { return fmt.Sprintf("secret-%03d", n) }
func connectionName(n int) string { return fmt.Sprintf("connection-%d", n) }
