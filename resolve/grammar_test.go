package resolve

import (
	"errors"
	"strings"
	"testing"
)

// ownWorkspace is the container's.
var ownWorkspace = Workspace{Subscription: "s", ResourceGroup: "r", Name: "own"}

var testGrammar = Grammar{
	VaultSuffix:       ".vault.azure.net",
	AllowedVaultHosts: []string{"vault.local.example", ".vault.stack.example"},
	Workspace:         ownWorkspace,
}

var testWorkspace = Workspace{Subscription: "00000000-1111-2222-3333-444444444444", ResourceGroup: "my-rg", Name: "my_ws"}

func secret(host, name, version string) Reference {
	return Reference{Object: Object{Kind: VaultSecret, Vault: host, Name: name, Version: version}}
}

func connectionRef(w Workspace, name string, part Part, key string) Reference {
	return Reference{Object: Object{Kind: Connection, Workspace: w, Name: name}, Part: part, Key: key}
}

func endpointRef(kind Kind, w Workspace, name, field string) Reference {
	return Reference{Object: Object{Kind: kind, Workspace: w, Name: name}, Part: Credentials, Key: field}
}

// written returns the reference in the syntax of Azure Machine Learning's
// secret injection, ${{…}}, whichever form it was written in.
func written(r Reference) string {
	o := r.Object
	if o.Kind == VaultSecret {
		version := ""
		if o.Version != "" {
			version = "/" + o.Version
		}
		return "${{keyvault:https://" + o.Vault + "/secrets/" + o.Name + version + "}}"
	}
	text := "${{azureml://"
	if o.Workspace != ownWorkspace {
		text += strings.TrimPrefix(o.Workspace.ID(), "/") + "/"
	}
	if o.Kind == Connection {
		text += "connections/"
	} else {
		text += "onlineEndpoints/"
	}
	text += o.Name
	if r.Part != Whole {
		text += "/" + r.PartName()
	}
	return text + "}}"
}

