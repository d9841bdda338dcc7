package main

import (
	"strings"
	"testing"
)

var expandable = []string{"A=1", "B=$(A)", "EMPTY=", "A=2", "odd"}

func TestExpand(t *testing.T) {
	for value, want := range map[string]string{
		"":                             "",
		"$(A)":                         "2",
		"x-$(A)-$(B)-y":                "x-2-$(A)-y",
		"$(EMPTY)":                     "",
		"$(C)":                         "$(C)",
		"$(odd)":                       "$(odd)",
		"$$(A)":                        "$(A)",
		"$$$(A)":                       "$2",
		"$$$$(A)":                      "$$(A)",
		"$$":                           "$",
		"a$$b":                         "a$b",
		"$":                            "$",
		"$A ${A} $a":                   "$A ${A} $a",
		"$(A":                          "$(A",
		"$(A$$":                        "$(A$",
		"$(A$(A)":                      "$(A$(A)",
		"$()":                          "$()",
		"$(a)(A)":                      "$(a)(A)",
		"$(A))":                        "2)",
		"$(A=1)":                       "$(A=1)",
		"$${{keyvault:https://v/s}}":   "${{keyvault:https://v/s}}",
		"${{keyvault:https://v/$(A)}}": "${{keyvault:https://v/2}}",
		"$(\n)":                        "$(\n)",
	} {
		if got := expand(value, expandable); got != want {
			t.Errorf("expand(%q) = %q, want %q", value, got, want)
		}
	}
}

// FuzzExpand compares expand with a scanner that goes byte by byte, like the
// kubelet's.
func FuzzExpand(f *testing.F) {
	for _, value := range []string{"x-$(A)-$$(B)$", "$($(A))", "$(A$$(B)$$$("} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got, want := expand(value, expandable), scan(value); got != want {
			t.Errorf("expand(%q) = %q, want %q", value, got, want)
		}
	})
}

func scan(value string) string {
	var out strings.Builder
	for i := 0; i < len(value); i++ {
		switch next := value[i+1:]; {
		case value[i] != '$' || next == "":
			out.WriteByte(value[i])
		case next[0] == '$':
			out.WriteByte('$')
			i++
		case next[0] == '(' && strings.Contains(next, ")"):
			name, _, _ := strings.Cut(next[1:], ")")
			v, found := valueOf(expandable, name)
			if !found {
				v = "$(" + name + ")"
			}
			out.WriteString(v)
			i += len(name) + 2
		default:
			out.WriteByte('$')
		}
	}
	return out.String()
}
