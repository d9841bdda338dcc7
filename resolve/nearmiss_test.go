package resolve

import (
	"regexp"
	"strings"
	"testing"
)

// Parts of near misses.
const (
	bareSecret = "keyvault:https://kv1.vault.azure.net/secrets/s1"
	bareKey    = "azureml://connections/c/credentials/key"
	appService = "@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/s1)"
	appConfig  = "@Microsoft.AppConfiguration(Endpoint=https://x.azconfig.io; Key=k)"
	azdSecret  = "akvs://00000000-1111-2222-3333-444444444444/kv1/s1"
)

// nearMisses are values that look like references to their authors, with the
// position of the mistake and a word from the rule.
var nearMisses = []mistake{
	// quotes, which docker run --env-file keeps
	{`"` + bareSecret + `"`, 1, "drop the quotes"},
	{`'` + bareKey + `'`, 1, "drop the quotes"},
	{`"` + appService + `"`, 1, "drop the quotes"},
	{"`" + azdSecret + "`", 1, "drop the quotes"},
	{"“" + appConfig + "”", 1, "drop the quotes"},
	{"‘" + bareSecret + "’", 1, "drop the quotes"},
	{"„" + bareSecret + "“", 1, "drop the quotes"},
	{"«" + bareSecret + "»", 1, "drop the quotes"},
	{` "'` + bareSecret, 1, "drop the quotes"},
	{bareSecret + `"`, 48, "drop the quotes"},
	{bareKey + "' ", len(bareKey) + 1, "drop the quotes"},
	// characters that are not printed
	{" " + bareSecret, 1, "drop the blanks"},
	{"\t" + bareSecret, 1, "drop the blanks"},
	{"\r\n" + appService, 1, "drop the blanks"},
	{"\ufeff" + bareKey, 1, "drop the blanks"},
	{"\xef\xbb" + bareKey, 1, "drop the blanks"},
	{"\xa0" + bareKey, 1, "drop the blanks"},
	{"\u00a0\u2003\u3000" + azdSecret, 1, "drop the blanks"},
	{"\u200b\u2060\u00ad" + bareSecret, 1, "drop the blanks"},
	{"\v\f\x00\x1b\u0085\u2028" + appConfig, 1, "drop the blanks"},
	{"\ufe0f\u3164" + bareSecret, 1, "drop the blanks"},
	{bareSecret + "\r", 48, "drop the blanks or invisible characters after"},
	{bareSecret + "\n", 48, "drop the blanks or invisible characters after"},
	{bareKey + " ", len(bareKey) + 1, "drop the blanks or invisible characters after"},
	{appService + "\u200b", len(appService) + 1, "drop the blanks or invisible characters after"},
	{appConfig + " \ufeff", len(appConfig) + 1, "drop the blanks or invisible characters after"},
	{azdSecret + "\t", len(azdSecret) + 1, "drop the blanks or invisible characters after"},
	{"keyvault:https://kv1.vault.azure.net/secrets/a_b", 47, "letters, digits and hyphens"},
	// longer text, perhaps from the expansion of $(NAME)
	{"postgres://app:" + bareSecret + "@db", 16, "in longer text"},
	{"Server=db;Password=" + appService, 20, "in longer text"},
	{"x=" + bareKey, 3, "in longer text"},
	{"x" + appConfig, 2, "in longer text"},
	{"a,b " + azdSecret, 5, "in longer text"},
	{"--key=\"" + bareSecret + "\"", 8, "in longer text"},
	{`{"url":"` + bareSecret + `"}`, 9, "in longer text"},
	{"my" + bareSecret, 3, "in longer text"},
	{"see KEYVAULT:HTTPS:", 5, "in longer text"},
	{"see AzureML://Connections/", 5, "in longer text"},
	{"see @MICROSOFT.keyvault(", 5, "in longer text"},
	{"see @microsoft.APPCONFIGURATION(", 5, "in longer text"},
	{"see AKVS://", 5, "in longer text"},
	{"{{" + bareSecret + "}}", 3, "in longer text"},
	{"${" + bareSecret + "}", 3, "in longer text"},
	{"${{" + azdSecret + "}}", 4, "drop the braces"},
	{"${{ " + appConfig + " }}", 5, "drop the braces"},
	{"${{ inputs.x || " + bareSecret + " }}", 17, "in longer text"},
	{"${{" + bareSecret + "}}" + bareSecret, 53, "in longer text"},
	{"${{" + bareSecret + "}}\"" + bareSecret, 54, "in longer text"},
	{"x" + bareSecret + "${{" + bareSecret + "}}", 2, "in longer text"},
	{"akvs akvs:// akvs://", 6, "in longer text"},
	{"x akvs:// " + bareSecret, 3, "in longer text"},
	{"x " + bareSecret + " akvs://", 3, "in longer text"},
	// forms that need braces
	{"azureml://onlineEndpoints/e/credentials/primaryKey", 1, "in braces"},
	{"AzureML://onlineendpoints/e", 1, "in braces"},
	{`"azureml://onlineEndpoints/e/credentials/primaryKey"`, 2, "in braces"},
	{"key=azureml://onlineEndpoints/e/credentials/primaryKey", 5, "in braces"},
	{"azureml://" + strings.TrimPrefix(testWorkspace.ID(), "/") + "/connections/c", 1, "in braces"},
	{"azureml://subscriptions/s/resourcegroups/r/workspaces/w/onlineEndpoints/e/credentials/primaryKey", 1, "in braces"},
	{" AZUREML://Subscriptions/s/resourcegroups/r/workspaces/w/Connections", 2, "in braces"},
	// a blank after the scheme
	{"keyvault: https://kv1.vault.azure.net/secrets/s1", 10, "drop the blanks"},
	{"'KeyVault:\t 'https://kv1.vault.azure.net/secrets/s1", 11, "drop the blanks"},
	// other mistakes after the scheme
	{"keyvault:http://kv1.vault.azure.net/secrets/s1", 10, "begins with \"https://\""},
	{"keyvault:https//kv1.vault.azure.net/secrets/s1", 10, "begins with \"https://\""},
	{"keyvault:https ://kv1.internal/secrets/s1", 10, "begins with \"https://\""},
	{"KeyVault://kv1.vault.azure.net/secrets/s1", 10, "begins with \"https://\""},
	{"keyvault:kv1.Vault.azure.net/secrets/s1", 10, "begins with \"https://\""},
	{"\"KeyVault:HTTP://kv1.vault.azure.net/secrets/s1\"", 11, "begins with \"https://\""},
	{"azureml://connection/c/credentials/key", 11, "write connections/NAME"},
	{" AzureML://Connection/c/target", 12, "write connections/NAME"},
	// misspelt beginnings in braces
	{"${{keyvualt:https://kv1.vault.azure.net/secrets/s1}}", 4, "with keyvault:https://"},
	{"x ${{ key-vault: https://kv1.vault.azure.net/secrets/s1 }}", 7, "with keyvault:https://"},
	{"${{https://kv1.vault.azure.net/secrets/s1}}", 4, "with keyvault:https://"},
	{"${{azureml//connections/c/target}}", 4, "with keyvault:https://"},
	{"${{azureml/connections/c/target}}", 4, "with keyvault:https://"},
	{"${{azurml://Connections/c/target}}", 4, "with keyvault:https://"},
	{"${{azuremlx://connections/c}}", 4, "with keyvault:https://"},
	{"${{://onlineEndpoints/e/credentials/primaryKey}}", 4, "with keyvault:https://"},
	{"${{connection.c.credentials.key}}", 4, "or connections.NAME."},
	{"${{ Connection.c.target }}", 5, "or connections.NAME."},
	{"${{connections.c.credential.key}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c.key}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.credentials.key}}", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.c}}.credentials.key", 16, "connections.NAME.credentials.KEY"},
	{"${{connections.}}", 16, "connections.NAME.credentials.KEY"},
	// in braces
	{"${{\"" + bareSecret + "\"}}", 4, "only spaces"},
	{"${{ '" + bareKey + "' }}", 5, "only spaces"},
	{"x ${{ “azureml://onlineEndpoints/e/credentials/primaryKey” }}", 7, "only spaces"},
	{"${{\u00a0" + bareKey + "}}", 4, "only spaces"},
	{"${{ \ufeffKEYVAULT:", 1, "no closing"},
	{"${{\u200bAzureML:x}}", 4, "only spaces"},
	{"${{\v\f" + bareSecret + "}}", 4, "only spaces"},
	{"${{" + bareSecret + "\u00a0}}", 51, "letters, digits and hyphens"},
	{"${{azureml://connections/c/target\u200b}}", 28, "credentials/KEY"},
	// Foundry
	{"x ${{ Connections.c.METADATA.k }}", 7, "lower case"},
	{"${{connections.c.credentials}}", 16, "connections.NAME"},
	{"${{'connections.c.target'}}", 4, "only spaces"},
	{"${{\u00a0connections.c.target}}", 4, "only spaces"},
	{"x ${{ “connections.my-tavily.credentials.x-api-key” }}", 7, "only spaces"},
	{"${{connections.c.target", 1, "no closing"},
}

