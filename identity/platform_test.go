package identity

import (
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// clearPlatform unsets the variables that show a platform.
func clearPlatform(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"FOUNDRY_HOSTING_ENVIRONMENT", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET", "OBO_ENDPOINT",
		"AML_DEPLOYMENT_RESOURCE_ID", "AZUREML_ENTRY_SCRIPT", "AZUREML_MODEL_DIR", "AZUREML_RUN_ID", "AZUREML_ARM_WORKSPACE_NAME", "AZUREML_CURRENT_CLOUD", "AML_APP_ROOT",
	} {
		t.Setenv(name, "")
	}
}

// TestPlatform checks how platforms are told apart, and which variables their
// endpoints need. Its rows have the variables that are set, with any value.
func TestPlatform(t *testing.T) {
	const (
		endpoint = "IDENTITY_ENDPOINT IDENTITY_HEADER "
		msi      = "MSI_ENDPOINT MSI_SECRET "
		both     = "IDENTITY_HEADER MSI_SECRET"
	)
	for set, want := range map[string]struct {
		platform Platform
		unset    string
	}{
		"":                            {IMDS, ""},
		"FOUNDRY_HOSTING_ENVIRONMENT": {HostedAgent, ""},
		"FOUNDRY_HOSTING_ENVIRONMENT IDENTITY_SERVER_THUMBPRINT " + endpoint: {HostedAgent, "IDENTITY_HEADER"},
		"FOUNDRY_HOSTING_ENVIRONMENT MSI_ENDPOINT":                           {HostedAgent, ""},
		"FOUNDRY_HOSTING_ENVIRONMENT AZUREML_RUN_ID " + msi:                  {HostedAgent, "MSI_SECRET"},
		"IDENTITY_SERVER_THUMBPRINT AZUREML_MODEL_DIR " + endpoint:           {ServiceFabric, "IDENTITY_HEADER"},
		"AML_DEPLOYMENT_RESOURCE_ID " + endpoint + msi:                       {OnlineEndpoint, both},
		"AZUREML_ENTRY_SCRIPT " + endpoint + msi:                             {OnlineEndpoint, both},
		"AZUREML_MODEL_DIR " + endpoint:                                      {OnlineEndpoint, "IDENTITY_HEADER"},
		"AML_DEPLOYMENT_RESOURCE_ID " + msi:                                  {OnlineEndpoint, "MSI_SECRET"},
		endpoint:                                                             {AppService, "IDENTITY_HEADER"},
		endpoint + msi:                                                       {AppService, both},
		"AZUREML_CURRENT_CLOUD AZUREML_RUN_ID " + endpoint:                   {AppService, "IDENTITY_HEADER"},
		"IDENTITY_HEADER IDENTITY_SERVER_THUMBPRINT":                         {ContainerInstances, ""},
		"IDENTITY_HEADER IMDS_ENDPOINT":                                      {ContainerInstances, ""},
		"AZUREML_RUN_ID " + msi:                                              {Job, "MSI_SECRET"},
		"AZUREML_ARM_WORKSPACE_NAME AZUREML_MODEL_DIR " + msi:                {Job, "MSI_SECRET"},
		"IDENTITY_HEADER " + msi:                                             {ComputeInstance, both},
		msi:                                                                  {ComputeInstance, "MSI_SECRET"},
		"AZUREML_CURRENT_CLOUD " + msi:                                       {ComputeInstance, "MSI_SECRET"},
		"MSI_ENDPOINT AZUREML_RUN_ID":                                        {Kubernetes, ""},
		"MSI_ENDPOINT AML_APP_ROOT":                                          {Kubernetes, ""},
		"MSI_ENDPOINT":                                                       {CloudShell, ""},
		"MSI_ENDPOINT AZUREML_CURRENT_CLOUD":                                 {CloudShell, ""},
		"MSI_ENDPOINT IDENTITY_HEADER":                                       {CloudShell, ""},
		"IDENTITY_ENDPOINT IMDS_ENDPOINT":                                    {Arc, ""},
		"IDENTITY_ENDPOINT":                                                  {IMDS, ""},
		"MSI_SECRET AZUREML_RUN_ID":                                          {IMDS, ""},
	} {
		clearPlatform(t)
		for name := range strings.FieldsSeq(set) {
			t.Setenv(name, "x")
		}
		names, users := Selection{}.Unset()
		if got := (Selection{}).Platform(); got != want.platform || strings.Join(names, " ") != want.unset || users {
			t.Errorf("%s: on %s without %v, %v; want %s without %s", set, got, names, users, want.platform, want.unset)
		}
	}
}

