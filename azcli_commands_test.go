package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	ranByTest   = "TestAzureCLI runs it"
	brokenInAz  = "Debian's az 2.45 lacks a module for its commands about secrets"
	noExtension = "it takes an extension that Debian does not have"
)

// printedCommands lists the commands of az that hints and --plan print, with the
// options that stand beside them in the source.
var printedCommands = map[string]string{
	"az account get-access-token --resource":                                                             ranByTest,
	"az account show --query":                                                                            ranByTest,
	"az ad app credential reset --append --id":                                                           ranByTest,
	"az ad signed-in-user show --query --output":                                                         ranByTest,
	"az ad sp show --id --query --output":                                                                ranByTest,
	"az appconfig kv list --name --all --fields --auth-mode":                                             ranByTest,
	"az appconfig show --name --query --output":                                                          ranByTest,
	"az identity federated-credential create --name --identity-name --resource-group --issuer --subject": ranByTest,
	"az identity show --ids --query --output":                                                            ranByTest,
	"az keyvault set-policy --name --object-id --secret-permissions":                                     ranByTest,
	"az keyvault show --name --query --output":                                                           ranByTest,
	"az login": ranByTest,
	"az resource list --resource-type --name --query --output":                                ranByTest,
	"az rest --resource --url --query":                                                        ranByTest,
	"az role assignment create --assignee-object-id --assignee-principal-type --role --scope": ranByTest,
	"az keyvault secret list --vault-name --query":                                            brokenInAz,
	"az keyvault secret list-deleted --vault-name":                                            brokenInAz,
	"az keyvault secret list-versions --vault-name --name":                                    brokenInAz,
	"az aks identity-binding list --cluster-name --resource-group":                            noExtension,
	"az ml compute update --name --identity-type --resource-group --workspace-name":           noExtension,
	"az ml connection list":                                                                   noExtension,
	"az ml online-endpoint list":                                                              noExtension,
}

// commandPattern matches a command of az, up to its last option.
var commandPattern = regexp.MustCompile(`\baz(?: [a-z][a-z-]*)+(?: --[a-z-]+(?: (?:"[^"]*"|[^-\s");][^\s");]*))*)*`)

var optionPattern = regexp.MustCompile(` (--[a-z-]+)`)

// shapeOf returns a command without the values of its options.
func shapeOf(command string) string {
	words, _, _ := strings.Cut(command, " -")
	for _, option := range optionPattern.FindAllStringSubmatch(command, -1) {
		words += " " + option[1]
	}
	return words
}

// TestPrintedCommands checks that printedCommands is complete.
func TestPrintedCommands(t *testing.T) {
	found := map[string]bool{}
	for _, pattern := range []string{"report/*.go", "access/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, text := range literals(t, name) {
				for _, command := range commandPattern.FindAllString(text, -1) {
					found[shapeOf(command)] = true
				}
			}
		}
	}
	for command := range found {
		if printedCommands[command] == "" {
			t.Errorf("%q is printed: let TestAzureCLI run it, or say in printedCommands why not", command)
		}
	}
	for command := range printedCommands {
		if !found[command] {
			t.Errorf("%q is not printed any more", command)
		}
	}
}

// literals returns the strings in a file.
func literals(t *testing.T, name string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
		return true
	})
	return all
}

// checkRan checks that az was called with every command that the tests are said to
// run, and with none that they are said not to.
func checkRan(t *testing.T, calls string) {
	t.Helper()
	ran := map[string]bool{}
	for call := range strings.Lines(calls) {
		ran[shapeOf(strings.TrimSpace(call))] = true
	}
	for command, why := range printedCommands {
		if ran[command] != (why == ranByTest) {
			t.Errorf("%q: %s, but az was called with:\n%s", command, why, strings.Join(slices.Sorted(maps.Keys(ran)), "\n"))
		}
	}
}
