package resolve

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// appConfiguration parses App Service's references to App Configuration, which are
// whole values.
// https://learn.microsoft.com/azure/app-service/app-service-configuration-references
func (g Grammar) appConfiguration(value string) (Reference, error) {
	const start = len("@Microsoft.AppConfiguration(")
	given, err := parenthesized(value, start, "Endpoint", "Key", "Label")
	if err != nil {
		return Reference{}, err
	}
	endpoint, key, label := given["Endpoint"], given["Key"], given["Label"]
	if endpoint.value == "" || key.value == "" {
		return Reference{}, syntaxError(start, "write Endpoint=https://NAME"+configurationSuffixes[0]+"; Key=KEY and perhaps ; Label=LABEL in the parentheses")
	}
	host, err := configurationHost(endpoint)
	err = cmp.Or(err, checkConfigurationName(key, "the key"), checkConfigurationName(label, "the label")) // empty for none
	if key.value == "." || key.value == ".." || strings.Contains(key.value, "%") {
		err = cmp.Or(err, syntaxError(key.at, `the key has no "%" and is not a dot or two: it is not percent-encoded`))
	}
	return Reference{Object: Object{Kind: KeyValue, Configuration: host, Name: key.value, Label: label.value}}, err
}

// configurationSuffixes end the host names of App Configuration stores and their
// replicas, in the clouds and in their newer domains.
// https://learn.microsoft.com/azure/azure-app-configuration/rest-api-authentication-azure-ad
var configurationSuffixes = []string{
	".azconfig.io", ".azconfig.azure.cn", ".azconfig.azure.us",
	".appconfig.azure.com", ".appconfig.azure.cn", ".appconfig.azure.us",
}

// configurationHost returns the host of an endpoint. It is the gate for tokens: a
// host that it refuses is never sent a request.
func configurationHost(endpoint parameter) (string, error) {
	const longest = 63 // label in DNS
	host, https := strings.CutPrefix(endpoint.value, "https://")
	host = strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(host, "/"), ":443"))
	for _, suffix := range configurationSuffixes {
		name, ok := strings.CutSuffix(host, suffix)
		if https && ok && checkCharacters(name, 0, longest, "-", "") == nil && strings.Trim(name, "-") == name {
			return host, nil
		}
	}
	return "", syntaxError(endpoint.at, "the endpoint is https://NAME"+configurationSuffixes[0]+", or with "+strings.Join(configurationSuffixes[1:], ", ")+", and has no path")
}

// checkConfigurationName accepts what can be a key or label, and be printed.
func checkConfigurationName(p parameter, what string) error {
	for i, r := range p.value {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return syntaxError(p.at+i, what+" may not have characters that cannot be printed")
		}
	}
	if strings.TrimSpace(p.value) != p.value {
		return syntaxError(p.at, what+" may not begin or end with a space")
	}
	return nil
}
