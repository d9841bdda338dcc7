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
		return nil, syntaxError(len(value), `the value ends with ")"`)
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
			return nil, syntaxError(at-len(pair), names[i]+" stands here twice")
		default:
			given[names[i]] = parameter{value, at - len(value)}
		}
		at += len(";")
	}
	return given, nil
}