func TestWrapped(t *testing.T) {
	for value, rule := range map[string]string{
		`"2m"`: "drop the quotes", "'2m'": "drop the quotes", "“2m”": "drop the quotes", `2m"`: "drop the quotes", `""`: "drop the quotes", ` "2m" `: "drop the quotes",
		" 2m": "drop the blanks", "2m\n": "drop the blanks", "\ufeff2m": "drop the blanks", "2m\u00a0": "drop the blanks", " ": "drop the blanks",
		"2m": "", "": "", `a"b`: "", "a b": "",
	} {
		err := Wrapped(value)
		if rule == "" && err != nil || rule != "" && (err == nil || !strings.HasPrefix(err.Error(), rule)) {
			t.Errorf("Wrapped(%q) = %v, want %q", value, err, rule)
		}
	}
}

func TestNearMisses(t *testing.T) {
	checkMistakes(t, nearMisses)
}

// TestBareFormsAreNearMisses checks that every form is recognised in the middle
// of a text too.
func TestBareFormsAreNearMisses(t *testing.T) {
	for _, form := range bareForms {
		text := "x" + form.begins
		if i := indexBare(text); i != 1 {
			t.Errorf("indexBare(%q) = %d, want 1", text, i)
		}
	}
}

// TestWordBeforeReference checks that text before a reference in braces may begin like
// a form without braces.
func TestWordBeforeReference(t *testing.T) {
	value, err := testGrammar.Parse("keyvault:x ${{keyvault:https://kv1.vault.azure.net/secrets/s}}")
	if err != nil || len(value.References()) != 1 {
		t.Errorf("%v, %v", value.References(), err)
	}
}

