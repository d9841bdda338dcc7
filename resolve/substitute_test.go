package resolve

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// resolved runs the plan with results that need no network: every secret has
// the value «name».
func resolved(t *testing.T, environ []string) []string {
	t.Helper()
	p, failures := NewPlan(environ, testOptions())
	if failures != nil {
		t.Fatal(failures)
	}
	results := make([]result, len(p.objects))
	for i, o := range p.objects {
		results[i] = secretContent("«"+o.Name+"»").take(p.references[i], nil)
	}
	done, failures := p.substitute(results)
	if failures != nil {
		t.Fatal(failures)
	}
	return done.Environ
}

func TestEnvironmentSurvives(t *testing.T) {
	environ := []string{
		"Z=1", "A=" + kv + "a}}", "Z=2", "A=" + kv + "b}}", "no equals sign", "", "=nameless", "A=plain",
		"EQUALS=a=b=" + kv + "a}}=c", "BYTES=\xff\xfe" + kv + "a}}\n", "${{keyvault:nonsense", "TWICE=" + kv + "a}}" + kv + "a}}",
	}
	want := []string{
		"Z=1", "A=«a»", "Z=2", "A=«b»", "no equals sign", "", "=nameless", "A=plain",
		"EQUALS=a=b=«a»=c", "BYTES=\xff\xfe«a»\n", "${{keyvault:nonsense", "TWICE=«a»«a»",
	}
	before := slices.Clone(environ)
	if got := resolved(t, environ); !slices.Equal(got, want) {
		t.Errorf("resolved = %q\nwant %q", got, want)
	}
	if !slices.Equal(environ, before) {
		t.Errorf("the original environment has changed: %q", environ)
	}
}

func TestSubstitutionIsOnePass(t *testing.T) {
	p, failures := NewPlan([]string{"A=" + kv + "a}}"}, testOptions())
	if failures != nil {
		t.Fatal(failures)
	}
	const value = "${{keyvault:https://kv1.vault.azure.net/secrets/other}} $HOME ${{azureml:"
	done, failures := p.substitute([]result{secretContent(value).take(p.references[0], nil)})
	if failures != nil || done.Environ[0] != "A="+value {
		t.Errorf("substitute = %q, %v, want the secret unchanged", done, failures)
	}
}

func TestSubstituteReportsAllFailures(t *testing.T) {
	p, failures := NewPlan([]string{"A=" + kv + "a}}", "B=" + kv + "b}}", "C=" + kv + "a}}"}, testOptions())
	if failures != nil {
		t.Fatal(failures)
	}
	broken := errors.New("broken")
	resolution, failures := p.substitute([]result{notFetched(broken).take(p.references[0], nil), secretContent("b").take(p.references[1], nil)})
	if want := []Failure{{"A", broken}, {"C", broken}}; !slices.Equal(failures, want) || resolution.Environ != nil {
		t.Fatalf("substitute = %v, %v, want %v and no environment", resolution, failures, want)
	}
	for i, source := range resolution.Sources {
		if failed := source.Reference.Object.Name == "a"; len(resolution.Sources) != 3 || source.Variable != "ABC"[i:i+1] || (source.Err != nil) != failed {
			t.Errorf("source %d of %d is %+v", i, len(resolution.Sources), source)
		}
	}
}

func TestSecretCannotBePrinted(t *testing.T) {
	holder := struct {
		s Secret
		m map[string]Secret
	}{NewSecret("hunter2"), map[string]Secret{"k": NewSecret("hunter2")}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		if text := fmt.Sprintf(verb, holder) + fmt.Sprintf(verb, holder.s); strings.Contains(text, "hunter2") || strings.Contains(text, "68756e74657232") {
			t.Errorf("%s prints the secret: %s", verb, text)
		}
	}
}
