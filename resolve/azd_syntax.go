package resolve

import "strings"

// azd parses akvs://SUBSCRIPTION/VAULT/SECRET, which "azd env set-secret" writes. As
// in azd, it means the latest version, and the vault is in the current cloud. The
// subscription only told azd which tenant to sign in to.
// https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/keyvault/keyvault.go
func (g Grammar) azd(value string) (Reference, error) {
	const rule = "write akvs://SUBSCRIPTION/VAULT/SECRET, with the ID of the subscription"
	p := after("akvs://", value, 0)
	if strings.Count(p.rest, "/") < 2 {
		p.wrong(p.at, rule)
	}
	subscription, at := p.next()
	p.check(checkCharacters(subscription, at, maxSecretName, "-", rule))
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
