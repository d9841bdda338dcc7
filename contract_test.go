package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	osexec "os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// notVariables look like the names of environment variables but are not.
var notVariables = []string{"AADSTS", "DEBUG", "ERROR", "INFO", "WARN", "VARIABLE", "STORE", "EXPIRES", "RESULT", "CERTIFICATE"}

// TestVariables checks that a page explains every variable that our code reads.
// Each name of a variable is a string literal of its own.
func TestVariables(t *testing.T) {
	var text strings.Builder
	for _, page := range pages(t) {
		if page == "README.md" || strings.HasPrefix(page, "docs/") {
			text.Write(read(t, page))
		}
	}
	name := regexp.MustCompile(`^[A-Z][A-Z0-9_]{3,}$`)
	for _, path := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			variable, err := strconv.Unquote(literal.Value)
			if err != nil || !name.MatchString(variable) || slices.Contains(notVariables, variable) {
				return true
			}
			if !regexp.MustCompile(`\b`+variable+`\b`).MatchString(text.String()) && variable != "AZINJECT_" {
				t.Errorf("%s reads %s, which no page explains", path, variable)
			}
			return true
		})
	}
}

// TestSettings checks that the manual and the README list every setting, and
// that no document mentions a setting that does not exist.
func TestSettings(t *testing.T) {
	settings := settings(t)
	usage, readme := string(read(t, "arguments.go")), string(read(t, "README.md"))
	for _, name := range settings {
		if !strings.Contains(usage, "\n  "+name+" ") {
			t.Errorf("the manual does not list %s", name)
		}
		if !strings.Contains(readme, "\n| `"+name+"` |") {
			t.Errorf("the README's table of settings does not list %s", name)
		}
	}
	mentioned := regexp.MustCompile(`\bAZINJECT_[A-Z_]*[A-Z]\b`)
	for _, path := range append(sources(t), documents(t)...) {
		for _, name := range mentioned.FindAllString(string(read(t, path)), -1) {
			if !slices.Contains(settings, name) {
				t.Errorf("%s mentions %s, which is not a setting", path, name)
			}
		}
	}
}

// settings returns the names of all settings, as the program reports them.
func settings(t *testing.T) []string {
	t.Helper()
	start := osexec.Command(program(t, "azinject"), "--", "/bin/true")
	start.Env = []string{"AZINJECT_=1"}
	report, _ := start.CombinedOutput()
	_, list, ok := strings.Cut(strings.TrimSpace(string(report)), "no such setting; the settings are ")
	if !ok {
		t.Fatalf("the report does not list the settings\n%s", report)
	}
	list, _, _ = strings.Cut(list, "\n")
	return strings.Split(list, ", ")
}

// documents are the files that tell people how to use the program.
func documents(t *testing.T) []string {
	t.Helper()
	others := glob(t, "Dockerfile.example", "deploy/*.yaml", "deploy/*/*.yaml", "deploy/*/*.yml", "deploy/azureml/scoring/*.yml", "deploy/azureml/scoring/src/*", "testdata/deployment.yml")
	return append(pages(t), others...)
}
