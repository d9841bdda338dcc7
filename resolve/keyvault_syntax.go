package resolve

import (
	"slices"
	"strings"
)

// keyVault parses keyvault:https://HOST/secrets/NAME[/VERSION][#POINTER].
func (g Grammar) keyVault(text string, at int) (Reference, error) {
	p := after("keyvault:", text, at)
	url, pointer, ok := strings.Cut(p.rest, "#")
	ref, err := g.secretURL(url, p.at)
	p.check(err)
	if ok && p.err == nil {
		ref.Part, ref.Key = Pointer, pointer
		p.check(checkPointer(pointer, p.at+len(url+"#")))
	}
	return ref, p.err
}

const addressRule = `write the address of a vault, which begins with "https://"`

const beforeAddress = `drop the blanks or quotes before "https://"`

// secretURL parses a secret identifier of Key Vault,
// https://HOST/secrets/NAME[/VERSION], as Microsoft's tools write it: perhaps with
// the port, and with a slash at the end. The vaultUri of templates ends in a slash,
// so there may be two before secrets.
func (g Grammar) secretURL(url string, at int) (Reference, error) {
	const scheme = "https://"
	rest, ok := strings.CutPrefix(url, scheme)
	switch {
	case !ok && strings.HasPrefix(strings.TrimLeftFunc(url, isWrapping), scheme):
		return Reference{}, syntaxError(at, beforeAddress)
	case !ok:
		return Reference{}, syntaxError(at, addressRule)
	}
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		return Reference{}, syntaxError(at+i, misplaced[url[i]])
	}
	p := path{rest: rest, at: at + len(scheme)}
	host, at := p.next()
	host = strings.TrimSuffix(host, ":443")
	p.check(g.checkVaultHost(host, at))
	word, at := p.next()
	if word == "" {
		word, at = p.next()
	}
	if word != "secrets" {
		p.wrong(at, afterVault(word))
	}
	o := Object{Kind: VaultSecret, Vault: strings.ToLower(host)}
	o.Name, at = p.next()
	p.check(checkSecretName(o.Name, at))
	if p.rest != "" {
		o.Version, at = p.next()
		p.check(checkSecretVersion(o.Version, at))
	}
	if p.rest != "" {
		p.end("the version")
	}
	return Reference{Object: o}, p.err
}

// afterVault returns the rule about a word that should be "secrets".
func afterVault(word string) string {
	switch strings.ToLower(word) {
	case "secrets":
		return `write "secrets" in lower case`
	case "certificates":
		return "write /secrets/NAME: a certificate with its key is in the secret of the same name"
	case "keys":
		return "write /secrets/NAME after the vault: keys cannot be injected"
	default:
		return "write /secrets/NAME after the vault"
	}
}

// misplaced are the rules about what may follow the path of other URLs.
var misplaced = map[byte]string{
	'?': `leave out the query, from "?" on`,
	'#': pointerRule,
}

// pointerRule is for forms that take no JSON Pointer.
const pointerRule = `this form takes no JSON Pointer: write keyvault:https://VAULT.vault.azure.net/secrets/NAME#/POINTER`

// azd parses akvs://SUBSCRIPTION/VAULT/SECRET, which "azd env set-secret" writes. As
// in azd, it means the latest version, and the vault is in the current cloud. The
// subscription only told azd which tenant to sign in to.
// https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/keyvault/keyvault.go
func (g Grammar) azd(value string) (Reference, error) {
	const rule = "write akvs://SUBSCRIPTION/VAULT/SECRET, with the ID of the subscription"
	p := after("akvs://", value, 0)
	if i := strings.IndexByte(value, '#'); i >= 0 {
		p.wrong(i, pointerRule)
	}
	if strings.Count(p.rest, "/") < 2 {
		p.wrong(p.at, rule)
	}
	subscription, at := p.next()
	p.check(checkSubscription(subscription, at))
	vault, at := p.next()
	p.check(checkVaultName(vault, at))
	name, at := p.next()
	if name == "" {
		p.wrong(at, rule)
	}
	p.check(checkSecretName(name, at))
	p.end("the secret: for a version, write keyvault:https://VAULT" + g.Cloud.VaultSuffix + "/secrets/SECRET/VERSION")
	return Reference{Object: g.secretIn(vault, name, "")}, p.err
}

// secretIn returns a secret in a vault of the current cloud.
func (g Grammar) secretIn(vault, name, version string) Object {
	return Object{Kind: VaultSecret, Vault: strings.ToLower(vault) + g.Cloud.VaultSuffix, Name: name, Version: version}
}

// vaultSuffixes end the host names of key vaults, by cloud.
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates
var vaultSuffixes = []string{".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net"}

// checkVaultHost is the gate for tokens: a host that it refuses is never sent a
// request.
func (g Grammar) checkVaultHost(host string, at int) error {
	if i := strings.IndexAny(host, ":@"); i >= 0 {
		return syntaxError(at+i, "leave out the user name, and any port except 443")
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
			if !IsHostName(host) {
				return syntaxError(at, "a host name has labels of letters, digits and hyphens, separated by dots")
			}
			return nil
		}
	}
	return syntaxError(at, "write NAME"+strings.Join(vaultSuffixes, ", NAME")+
		" or a host that AZINJECT_ALLOWED_VAULT_HOSTS lists")
}

// IsHostName reports whether name is a host name of at least two labels. With a
// suffix such as ".net", anybody could get a token.
func IsHostName(name string) bool {
	labels := strings.Split(name, ".")
	wrong := func(label string) bool {
		return label == "" || strings.ContainsFunc(label, func(r rune) bool { return !isAlphanumeric(r) && r != '-' })
	}
	return len(labels) > 1 && !slices.ContainsFunc(labels, wrong)
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
	if strings.Contains(name, ".vault.") || strings.HasPrefix(name, "https:") {
		return syntaxError(at, "write the name of the vault alone, without https:// and the rest of its address")
	}
	if err := checkCharacters(name, at, maxVaultName, "-", rule); err != nil {
		return err
	}
	if len(name) < minVaultName || strings.Contains(name, "--") || strings.Trim(name, "-") != name {
		return syntaxError(at, rule)
	}
	return nil
}

func checkSecretName(name string, at int) error {
	return checkCharacters(name, at, maxSecretName, "-", "the name of a secret has 1 to 127 letters, digits and hyphens")
}

func checkSecretVersion(version string, at int) error {
	if strings.EqualFold(version, "latest") { // which is no version: they are 32 hexadecimal digits
		return syntaxError(at, "leave out the version for the latest")
	}
	return checkCharacters(version, at, maxSecretName, "", "the version of a secret has letters and digits: leave it out for the latest")
}

// checkCharacters accepts 1 to most letters, digits and others.
func checkCharacters(s string, at, most int, others, rule string) error {
	wrong := strings.IndexFunc(s, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune(others, r) })
	if wrong >= 0 {
		return syntaxError(at+wrong, rule)
	}
	if s == "" || len(s) > most {
		return syntaxError(at, rule)
	}
	return nil
}
