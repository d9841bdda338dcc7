package resolve

import "strings"

const appServiceForm = "@Microsoft.KeyVault("

// appService parses App Service's Key Vault references, which are whole values.
// https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
func (g Grammar) appService(value string) (Reference, error) {
	rest, ok := strings.CutPrefix(value, appServiceForm)
	if !ok {
		return Reference{}, syntaxError(0, "write \"@Microsoft.KeyVault(\" in just these letters")
	}
	inner, ok := strings.CutSuffix(rest, ")")
	if !ok {
		return Reference{}, syntaxError(len(value), `the value ends with ")"`)
	}
	at := len(appServiceForm)
	if url, ok := strings.CutPrefix(inner, "SecretUri="); ok {
		// App Service's own examples without a version end with a slash.
		return g.secretURL(trimVersionSlash(url), at+len("SecretUri="))
	}
	return g.vaultParameters(inner, at)
}

// trimVersionSlash removes the last slash of https://HOST/secrets/NAME/ and leaves
// everything else for secretURL to judge.
func trimVersionSlash(url string) string {
	const slashes = 5 // of https://HOST/secrets/NAME/
	if strings.Count(url, "/") == slashes {
		return strings.TrimSuffix(url, "/")
	}
	return url
}

// vaultParameters parses VaultName=…;SecretName=…[;SecretVersion=…], in any
// order.
func (g Grammar) vaultParameters(inner string, at int) (Reference, error) {
	o := Object{Kind: VaultSecret}
	start := at
	for pair := range strings.SplitSeq(inner, ";") {
		name, value, _ := strings.Cut(pair, "=")
		var field *string
		var check func(value string, at int) error
		switch name {
		case "VaultName":
			field, check = &o.Vault, checkVaultName
		case "SecretName":
			field, check = &o.Name, checkSecretName
		case "SecretVersion":
			field, check = &o.Version, checkSecretVersion
		default:
			return Reference{}, syntaxError(at, "the parameters are SecretUri alone, or VaultName, SecretName and SecretVersion, separated by \";\" without spaces")
		}
		if err := check(value, at+len(name)+len("=")); err != nil {
			return Reference{}, err
		}
		if *field != "" {
			return Reference{}, syntaxError(at, name+" stands here twice")
		}
		*field = value
		at += len(pair) + len(";")
	}
	if o.Vault == "" || o.Name == "" {
		return Reference{}, syntaxError(start, "write SecretUri=ADDRESS, or VaultName=NAME;SecretName=NAME and perhaps ;SecretVersion=VERSION, in the parentheses")
	}
	o.Vault = strings.ToLower(o.Vault) + g.VaultSuffix
	return Reference{Object: o}, nil
}
