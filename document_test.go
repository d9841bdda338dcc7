package main

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestReadmeHasTheDocument finds every field of the JSON in the README for
// pipelines.
func TestReadmeHasTheDocument(t *testing.T) {
	readme, err := os.ReadFile("deploy/ci/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(readme), "print one document on stdout")
	if !ok {
		t.Fatal("there is no table of the document's fields")
	}
	for _, name := range fieldNames(reflect.TypeFor[document]()) {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("the table has no %q", name)
		}
	}
}

// fieldNames returns the names that a type has in JSON, those of the types in
// it included.
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
