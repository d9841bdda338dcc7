package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// list sends the keys that match, all on one page,
// https://learn.microsoft.com/azure/azure-app-configuration/rest-api-key-value#list-key-values.
func (s *configurationStore) list(w http.ResponseWriter, r *http.Request) {
	query := map[string]string{}
	for name, values := range r.URL.Query() {
		query[strings.ToLower(name)] = values[0]
	}
	items := []any{}
	for _, key := range slices.Sorted(maps.Keys(s.Keys)) {
		for _, k := range s.Keys[key] {
			if matchesFilter(query["key"], key) && matchesFilter(query["label"], k.Label) {
				items = append(items, selected(s.wire(key, k), query["$select"]))
			}
		}
	}
	body := marshal(map[string]any{"items": items})
	w.Header().Set("Content-Type", "application/vnd.microsoft.appconfig.kvset+json; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.Write(body)
}

// matchesFilter reports whether one of the names in a filter is the value, or with
// a * at its end its beginning. \0 stands for no label.
func matchesFilter(filter, value string) bool {
	return filter == "" || slices.ContainsFunc(strings.Split(filter, ","), func(name string) bool {
		prefix, wildcard := strings.CutSuffix(name, "*")
		return wildcard && strings.HasPrefix(value, prefix) || name == value || name == "\x00" && value == ""
	})
}

// selected returns the members of a key-value that are asked for, all if none is.
func selected(k keyValue, names string) map[string]any {
	all := map[string]any{}
	json.Unmarshal(marshal(k), &all)
	maps.DeleteFunc(all, func(name string, _ any) bool {
		return names != "" && !slices.Contains(strings.Split(names, ","), name)
	})
	return all
}
