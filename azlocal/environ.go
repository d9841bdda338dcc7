package main

import (
	"slices"
	"strings"
)

// foreign are variables that would lead COMMAND to another identity, proxy or
// set of trusted roots than the emulator's. Proxy variables have both cases.
var foreign = map[string]bool{
	"IMDS_ENDPOINT": true, "OBO_ENDPOINT": true, "AZURE_POD_IDENTITY_AUTHORITY_HOST": true,
	"HTTP_PROXY": true, "HTTPS_PROXY": true, "ALL_PROXY": true, "NO_PROXY": true,
	"SSL_CERT_FILE": true, "SSL_CERT_DIR": true, "REQUESTS_CA_BUNDLE": true, "CURL_CA_BUNDLE": true,
}

func isForeign(name string) bool {
	name = strings.ToUpper(name)
	return foreign[name] || strings.HasPrefix(name, "IDENTITY_") || strings.HasPrefix(name, "MSI_")
}

// compose returns the inherited environment without what is foreign, then the
// variables added, group by group. Of a variable that is there more than once
// only the last remains, in the last one's place.
func compose(inherited []string, added ...[]string) []string {
	all := slices.DeleteFunc(slices.Clone(inherited), func(kv string) bool { return isForeign(nameOf(kv)) })
	for _, group := range added {
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
