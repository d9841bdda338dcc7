package identity

import (
	"errors"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const (
	guidA      = "aaaaaaaa-0000-4000-8000-00000000000a"
	guidB      = "BBBBBBBB-0000-4000-8000-00000000000B"
	guidC      = "cccccccc-0000-4000-8000-00000000000c"
	resourceID = "/subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine"
)

func TestSelect(t *testing.T) {
	type env map[string]string
	tests := []struct {
		name     string
		env      env
		id       azidentity.ManagedIDKind
		variable string
	}{
		{"nothing", env{}, nil, ""},
		{"client ID", env{"AZINJECT_IDENTITY": guidA, "AZURE_CLIENT_ID": guidB}, azidentity.ClientID(guidA), "AZINJECT_IDENTITY"},
		{"resource ID", env{"AZINJECT_IDENTITY": resourceID}, azidentity.ResourceID(resourceID), "AZINJECT_IDENTITY"},
		{"resource ID in lower case", env{"AZINJECT_IDENTITY": strings.ToLower(resourceID)}, azidentity.ResourceID(strings.ToLower(resourceID)), "AZINJECT_IDENTITY"},
		{"object ID", env{"AZINJECT_IDENTITY": "object:" + guidA}, azidentity.ObjectID(guidA), "AZINJECT_IDENTITY"},
		{"Azure SDK's variable", env{"AZURE_CLIENT_ID": guidB, "UAI_CLIENT_ID": guidA, "DEFAULT_IDENTITY_CLIENT_ID": guidC}, azidentity.ClientID(guidB), "AZURE_CLIENT_ID"},
		{"an application's with a secret", env{"AZURE_CLIENT_ID": guidB, "AZURE_CLIENT_SECRET": "x"}, nil, ""},
		{"an application's with a certificate", env{"AZURE_CLIENT_ID": guidB, "AZURE_CLIENT_CERTIFICATE_PATH": "/c", "DEFAULT_IDENTITY_CLIENT_ID": guidC}, azidentity.ClientID(guidC), "DEFAULT_IDENTITY_CLIENT_ID"},
		{"not a GUID", env{"AZURE_CLIENT_ID": "${{keyvault:https://kv1.vault.azure.net/secrets/s}}", "UAI_CLIENT_ID": guidA}, azidentity.ClientID(guidA), "UAI_CLIENT_ID"},
		{"Azure ML's default", env{"DEFAULT_IDENTITY_CLIENT_ID": guidC}, azidentity.ClientID(guidC), "DEFAULT_IDENTITY_CLIENT_ID"},
		{"compute instance without identity", env{"DEFAULT_IDENTITY_CLIENT_ID": "clientid"}, nil, ""},
	}
	for _, test := range tests {
		got, err := Select(func(name string) string { return test.env[name] })
		if err != nil || got.ID != test.id || got.Variable != test.variable {
			t.Errorf("%s: Select = %+v, %v, want %v from %q", test.name, got, err, test.id, test.variable)
		}
	}
}

func TestSelectRefuses(t *testing.T) {
	for variable, values := range map[string][]string{
		"AZINJECT_IDENTITY": {"mine", "object:mine", "object:", "Object: " + guidA, guidA + "0", guidA[:35] + "g", guidA[:8] + "0" + guidA[9:],
			"/subscriptions/s/resourceGroups/r", "system"},
		"UAI_CLIENT_ID": {"uai_client_id_place_holder"},
	} {
		for _, value := range values {
			_, err := Select(func(name string) string {
				if name == variable {
					return value
				}
				return ""
			})
			var failed *SelectionError
			if !errors.As(err, &failed) || failed.Variable != variable {
				t.Errorf("%s=%s: %v, want a SelectionError of that variable", variable, value, err)
			} else if len(value) > len("object:") && strings.Contains(err.Error(), value) {
				t.Errorf("%s: the error quotes the value: %v", variable, err)
			}
		}
	}
}
