package identity

import (
	"errors"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// Selection says which of a machine's managed identities is used.
type Selection struct {
	// ID is nil for the system-assigned identity, or for the only one there
	// is on platforms that do not let a client choose.
	ID azidentity.ManagedIDKind
	// Variable is the environment variable that ID comes from; "" if none.
	Variable string
}

// SelectionError reports a variable that should name an identity and does not.
type SelectionError struct {
	Variable string
	Err      error
}

func (e *SelectionError) Error() string { return e.Variable + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SelectionError) Unwrap() error { return e.Err }

// Setting is the variable that selects an identity before all others.
const Setting = "AZINJECT_IDENTITY"

var (
	errNotID   = errors.New("write the client ID of a managed identity, its resource ID (/subscriptions/…/userAssignedIdentities/NAME), or object:OBJECT_ID")
	errNotGUID = errors.New("this should be the client ID of a managed identity, a GUID; set " + Setting + " to select another")
)

// Select reads which managed identity the environment asks for: what
// AZINJECT_IDENTITY says; or else AZURE_CLIENT_ID, unless it belongs to an application with
// its own secret or certificate; or else UAI_CLIENT_ID, which Azure Machine Learning's
// examples set; or else DEFAULT_IDENTITY_CLIENT_ID, which its compute sets. The last has
// the literal value "clientid" on a compute instance without an identity, which selects nothing.
// getenv returns "" for what is not set. The error is a [*SelectionError].
func Select(getenv func(string) string) (Selection, error) {
	if value := getenv(Setting); value != "" {
		id, err := parseID(value)
		if err != nil {
			return Selection{}, &SelectionError{Setting, err}
		}
		return Selection{ID: id, Variable: Setting}, nil
	}
	application := getenv("AZURE_CLIENT_SECRET") != "" || getenv("AZURE_CLIENT_CERTIFICATE_PATH") != ""
	if value := getenv("AZURE_CLIENT_ID"); isGUID(value) && !application {
		return Selection{ID: azidentity.ClientID(value), Variable: "AZURE_CLIENT_ID"}, nil
	}
	if value := getenv("UAI_CLIENT_ID"); value != "" {
		if !isGUID(value) {
			return Selection{}, &SelectionError{"UAI_CLIENT_ID", errNotGUID}
		}
		return Selection{ID: azidentity.ClientID(value), Variable: "UAI_CLIENT_ID"}, nil
	}
	if value := getenv("DEFAULT_IDENTITY_CLIENT_ID"); isGUID(value) {
		return Selection{ID: azidentity.ClientID(value), Variable: "DEFAULT_IDENTITY_CLIENT_ID"}, nil
	}
	return Selection{}, nil
}

// parseID tells the three kinds of ID apart.
func parseID(value string) (azidentity.ManagedIDKind, error) {
	lower := strings.ToLower(value)
	object, isObject := strings.CutPrefix(lower, "object:")
	switch {
	case isObject && isGUID(object):
		return azidentity.ObjectID(object), nil
	case strings.HasPrefix(lower, "/subscriptions/") && strings.Contains(lower, "/providers/microsoft.managedidentity/userassignedidentities/"):
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
