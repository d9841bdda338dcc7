package main

import (
	"errors"
	"fmt"
	"strings"

	"azinject/identity"
)

// selectionHints are for what only shows when a credential is made.
func selectionHints(e *identity.SelectionError) []string {
	switch e.Variable {
	case "AZURE_FEDERATED_TOKEN_FILE":
		return []string{"Kubernetes' webhook for workload identities mounts this file: the container's user must be able to read it (fsGroup); for a managed identity, set AZINJECT_CREDENTIAL=ManagedIdentityCredential"}
	default:
		return []string{"AZINJECT_IDENTITY selects the identity, before all other variables"}
	}
}

// credentialHints are for credentials other than managed identities.
func (a advice) credentialHints(e *identity.TokenError) []string {
	switch e.Selected.Kind {
	case identity.OnBehalfOf:
		if e.Transient() {
			return []string{fmt.Sprintf("the endpoint was asked for %v (AZINJECT_TIMEOUT); its address (OBO_ENDPOINT) comes from the platform, do not set it by hand", a.settings.timeout)}
		}
		return []string{"give the job's own step, not only its pipeline, identity: {type: user_identity}, and submit it as a user, not as an application"}
	case identity.WorkloadIdentity, identity.Environment:
		return a.entraHints(e)
	default:
		return toolHints(e)
	}
}

// entraHints are for Microsoft Entra.
func (a advice) entraHints(e *identity.TokenError) []string {
	switch e.AADSTS {
	case 7000215, 7000222:
		return []string{"AZURE_CLIENT_SECRET is no secret of the application, or no longer: az ad app credential reset makes another; its value is meant, not its ID"}
	case 700016:
		return []string{e.Selected.Variable + " is not a client ID in the tenant that AZURE_TENANT_ID names: correct the one or the other"}
	case 90002, 900021, 900023:
		return []string{"AZURE_TENANT_ID names no tenant there: az account show --query tenantId prints yours; of another cloud, set AZURE_AUTHORITY_HOST"}
	case 70021, 700211, 700212, 700213, 7002137, 7002138:
		return []string{"the identity has no federated credential with the issuer, subject and audience of this pod's token; an administrator can run, and a new one takes minutes to arrive:\n" +
			"  az identity federated-credential create --name NAME --identity-name IDENTITY --resource-group GROUP --issuer ISSUER_OF_THE_CLUSTER --subject system:serviceaccount:NAMESPACE:NAME"}
	case 500011:
		return []string{"the store is of another cloud than the tenant: check AZURE_AUTHORITY_HOST and AZUREML_CURRENT_CLOUD"}
	}
	switch {
	case e.Status == 0:
		return a.requestHints(strings.TrimPrefix(e.Endpoint, "https://"), e.Err)
	case e.Transient():
		return []string{fmt.Sprintf("Microsoft Entra was asked for %v (AZINJECT_TIMEOUT): raise it, or start fewer replicas at once", a.settings.timeout)}
	case e.AADSTS != 0:
		return []string{fmt.Sprintf("https://login.microsoftonline.com/error?code=%d explains it", e.AADSTS)}
	default:
		return []string{inBetween}
	}
}

// toolHints are for the tools with which people sign in.
func toolHints(e *identity.TokenError) []string {
	tool, login, ask := "az", "az login", "az account get-access-token --resource "+e.Audience
	if e.Selected.Kind == identity.AzureDeveloperCLI {
		tool, login, ask = "azd", "azd auth login", "azd auth token --scope "+e.Audience+"/.default"
	}
	switch {
	case errors.Is(e, identity.ErrNotSignedIn):
		return []string{"sign in, as the user who runs this: " + login}
	case errors.Is(e, identity.ErrNotInstalled):
		return []string{"an image has no " + tool + ": select another credential with AZINJECT_CREDENTIAL, or use azlocal, see \"On a laptop\" in the README"}
	default:
		return []string{"to see why, run: " + ask}
	}
}
