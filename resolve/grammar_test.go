package resolve

import (
	"slices"
	"strings"
	"testing"
)

// ownWorkspace is the workspace of the container.
var ownWorkspace = Workspace{Subscription: "99999999-1111-2222-3333-444444444444", ResourceGroup: "r", Name: "own"}

var testGrammar = Grammar{
	Cloud:             Clouds["AzureCloud"],
	AllowedVaultHosts: []string{"vault.local.example", ".vault.stack.example"},
	Workspace:         ownWorkspace,
	Project:           ownProject,
}

// ownProject is the Foundry project of the container.
var ownProject = Project{Host: "acct.services.ai.azure.com", Name: "proj"}

var testWorkspace = Workspace{Subscription: "00000000-1111-2222-3333-444444444444", ResourceGroup: "my-rg", Name: "my_ws"}

func secret(host, name, version string) Reference {
	return Reference{Object: Object{Kind: VaultSecret, Vault: host, Name: name, Version: version}}
}

func pointerRef(name, version, pointer string) Reference {
	ref := secret("kv1.vault.azure.net", name, version)
	ref.Part, ref.Key = Pointer, pointer
	return ref
}

func keyRef(host, key, label string) Reference {
	return Reference{Object: Object{Kind: KeyValue, Configuration: host, Name: key, Label: label}}
}

func connectionRef(w Workspace, name string, part Part, key string) Reference {
	return Reference{Object: Object{Kind: Connection, Workspace: w, Name: name}, Part: part, Key: key}
}

func projectRef(name string, part Part, key string) Reference {
	return Reference{Object: Object{Kind: ProjectConnection, Project: ownProject, Name: name}, Part: part, Key: key}
}

func endpointRef(kind Kind, w Workspace, name, field string) Reference {
	return Reference{Object: Object{Kind: kind, Workspace: w, Name: name}, Part: Credentials, Key: field}
}

