package emulator

import (
	"net/url"
	"strings"
	"testing"
)

const keysWorld = `
identities: {app: {}}
app_configurations:
  store1: {keys: {a: [{value: one}, {value: two, label: prod}], b/c: three}}
  shut: {readers: [], keys: {a: x}}
`

func TestKeysAreListed(t *testing.T) {
	a := build(t, keysWorld)
	list := func(host, query string) (int, string) {
		w := send(a.Stores(), "GET", "https://"+host+".azconfig.io/kv?"+query, tokenFor(a, "app", "https://"+host+".azconfig.io"))
		return w.Code, w.Body.String()
	}
	for query, want := range map[string]string{
		"":                                 "one two three",
		"key=*&label=*":                    "one two three",
		"key=a":                            "one two",
		"key=b*":                           "three",
		"key=a,b/c&label=" + "%00":         "one three",
		"label=prod":                       "two",
		"label=" + url.QueryEscape("\x00"): "one three",
		"key=none":                         "",
	} {
		status, body := list("store1", "api-version=1.0&"+query)
		var got []string
		for _, value := range []string{"one", "two", "three"} {
			if strings.Contains(body, `"value":"`+value+`"`) {
				got = append(got, value)
			}
		}
		if status != 200 || strings.Join(got, " ") != want {
			t.Errorf("%s: %d %s, want %s", query, status, body, want)
		}
	}
	if _, body := list("store1", "api-version=1.0&key=a&label=prod&$Select=key,label"); body != `{"items":[{"key":"a","label":"prod"}]}` {
		t.Errorf("key and label = %s", body)
	}
	if status, body := list("shut", "api-version=1.0"); status != 403 || body != "" {
		t.Errorf("without a role: %d %s", status, body)
	}
	if status, _ := list("store1", ""); status != 400 {
		t.Errorf("without a version: %d", status)
	}
}

// TestStoresAreListed looks for a store as az does.
func TestStoresAreListed(t *testing.T) {
	a := build(t, keysWorld+"role_assignments: [{principal: app, role: Reader, scope: /}]\n")
	group := "/subscriptions/" + derivedGUID("subscription") + "/resourceGroups/emulated/providers/Microsoft.AppConfiguration/configurationStores"
	w := put(a, "GET", strings.Replace(group, "/resourceGroups/emulated", "", 1)+"?api-version=2022-05-01", "app", "")
	if w.Code != 200 || strings.Count(w.Body.String(), `"endpoint":"https://`) != 2 {
		t.Errorf("stores = %d %s", w.Code, w.Body)
	}
	if w := put(a, "GET", group+"/store1?api-version=2022-05-01", "app", ""); w.Code != 200 || !strings.Contains(w.Body.String(), `"id":"`+group+`/store1"`) {
		t.Errorf("store = %d %s", w.Code, w.Body)
	}
}
