package main_test

import (
	"fmt"
	"strings"
	"testing"

	"azinject/emulator"
)

// TestHostileObjects checks the bounds where a hundred different objects have many
// small members, of which none is the one that is wanted, or values that are too large.
func TestHostileObjects(t *testing.T) {
	id := strings.TrimPrefix(inW, "AZINJECT_WORKSPACE=")
	for name, objects := range map[string]struct{ refer, match, body, says string }{
		"secrets": {
			secretFormat + "#/key", "GET kv1.vault.azure.net/secrets/s%d/",
			`{"id":"https://kv1.vault.azure.net/secrets/s%d/1","value":"{\"a\":1` + strings.Repeat(`,\"\":1`, 35<<10) + `}"}`,
			`the secret has "a" and 34842 more`,
		},
		"connections": {
			connectionsFormat, "POST management.azure.com" + id + "/connections/c%d/",
			strings.Replace(connectionOf(25_000, "m%d"), `"c"`, `"c%d"`, 1),
			`it has "a", "m0", "m1", "m10"`,
		},
		"values": {
			"A%d=azureml://connections/c%[1]d/target", "POST management.azure.com" + id + "/connections/c%d/",
			`{"name":"c%d","properties":{"target":"` + strings.Repeat("x", 1020<<10) + `"}}`,
			"the value has 1044480 bytes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			config, err := emulator.Parse([]byte(failureCase{yaml: oneSecret + connection}.azure("appservice")))
			if err != nil {
				t.Fatal(err)
			}
			references := []string{inW}
			for i := range 100 {
				references = append(references, fmt.Sprintf(objects.refer, i))
				config.Faults = append(config.Faults, emulator.Fault{Match: fmt.Sprintf(objects.match, i), Status: 200, Body: fmt.Sprintf(objects.body, i)})
			}
			checkCost(t, config, references, objects.says)
		})
	}
}
