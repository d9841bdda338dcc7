package identity

import (
	"errors"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
)

// Setting is the variable that selects an identity before all others.
const Setting = "AZINJECT_IDENTITY"

// Selection says which credential is used, for which identity, and why.
type Selection struct {
	// Kind of the credential.
	Kind Kind
	// KindVariable is the environment variable that Kind comes from, "" if none.
	KindVariable string
	// ID is nil for the system-assigned identity, or the only one: on platforms
	// where a client cannot choose, and for kinds that are whoever has signed
	// in. For WorkloadIdentity and Environment it is a client ID.
	ID azidentity.ManagedIDKind
	// Variable is the environment variable that ID comes from, "" if none.
	Variable string

	// Pointers, which are not followed when a Selection is printed.
	application *application // of WorkloadIdentity and Environment
	endpoint    *url.URL     // of OnBehalfOf
}

// SelectionError reports a variable that keeps the selected credential from
// being used.
type SelectionError struct {
	Variable string
	Err      error
}

func (e *SelectionError) Error() string { return e.Variable + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SelectionError) Unwrap() error { return e.Err }

// mistake returns the [*SelectionError] of a variable that breaks a rule.
func mistake(variable, rule string) error { return &SelectionError{variable, errors.New(rule)} }

// Select returns the credential and the identity that the environment asks for.
// getenv returns "" for what is not set. authority is Microsoft Entra's address
// unless AZURE_AUTHORITY_HOST is set. The error is a [*SelectionError] and quotes
// no value.
//
// The kind of credential is that of AZINJECT_CREDENTIAL, else that of
// AZURE_TOKEN_CREDENTIALS (the SDK's variable), else workload identity if
// Kubernetes' webhook has set AZURE_FEDERATED_TOKEN_FILE or the variables of an AKS
// identity binding, else managed identity.
// No credential is tried out: "prod" means the first kind whose variables are all
// set. Only "dev" stays two kinds, because no variable tells who has signed in.
//
// The identity is that of AZINJECT_IDENTITY. Without it, a managed identity is
// that of AZURE_CLIENT_ID (unless it belongs to an application with a secret or
// certificate), else of UAI_CLIENT_ID, which Azure Machine Learning's examples
// set, else of DEFAULT_IDENTITY_CLIENT_ID, which its compute sets, to "clientid"
// where there is no identity, else of FOUNDRY_AGENT_INSTANCE_CLIENT_ID, which
// Foundry sets in hosted agents. A GUID with quotes or blanks around it is an error.
// Workload identity takes a client ID from AZINJECT_IDENTITY or AZURE_CLIENT_ID.
// Other kinds have nothing to select, and AZINJECT_IDENTITY is an error.
func Select(getenv func(string) string, authority string) (Selection, error) {
	var s Selection
	err := s.readKind(getenv)
	if value := getenv(Setting); err == nil && value != "" {
		s.Variable = Setting
		if s.ID, err = ParseID(value); err != nil {
			err = &SelectionError{Setting, err}
		}
	}
	if err == nil {
		err = s.readVariables(getenv, authority)
	}
	if err != nil {
		return Selection{}, err
	}
	return s, nil
}

// readVariables reads the variables of the kind.
func (s *Selection) readVariables(getenv func(string) string, authority string) error {
	switch {
	case s.Kind == ManagedIdentity:
		return s.readIdentity(getenv)
	case s.Kind == WorkloadIdentity:
		return s.readWorkload(getenv, authority)
	case s.ID != nil:
		return mistake(Setting, "remove this, or select another credential with "+CredentialSetting+": it has no meaning for "+s.Kind.String())
	case s.Kind == Environment:
		return s.readApplication(getenv, authority)
	case s.Kind == OnBehalfOf:
		return s.readEndpoint(getenv)
	}
	return nil
}

// readIdentity reads which managed identity is meant, if AZINJECT_IDENTITY does
// not say it.
func (s *Selection) readIdentity(getenv func(string) string) error {
	via := protocol()
	single := via == managedidentity.CloudShell || via == managedidentity.ServiceFabric
	_, isClient := s.ID.(azidentity.ClientID)
	switch {
	case s.ID != nil && single:
		return mistake(Setting, "remove this: "+string(s.Platform())+" has one identity, and none can be selected")
	case s.ID != nil && !isClient && via == managedidentity.AzureML:
		return mistake(Setting, "write a client ID: "+string(s.Platform())+" takes no other kind of ID")
	case s.ID != nil, single: // there the other variables were not set for azinject
		return nil
	}
	ofApplication := getenv(ClientSecretVariable) != "" || getenv(certificateVariable) != ""
	for _, name := range []string{clientVariable, "UAI_CLIENT_ID", "DEFAULT_IDENTITY_CLIENT_ID", agentVariable} {
		value := getenv(name)
		switch {
		case name == clientVariable && ofApplication, name == agentVariable && s.Platform() != HostedAgent:
		case isGUID(value):
			s.ID, s.Variable = azidentity.ClientID(value), name
			return nil
		case isWrapped(value):
			return &SelectionError{name, errWrapped}
		case name == "UAI_CLIENT_ID" && value != "":
			return mistake(name, "write the client ID of a managed identity, a GUID, or select an identity with "+Setting)
		}
	}
	return nil
}
