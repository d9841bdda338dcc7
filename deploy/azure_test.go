//go:build containers

package deploy_test

import (
	"os"
	"path/filepath"
)

// azureYAML configures the Azure of all tests. The values of secrets say where
// they come from.
const azureYAML = `
platform: imds
identities:
  machine: {}
attached: [machine]
vaults:
  mykeyvault:
    secrets:
      db-password: {versions: [{version: 8c5fb3f4b5a94e0c9a5c6a9d1b0e7f21, value: from-the-vault}]}
      openai-key: also-from-the-vault
      signing-key: {versions: [{version: 2f6d0c9b7a1e4d5f8c3b6a9e0d1c2b3a, value: signed-by-the-vault}]}
  azinject-test-far:
    secrets: {db-password: from-afar}
  azinject-test-closed:
    readers: []
    secrets: {db-password: never-read}
workspaces:
  /subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/myrg/providers/Microsoft.MachineLearningServices/workspaces/myworkspace:
    connections:
      my_openai: {auth_type: ApiKey, credentials: {key: from-the-connection}}
`

// azureNames are the names of Azure's services on the network.
var azureNames = []string{"mykeyvault.vault.azure.net", "azinject-test-closed.vault.azure.net", "management.azure.com"}

// References to secrets in azureYAML, and its workspace.
const (
	openSecret   = "${{keyvault:https://mykeyvault.vault.azure.net/secrets/db-password}}"
	closedSecret = "${{keyvault:https://azinject-test-closed.vault.azure.net/secrets/db-password}}"
	openAIKey    = "${{azureml://connections/my_openai/credentials/key}}"
	workspace    = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/myrg/providers/Microsoft.MachineLearningServices/workspaces/myworkspace"
)

// startAzure makes an isolated network with Azure on it: the instance metadata
// service at its usual address, and vaults and Resource Manager under their
// names.
func startAzure() error {
	root, server, err := newCertificate("*.vault.azure.net", "management.azure.com", "login.microsoftonline.com")
	if err != nil {
		return err
	}
	certificate = server
	roots = filepath.Join(directory, "roots.pem")
	if err := os.WriteFile(roots, []byte(root), 0o644); err != nil {
		return err
	}
	if _, err := command(nil, "docker", "network", "create", "--label", label, "--internal", "--subnet", "169.254.169.0/24", network); err != nil {
		return err
	}
	azure, err = runAzure(azureYAML, network, azureNames, "--ip", "169.254.169.254")
	return err
}

// runAzure starts an Azure under these names on a network, and returns the ID
// of its container.
func runAzure(yaml, network string, names []string, options ...string) (id string, err error) {
	args := []string{"run", "--detach", "--label", label, "--tmpfs", "/tmp", "--env", "AZURE=" + yaml, "--env", "CERTIFICATE=" + certificate, "--network", network}
	for _, name := range names {
		args = append(args, "--network-alias", name)
	}
	args = append(append(args, options...), tag+"peer", "/peer", "azure")
	if id, err = command(nil, "docker", args...); err != nil {
		return "", err
	}
	return id, waitForLine(id, "ready")
}

// trusting returns the arguments of "docker run" for a container on the same
// network as Azure that trusts its certificate.
func trusting(args ...string) []string {
	return append([]string{"--network", network, "--volume", roots + ":/roots.pem:ro", "--env", "SSL_CERT_FILE=/roots.pem"}, args...)
}
