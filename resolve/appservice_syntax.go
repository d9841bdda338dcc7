package resolve

import (
	"cmp"
	"slices"
	"strings"
)

// appService parses App Service's Key Vault references, which are whole values.
// https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
func (g Grammar) appService(value string) (Reference, error) {
	const start = len("@Microsoft.KeyVault(")
	given, err := parenthesized(value, start, "SecretUri", "VaultName", "SecretName", "SecretVersion")
	if err != nil {
		return Reference{}, err
	}
	if url, ok := given["SecretUri"]; ok && len(given) == 1 {
		return g.secretURL(url.value, url.at)
	}
	vault, name, version := given["VaultName"], given["SecretName"], given["SecretVersion"]
	if _, ok := given["SecretUri"]; ok || vault.value == "" || name.value == "" {
		return Reference{}, syntaxError(start, "write SecretUri=ADDRESS alone, or VaultName=NAME;SecretName=NAME and perhaps ;SecretVersion=VERSION, in the parentheses")
	}
	err = cmp.Or(checkVaultName(vault.value, vault.at), checkSecretName(name.value, name.at))
	if err == nil && version.value != "" { // empty for the latest
		err = checkSecretVersion(version.value, version.at)
	}
	return Reference{Object: g.secretIn(vault.value, name.value, version.value)}, err
}

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
	err = cmp.Or(err, checkPrintable(key.value, key.at, "the key"), checkPrintable(label.value, label.at, "the label")) // empty for none
	if key.value == "." || key.value == ".." || strings.Contains(key.value, "%") {
		err = cmp.Or(err, syntaxError(key.at, `write the key as it is in the store, not percent-encoded: it has no "%" and is not a dot or two`))
	}
	return Reference{Object: Object{Kind: KeyValue, Configuration: host, Name: key.value, Label: label.value}}, err
}

// parameter is the value of a parameter and its position.
type parameter struct {
	value string
	at    int
}

// parenthesized parses the rest of a value from at on: NAME=VALUE;…, in any order,
// and a parenthesis. It returns the values by their names. Letter case, spaces
// before a name and a semicolon at the end are ignored.
func parenthesized(value string, at int, names ...string) (map[string]parameter, error) {
	text, ok := strings.CutSuffix(value[at:], ")")
	if !ok {
		return nil, syntaxError(len(value), `write ")" at the end of the value`)
	}
	given := map[string]parameter{}
	for pair := range strings.SplitSeq(text, ";") {
		at += len(pair)
		pair = strings.TrimLeft(pair, " ")
		written, value, ok := strings.Cut(pair, "=")
		i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, written) })
		switch {
		case pair == "":
		case i < 0 || !ok:
			return nil, syntaxError(at-len(pair), "the parameters are "+strings.Join(names, "=…, ")+`=…, separated by ";"`)
		case given[names[i]] != parameter{}:
			return nil, syntaxError(at-len(pair), "write "+names[i]+" only once")
		default:
			given[names[i]] = parameter{value, at - len(value)}
		}
		at += len(";")
	}
	return given, nil
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
	return "", syntaxError(endpoint.at, "write https://NAME"+configurationSuffixes[0]+", or NAME with "+strings.Join(configurationSuffixes[1:], ", ")+", without a path")
}
