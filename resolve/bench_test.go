package resolve

import (
	"fmt"
	"strings"
	"testing"
)

// environment returns n variables. Every step-th contains a reference, or none
// if step is 0.
func environment(n, step int) []string {
	environ := make([]string, n)
	for i := range environ {
		environ[i] = fmt.Sprintf("VARIABLE_%d=/opt/conda/bin:/usr/local/bin:/usr/bin and some ordinary text %d", i, i)
		if step > 0 && i%step == 0 {
			environ[i] = fmt.Sprintf("VARIABLE_%d=postgres://u:${{keyvault:https://kv1.vault.azure.net/secrets/secret-%d}}@h/db", i, i)
		}
	}
	return environ
}

func BenchmarkPlan(b *testing.B) {
	for name, step := range map[string]int{"without references": 0, "with 100 references": 10} {
		environ := environment(1000, step)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := NewPlan(environ, testOptions()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParseLong parses values of 100 KB without references. Every start
// pays this for a long variable.
func BenchmarkParseLong(b *testing.B) {
	for name, text := range map[string]string{
		"text":        "ordinary text, a word after the other. ",
		"JSON":        `{"key":"value","url":"https://h/","mail":"a@b"},`,
		"expressions": "${{inputs.x}} and ${{ secrets.X }} ",
	} {
		value := strings.Repeat(text, 100_000/len(text))
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := testGrammar.Parse(value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSubstitute(b *testing.B) {
	p, err := NewPlan(environment(1000, 10), testOptions())
	if err != nil {
		b.Fatal(err)
	}
	results := make([]result, len(p.objects))
	for i := range results {
		results[i] = secretContent("a secret of some length").take(p.references[i], nil)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.substitute(results); err != nil {
			b.Fatal(err)
		}
	}
}
