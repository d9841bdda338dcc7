package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"azinject/report"
	"azinject/resolve"
)

// TestPageHasTheDocument checks that the page explains every field of the JSON
// document.
func TestPageHasTheDocument(t *testing.T) {
	page, err := os.ReadFile("docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "## azinject --check, azinject --plan\n")
	table, _, ends := strings.Cut(table, "\n## ")
	if !ok || !ends {
		t.Fatal("the page does not contain a table of the document's fields")
	}
	for _, name := range fieldNames(reflect.TypeFor[document]()) {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("the table does not list %q", name)
		}
	}
}

// fieldNames returns the JSON names of a type's fields, including those of
// nested types.
func fieldNames(of reflect.Type) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range of.NumField() {
		if field := of.Field(i); field.IsExported() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(append(names, name), fieldNames(field.Type)...)
		}
	}
	return names
}

// TestDistantExpiry checks dates that Key Vault accepts and RFC 3339 cannot
// write.
func TestDistantExpiry(t *testing.T) {
	for seconds, want := range map[int64]struct{ text, result string }{
		4102444800:        {"2100-01-01T00:00:00Z", "ok"},
		253402300799:      {"9999-12-31T23:59:59Z", "ok"},
		253402300800:      {"9999-12-31T23:59:59Z", "ok"},
		1e15:              {"9999-12-31T23:59:59Z", "ok"},
		math.MaxInt64:     {"9999-12-31T23:59:59Z", "ok"},
		946684800:         {"2000-01-01T00:00:00Z", "expired"},
		-1e15:             {"0000-01-01T00:00:00Z", "expired"},
		math.MinInt64 + 1: {"0000-01-01T00:00:00Z", "expired"},
	} {
		source := resolve.Source{Variable: "A", Expires: time.Unix(seconds, 0)}
		if got := resultOf(source, time.Now()); got != want.result {
			t.Errorf("%d: result %s, want %s", seconds, got, want.result)
		}
		if got := newDocument(modePlan, &start{}, []resolve.Source{source}).References[0].Expires; got != want.text {
			t.Errorf("%d: the document contains %s, want %s", seconds, got, want.text)
		}
		var out bytes.Buffer
		logSource(report.Log{Writer: &out, JSON: true}, source)
		var line struct{ Expires string }
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.Expires != want.text {
			t.Errorf("%d: %v: the log contains %s, want %s", seconds, err, &out, want.text)
		}
	}
}
