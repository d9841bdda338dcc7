package main

import (
	"slices"
	"strings"
)

// An azure is what COMMAND is led to, on this machine or in the cloud.
type azure interface {
	// environ returns the environment that leads there: what is inherited and
	// does not lead elsewhere, then what --env-from declares, then its own.
	environ(inherited, declared []string) []string
	// warning says who else can use it when containers reach it.
	warning() string
	close() error
}

// ofIdentity says whether a variable leads to an identity endpoint.
func ofIdentity(name string) bool {
	switch name {
	case "IMDS_ENDPOINT", "OBO_ENDPOINT", "AZURE_POD_IDENTITY_AUTHORITY_HOST":
		return true
	}
	return strings.HasPrefix(name, "IDENTITY_") || strings.HasPrefix(name, "MSI_")
}

// ofNetwork says whether a variable leads to a proxy or names trusted roots.
func ofNetwork(name string) bool {
	switch name {
	case "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
		"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE":
		return true
	}
	return false
}

// ofSignIn says whether a variable is part of the developer's own sign-in,
// which is for azlocal alone, or has a program sign in by itself.
func ofSignIn(name string) bool {
	switch name {
	case "AZURE_USERNAME", "AZURE_PASSWORD", "AZURE_TOKEN_CREDENTIALS", "AZINJECT_CREDENTIAL":
		return true
	}
	return strings.HasPrefix(name, "AZURE_CLIENT_") || strings.HasPrefix(name, "AZURE_FEDERATED_TOKEN")
}

// ofCredential says whether a variable in a developer's own environment has
// programs sign in otherwise than with a managed identity.
func ofCredential(name string) bool {
	return name == "AZURE_TOKEN_CREDENTIALS" || name == "AZURE_AUTHORITY_HOST" || strings.HasPrefix(name, "AZURE_FEDERATED_TOKEN")
}

// ofSelection says whether a variable selects a kind of credential.
func ofSelection(name string) bool {
	return name == "AZURE_TOKEN_CREDENTIALS" || name == "AZINJECT_CREDENTIAL"
}

// without returns the variables whose names, in upper case, are of none of the
// kinds: programs read proxies by their lower-case names too.
func without(environ []string, kinds ...func(name string) bool) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name := strings.ToUpper(nameOf(kv))
		return slices.ContainsFunc(kinds, func(is func(string) bool) bool { return is(name) })
	})
}

// merge joins environments. Of a variable that is there more than once only the
// last remains, in the last one's place.
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

// lookup returns a getenv for the environment; the last one counts.
func lookup(environ []string) func(string) string {
	return func(name string) string {
		for _, kv := range slices.Backward(environ) {
			if value, ok := strings.CutPrefix(kv, name+"="); ok {
				return value
			}
		}
		return ""
	}
}