// goodReferences are values that are one reference and nothing else.
var goodReferences = map[string]Reference{
	// documented by Azure Machine Learning
	"${{azureml://connections/aoai_connection}}":                                                                          connectionRef(ownWorkspace, "aoai_connection", Whole, ""),
	"${{azureml://connections/multi/credentials/OPENAI_API_KEY}}":                                                         connectionRef(ownWorkspace, "multi", Credentials, "OPENAI_API_KEY"),
	"${{azureml://connections/multi/metadata/OPENAI_API_VERSION}}":                                                        connectionRef(ownWorkspace, "multi", Metadata, "OPENAI_API_VERSION"),
	"${{azureml://connections/multi/metadata/azureml.flow.module}}":                                                       connectionRef(ownWorkspace, "multi", Metadata, "azureml.flow.module"),
	"${{azureml://connections/Default_AzureOpenAI/target}}":                                                               connectionRef(ownWorkspace, "Default_AzureOpenAI", Target, ""),
	"${{keyvault:https://mykeyvault.vault.azure.net/secrets/secret1/secretversion1}}":                                     secret("mykeyvault.vault.azure.net", "secret1", "secretversion1"),
	"${{keyvault:https://kv-1.vault.azure.net/secrets/My-Secret/0123456789abcdef0123456789abcdef}}":                       secret("kv-1.vault.azure.net", "My-Secret", "0123456789abcdef0123456789abcdef"),
	"${{keyvault:https://kv-1.vault.azure.net/secrets/My-Secret}}":                                                        secret("kv-1.vault.azure.net", "My-Secret", ""),
	"${{ keyvault:https://kv-1.vault.azure.net/secrets/s  }}":                                                             secret("kv-1.vault.azure.net", "s", ""),
	"${{ azureml://connections/old name with spaces }}":                                                                   connectionRef(ownWorkspace, "old name with spaces", Whole, ""),
	"${{azureml://connections/c/credentials/Ocp Key: 1}}":                                                                 connectionRef(ownWorkspace, "c", Credentials, "Ocp Key: 1"),
	"${{keyvault:https://KV-1.Vault.Azure.NET/secrets/s}}":                                                                secret("kv-1.vault.azure.net", "s", ""),
	"${{keyvault:https://kv1.vault.azure.cn/secrets/s}}":                                                                  secret("kv1.vault.azure.cn", "s", ""),
	"${{keyvault:https://kv1.vault.usgovcloudapi.net/secrets/s/v1}}":                                                      secret("kv1.vault.usgovcloudapi.net", "s", "v1"),
	"${{keyvault:https://vault.local.example/secrets/s}}":                                                                 secret("vault.local.example", "s", ""),
	"${{keyvault:https://kv1.vault.stack.example/secrets/s}}":                                                             secret("kv1.vault.stack.example", "s", ""),
	"${{azureml://" + strings.TrimPrefix(testWorkspace.ID(), "/") + "/connections/c/target}}":                             connectionRef(testWorkspace, "c", Target, ""),
	"${{azureml://subscriptions/" + testWorkspace.Subscription + "/resourcegroups/my-rg/workspaces/my_ws/connections/c}}": connectionRef(testWorkspace, "c", Whole, ""),
	"${{azureml://onlineEndpoints/scorer/credentials/primaryKey}}":                                                        endpointRef(EndpointKeys, ownWorkspace, "scorer", "primaryKey"),
	"${{azureml://onlineEndpoints/scorer/credentials/secondaryKey}}":                                                      endpointRef(EndpointKeys, ownWorkspace, "scorer", "secondaryKey"),
	"${{azureml://onlineEndpoints/scorer/credentials/accessToken}}":                                                       endpointRef(EndpointToken, ownWorkspace, "scorer", "accessToken"),
	"${{azureml://onlineEndpoints/scorer/credentials/expiryTimeUtc}}":                                                     endpointRef(EndpointToken, ownWorkspace, "scorer", "expiryTimeUtc"),
	"${{azureml://onlineEndpoints/scorer/credentials/refreshAfterTimeUtc}}":                                               endpointRef(EndpointToken, ownWorkspace, "scorer", "refreshAfterTimeUtc"),
	// without braces
	"azureml://connections/c/credentials/key":                                                          connectionRef(ownWorkspace, "c", Credentials, "key"),
	"keyvault:https://kv1.vault.azure.net/secrets/s/v1":                                                secret("kv1.vault.azure.net", "s", "v1"),
	"@Microsoft.KeyVault(SecretUri=https://myvault.vault.azure.net/secrets/mysecret/)":                 secret("myvault.vault.azure.net", "mysecret", ""),
	"@Microsoft.KeyVault(SecretUri=https://myvault.vault.azure.net/secrets/mysecret)":                  secret("myvault.vault.azure.net", "mysecret", ""),
	"@Microsoft.KeyVault(SecretUri=https://myvault.vault.azure.net/secrets/mysecret/ec96f02080254f10)": secret("myvault.vault.azure.net", "mysecret", "ec96f02080254f10"),
	"@Microsoft.KeyVault(VaultName=MyVault;SecretName=mysecret)":                                       secret("myvault.vault.azure.net", "mysecret", ""),
	"@Microsoft.KeyVault(SecretVersion=v1;SecretName=mysecret;VaultName=myvault)":                      secret("myvault.vault.azure.net", "mysecret", "v1"),
}

func TestParseReference(t *testing.T) {
	for text, want := range goodReferences {
		value, err := testGrammar.Parse(text)
		if err != nil {
			t.Errorf("Parse(%q): %v", text, err)
			continue
		}
		refs := value.References()
		if len(refs) != 1 || refs[0] != want {
			t.Errorf("Parse(%q) = %+v, want %+v", text, refs, want)
		}
	}
}

func TestReferenceStringParsesToTheSame(t *testing.T) {
	for text, want := range goodReferences {
		value, err := testGrammar.Parse(written(want))
		if err != nil {
			t.Errorf("%q: Parse(%q): %v", text, written(want), err)
			continue
		}
		if got := value.References()[0]; got != want {
			t.Errorf("%q: Parse(String()) = %+v, want %+v", text, got, want)
		}
	}
}

