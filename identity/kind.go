package identity

import (
	"errors"
	"slices"
	"strings"
)

// Kind is a kind of credential.
type Kind int

// The kinds. [Kind.String] returns their names.
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

// String returns the kind's name in [CredentialSetting], or for Developer both
// names.
func (k Kind) String() string { return kindNames[k] }

// Tool reports whether a command-line tool gives the tokens, those of whoever has
// signed in to it.
func (k Kind) Tool() bool { return k >= AzureCLI }

// CredentialSetting is the variable that selects the kind of credential before
// all others.
const CredentialSetting = "AZINJECT_CREDENTIAL"

// sdkSetting is the variable of the SDK's DefaultAzureCredential.
// https://aka.ms/azsdk/go/identity/credential-chains
const sdkSetting = "AZURE_TOKEN_CREDENTIALS"

var (
	errNotKind    = errors.New("write one of " + strings.Join(kindNames[:Developer], ", "))
	errNotSDKKind = errors.New("write one of dev, prod, " + strings.Join(kindNames[:Developer], ", ") + "; " + CredentialSetting + " overrides this variable")
)

// ParseKind parses a name as [CredentialSetting] has it, in any letter case. The
// error lists the names and does not quote the value.
func ParseKind(name string) (Kind, error) {
	k := slices.IndexFunc(kindNames[:Developer], func(known string) bool { return strings.EqualFold(name, known) })
	if k < 0 {
		return 0, errNotKind
	}
	return Kind(k), nil
}

// readKind reads which kind of credential is meant.
func (s *Selection) readKind(getenv func(string) string) (err error) {
	switch {
	case getenv(CredentialSetting) != "":
		s.KindVariable = CredentialSetting
		s.Kind, err = ParseKind(getenv(CredentialSetting))
	case getenv(sdkSetting) != "":
		s.KindVariable = sdkSetting
		s.Kind, err = parseSDKKind(getenv(sdkSetting), getenv)
	case bindingVariable(getenv) != "":
		s.Kind, s.KindVariable = WorkloadIdentity, bindingVariable(getenv)
	case getenv(tokenFileVariable) != "":
		s.Kind, s.KindVariable = WorkloadIdentity, tokenFileVariable
	}
	if err != nil {
		return &SelectionError{s.KindVariable, err}
	}
	return nil
}

// parseSDKKind parses the SDK's variable. Only some of Azure's SDKs ignore the
// letter case of its words for several credentials. Of those that "dev" means,
// Azure PowerShell is left out.
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

// productionKind returns the first credential of the SDK's production chain whose
// variables are all set, beyond which that chain would not get either. With a
// certificate or a user's password, reading the application fails later.
func productionKind(getenv func(string) string) Kind {
	isUnset := func(name string) bool { return getenv(name) == "" }
	all := func(names ...string) bool { return !slices.ContainsFunc(names, isUnset) }
	switch {
	case all(tenantVariable, clientVariable) && (all(ClientSecretVariable) || all(certificateVariable) || all(userVariable, passwordVariable)):
		return Environment
	case all(tenantVariable, tokenFileVariable) && (all(clientVariable) || all(Setting)):
		return WorkloadIdentity
	default:
		return ManagedIdentity
	}
}
