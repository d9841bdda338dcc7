package resolve

import "strings"

// keyVault parses keyvault:https://HOST/secrets/NAME[/VERSION].
func (g Grammar) keyVault(text string, at int) (Reference, error) {
	const scheme = "keyvault:"
	url, ok := strings.CutPrefix(text, scheme)
	if !ok {
		return Reference{}, syntaxError(at, `this reference begins with "keyvault:", in lower case`)
	}
	return g.secretURL(url, at+len(scheme))
}

// secretURL parses the URL of a secret, as Key Vault's secret identifiers are
// written: https://HOST/secrets/NAME[/VERSION].
func (g Grammar) secretURL(url string, at int) (Reference, error) {
	const scheme = "https://"
	rest, ok := strings.CutPrefix(url, scheme)
	if !ok {
		return Reference{}, syntaxError(at, `the address of a vault begins with "https://"`)
	}
	p := path{rest: rest, at: at + len(scheme)}
	host, at := p.next()
	if err := g.checkVaultHost(host, at); err != nil {
		return Reference{}, err
	}
	if word, at := p.next(); word != "secrets" {
		return Reference{}, syntaxError(at, `write /secrets/NAME after the vault; keys and certificates cannot be injected`)
	}
	o := Object{Kind: VaultSecret, Vault: strings.ToLower(host)}
	o.Name, at = p.next()
	if err := checkSecretName(o.Name, at); err != nil {
		return Reference{}, err
	}
	if p.done {
		return Reference{Object: o}, nil
	}
	o.Version, at = p.next()
	if err := checkSecretVersion(o.Version, at); err != nil {
		return Reference{}, err
	}
	return Reference{Object: o}, p.end("the version")
}

// vaultSuffixes end the host names of key vaults, by cloud.
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
var vaultSuffixes = []string{".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net"}

// checkVaultHost is the gate that tokens pass: no host that it refuses is
// ever sent a request.
func (g Grammar) checkVaultHost(host string, at int) error {
	if i := strings.IndexAny(host, ":@"); i >= 0 {
		return syntaxError(at+i, "the host of a vault has no port and no user name")
	}
	host = strings.ToLower(host)
	for _, suffix := range vaultSuffixes {
		if name, ok := strings.CutSuffix(host, suffix); ok && !strings.Contains(name, ".") {
			return checkVaultName(name, at)
		}
	}
	for _, allowed := range g.AllowedVaultHosts {
		allowed = strings.ToLower(allowed)
		if host == allowed || strings.HasPrefix(allowed, ".") && strings.HasSuffix(host, allowed) {
			return checkHostName(host, at)
		}
	}
	return syntaxError(at, "the host of a vault is NAME"+strings.Join(vaultSuffixes, ", NAME")+
		" or one that AZINJECT_ALLOWED_VAULT_HOSTS lists")
}

// checkHostName accepts what DNS allows, for hosts the user has listed.
func checkHostName(host string, at int) error {
	for i, r := range host {
		if !isAlphanumeric(r) && r != '-' && r != '.' {
			return syntaxError(at+i, "a host name has letters, digits, hyphens and dots")
		}
	}
	if strings.HasPrefix(host, ".") || strings.Contains(host, "..") {
		return syntaxError(at, "a host name has no empty label")
	}
	return nil
}

// The limits of names, from
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates.
const (
	minVaultName  = 3
	maxVaultName  = 24
	maxSecretName = 127
)

func checkVaultName(name string, at int) error {
	const rule = "the name of a vault has 3 to 24 letters, digits and single hyphens"
	if i := strings.IndexFunc(name, notInObjectName); i >= 0 {
		return syntaxError(at+i, rule)
	}
	if len(name) < minVaultName || len(name) > maxVaultName || strings.Contains(name, "--") ||
		strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") {
		return syntaxError(at, rule)
	}
	return nil
}

func checkSecretName(name string, at int) error {
	const rule = "the name of a secret has 1 to 127 letters, digits and hyphens"
	if i := strings.IndexFunc(name, notInObjectName); i >= 0 {
		return syntaxError(at+i, rule)
	}
	if name == "" || len(name) > maxSecretName {
		return syntaxError(at, rule)
	}
	return nil
}

func checkSecretVersion(version string, at int) error {
	const rule = "the version of a secret has letters and digits; for the latest, leave it out with its slash"
	if i := strings.IndexFunc(version, func(r rune) bool { return !isAlphanumeric(r) }); i >= 0 {
		return syntaxError(at+i, rule)
	}
	if version == "" || len(version) > maxSecretName {
		return syntaxError(at, rule)
	}
	return nil
}

func notInObjectName(r rune) bool { return !isAlphanumeric(r) && r != '-' }