// mistakes are values that must be refused, with the position of the mistake
// and a word of the rule.
var mistakes = []struct {
	value    string
	position int
	rule     string
}{
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
	{"@microsoft.keyvault(VaultName=kv1;SecretName=s)", 1, "just these letters"},
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
	{"${{azureml://connections/c/credentials/k/}}", 41, "nothing may follow"},
	{"${{azureml://connections/c/metadata/a/b}}", 38, "nothing may follow"},
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
	{"${{azureml://subscriptions/s/resourceGroup/r/workspaces/w/connections/c}}", 30, "resourceGroups"},
	{"${{azureml://subscriptions/s/resourceGroups/r/workspaces//connections/c}}", 58, "is missing"},
	{"${{azureml://subscriptions//resourceGroups/r/workspaces/w/connections/c}}", 28, "is missing"},
	{"${{azureml://subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/workspaces/w/connections/c}}", 57, "provider"},
	{"${{azureml://subscriptions/s/resourceGroups/r/workspaces/w}}", 59, "connections/NAME"},
	{"${{azureml://subscriptions/s/resourceGroups/r/workspaces/w/datastores/d}}", 60, "connections/NAME"},
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
	{"${{keyvault:https://kv1.vault.azure.net:443/secrets/s}}", 40, "no port"},
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
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s/}}", 51, "leave it out"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s/v1/}}", 53, "nothing may follow"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s?api-version=7.4}}", 50, "letters, digits and hyphens"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/s#x}}", 50, "letters, digits and hyphens"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/../keys/k}}", 49, "letters, digits and hyphens"},
	{"${{keyvault:https://kv1.vault.azure.net/secrets/" + strings.Repeat("s", 128) + "}}", 49, "1 to 127"},
	// App Service's form
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s", 68, `ends with ")"`},
	{"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s) ", 70, `ends with ")"`},
	{"@Microsoft.KeyVault()", 21, "the parameters are"},
	{"@Microsoft.KeyVault(VaultName=kv1)", 21, "VaultName=NAME;SecretName=NAME"},
	{"@Microsoft.KeyVault(SecretName=s)", 21, "VaultName=NAME;SecretName=NAME"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s;SecretName=t)", 48, "twice"},
	{"@Microsoft.KeyVault(VaultName=kv1; SecretName=s)", 35, "without spaces"},
	{"@Microsoft.KeyVault(VaultName=kv1;SecretName=s;SecretVersion=)", 62, "leave it out"},
	{"@Microsoft.KeyVault(VaultName=kv.1;SecretName=s)", 33, "3 to 24"},
	{"@Microsoft.KeyVault(SecretUri=https://evil.example/secrets/s)", 39, "AZINJECT_ALLOWED_VAULT_HOSTS"},
}

func TestParseMistakes(t *testing.T) {
	for _, m := range mistakes {
		value, err := testGrammar.Parse(m.value)
		var mistake *SyntaxError
		if !errors.As(err, &mistake) {
			t.Errorf("Parse(%q) = %v, %v, want a SyntaxError", m.value, value.References(), err)
			continue
		}
		if mistake.Position != m.position || !strings.Contains(mistake.Rule, m.rule) {
			t.Errorf("Parse(%q): position %d, rule %q; want position %d, rule with %q", m.value, mistake.Position, mistake.Rule, m.position, m.rule)
		}
	}
}

