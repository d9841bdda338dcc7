package resolve

import (
	"errors"
	"strings"
	"testing"
)

func TestDiscoverWorkspace(t *testing.T) {
	job := map[string]string{"AZUREML_ARM_SUBSCRIPTION": testWorkspace.Subscription, "AZUREML_ARM_RESOURCEGROUP": "r", "AZUREML_ARM_WORKSPACE_NAME": "w"}
	with := func(name, value string) map[string]string {
		m := map[string]string{name: value}
		for k, v := range job {
			m[k] = v
		}
		return m
	}
	tests := []struct {
		name string
		env  map[string]string
		want Workspace
		from string // its beginning
	}{
		{"none", nil, Workspace{}, ""},
		{"job", job, Workspace{testWorkspace.Subscription, "r", "w"}, "AZUREML_ARM_SUBSCRIPTION, "},
		{"a job whose subscription is not an ID", map[string]string{"AZUREML_ARM_SUBSCRIPTION": "s", "AZUREML_ARM_RESOURCEGROUP": "r", "AZUREML_ARM_WORKSPACE_NAME": "w"}, Workspace{}, ""},
		{"half a job", map[string]string{"AZUREML_ARM_SUBSCRIPTION": testWorkspace.Subscription, "AZUREML_ARM_WORKSPACE_NAME": "w"}, Workspace{}, ""},
		{"a job's variable that leaves its segment", map[string]string{"AZUREML_ARM_SUBSCRIPTION": testWorkspace.Subscription, "AZUREML_ARM_RESOURCEGROUP": "../r", "AZUREML_ARM_WORKSPACE_NAME": "w"}, Workspace{}, ""},
		{"deployment", with("AML_DEPLOYMENT_RESOURCE_ID", testWorkspace.ID()+"/onlineEndpoints/e/deployments/d"), testWorkspace, "AML_DEPLOYMENT_RESOURCE_ID"},
		{"something else in the deployment's variable", with("AML_DEPLOYMENT_RESOURCE_ID", "blue"), Workspace{testWorkspace.Subscription, "r", "w"}, "AZUREML_ARM_SUBSCRIPTION, "},
	}
	for _, test := range tests {
		got, from := DiscoverWorkspace(func(name string) string { return test.env[name] })
		if got != test.want || !strings.HasPrefix(from, test.from) || test.from == "" && from != "" {
			t.Errorf("%s: %+v from %q, want %+v from %q", test.name, got, from, test.want, test.from)
		}
	}
}

func TestParseWorkspace(t *testing.T) {
	good := []string{
		testWorkspace.ID(),
		strings.Replace(testWorkspace.ID(), "resourceGroups", "RESOURCEGROUPS", 1),
		"azureml:/" + testWorkspace.ID(),
		"azureml://subscriptions/" + testWorkspace.Subscription + "/resourcegroups/my-rg/workspaces/my_ws",
	}
	for _, id := range good {
		if got, err := ParseWorkspace(id); err != nil || got != testWorkspace {
			t.Errorf("ParseWorkspace(%q) = %+v, %v", id, got, err)
		}
	}
	bad := []string{"", "/", "my_ws", strings.TrimPrefix(testWorkspace.ID(), "/"), testWorkspace.ID() + "//", testWorkspace.ID() + "/connections/c",
		"/subscriptions/" + testWorkspace.Subscription + "/resourceGroups/r", "subscriptions/s/resourceGroups/r/workspaces/w", "azureml:" + testWorkspace.ID(), "https://ml.azure.com/x"}
	for _, id := range bad {
		if got, err := ParseWorkspace(id); !errors.Is(err, errWorkspace) || got != (Workspace{}) {
			t.Errorf("ParseWorkspace(%q) = %+v, %v, want errWorkspace", id, got, err)
		}
	}
}

// TestParseWorkspaceScript checks that the name of a resource group may have letters
// and digits of any script, and nothing else that is not ASCII.
func TestParseWorkspaceScript(t *testing.T) {
	for group, valid := range map[string]bool{"größe-rg": true, "資源グループ": true, "Ресурсы٣": true, "rg\u00a0x": false, "rg\u200b": false, "rg™": false, "\ufeffrg": false, "rg\xff": false, "rg…": false} {
		w := Workspace{testWorkspace.Subscription, group, "w"}
		if got, err := ParseWorkspace(w.ID()); (err == nil) != valid || valid && got != w {
			t.Errorf("ParseWorkspace(%q) = %+v, %v", w.ID(), got, err)
		}
	}
}

// TestParseWorkspaceSlash checks that the error about a slash at the end says so.
func TestParseWorkspaceSlash(t *testing.T) {
	if got, err := ParseWorkspace(testWorkspace.ID() + "/"); err != errSlash || got != (Workspace{}) {
		t.Errorf("ParseWorkspace with a slash at the end = %+v, %v, want %v", got, err, errSlash)
	}
}

// TestParseWorkspaceSubscription checks that a name or a placeholder is not taken
// for a subscription's ID.
func TestParseWorkspaceSubscription(t *testing.T) {
	for _, subscription := range []string{"s", "my subscription", "<subscriptionId>", "", "{" + testWorkspace.Subscription + "}", strings.ReplaceAll(testWorkspace.Subscription, "-", "")} {
		for _, id := range []string{strings.Replace(testWorkspace.ID(), testWorkspace.Subscription, subscription, 1), "azureml://subscriptions/" + subscription + "/resourceGroups/r/workspaces/w"} {
			if got, err := ParseWorkspace(id); err != errSubscription || got != (Workspace{}) {
				t.Errorf("ParseWorkspace(%q) = %+v, %v, want errSubscription", id, got, err)
			}
		}
	}
}
