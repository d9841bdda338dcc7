package emulator

import (
	"strings"
	"testing"
)

func TestFoundryLists(t *testing.T) {
	a := build(t, foundryWorld)
	list := func(project string) string {
		return strings.Replace(openProject, "/open", "/"+project, 1) + "/connections?api-version=v1"
	}
	w := send(a.Stores(), "GET", list("open"), tokenFor(a, "app", projectAudience))
	for _, name := range []string{"Search Connection", "aad", "custom", "odd", "sas"} {
		if !strings.Contains(w.Body.String(), `"name":"`+name+`"`) {
			t.Errorf("no %s in %s", name, w.Body)
		}
	}
	if w.Code != 200 || strings.Contains(w.Body.String(), "k<&>1") {
		t.Errorf("list = %d %s", w.Code, w.Body)
	}
	if w := send(a.Stores(), "GET", list("read"), tokenFor(a, "app", projectAudience)); w.Code != 200 {
		t.Errorf("with the action: %d %s", w.Code, w.Body)
	}
	wantRefusal{401, "PermissionDenied", "", "connections/read` to perform `GET /api/projects/{projectName}/connections`"}.check(t, send(a.Stores(), "GET", list("list"), tokenFor(a, "app", projectAudience)))
	wantRefusal{404, "ResourceNotFound", "", "project"}.check(t, send(a.Stores(), "GET", list("none"), tokenFor(a, "app", projectAudience)))
}

// TestAccountIsFound looks for the account of a project as az does.
func TestAccountIsFound(t *testing.T) {
	a := build(t, foundryWorld+"  - {principal: app, role: Reader, scope: /}\n")
	subscription := "/subscriptions/" + derivedGUID("subscription")
	filter := "&$filter=name%20eq%20'acct'%20and%20resourceType%20eq%20'Microsoft.CognitiveServices/accounts'"
	w := put(a, "GET", subscription+"/resources?api-version=2021-04-01"+filter, "app", "")
	if !strings.Contains(w.Body.String(), `"id":"`+subscription+`/resourceGroups/emulated/providers/Microsoft.CognitiveServices/accounts/acct"`) || strings.Contains(w.Body.String(), "projects") {
		t.Errorf("found %s", w.Body)
	}
}