// left matches what must not be left in a value that is passed on. It matches
// lower case, and follows the contract rather than the code.
var left = regexp.MustCompile(`keyvault:https:|azureml://(connections|onlineendpoints)/|@microsoft\.keyvault\(|@microsoft\.appconfiguration\(|akvs://|` +
	`\$\{\{[\pZ\pC\p{Mn}\p{Pi}\p{Pf}\x{fffd}'"„‚` + "`]*" + `(azureml:|keyvault:|connections\.)`)

// checkNoneLeft checks that nothing outside of value's references looks like
// one.
func checkNoneLeft(t *testing.T, text string, value Value) {
	t.Helper()
	literals := []string{text}
	if value != nil {
		literals = nil
	}
	for _, p := range value {
		literals = append(literals, p.literal)
	}
	for _, literal := range literals {
		if found := left.FindString(asciiLower(literal)); found != "" {
			t.Fatalf("Parse(%q): %q would be passed on", text, found)
		}
	}
}

// asciiLower is like [strings.ToLower] but leaves other letters alone, some of
// which would become ASCII.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

// FuzzNearMiss puts the beginning of a form, in any letter case, between other
// texts. The value must be an error, or the beginning part of a reference.
func FuzzNearMiss(f *testing.F) {
	forms := []string{"keyvault:https:", "azureml://connections/", "@Microsoft.KeyVault(", "@Microsoft.AppConfiguration(", "akvs://",
		"azureml:", "keyvault:", "connections.c.credentials", "connections.a.b.metadata", "connections.c.target", "connections.", "azureml://onlineEndpoints/"}
	for i := range forms {
		for _, before := range []string{"", "\"", "\ufeff", "\u00a0 '", "x", "postgres://u:", "${{", "${{ “\v", "${{" + bareSecret + "}} "} {
			f.Add(before, byte(i), uint32(i*2654435761), "//kv1.vault.azure.net/secrets/s}}")
		}
	}
	f.Fuzz(func(t *testing.T, before string, form byte, upper uint32, after string) {
		begins := []byte(forms[int(form)%len(forms)])
		for i, c := range begins {
			if 'a' <= c && c <= 'z' && upper>>(i%32)&1 == 1 {
				begins[i] -= 'a' - 'A'
			}
		}
		text := before + string(begins) + after
		if value, err := testGrammar.Parse(text); err == nil {
			checkNoneLeft(t, text, value)
			checkLiterals(t, text, value)
		}
	})
}
