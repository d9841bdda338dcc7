package identity

import (
	"errors"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/google/uuid"
)

var errNotID = errors.New("write the client ID of a managed identity, its resource ID (/subscriptions/…/userAssignedIdentities/NAME), or object:OBJECT_ID")

// ParseID parses an ID as [Setting] has it: a client ID, a resource ID, or
// object: and an object ID. The error does not quote the value.
func ParseID(value string) (azidentity.ManagedIDKind, error) {
	object, isObject := strings.CutPrefix(strings.ToLower(value), "object:")
	switch {
	case isObject && isGUID(object):
		return azidentity.ObjectID(object), nil
	case isResourceID(value):
		return azidentity.ResourceID(value), nil
	case isGUID(value):
		return azidentity.ClientID(value), nil
	case isWrapped(value):
		return nil, errWrapped
	default:
		return nil, errNotID
	}
}

// isResourceID reports whether s is the Resource Manager ID of a user-assigned
// identity, without characters that are special in a shell: --plan prints
// commands with it.
func isResourceID(s string) bool {
	id, err := arm.ParseResourceID(s)
	return err == nil && strings.EqualFold(id.String(), s) && // which leaves out empty words
		strings.EqualFold(id.ResourceType.String(), "Microsoft.ManagedIdentity/userAssignedIdentities") &&
		strings.EqualFold(id.Parent.ResourceType.String(), arm.ResourceGroupResourceType.String()) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !isLetterOrDigit(r) && !strings.ContainsRune("/_.()-", r) })
}

// isLetterOrDigit is true for those of any script, which names of resource groups
// may have.
func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isGUID reports whether s is a GUID as Microsoft Entra writes them,
// 00000000-0000-0000-0000-000000000000.
func isGUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

var errWrapped = errors.New("write the GUID without the quotes, braces or blanks around it")

// isWrapped reports whether s is a GUID with something around it, such as the
// quotes that docker run --env-file keeps.
func isWrapped(s string) bool {
	inner := strings.TrimFunc(s, func(r rune) bool { return !isLetterOrDigit(r) })
	return inner != s && isGUID(inner)
}
