package identity

import (
	"errors"
	"strings"
)

// Kind is a kind of credential.
type Kind int

// The kinds, in the words of [Kind.String].
const (
	ManagedIdentity   Kind = iota
	WorkloadIdentity       // a Kubernetes service account that Microsoft Entra trusts
	OnBehalfOf             // the user who submitted an Azure Machine Learning job
	Environment            // an application with a secret
	AzureCLI               // whoever has signed in to az
	AzureDeveloperCLI      // whoever has signed in to azd
	Developer              // AzureCLI, or else AzureDeveloperCLI
)

var kindNames = [...]string{"ManagedIdentityCredential", "WorkloadIdentityCredential", "AzureMLOnBehalfOfCredential", "EnvironmentCredential",
	"AzureCLICredential", "AzureDeveloperCLICredential", "AzureCLICredential, or else AzureDeveloperCLICredential"}

// String returns the name that [CredentialSetting] has for the kind, or for
// Developer the two.
func (k Kind) String() string { return kindNames[k] }

// CredentialSetting is the variable that selects the kind of credential before
// all others.
const CredentialSetting = "AZINJECT_CREDENTIAL"

// sdkSetting is the variable of the SDK's DefaultAzureCredential.
// https://aka.ms/azsdk/go/identity/credential-chains
const sdkSetting = "AZURE_TOKEN_CREDENTIALS"

var (
	errNotKind    = errors.New("the credentials are " + strings.Join(kindNames[:Developer], ", "))
	errNotSDKKind = errors.New("azinject knows dev, prod, " + strings.Join(kindNames[:Developer], ", ") + "; " + CredentialSetting + " overrules this variable")
)

// ParseKind reads a name as [CredentialSetting] has it, in any letter case. The
// error lists the names, and does not quote the value.
func ParseKind(name string) (Kind, error) {
	for k, known := range kindNames[:Developer] {
		if strings.EqualFold(name, known) {
			return Kind(k), nil
		}
	}
	return 0, errNotKind
}

// selectKind returns the kind that is asked for, and the variable that asks.
func selectKind(getenv func(string) string) (Kind, string, error) {
	if value := getenv(CredentialSetting); value != "" {
		kind, err := ParseKind(value)
		if err != nil {
			return 0, "", &SelectionError{CredentialSetting, err}
		}
		return kind, CredentialSetting, nil
	}
	if value := getenv(sdkSetting); value != "" {
		kind, err := parseSDKKind(value, getenv)
		if err != nil {
			return 0, "", &SelectionError{sdkSetting, err}
		}
		return kind, sdkSetting, nil
	}
	if getenv(tokenFileVariable) != "" {
		return WorkloadIdentity, tokenFileVariable, nil
	}
	return ManagedIdentity, "", nil
}

// parseSDKKind reads the SDK's variable, whose two words for several
// credentials some of Azure's SDKs compare with regard to letter case and
// others without. Of the three of dev, PowerShell is left out.
func parseSDKKind(value string, getenv func(string) string) (Kind, error) {
	switch {
	case strings.EqualFold(value, "dev"):
		return Developer, nil
	case strings.EqualFold(value, "prod"):
		return productionKind(getenv), nil
	}
	kind, err := ParseKind(value)
	if err != nil {
		return 0, errNotSDKKind
	}
	return kind, nil
}

// productionKind is the first credential of the SDK's production chain whose
// variables are all there, which is the one that the chain would not get past.
// Managed identities need none. With a certificate, or a user's password, this
// is an error later on.
func productionKind(getenv func(string) string) Kind {
	all := func(names ...string) bool {
		for _, name := range names {
			if getenv(name) == "" {
				return false
			}
		}
		return true
	}
	switch {
	case all(tenantVariable, clientVariable) && (all(ClientSecretVariable) || all(certificateVariable) || all(userVariable, passwordVariable)):
		return Environment
	case all(tenantVariable, tokenFileVariable) && (all(clientVariable) || all(Setting)):
		return WorkloadIdentity
	default:
		return ManagedIdentity
	}
}
