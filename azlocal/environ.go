package main

import (
	"slices"
	"strings"
)

// azure is what COMMAND gets to use, on this machine or in the cloud.
type azure interface {
	// Environ returns the variables that lead there.
	Environ() []string
	// warning says who else can use it when containers can reach it.
	warning() string
	Close() error
}

// ofIdentity reports whether a variable leads to an identity endpoint.
func ofIdentity(name string) bool {
	switch name {
	case "IMDS_ENDPOINT", "OBO_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST":
		return true
	}
	return strings.HasPrefix(name, "IDENTITY_") || strings.HasPrefix(name, "MSI_")
}

// ofNetwork reports whether a variable leads to a proxy or names trusted roots.
func ofNetwork(name string) bool {
	switch name {
	case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE":
		return true
	}
	return false
}

// ofSignIn reports whether a variable is part of the developer's own sign-in,
// which is for azlocal alone, or makes a program sign in by itself.
func ofSignIn(name string) bool {
	switch name {
	case "AZURE_USERNAME", "AZURE_PASSWORD", "AZURE_TOKEN_CREDENTIALS", "AZINJECT_CREDENTIAL":
		return true
	}
	return strings.HasPrefix(name, "AZURE_CLIENT_") || ofWorkload(name)
}

// ofCredential reports whether a variable in a developer's own environment makes
// programs sign in with something else than a managed identity.
func ofCredential(name string) bool {
	return name == "AZURE_TOKEN_CREDENTIALS" || name == "AZURE_AUTHORITY_HOST" || ofWorkload(name)
}

// ofWorkload reports whether a variable is one of workload identity, or of an AKS
// identity binding.
func ofWorkload(name string) bool {
	return strings.HasPrefix(name, "AZURE_FEDERATED_TOKEN") || strings.HasPrefix(name, "AZURE_KUBERNETES_")
}

// ofSelection reports whether a variable selects a kind of credential.
func ofSelection(name string) bool {
	return name == "AZURE_TOKEN_CREDENTIALS" || name == "AZINJECT_CREDENTIAL"
}

// anyOf matches what one of the others matches.
func anyOf(others ...func(name string) bool) func(name string) bool {
	return func(name string) bool {
		return slices.ContainsFunc(others, func(matches func(string) bool) bool { return matches(name) })
	}
}

// without returns the variables whose names do not match in upper case:
// programs read proxies by their lower-case names too.
func without(environ []string, matches func(name string) bool) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool { return matches(strings.ToUpper(nameOf(kv))) })
}

// merge joins environments. If a variable is there more than once, only the
// last one remains, in its place.
func merge(environ []string, more ...[]string) []string {
	all := slices.Clone(environ)
	for _, group := range more {
		for _, kv := range group {
			all = slices.DeleteFunc(all, func(old string) bool { return nameOf(old) == nameOf(kv) })
			all = append(all, kv)
		}
	}
	return all
}

func nameOf(kv string) string {
	name, _, _ := strings.Cut(kv, "=")
	return name
}

// valueOf returns a variable's value. The last one of the name counts.
func valueOf(environ []string, name string) (value string, found bool) {
	for _, kv := range slices.Backward(environ) {
		if n, value, found := strings.Cut(kv, "="); found && n == name {
			return value, true
		}
	}
	return "", false
}
