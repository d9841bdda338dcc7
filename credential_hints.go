package main

import (
	"errors"
	"fmt"
	"strings"

	"azinject/identity"
)

// selectionHints are for what only shows when a credential is made.
func selectionHints(e *identity.SelectionError) []string {
	if _, ok := errors.AsType[identity.PlatformError](e); ok {
		return []string{"remove " + e.Variable + ", or set it to what this platform takes"}
	}
	if e.Variable == "AZURE_FEDERATED_TOKEN_FILE" {
		return []string{"Kubernetes' webhook for workload identities sets this and mounts the file, for the user or fsGroup of the pod to read: do not set it by hand"}
	}
	return nil // it says what to write
}

// credentialHints are for credentials other than managed identities.
func (a advice) credentialHints(e *identity.TokenError) []string {
	switch e.Selected.Kind {
	case identity.OnBehalfOf:
		return a.onBehalfOfHints(e)
	case identity.WorkloadIdentity, identity.Environment:
		return a.entraHints(e)
	default:
		return toolHints(e)
	}
}

// onBehalfOfHints are for the endpoint of jobs. How it refuses is not
// documented.
func (a advice) onBehalfOfHints(e *identity.TokenError) []string {
	switch {
	case e.Status == 0:
		return []string{"the endpoint's address (OBO_ENDPOINT) comes from the platform: do not set it by hand"}
	case e.Transient():
		return a.busyHints()
	default:
		return []string{"give the job's own step, not only its pipeline, identity: {type: user_identity}, and submit it as a user, not as an application"}
	}
}

// entraHints are for Microsoft Entra.
func (a advice) entraHints(e *identity.TokenError) []string {
	switch e.AADSTS {
	case 7000215, 7000222:
		return []string{"AZURE_CLIENT_SECRET is no secret of the application, or no longer; its value is meant, not its ID; this makes another:\n" +
			"  az ad app credential reset --append --id CLIENT_ID"}
	case 700016:
		return []string{e.Selected.Variable + " is not a client ID in the tenant that AZURE_TENANT_ID names: correct the one or the other"}
	case 90002, 900021, 900023:
		return []string{"AZURE_TENANT_ID names no tenant there: correct it; yours is what az account show --query tenantId prints"}
	case 70021, 70025, 700211, 700212, 700213, 7002137, 7002138:
		return []string{"the identity has no federated credential with the issuer, subject and audience of this pod's token; an administrator can add it, which takes minutes to arrive:\n" +
			"  az identity federated-credential create --name ANY_NAME --identity-name IDENTITY --resource-group GROUP --issuer ISSUER_OF_THE_CLUSTER --subject system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT"}
	case 700024:
		return []string{"the pod's token is out of date: AZURE_FEDERATED_TOKEN_FILE must name the file in which Kubernetes renews it, not a copy"}
	case 500011:
		return []string{"the store is in another cloud than the tenant: refer to one in the tenant's, or set AZURE_TENANT_ID and AZURE_AUTHORITY_HOST to those of the store's"}
	}
	switch {
	case e.Status == 0:
		return a.requestHints(strings.TrimPrefix(e.Endpoint, "https://"), true, e.Err)
	case e.Transient():
		return a.busyHints()
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
	if tool == "az" && e.AADSTS != 0 {
		login += " --scope " + e.Audience + "/.default" // there may be more to prove for some services
	}
	switch {
	case errors.Is(e, identity.ErrNotSignedIn):
		return []string{"sign in, as the user who runs this: " + login}
	case errors.Is(e, identity.ErrNotInstalled):
		return []string{"an image has no " + tool + ": remove " + e.Selected.KindVariable + "; on a laptop, put azlocal --login -- in front of the command, see \"On a laptop\" in the README"}
	default:
		return []string{"to see why, run: " + ask}
	}
}