// TestPlatformOfManagedIdentity checks that other credentials have no platform.
func TestPlatformOfManagedIdentity(t *testing.T) {
	t.Setenv("MSI_ENDPOINT", "x")
	if p := (Selection{Kind: WorkloadIdentity}).Platform(); p != "" {
		t.Errorf("a workload identity is of %s", p)
	}
}

// TestUnset checks the variables to unset for other credentials, and for jobs
// that have their user's identity too.
func TestUnset(t *testing.T) {
	for name, test := range map[string]struct {
		kind  Kind
		set   string
		want  []string
		users bool
	}{
		"application":                {Environment, "", []string{"AZURE_CLIENT_SECRET"}, false},
		"application on App Service": {Environment, "IDENTITY_ENDPOINT IDENTITY_HEADER", []string{"IDENTITY_HEADER", "AZURE_CLIENT_SECRET"}, false},
		"pod":                        {WorkloadIdentity, "IDENTITY_ENDPOINT IDENTITY_HEADER", nil, false},
		"user of a job":              {OnBehalfOf, "MSI_ENDPOINT MSI_SECRET OBO_ENDPOINT", nil, false},
		"job of a user":              {ManagedIdentity, "MSI_ENDPOINT MSI_SECRET OBO_ENDPOINT", []string{"MSI_SECRET"}, true},
	} {
		clearPlatform(t)
		for name := range strings.FieldsSeq(test.set) {
			t.Setenv(name, "x")
		}
		if names, users := (Selection{Kind: test.kind}).Unset(); !slices.Equal(names, test.want) || users != test.users {
			t.Errorf("%s: Unset = %v, %v, want %v, %v", name, names, users, test.want, test.users)
		}
	}
}

// TestAgent checks the identity of Foundry's hosted agents, with each protocol of
// the SDK, and that its variable means nothing elsewhere.
func TestAgent(t *testing.T) {
	for set, want := range map[string]azidentity.ManagedIDKind{
		"FOUNDRY_HOSTING_ENVIRONMENT":                                   azidentity.ClientID(guidC),
		"FOUNDRY_HOSTING_ENVIRONMENT IDENTITY_ENDPOINT IDENTITY_HEADER": azidentity.ClientID(guidC),
		"FOUNDRY_HOSTING_ENVIRONMENT MSI_ENDPOINT MSI_SECRET":           azidentity.ClientID(guidC),
		"FOUNDRY_HOSTING_ENVIRONMENT MSI_ENDPOINT":                      nil, // which takes none
		"IDENTITY_ENDPOINT IDENTITY_HEADER":                             nil,
		"":                                                              nil,
	} {
		clearPlatform(t)
		for name := range strings.FieldsSeq(set) {
			t.Setenv(name, "http://127.0.0.1:1/")
		}
		agent := env{agentVariable: guidC}
		s, err := Select(agent.get, entra)
		if err != nil || s.ID != want || want != nil && s.Variable != agentVariable {
			t.Errorf("%s: Select = %+v, %v, want %v", set, s, err, want)
		}
		if _, err := New(s); err != nil {
			t.Errorf("%s: New: %v", set, err)
		}
		if s, err := Select(agent.with(env{"AZURE_CLIENT_ID": guidA}).get, entra); err != nil || want != nil && s.ID != azidentity.ClientID(guidA) {
			t.Errorf("%s: Select = %+v, %v, want the identity of AZURE_CLIENT_ID", set, s, err)
		}
	}
}

// TestPlatformWithoutResponder checks that a compute without an identity is one only
// where no other endpoint is there.
func TestPlatformWithoutResponder(t *testing.T) {
	clearPlatform(t)
	t.Setenv("MSI_ENDPOINT", noResponder)
	if got := (Selection{}).Platform(); got != Job {
		t.Errorf("%q, want %q", got, Job)
	}
	t.Setenv("IDENTITY_ENDPOINT", "http://127.0.0.1/")
	t.Setenv("IDENTITY_HEADER", "x")
	names, _ := (Selection{}).Unset()
	if got := (Selection{}).Platform(); got != AppService || strings.Join(names, " ") != "IDENTITY_HEADER" {
		t.Errorf("%q without %v, want %q", got, names, AppService)
	}
}
