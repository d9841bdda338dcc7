package resolve

import "testing"

func TestParseProject(t *testing.T) {
	for endpoint, want := range map[string]Project{
		"https://acct.services.ai.azure.com/api/projects/proj":     {Host: "acct.services.ai.azure.com", Name: "proj"},
		"https://ACCT.Services.AI.Azure.com/api/projects/My_p.1/":  {Host: "acct.services.ai.azure.com", Name: "My_p.1"},
		" https://a-1.services.ai.azure.us/api/projects/_project ": {Host: "a-1.services.ai.azure.us", Name: "_project"},
		// refused
		"":                                   {},
		"acct.services.ai.azure.com":         {},
		"https://acct.services.ai.azure.com": {},
		"https://acct.services.ai.azure.com/api/projects/":           {},
		"https://acct.services.ai.azure.com/api/projects/p//":        {},
		"https://acct.services.ai.azure.com/api/projects/p?x":        {},
		"https://acct.services.ai.azure.com/api/projects/p#x":        {},
		"https://acct.services.ai.azure.com/api/projects/a%2fb":      {},
		"https://acct.services.ai.azure.com/openai/projects/p":       {},
		"https://acct.services.ai.azure.com./api/projects/p":         {},
		"https://acct.services.ai.azure.com:443/api/projects/p":      {},
		"https://x@acct.services.ai.azure.com/api/projects/p":        {},
		"https://a.b.services.ai.azure.com/api/projects/p":           {},
		"https://acct.services.ai.azure.com.example/api/projects/p":  {},
		"https://acct.services.ai.azure.cn/api/projects/p":           {},
		"https://acct_.services.ai.azure.com/api/projects/p":         {},
		"http://acct.services.ai.azure.com/api/projects/p":           {},
		"\"https://acct.services.ai.azure.com/api/projects/p\"":      {},
		"HTTPS://acct.services.ai.azure.com/api/projects/p":          {},
		"https://acct.services.ai.azure.com/api/projects/p/agents/a": {},
	} {
		got, err := ParseProject(endpoint)
		if got != want || (err == nil) != (want != Project{}) {
			t.Errorf("ParseProject(%q) = %+v, %v, want %+v", endpoint, got, err, want)
		}
	}
}

func TestProjectScope(t *testing.T) {
	for host, want := range map[string]string{
		"acct.services.ai.azure.com": "https://ai.azure.com/.default",
		"acct.services.ai.azure.us":  "https://ai.azure.us/.default",
		"acct.vault.azure.net":       "",
	} {
		if got := projectScope(host); got != want {
			t.Errorf("projectScope(%q) = %q, want %q", host, got, want)
		}
	}
}

func TestDiscoverProject(t *testing.T) {
	const one, two = "https://one.services.ai.azure.com/api/projects/p", "https://two.services.ai.azure.com/api/projects/p"
	for _, test := range []struct {
		foundry, azd string
		host, from   string
	}{
		{one, two, "one.services.ai.azure.com", "FOUNDRY_PROJECT_ENDPOINT"},
		{"", two, "two.services.ai.azure.com", "AZURE_AI_PROJECT_ENDPOINT"},
		{"nonsense", two, "", "FOUNDRY_PROJECT_ENDPOINT"},
		{"", "", "", ""},
	} {
		variables := map[string]string{"FOUNDRY_PROJECT_ENDPOINT": test.foundry, "AZURE_AI_PROJECT_ENDPOINT": test.azd}
		p, from := DiscoverProject(func(name string) string { return variables[name] })
		if p.Host != test.host || from != test.from {
			t.Errorf("DiscoverProject with %v = %+v, %q", variables, p, from)
		}
	}
}

func TestDiscoverID(t *testing.T) {
	const id = "/subscriptions/s/resourceGroups/r g/providers/Microsoft.CognitiveServices/accounts/acct/projects/proj"
	for value, known := range map[string]bool{
		id: true,
		"/SUBSCRIPTIONS/s/resourcegroups/r/providers/microsoft.cognitiveservices/accounts/ACCT/projects/Proj": true,
		id + "/": false, id + "/connections/c": false, id + "x": false, "x" + id: false, "": false,
		"/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/acct2/projects/proj":   false,
		"/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/acct/projects/proj2":   false,
		"/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/accounts/acct/projects/proj":              false,
		"/subscriptions/$(x)/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/acct/projects/proj": false,
	} {
		want := ""
		if known {
			want = value
		}
		for _, name := range []string{"FOUNDRY_PROJECT_ARM_ID", "AZURE_AI_PROJECT_ID"} {
			getenv := func(n string) string { return map[string]string{name: value}[n] }
			if got := ownProject.DiscoverID(getenv); got != want {
				t.Errorf("DiscoverID with %s=%q = %q, want %q", name, value, got, want)
			}
			if got := (Project{}).DiscoverID(getenv); got != "" {
				t.Errorf("no project has the ID %q", got)
			}
		}
	}
}
