package identity

import (
	"errors"
	"net/url"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Selection says which credential is used, for which identity, and why.
type Selection struct {
	// Kind of the credential.
	Kind Kind
	// KindVariable is the environment variable that Kind comes from; "" if none
	// does.
	KindVariable string
	// ID is nil for the system-assigned identity, or for the only one there is:
	// on platforms that do not let a client choose, and for kinds that are
	// whoever has signed in. For WorkloadIdentity and Environment it is a
	// client ID.
	ID azidentity.ManagedIDKind
	// Variable is the environment variable that ID comes from; "" if none.
	Variable string

	// Pointers, because these are not printed with what holds them.
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

// Setting is the variable that selects an identity before all others.
const Setting = "AZINJECT_IDENTITY"

var errNotID = errors.New("write the client ID of a managed identity, its resource ID (/subscriptions/…/userAssignedIdentities/NAME), or object:OBJECT_ID")

// Select reads which credential the environment asks for, and for which
// identity. getenv returns "" for what is not set; authority is the address of
// Microsoft Entra unless AZURE_AUTHORITY_HOST is set. The error is a
// [*SelectionError] and quotes no value.
//
// The kind of credential is that of AZINJECT_CREDENTIAL; else of
// AZURE_TOKEN_CREDENTIALS, the SDK's variable; else workload identity where
// AZURE_FEDERATED_TOKEN_FILE is set, by Kubernetes' webhook; else managed
// identity. Nothing is tried out: of the kinds that "prod" stands for, the
// first is taken whose variables are all set. "dev" stays two kinds, because no
// variable tells who has signed in.
//
// The identity is that of AZINJECT_IDENTITY. Without it, a managed identity is
// that of AZURE_CLIENT_ID, unless this belongs to an application with a secret
// or certificate of its own; else of UAI_CLIENT_ID, which Azure Machine
// Learning's examples set; else of DEFAULT_IDENTITY_CLIENT_ID, which its
// compute sets, to "clientid" where there is no identity. Workload identity
// takes a client ID from AZINJECT_IDENTITY or AZURE_CLIENT_ID. The other kinds
// have nothing to select, and AZINJECT_IDENTITY beside them is an error.
func Select(getenv func(string) string, authority string) (Selection, error) {
	kind, variable, err := selectKind(getenv)
	s := Selection{Kind: kind, KindVariable: variable}
	if value := getenv(Setting); err == nil && value != "" {
		s.Variable = Setting
		if s.ID, err = ParseID(value); err != nil {
			err = &SelectionError{Setting, err}
		}
	}
	if err != nil {
		return Selection{}, err
	}
	switch {
	case kind == ManagedIdentity:
		err = s.readIdentity(getenv)
	case kind == WorkloadIdentity:
		err = s.readWorkload(getenv, authority)
	case s.ID != nil:
		err = &SelectionError{Setting, errors.New("this has no meaning for " + kind.String() + "; remove it, or select another credential with " + CredentialSetting)}
	case kind == Environment:
		err = s.readApplication(getenv, authority)
	case kind == OnBehalfOf:
		err = s.readEndpoint(getenv)
	}
	if err != nil {
		return Selection{}, err
	}
	return s, nil
}

// readIdentity finds out which managed identity is meant, if AZINJECT_IDENTITY
// has not said it.
func (s *Selection) readIdentity(getenv func(string) string) error {
	if s.ID != nil {
		return nil
	}
	if platform, _ := s.Platform(); platform == CloudShell || platform == ServiceFabric {
		return nil // these know one identity, and the variables were not set for azinject
	}
	client, uai, own := getenv(clientVariable), getenv("UAI_CLIENT_ID"), getenv("DEFAULT_IDENTITY_CLIENT_ID")
	application := getenv(ClientSecretVariable) != "" || getenv(certificateVariable) != ""
	switch {
	case isGUID(client) && !application:
		s.ID, s.Variable = azidentity.ClientID(client), clientVariable
	case isGUID(uai):
		s.ID, s.Variable = azidentity.ClientID(uai), "UAI_CLIENT_ID"
	case uai != "":
		return &SelectionError{"UAI_CLIENT_ID", errors.New("this should be the client ID of a managed identity, a GUID; set " + Setting + " to select another")}
	case isGUID(own):
		s.ID, s.Variable = azidentity.ClientID(own), "DEFAULT_IDENTITY_CLIENT_ID"
	}
	return nil
}

// isResourceID says whether s is the Resource Manager ID of a user-assigned
// identity, without a character that means something to a shell: --plan prints
// commands with it.
func isResourceID(s string) bool {
	const pattern = "/subscriptions/*/resourceGroups/*/providers/Microsoft.ManagedIdentity/userAssignedIdentities/*"
	want, got := strings.Split(pattern, "/"), strings.Split(s, "/")
	if len(got) != len(want) {
		return false
	}
	for i, word := range got {
		switch {
		case want[i] != "*" && !strings.EqualFold(word, want[i]):
			return false
		case want[i] == "*" && (word == "" || strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz0123456789_.()-") != ""):
			return false
		}
	}
	return true
}

// ParseID reads an ID as [Setting] has it, and tells the three kinds apart. The
// error does not quote it.
func ParseID(value string) (azidentity.ManagedIDKind, error) {
	lower := strings.ToLower(value)
	object, isObject := strings.CutPrefix(lower, "object:")
	switch {
	case isObject && isGUID(object):
		return azidentity.ObjectID(object), nil
	case isResourceID(value):
		return azidentity.ResourceID(value), nil
	case isGUID(value):
		return azidentity.ClientID(value), nil
	default:
		return nil, errNotID
	}
}

// isGUID says whether s is written as Microsoft Entra writes IDs,
// 00000000-0000-0000-0000-000000000000.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if r != '-' {
				return false
			}
		case !strings.ContainsRune("0123456789abcdefABCDEF", r):
			return false
		}
	}
	return true
}
