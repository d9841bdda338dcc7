package main

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// readPod reads the client ID that the service account of the container's pod
// stands for.
// https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html
func (d *deployable) readPod(documents []*yaml.Node, name string) {
	d.kind = ofPod
	chosen, err := choose(containersIn(documents), name)
	if err != nil {
		return // reported already
	}
	for _, object := range objectsIn(documents) {
		if scalar(member(object, "kind")) == "ServiceAccount" && scalar(member(object, "metadata", "name")) == chosen.account {
			d.account, d.labelled = chosen.account, chosen.labelled
			d.client = scalar(member(object, "metadata", "annotations", "azure.workload.identity/client-id"))
		}
	}
}

// withWebhook is getenv with the variables that Microsoft Entra Workload ID's
// webhook adds to a pod.
func (q *inquiry) withWebhook(name string) string {
	if value := q.getenv(name); value != "" || q.file.client == "" {
		return value
	}
	return map[string]string{
		"AZURE_CLIENT_ID": q.file.client, "AZURE_TENANT_ID": q.tokens.Claims().Tenant, "AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/tokens/azure-identity-token",
	}[name]
}

// inFile returns what a variable is called in a file that leaves it to the webhook.
func (q *inquiry) inFile(variable string) string {
	if variable != "AZURE_CLIENT_ID" || q.getenv(variable) != "" || q.file.client == "" {
		return variable
	}
	return fmt.Sprintf("azure.workload.identity/client-id of service account %q", q.file.account)
}
