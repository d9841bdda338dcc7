// Package identity obtains tokens for the container's identity, by default its
// managed identity.
//
// [Select] reads from the environment which identity is meant, and which kind of
// credential. [New] returns the credential, and [Shared] makes one request for a
// token per audience, however many callers wait for it. The package knows
// nothing of secrets or references.
package identity

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// New returns the credential for a selection. The platform of a managed identity
// is the one that the process's own environment shows. New makes no request. If a
// file that a variable names cannot be read, the error is a [*SelectionError].
//
// The credential's GetToken takes one scope. Except for the command-line tools
// it retries until its context ends, unless the answer is final or there is no
// IMDS at all. Its error is a [*TokenError].
func New(selected Selection) (azcore.TokenCredential, error) {
	switch selected.Kind {
	case WorkloadIdentity, Environment:
		return newEntra(selected)
	case OnBehalfOf:
		return newOnBehalfOf(selected), nil
	case AzureCLI, AzureDeveloperCLI, Developer:
		return newTools(selected)
	default:
		return newManagedIdentity(selected)
	}
}

// audience returns the resource of the one scope, as the protocols of managed
// identities have it.
func audience(options policy.TokenRequestOptions) string {
	return strings.TrimSuffix(options.Scopes[0], "/.default")
}
