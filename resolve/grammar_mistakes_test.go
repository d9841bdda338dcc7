package resolve

import (
	"errors"
	"strings"
	"testing"
)

// A mistake is a value that must be refused, with the position of the mistake
// and a part of the rule.
type mistake struct {
	value    string
	position int
	rule     string
}

var mistakes = []mistake{
	// near misses of the scheme
	{"${{AzureML://connections/c}}", 4, "lower case"},
	{"${{azureml:connections/c}}", 4, "lower case"},
	{"${{azureml:/connections/c}}", 4, "azureml://"},
	{"${{KeyVault:https://kv1.vault.azure.net/secrets/s}}", 4, "lower case"},
	{"a ${{keyvault:http://kv1.vault.azure.net/secrets/s}}", 15, "https://"},
	{"${{keyvault://kv1.vault.azure.net/secrets/s}}", 13, "https://"},
	{"KEYVAULT:https://kv1.vault.azure.net/secrets/s", 1, "lower case"},
	{"keyvault:http://kv1.vault.azure.net/secrets/s", 10, "https://"},
	{"AzureML://connections/c", 1, "lower case"},
	{"${{\tkeyvault:https://kv1.vault.azure.net/secrets/s}}", 4, "only spaces"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s\n}}", 50, "letters, digits and hyphens"},
	// braces
	{"${{azureml://connections/c", 1, "no closing"},
	{"ab${{keyvault:https://kv1.vault.azure.net/secrets/s}", 3, "no closing"},
	{"${{azureml://connections/${{inputs.x}}}}", 26, "may have letters"},
	{"keyvault:https://kv1.vault.azure.net/secrets/s}}", 47, "letters, digits and hyphens"},
	// connections
	{"${{azureml://connections}}", 25, "name of the connection is missing"},
	{"${{azureml://connections/}}", 26, "name of the connection is missing"},
	{"azureml://connections/", 23, "name of the connection is missing"},
	{"${{azureml://connections/c/}}", 28, "credentials/NAME"},
	{"${{azureml://connections/c/credential/k}}", 28, "credentials/NAME"},
	{"${{azureml://connections/c/Credentials/k}}", 28, "credentials/NAME"},
	{"${{azureml://connections/c/credentials}}", 39, "is missing"},
	{"${{azureml://connections/c/credentials/}}", 40, "is missing"},
	{"${{azureml://connections/c/credentials/a/b }c}}", 44, "braces"},
	{"${{azureml://connections/c/credentials/a/b\t}}", 43, "cannot be printed"},
	{"${{azureml://connections/c/metadata/ a/b}}", 37, "begin or end with a space"},
	{"${{azureml://connections/c/target/x}}", 34, "nothing may follow target"},
	{"${{azureml://connections/my%20c}}", 28, "percent-encoded"},
	{"${{azureml://connections/..}}", 26, "begin or end"},
	{"${{azureml://connections/../../x}}", 26, "begin or end"},
	{"${{azureml://connections/c?x=1}}", 27, "may have letters"},
	{"${{azureml://connection/c}}", 14, "connections/NAME"},
	{"${{azureml://Connections/c}}", 14, "just these letters"},
	{"${{azureml://datastores/d/paths/p}}", 14, "connections/NAME"},
	{"${{azureml://}}", 14, "connections/NAME"},
	// workspaces
	{"${{azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroup/r/workspaces/w/connections/c}}", 65, "resourceGroups"},
	{"${{azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/workspaces//connections/c}}", 93, "is missing"},
	{"${{azureml://subscriptions//resourceGroups/r/workspaces/w/connections/c}}", 28, "ID, a GUID"},
	{"${{azureml://subscriptions/s/resourceGroups/r/workspaces/w/connections/c}}", 28, "ID, a GUID"},
	{"${{azureml://subscriptions/<subscriptionId>/resourceGroups/r/workspaces/w/connections/c}}", 28, "ID, a GUID"},
	{"${{azureml://subscriptions/00000000111122223333444444444444/resourceGroups/r/workspaces/w/connections/c}}", 28, "ID, a GUID"},
	{"${{azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/providers/Microsoft.Storage/workspaces/w/connections/c}}", 92, "provider"},
	{"${{azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/workspaces/w}}", 94, "connections/NAME"},
	{"${{azureml://subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/r/workspaces/w/datastores/d}}", 95, "connections/NAME"},
	// Foundry
	{"${{Connections.c.credentials.key}}", 4, "lower case"},
	{"${{connections.c.Credentials.key}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c.METADATA.k}}", 16, "in just these letters"},
	{"${{connections.c.TARGET}}", 16, "in just these letters"},
	{"${{connections.c.credentials}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c.credential.key.target.x}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c.target.x}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c.targets}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c.credentials.}}", 30, "name after .credentials. is missing"},
	{"x${{ connections.c.metadata.}}", 29, "name after .metadata. is missing"},
	{"${{connections.c.credentials. key}}", 30, "begin or end with a space"},
	{"${{connections.c.credentials.a\tb}}", 31, "cannot be printed"},
	{"${{connections.c.credentials.{key}}}", 30, "braces"},
	{"${{connections..credentials.key}}", 16, "name of the connection is missing"},
	{"${{connections..target}}", 16, "name of the connection is missing"},
	{"${{connections. c.target}}", 16, "begin or end"},
	{"${{connections.a/b.credentials.key}}", 17, "nothing may follow the name of the connection"},
	{"${{connections.../x.credentials.key}}", 16, "begin or end"},
	{"${{connections.my%20c.credentials.key}}", 18, "percent-encoded"},
	{"${{connections.c?x.target}}", 17, "may have letters"},
	{"${{connections.'c'.target}}", 16, "may have letters"},
	// the dollar sign that escapes others'
	{"$${{connections.c.credentials.key}}", 1, "one dollar sign"},
	{"a$${{keyvault:https://kv1.vault.azure.net/secrets/s}}", 2, "one dollar sign"},
	{"${{azureml://connections/c/target}}$${{ azureml://connections/c/target}}", 36, "one dollar sign"},
	// endpoints
	{"${{azureml://onlineEndpoints/e}}", 31, "credentials/FIELD"},
	{"${{azureml://onlineEndpoints/e/credentials/key}}", 44, "primaryKey"},
	{"${{azureml://onlineEndpoints/e/credentials/primarykey}}", 44, "primaryKey"},
	{"${{azureml://onlineEndpoints//credentials/primaryKey}}", 30, "is missing"},
	{"${{azureml://onlineEndpoints/e/credentials/primaryKey/x}}", 54, "nothing may follow"},
	// vault hosts
	{"${{keyvault:https://evil.example/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://kv1.vault.azure.net.evil.example/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://evilvault.azure.net/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://vault.azure.net/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://a.kv1.vault.azure.net/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://kv1.privatelink.vaultcore.azure.net/secrets/s}}", 21, "NAME.vault.azure.net"},
	{"${{keyvault:https://kv1.vault.azure.net./secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://kv1.vault.azure.net:8443/secrets/s}}", 40, "no port except 443"},
	{"${{keyvault:https://kv1.vault.azure.net:443:443/secrets/s}}", 40, "no port except 443"},
	{"${{keyvault:https://kv1.vault.azure.net:/secrets/s}}", 40, "no port except 443"},
	{"${{keyvault:https://:443/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://evil.example:443/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://kv1.vault.azure.net:443@evil.example/secrets/s}}", 40, "no user name"},
	{"${{keyvault:https://kv1.vault.azure.net:443.evil.example/secrets/s}}", 40, "no port except 443"},
	{"${{keyvault:https://user@kv1.vault.azure.net:443/secrets/s}}", 25, "no user name"},
	{"${{keyvault:https://user@kv1.vault.azure.net/secrets/s}}", 25, "no user name"},
	{"${{keyvault:https://kv1.vault.azure.net@evil.example/secrets/s}}", 40, "no user name"},
	{"${{keyvault:https://kv_1.vault.azure.net/secrets/s}}", 23, "name of a vault"},
	{"${{keyvault:https://kv.vault.azure.net/secrets/s}}", 21, "3 to 24"},
	{"${{keyvault:https://a23456789012345678901234x.vault.azure.net/secrets/s}}", 21, "3 to 24"},
	{"${{keyvault:https://kv--1.vault.azure.net/secrets/s}}", 21, "single hyphens"},
	{"${{keyvault:https://.vault.azure.net/secrets/s}}", 21, "3 to 24"},
	{"${{keyvault:https://a..vault.stack.example/secrets/s}}", 21, "host name"},
	{"${{keyvault:https://a%2f.vault.stack.example/secrets/s}}", 21, "host name"},
	{"${{keyvault:https:///secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	// secrets
	{"${{keyvault:https://kv1.vault.azure.net}}", 40, "/secrets/NAME"},
	{"${{keyvault:https://kv1.vault.azure.net/keys/k}}", 41, "/secrets/NAME"},
	{"${{keyvault:https://kv1.vault.azure.net/Secrets/s}}", 41, "/secrets/NAME"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets}}", 48, "1 to 127"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/}}", 49, "1 to 127"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/my_secret}}", 51, "letters, digits and hyphens"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s//}}", 51, "leave it out"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s/v1//}}", 53, "nothing may follow"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s/v1/x}}", 53, "nothing may follow"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets//s}}", 49, "1 to 127"},
	{"${{keyvault:https://kv1.vault.azure.net///secrets/s}}", 42, "/secrets/NAME"},
	{"${{keyvault:https://kv1.vault.azure.net//keys/k}}", 42, "/secrets/NAME"},
	{"${{keyvault:https:////kv1.vault.azure.net/secrets/s}}", 21, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s?api-version=7.4}}", 50, "letters, digits and hyphens"},
	// pointers
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s#x}}", 51, `begins with "/"`},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s#}}", 51, `leave "#" out`},
	{"keyvault:https://kv1.vault.azure.net/secrets/s/v1#", 51, `leave "#" out`},
	{"keyvault:https://kv1.vault.azure.net/secrets/s##/a", 48, `begins with "/"`},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s#/a{b}}", 53, "may not have braces"},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/a}}", 50, "unless percent-encoded"},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/a\tb", 50, "cannot be printed"},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/a ", 48, "begin or end with a space"},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/~2", 48, `write "~" as ~0`},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/a~", 48, `write "~" as ~0`},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/100%", 48, `"%" as %25`},
	{"keyvault:https://kv1.vault.azure.net/secrets/s#/%ff", 48, `"%" as %25`},
	{"keyvault:https://kv1.vault.azure.net/secrets#/a", 45, "1 to 127"},
	{"keyvault:https://evil.example/secrets/s#/a", 18, "AZINJECT_ALLOWED_VAULT_HOSTS"},
	{"keyvault:https://kv1.vault.azure.net#/secrets/s", 37, "/secrets/NAME"},
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s#/a)", 68, "letters, digits and hyphens"},
	{"azureml://connections/c#/a", 24, "may have letters"},
	// App Configuration
	{"@Microsoft.AppConfiguration(", 29, `ends with ")"`},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k) ", 73, `ends with ")"`},
	{"@Microsoft.AppConfiguration()", 29, "Endpoint=https://NAME.azconfig.io; Key=KEY"},
	{"@Microsoft.AppConfiguration(Key=k)", 29, "Endpoint=https://NAME.azconfig.io; Key=KEY"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io)", 29, "Endpoint=https://NAME.azconfig.io; Key=KEY"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=)", 29, "Key=KEY"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=a;b)", 72, "the parameters are Endpoint=…, Key=…, Label=…"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=a; key=b)", 73, "Key stands here twice"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Lable=x)", 73, "the parameters are Endpoint=…, Key=…, Label=…"},
	{"@Microsoft.AppConfiguration(Endpoint=http://store1.azconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=store1; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io/kv; Key=k)", 38, "has no path"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io:8443; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io?x; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io#x; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io@evil.example; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://evil.example/.azconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io.evil.example; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://evilazconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://azconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://.azconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://a.b.azconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://-a.azconfig.io; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://kv1.vault.azure.net; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://vault.local.example; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint='https://store1.azconfig.io'; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io ; Key=k)", 38, "https://NAME.azconfig.io"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=app1%3Adb)", 70, "not percent-encoded"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=..)", 70, "a dot or two"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key= k)", 70, "the key may not begin or end with a space"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k ; Label=x)", 70, "the key may not begin or end with a space"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Label=x )", 79, "the label may not begin or end with a space"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=a\tb)", 71, "the key may not have characters that cannot be printed"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Label=\xff)", 79, "the label may not have characters that cannot be printed"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Label=\x00)", 79, "the label may not have characters that cannot be printed"},
	// azd's form
	{"AKVS://sub/kv1/s", 1, "lower case"},
	{"akvs://", 8, "SUBSCRIPTION/VAULT/SECRET"},
	{"akvs://sub", 8, "SUBSCRIPTION/VAULT/SECRET"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1", 8, "SUBSCRIPTION/VAULT/SECRET"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1/", 49, "SUBSCRIPTION/VAULT/SECRET"},
	{"akvs:///kv1/s", 8, "ID, a GUID"},
	{"akvs://sub/kv1/s", 8, "ID, a GUID"},
	{"akvs://<subscription>/kv1/s", 8, "ID, a GUID"},
	{"akvs://00000000-1111-2222-3333-444444444444//s", 45, "3 to 24"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1/s/", 50, "nothing may follow the secret"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1/s/v1", 50, "for a version, write keyvault:https://VAULT.vault.azure.net/secrets/SECRET/VERSION"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1.vault.azure.net/s", 48, "3 to 24"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1/my_secret", 51, "letters, digits and hyphens"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1/s#/a", 50, "letters, digits and hyphens"},
	{"akvs://00000000-1111-2222-3333-444444444444/kv1/s ", 50, "letters, digits and hyphens"},
	{"akvs://kv1.evil.example/kv1/s", 8, "ID, a GUID"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/../keys/k}}", 49, "letters, digits and hyphens"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/" + strings.Repeat("s", 128) + "}}", 49, "1 to 127"},
	// App Service's form
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s", 68, `ends with ")"`},
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s) ", 70, `ends with ")"`},
	{"@Microsoft.KeyVault()", 21, "SecretUri=ADDRESS"},
	{"@Microsoft.KeyVault(;)", 21, "SecretUri=ADDRESS"},
	{"@Microsoft.KeyVault(kv1/s)", 21, "the parameters are"},
	{"@Microsoft.KeyVault(VaultName=kv1; Secret=s)", 36, "the parameters are"},
	{"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=k; Label)", 73, "Label=…"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s;SecretVersion)", 48, "SecretVersion=…"},
	{"@Microsoft.KeyVault(SecretUri)", 21, "the parameters are SecretUri=…"},
	{"@Microsoft.KeyVault(SecretUri=)", 31, "https://"},
	{"@Microsoft.KeyVault(SecretUri=http://kv1.vault.azure.net/secrets/s)", 31, "https://"},
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s;SecretVersion=v1)", 21, "SecretUri=ADDRESS alone"},
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s;SecretUri=https://kv2.vault.azure.net/secrets/s)", 69, "twice"},
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s?x)", 68, "letters, digits and hyphens"},
	{"@Microsoft.KeyVault(SecretUri='https://kv1.vault.azure.net/secrets/s')", 31, "https://"},
	{"@Microsoft.KeyVault(VaultName=;SecretName=s)", 21, "VaultName=NAME;SecretName=NAME"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=)", 21, "VaultName=NAME;SecretName=NAME"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s;SecretVersion=;secretversion=)", 63, "twice"},
	{"@Microsoft.KeyVault(VaultName= kv1;SecretName=s)", 31, "3 to 24"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s )", 47, "letters, digits and hyphens"},
	{"@Microsoft.KeyVault(VaultName=kv1)", 21, "VaultName=NAME;SecretName=NAME"},
	{"@Microsoft.KeyVault(SecretName=s)", 21, "VaultName=NAME;SecretName=NAME"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s;SecretName=t)", 48, "twice"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s;SecretVersion=v-1)", 63, "leave it out"},
	{"@Microsoft.KeyVault(VaultName=kv.1;SecretName=s)", 33, "3 to 24"},
	{"@Microsoft.KeyVault(SecretUri=https://evil.example/secrets/s)", 39, "AZINJECT_ALLOWED_VAULT_HOSTS"},
}

func TestParseMistakes(t *testing.T) {
	checkMistakes(t, mistakes)
}

// checkMistakes checks that each value is a SyntaxError at its position, with a
// rule that contains the given text.
func checkMistakes(t *testing.T, mistakes []mistake) {
	t.Helper()
	for _, m := range mistakes {
		value, err := testGrammar.Parse(m.value)
		var found *SyntaxError
		if !errors.As(err, &found) {
			t.Errorf("Parse(%q) = %v, %v, want a SyntaxError", m.value, value.References(), err)
			continue
		}
		if found.Position != m.position || !strings.Contains(found.Rule, m.rule) {
			t.Errorf("Parse(%q): position %d, rule %q; want position %d and a rule with %q", m.value, found.Position, found.Rule, m.position, m.rule)
		}
	}
}