// plain are values that are nobody's reference and pass through.
var plain = []string{
	"", " ", "plain", "${", "${{", "${{}}", "}}", "$", "{{keyvault:https://kv1.vault.azure.net/secrets/s}}",
	"${{inputs.x}}", "${{ inputs.data }} and ${{outputs.y}}", "${{parent.jobs.a}}", "${{search_space.lr}}",
	"${{azuremlx://connections/c}}", "${{secrets.KEYVAULT}}", "${keyvault:https://kv1.vault.azure.net/secrets/s}",
	"azureml://datastores/d/paths/p", "azureml:my-environment:1", "azureml://connectionsX/c",
	"azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/d", "azureml://registries/r/models/m",
	"see keyvault:https://kv1.vault.azure.net/secrets/s", "keyvault:local", "keyvault", "a keyvault:",
	"https://kv1.vault.azure.net/secrets/s", "@Microsoft.KeyVault", "x@Microsoft.KeyVault(VaultName=v;SecretName=s)",
	"\xff\xfe${{\x00}}", "${{${{${{", "multi\nline\n",
}

func TestParsePlain(t *testing.T) {
	for _, text := range plain {
		value, err := testGrammar.Parse(text)
		if err != nil || value.References() != nil {
			t.Errorf("Parse(%q) = %v, %v, want no reference", text, value.References(), err)
		}
	}
}

func TestParseEmbedded(t *testing.T) {
	const text = "postgres://u:${{keyvault:https://kv1.vault.azure.net/secrets/user}}:${{ azureml://connections/c/credentials/password }}@h/${{inputs.db}}?x={}"
	value, err := testGrammar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []Reference{secret("kv1.vault.azure.net", "user", ""), connectionRef(ownWorkspace, "c", Credentials, "password")}
	refs := value.References()
	if len(refs) != 2 || refs[0] != want[0] || refs[1] != want[1] {
		t.Errorf("references = %v, want %v", refs, want)
	}
	literals := ""
	for _, p := range value.pieces {
		literals += p.literal
	}
	if want := "postgres://u::@h/${{inputs.db}}?x={}"; literals != want {
		t.Errorf("literal text = %q, want %q", literals, want)
	}
}

// FuzzParse checks what must hold for every value: no panic, an error that says
// where, references that survive being written and parsed again, and text that
// is passed on byte for byte.
func FuzzParse(f *testing.F) {
	for text := range goodReferences {
		f.Add(text)
		f.Add("a" + text + "b" + text)
	}
	for _, m := range mistakes {
		f.Add(m.value)
	}
	for _, text := range plain {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := testGrammar.Parse(text)
		refs := value.References()
		if err != nil {
			var mistake *SyntaxError
			if !errors.As(err, &mistake) || mistake.Position < 1 || mistake.Position > len(text)+1 || mistake.Rule == "" {
				t.Fatalf("Parse(%q): %#v is not a good SyntaxError", text, err)
			}
			if refs != nil {
				t.Fatalf("Parse(%q): references %v beside an error", text, refs)
			}
			return
		}
		if refs == nil && value.pieces != nil {
			t.Fatalf("Parse(%q): pieces without references", text)
		}
		for _, ref := range refs {
			again, err := testGrammar.Parse(written(ref))
			if err != nil || len(again.References()) != 1 || again.References()[0] != ref {
				t.Fatalf("Parse(%q) has %+v, which is written %q and parsed again %v, %v", text, ref, written(ref), again.References(), err)
			}
		}
		checkLiterals(t, text, value)
	})
}

// checkLiterals checks that the literal parts of value stand in text, in order,
// and that nothing but references stands between them.
func checkLiterals(t *testing.T, text string, value Value) {
	rest := text
	for _, p := range value.pieces {
		if p.ref == nil {
			var ok bool
			if rest, ok = strings.CutPrefix(rest, p.literal); !ok {
				t.Fatalf("Parse(%q): literal %q is not where it was", text, p.literal)
			}
			continue
		}
		if len(value.pieces) == 1 {
			return // the whole value is a reference without braces
		}
		_, after, ok := strings.Cut(rest, "}}")
		if !ok || !strings.HasPrefix(rest, "${{") {
			t.Fatalf("Parse(%q): no reference at %q", text, rest)
		}
		rest = after
	}
	if value.pieces != nil && rest != "" {
		t.Fatalf("Parse(%q): %q got lost", text, rest)
	}
}
