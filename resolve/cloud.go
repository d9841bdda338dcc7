package resolve

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
)

// Cloud is one of Azure's clouds.
type Cloud struct {
	// Configuration is the SDK's: Resource Manager's address and audience.
	Configuration cloud.Configuration
	// VaultSuffix ends the host names of the cloud's key vaults.
	VaultSuffix string
}

// Clouds are the clouds by the names that AZUREML_CURRENT_CLOUD and the Azure
// CLI give them.
var Clouds = map[string]Cloud{
	"AzureCloud":        {cloud.AzurePublic, vaultSuffixes[0]},
	"AzureChinaCloud":   {cloud.AzureChina, vaultSuffixes[1]},
	"AzureUSGovernment": {cloud.AzureGovernment, vaultSuffixes[2]},
}

// resourceManagerScope is the scope of the tokens for Resource Manager. The
// SDK's audience ends in a slash, which belongs to it.
func (c Cloud) resourceManagerScope() string {
	return c.Configuration.Services[cloud.ResourceManager].Audience + "/.default"
}
