// Package identity obtains tokens for the identity that a container has, by
// default its managed identity.
//
// [Select] reads from the environment which identity is meant, and by what kind
// of credential, [New] returns the credential, and [Shared] makes it one
// request for a token per audience, however many wait for it. The package knows
// nothing of secrets or references.
package identity

import (
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// New returns the credential for what [Select] has selected, a managed identity
// on whichever platform the process's own environment shows. Files that
// variables name must be there: if not, the error is a [*SelectionError]. No
// request is made.
//
// GetToken takes one scope. All but the command-line tools repeat the request
// until its context ends, unless the answer is final or IMDS is not there at
// all. The error is a [*TokenError].
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

// audience is the resource that the one scope stands for in the protocols of
// managed identities.
func audience(options policy.TokenRequestOptions) string {
	return strings.TrimSuffix(options.Scopes[0], "/.default")
}
