package resolve

import (
	_ "github.com/Azure/azure-sdk-for-go/sdk/azcore/arm/runtime" // adds Resource Manager to the clouds
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
)

// Cloud is one of Azure's clouds.
type Cloud struct {
	// Configuration is the SDK's, with the address of Microsoft Entra.
	Configuration cloud.Configuration
	// VaultSuffix ends the host names of the cloud's key vaults.
	VaultSuffix string
	// ProjectSuffix ends those of its Foundry accounts, "" if it has none.
	ProjectSuffix string
	// EndpointAudience is the audience of Microsoft Entra's tokens for online
	// endpoints.
	EndpointAudience string
}

// Clouds maps the names that AZUREML_CURRENT_CLOUD and the Azure CLI use.
var Clouds = map[string]Cloud{
	"AzureCloud":        {cloud.AzurePublic, vaultSuffixes[0], projectSuffixes[0], "https://ml.azure.com"},
	"AzureChinaCloud":   {cloud.AzureChina, vaultSuffixes[1], "", "https://ml.azure.cn"},
	"AzureUSGovernment": {cloud.AzureGovernment, vaultSuffixes[2], projectSuffixes[1], "https://ml.azure.us"},
}

// ResourceManager returns the https URL of the cloud's Resource Manager and the
// audience of its tokens. The slash at the audience's end is part of it.
func (c Cloud) ResourceManager() cloud.ServiceConfiguration {
	return c.Configuration.Services[cloud.ResourceManager]
}