// written returns the reference in braces, whatever form it had, or in App Service's
// form if it is to App Configuration.
func written(r Reference) string {
	o := r.Object
	if o.Kind == ProjectConnection {
		return "${{connections." + o.Name + "." + strings.Replace(r.PartName(), "/", ".", 1) + "}}"
	}
	if o.Kind == KeyValue {
		return "@Microsoft.AppConfiguration(Endpoint=https://" + o.Configuration + "; Key=" + o.Name + "; Label=" + o.Label + ")"
	}
	if o.Kind == VaultSecret {
		version := ""
		if o.Version != "" {
			version = "/" + o.Version
		}
		return "${{keyvault:https://" + o.Vault + "/secrets/" + o.Name + version + r.PartName() + "}}"
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

// goodReferences are values that are a single reference.
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
	"${{azureml://subscriptions/" + testWorkspace.Subscription + "/resourceGroups/größe/workspaces/w/connections/c}}":     connectionRef(Workspace{testWorkspace.Subscription, "größe", "w"}, "c", Whole, ""),
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
	// as Microsoft's own tools write them
	"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net//secrets/s1)":        secret("kv1.vault.azure.net", "s1", ""),
	"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net//secrets/s1/)":       secret("kv1.vault.azure.net", "s1", ""),
	"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net:443/secrets/s1/v1/)": secret("kv1.vault.azure.net", "s1", "v1"),
	"@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net:443//secrets/s1;)":   secret("kv1.vault.azure.net", "s1", ""),
	"@microsoft.keyvault(secreturi=https://kv1.vault.azure.net/secrets/s1)":         secret("kv1.vault.azure.net", "s1", ""),
	"@MICROSOFT.KEYVAULT(vaultName=kv1;SECRETNAME=s1;secretversion=v1)":             secret("kv1.vault.azure.net", "s1", "v1"),
	"@Microsoft.KeyVault(VaultName=kv1;SecretName=s1;SecretVersion=)":               secret("kv1.vault.azure.net", "s1", ""),
	"@Microsoft.KeyVault(SecretVersion=;SecretName=s1;VaultName=kv1)":               secret("kv1.vault.azure.net", "s1", ""),
	"@Microsoft.KeyVault(VaultName=kv1;SecretName=s1;)":                             secret("kv1.vault.azure.net", "s1", ""),
	"@Microsoft.KeyVault(VaultName=kv1; SecretName=s1;  SecretVersion=v1; )":        secret("kv1.vault.azure.net", "s1", "v1"),
	"keyvault:https://kv1.vault.azure.net/secrets/s1/":                              secret("kv1.vault.azure.net", "s1", ""),
	"keyvault:https://kv1.vault.azure.net:443/secrets/s1":                           secret("kv1.vault.azure.net", "s1", ""),
	"${{keyvault:https://kv1.vault.azure.net//secrets/s1}}":                         secret("kv1.vault.azure.net", "s1", ""),
	"${{keyvault:https://kv1.vault.azure.net/secrets/s1/}}":                         secret("kv1.vault.azure.net", "s1", ""),
	"${{keyvault:https://kv1.vault.azure.net/secrets/s1/v1/}}":                      secret("kv1.vault.azure.net", "s1", "v1"),
	"${{keyvault:https://vault.local.example:443/secrets/s1}}":                      secret("vault.local.example", "s1", ""),
	// App Configuration
	"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=app1:db; Label=prod)":    keyRef("store1.azconfig.io", "app1:db", "prod"),
	"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io; Key=app1:db)":                keyRef("store1.azconfig.io", "app1:db", ""),
	"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.io;Key=app1:db;Label=)":          keyRef("store1.azconfig.io", "app1:db", ""),
	"@microsoft.APPCONFIGURATION(label=Prod;KEY=App1;  endpoint=https://Store1.azconfig.io:443/;)": keyRef("store1.azconfig.io", "App1", "Prod"),
	"@Microsoft.AppConfiguration(Endpoint=https://s-r.azconfig.azure.us; Key=a/b=c d(1){é}&?#+)":   keyRef("s-r.azconfig.azure.us", "a/b=c d(1){é}&?#+", ""),
	"@Microsoft.AppConfiguration(Endpoint=https://store1.azconfig.azure.cn; Key=k; Label=a/b%25)":  keyRef("store1.azconfig.azure.cn", "k", "a/b%25"),
	"@Microsoft.AppConfiguration(Endpoint=https://store1.appconfig.azure.com; Key=...)":            keyRef("store1.appconfig.azure.com", "...", ""),
	"@Microsoft.AppConfiguration(Endpoint=https://store1.appconfig.azure.us; Key=k)":               keyRef("store1.appconfig.azure.us", "k", ""),
	"@Microsoft.AppConfiguration(Endpoint=https://store1.appconfig.azure.cn; Key=akvs://k)":        keyRef("store1.appconfig.azure.cn", "akvs://k", ""),
	// azd's
	"akvs://00000000-1111-2222-3333-444444444444/KV1/s1":        secret("kv1.vault.azure.net", "s1", ""),
	"akvs://ABCDEFab-1111-2222-3333-444444444444/kv1/My-Secret": secret("kv1.vault.azure.net", "My-Secret", ""),
	// into a secret
	"${{keyvault:https://kv1.vault.azure.net/secrets/s1#/a/b}}":          pointerRef("s1", "", "/a/b"),
	"${{ keyvault:https://kv1.vault.azure.net/secrets/s1/v1#/a/0 }}":     pointerRef("s1", "v1", "/a/0"),
	"keyvault:https://kv1.vault.azure.net/secrets/s1/#/":                 pointerRef("s1", "", "/"),
	"keyvault:https://kv1.vault.azure.net:443//secrets/s1/v1/#/a b/~1":   pointerRef("s1", "v1", "/a b/~1"),
	"${{keyvault:https://kv1.vault.azure.net/secrets/s1#//~0~1/%7D%20}}": pointerRef("s1", "", "//~0~1/%7D%20"),
	"keyvault:https://kv1.vault.azure.net/secrets/s1#/a#b?c=ü":           pointerRef("s1", "", "/a#b?c=ü"),
	// of Foundry
	"${{connections.my-tavily.credentials.x-api-key}}":           projectRef("my-tavily", Credentials, "x-api-key"),
	"${{connections.otel-secrets.credentials.otlp_headers}}":     projectRef("otel-secrets", Credentials, "otlp_headers"),
	"${{connections.c.target}}":                                  projectRef("c", Target, ""),
	"${{connections.c.metadata.ApiVersion}}":                     projectRef("c", Metadata, "ApiVersion"),
	"${{  connections.Search Connection.credentials.key }}":      projectRef("Search Connection", Credentials, "key"),
	"${{connections.c.credentials.a.b.c}}":                       projectRef("c", Credentials, "a.b.c"),
	"${{connections.c.metadata.a.credentials.b}}":                projectRef("c", Metadata, "a.credentials.b"),
	"${{connections.c.credentials.a.metadata.b}}":                projectRef("c", Credentials, "a.metadata.b"),
	"${{connections.c.credentials.x.target}}":                    projectRef("c", Credentials, "x.target"),
	"${{connections.c.credentials.target}}":                      projectRef("c", Credentials, "target"),
	"${{connections.c.credentials.credentials.credentials.key}}": projectRef("c", Credentials, "credentials.credentials.key"),
	"${{connections.a.b.credentials.key}}":                       projectRef("a.b", Credentials, "key"),
	"${{connections.a.target.target}}":                           projectRef("a.target", Target, ""),
	"${{connections.a.target.credentials.key}}":                  projectRef("a.target", Credentials, "key"),
	"${{connections.credentials.target}}":                        projectRef("credentials", Target, ""),
	"${{connections.connections.metadata.connections.c}}":        projectRef("connections", Metadata, "connections.c"),
	"${{connections.c.credentials.a/b}}":                         projectRef("c", Credentials, "a/b"),
	// a key extends to the end
	"${{azureml://connections/c/credentials/a/b}}":            connectionRef(ownWorkspace, "c", Credentials, "a/b"),
	"azureml://connections/c/metadata/a/b/":                   connectionRef(ownWorkspace, "c", Metadata, "a/b/"),
	"${{azureml://connections/c/credentials//}}":              connectionRef(ownWorkspace, "c", Credentials, "/"),
	"azureml://connections/c/credentials/x-akvs://a.b@c":      connectionRef(ownWorkspace, "c", Credentials, "x-akvs://a.b@c"),
	"${{azureml://connections/c/metadata/keyvault:https://}}": connectionRef(ownWorkspace, "c", Metadata, "keyvault:https://"),
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

// plain are values that contain no reference and pass through.
var plain = []string{
	"", " ", "plain", "${", "${{", "${{}}", "}}", "$", "{{keyvault:local}}", "\"quoted\"",
	"${{inputs.x}}", "${{ inputs.data }} and ${{outputs.y}}", "${{parent.jobs.a}}", "${{search_space.lr}}",
	"${{project.endpoint}}", "${{event.body}}", "${{event.FIELD}}", "${{env.X}}", "${{ 'x' }}", "$${{inputs.x}}", "$$ $${{project.endpoint}}",
	"${{secrets.KEYVAULT}}", "${keyvault:local}", "${{xkeyvault:x}}", "${{x azureml:x}}",
	"${{connection.c.key}}", "${{connections}}", "${{connections/c}}", "${{x.https://kv1.vault.azure.net}}", "${{word: https://example.com}}", "${{https://example.com}}", "${{ inputs.x || 'https://kv1.vault.azure.net/secrets/s' }}",
	"${{x/connections/c}}", "${{connection.c}}", "${{ connection.target }}x",
	"${{xconnections.c.target}}", "connections.c.credentials.key",
	"azureml://datastores/d/paths/p", "azureml:my-environment:1", "azureml://connectionsX/c", "see azureml://connections",
	"azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/d", "azureml://subscriptions/s/resourcegroups/r/workspaces/w/datastores/d/paths/connections/c",
	"azureml://subscriptions/s/resourcegroups/r/workspaces/w/data/connections/versions/1", "azureml://subscriptions/s/resourceGroups/r/workspaces/w", "azureml://subscriptions/connections/c",
	"keyvault: local", "keyvault: http://kv1", "keyvault:httpd", "keyvault:http:x", "keyvault:local/secrets/s", "keyvault:kv1.vault.azure.net", "keyvault:https", "azureml://onlineEndpoints", "azureml://onlineEndpointsX/e", "azureml://registries/r/models/m",
	"see keyvault:http://kv1.vault.azure.net", "see keyvault:https", " keyvault:https", "keyvault:local", "keyvault", "a keyvault:",
	"https://kv1.vault.azure.net/secrets/s", "@Microsoft.KeyVault", "x@Microsoft.KeyVault", "@Microsoft.AppConfiguration",
	"me@Microsoft.com (work)", "akvs:/s/v/n", "akvs:", "vs://x", "://", "(", "connections/", "https:keyvault",
	"\xff\xfe${{\x00}}", "${{{${{${{", "multi\nline\n",
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
	const text = "postgres://u:${{keyvault:https://kv1.vault.azure.net/secrets/user}}:${{ azureml://connections/c/credentials/password }}@${{connections.c.target}}/${{inputs.db}}?x={}&p=${{project.endpoint}}"
	value, err := testGrammar.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []Reference{secret("kv1.vault.azure.net", "user", ""), connectionRef(ownWorkspace, "c", Credentials, "password"), projectRef("c", Target, "")}
	refs := value.References()
	if !slices.Equal(refs, want) {
		t.Errorf("references = %v, want %v", refs, want)
	}
	literals := ""
	for _, p := range value {
		literals += p.literal
	}
	if want := "postgres://u::@/${{inputs.db}}?x={}&p=${{project.endpoint}}"; literals != want {
		t.Errorf("literal text = %q, want %q", literals, want)
	}
}
