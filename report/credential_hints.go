package report

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"azinject/identity"
	"azinject/transport"
)

// tokenHints are about tokens that were not given.
func (f *Facts) tokenHints(e *identity.TokenError) []string {
	if e.AADSTS == unknownResource {
		return unknownStoreHints(e)
	}
	switch e.Selected.Kind {
	case identity.ManagedIdentity:
		return f.managedIdentityHints(e)
	case identity.OnBehalfOf:
		return f.onBehalfOfHints(e)
	case identity.WorkloadIdentity, identity.Environment:
		return f.entraHints(e)
	default:
		return toolHints(e)
	}
}

// unknownResource is Microsoft Entra's number for an audience that the tenant does
// not know, such as that of a misspelt App Configuration store.
const unknownResource = 500011

// unknownStoreHints are about stores that the tenant does not know. Only an
// application can sign in to another cloud.
func unknownStoreHints(e *identity.TokenError) []string {
	hints := unknownStore.with()
	if e.Selected.Kind == identity.WorkloadIdentity || e.Selected.Kind == identity.Environment {
		hints = append(hints, otherCloud.with()...)
	}
	return hints
}

// managedIdentityHints are about identity endpoints. Where a job's user or an
// application can be asked instead, the last one says so.
func (f *Facts) managedIdentityHints(e *identity.TokenError) []string {
	hints := f.endpointHints(e)
	if e.OnBehalfOf() && (e.NoToken || e.Reason == identity.NoIdentity) {
		hints = append(hints, asUser.with()...)
	}
	if e.Application() && e.Absent() {
		hints = append(hints, asApplication.with()...)
	}
	if e.Selected.Unlabelled() {
		hints = append(hints, podLabel.with()...)
	}
	return hints
}

func (f *Facts) endpointHints(e *identity.TokenError) []string {
	selector := e.Selected.Variable
	switch {
	case e.Absent():
		return noIdentityEndpoint.with()
	case e.Code == identity.CodeDeveloper: // the message says what to do
		return nil
	case e.Reason == identity.NoSignIn:
		return noSignIn.with()
	case e.Reason == identity.NoIdentity:
		return noComputeIdentity.with()
	case e.Reason == identity.WrongSecret:
		return endpointSecret.with()
	case e.NoToken && e.Platform == identity.Job && selector == "":
		return noClientID.with()
	case e.Status == http.StatusBadRequest && selector != "":
		return selectedIdentity.with("{variable}", selector)
	case e.Unconfirmed():
		return arcIdentity.with("{variable}", selector)
	case e.Status == http.StatusUnauthorized && e.Platform == identity.Arc:
		return arcKeys.with()
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return endpointSecret.with()
	case e.Status == http.StatusBadRequest:
		return noIdentityAssigned.with()
	case e.Status == http.StatusInternalServerError && e.Message != "" && e.Platform == identity.AppService:
		return unknownIdentity.with("{variable}", cmp.Or(selector, identity.Setting), "{timeout}", f.Timeout.String())
	case e.Status == http.StatusTooManyRequests:
		return f.busyHints()
	case isDockerHost(e):
		return dockerHost.with()
	case e.Transient() && e.Status == 0 && e.Platform == identity.AppService:
		return append(endpointDown.with("{timeout}", f.Timeout.String()), initContainer.with()...)
	case e.Transient():
		return endpointDown.with("{timeout}", f.Timeout.String())
	case e.Platform.AzureML() && e.Message != "": // it refuses with any status
		return noIdentityAssigned.with()
	default:
		return notIdentityEndpoint.with()
	}
}

// isDockerHost reports whether the endpoint is azlocal's, and docker run was not told
// where that is.
func isDockerHost(e *identity.TokenError) bool {
	failed, ok := errors.AsType[*transport.Error](e.Err)
	return ok && (failed.Cause == transport.NoSuchHost || failed.Cause == transport.NoResolver) &&
		strings.HasPrefix(e.Endpoint, "http://host.docker.internal:")
}

// onBehalfOfHints are about the endpoint of jobs. Its refusals are not
// documented.
func (f *Facts) onBehalfOfHints(e *identity.TokenError) []string {
	switch {
	case e.Status == 0:
		return onBehalfOfEndpoint.with()
	case e.Transient() && e.Reason == "":
		return f.busyHints()
	default:
		return onBehalfOfUser.with()
	}
}

// bindingHints are about AKS identity bindings, where a federated credential never
// helps, nil for what Microsoft Entra may say without one too.
func bindingHints(e *identity.TokenError) []string {
	distrusted := isDistrusted(e.AADSTS)
	failed, unanswered := errors.AsType[*transport.Error](e.Err)
	switch {
	case e.Platform != identity.IdentityBinding && e.ForBinding && distrusted:
		return bindingNotSet.with()
	case e.Platform != identity.IdentityBinding:
		return nil
	case unanswered && !failed.Proxy && (failed.Cause == transport.NotTrusted || failed.Cause == transport.Unusable):
		return bindingServer.with()
	case e.Status < http.StatusBadRequest || e.Transient():
		return nil
	case !e.ForBinding:
		return bindingToken.with()
	case e.AADSTS != 0 && !distrusted:
		return nil
	case e.Status == http.StatusForbidden:
		return bindingRole.with("{client}", fmt.Sprint(e.Selected.ID))
	default:
		return bindingMissing.with("{client}", fmt.Sprint(e.Selected.ID))
	}
}

// isDistrusted reports whether Microsoft Entra's number is one for a service
// account's token that the identity does not trust.
func isDistrusted(aadsts int) bool {
	return slices.Contains([]int{70021, 70025, 700211, 700212, 700213, 7002137, 7002138}, aadsts)
}

// entraHints are about Microsoft Entra.
func (f *Facts) entraHints(e *identity.TokenError) []string {
	if hints := bindingHints(e); hints != nil {
		return hints
	}
	if isDistrusted(e.AADSTS) {
		return append(federatedCredential.with(), useBinding.with()...)
	}
	switch e.AADSTS {
	case 7000215, 7000222:
		return clientSecret.with()
	case 700016:
		return clientID.with("{variable}", e.Selected.Variable)
	case 90002, 900021, 900023:
		return tenantID.with()
	case 700024:
		return expiredTokenFile.with()
	}
	switch {
	case e.Status == 0:
		host, _, _ := strings.Cut(strings.TrimPrefix(e.Endpoint, "https://"), "/")
		return f.requestHints(host, true, e.Err)
	case e.Transient():
		return f.busyHints()
	case e.AADSTS != 0:
		return entraError.with("{code}", strconv.Itoa(e.AADSTS))
	default:
		return notAzure.with()
	}
}

// toolHints are about the command-line tools with which people sign in.
func toolHints(e *identity.TokenError) []string {
	tool, login, ask := "az", "az login", "az account get-access-token --resource "+e.Audience
	if e.Selected.Kind == identity.AzureDeveloperCLI {
		tool, login, ask = "azd", "azd auth login", "azd auth token --scope "+e.Audience+"/.default"
	}
	if tool == "az" && e.AADSTS != 0 {
		login += " --scope " + e.Audience + "/.default" // some services ask for more proof
	}
	switch {
	case errors.Is(e, identity.ErrNotSignedIn):
		return signIn.with("{command}", login)
	case errors.Is(e, identity.ErrNotInstalled):
		return noTool.with("{variable}", e.Selected.KindVariable, "{tool}", tool)
	default:
		return runTool.with("{command}", ask)
	}
}
