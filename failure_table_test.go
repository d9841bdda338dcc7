package main_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// failureCase is a row of the table of failures: what happens, and what
// azinject makes of it.
type failureCase struct {
	name string
	// yaml configures Azure, except for the platform and the identities.
	yaml string
	// identities replaces the identities of azure.
	identities string
	// platforms are those that it can happen on: "" for all, "none" for no
	// platform.
	platforms  string
	everywhere bool // what happens may depend on the platform
	root       bool // needs namespaces
	http1      bool // differs over HTTP/2

	env      []string
	tools    string // the shell commands that az and azd run, "" if they are not installed
	starts   bool   // azinject recovers and starts the server
	says     []string
	saysNot  []string
	requests map[string]int // their number by the emulator's kinds
}

// failureKind is a part of the table.
type failureKind struct {
	name       string
	rows       []failureCase
	everywhere bool // all rows are
}

// failures is the table.
var failures = []failureKind{
	{"environment", environmentFailures, false},
	{"identity", identityFailures, true},
	{"denied", deniedFailures, true},
	{"foundry", foundryFailures, false},
	{"endpoint", endpointFailures, false},
	{"missing", missingFailures, false},
	{"configuration", configurationFailures, false},
	{"network", networkFailures, true},
	{"retried", retriedFailures, false},
	{"answers", answerFailures, false},
	{"challenge", challengeFailures, false},
	{"repeated", repeatedFailures, true},
	{"workload", workloadFailures, false},
	{"binding", bindingFailures, false},
	{"entra", entraFailures, false},
	{"application", applicationFailures, false},
	{"onbehalfof", onBehalfFailures, false},
	{"compute", computeFailures, false},
	{"tools", toolFailures, false},
	{"selection", selectionFailures, false},
}

// Values that many rows share.
const (
	oid         = "aaaaaaaa-0000-4000-8000-000000000001"
	clientID    = "aaaaaaaa-0000-4000-8000-00000000000a"
	nobody      = "bbbbbbbb-0000-4000-8000-00000000000b"
	attachedApp = "client_id: " + clientID + ", object_id: " + oid
	workspace   = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w1x"

	oneSecret  = "vaults: {kv1: {secrets: {s: canary-secret}}}\n"
	oneKey     = "app_configurations: {store1: {keys: {k: canary-secret}}}\n"
	keyK       = "A=@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k)"
	noReaders  = "vaults: {kv1: {readers: [other], secrets: {s: canary-secret}}}\n"
	secretS    = "A=keyvault:https://kv1.vault.azure.net/secrets/s"
	connection = "workspaces: {" + workspace + ": {connections: {c: {auth_type: ApiKey, target: t, credentials: {key: canary-secret}}}}}\n"
	keyOfC     = "A=azureml://connections/c/credentials/key"
	project    = "projects: {" + projectURL + ": {connections: {c: {auth_type: ApiKey, target: t, credentials: {key: canary-secret}}}}}\n"
	projectURL = "https://acct.services.ai.azure.com/api/projects/p"
	keyInP     = "A=${{connections.c.credentials.key}}"
	inP        = "AZINJECT_PROJECT=" + projectURL
	inW        = "AZINJECT_WORKSPACE=" + workspace
	soon       = "AZINJECT_TIMEOUT=4s" // also on a busy machine
)

// Forty secrets, and variables that refer to them.
var (
	manySecrets   = strings.Join(many("s%d: canary-secret"), ", ")
	toManySecrets = many("A%d=keyvault:https://kv1.vault.azure.net/secrets/s%[1]d")
)

// Requests that many rows expect.
var (
	never          = map[string]int{"token": 0, "secret": 0, "connection": 0, "connect": 0, "challenge": 0}
	secretOnce     = map[string]int{"token": 1, "secret": 1}
	keyOnce        = map[string]int{"token": 1, "key-value": 1, "secret": 0}
	tokenOnce      = map[string]int{"token": 1, "secret": 0}
	connectionOnce = map[string]int{"token": 1, "connection": 1, "secret": 0}
	entraOnce      = map[string]int{"entra": 1, "discovery": 0, "token": 0, "secret": 0}
	entraNever     = map[string]int{"entra": 0, "discovery": 0, "token": 0, "secret": 0, "connect": 0}
	viaEntra       = map[string]int{"entra": 1, "discovery": 0, "token": 0, "challenge": 0, "secret": 1}
	notAsked       = map[string]int{"entra": 0, "token": 0, "secret": 0, "challenge": 0} // although connected to the vault
)

// place is where rows of the table happen.
type place struct {
	platforms, identities string
	env                   []string
}

// of returns rows completed from the place. Unless a row says otherwise, the
// vault contains one secret, and a variable refers to it.
func (p place) of(rows []failureCase) []failureCase {
	for i := range rows {
		f := &rows[i]
		f.platforms = cmp.Or(f.platforms, p.platforms)
		f.identities = cmp.Or(f.identities, p.identities)
		f.yaml = cmp.Or(f.yaml, oneSecret)
		f.env = slices.Concat([]string{secretS}, p.env, f.env)
	}
	return rows
}

// azure returns the emulator's configuration on a platform.
func (f failureCase) azure(platform string) string {
	identities := cmp.Or(f.identities, "identities: {app: {object_id: "+oid+"}, other: {}}\nattached: [app]\n")
	return "platform: " + platform + "\n" + identities + f.yaml
}

// fault returns the emulator's configuration of one fault.
func fault(match, what string) string {
	return "faults: [{match: \"" + match + "\", " + what + "}]\n"
}

func onSecret(what string) string     { return oneSecret + fault("GET kv1.vault.azure.net/", what) }
func onKey(what string) string        { return oneKey + fault("GET store1.azconfig.io/", what) }
func onConnection(what string) string { return connection + fault("POST management.azure.com/", what) }
func onProject(what string) string    { return project + fault("POST acct.services.ai.azure.com/", what) }

// many returns forty strings, with a number in place of the format's verb.
func many(format string) []string {
	all := make([]string, 40)
	for i := range all {
		all[i] = fmt.Sprintf(format, i+1)
	}
	return all
}

// identityID returns the resource ID of a user-assigned identity.
func identityID(name string) string {
	return "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + name
}
