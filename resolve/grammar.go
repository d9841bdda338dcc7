package resolve

import (
	"cmp"
	"strings"
)

// Grammar parses values. Its fields are what the syntax takes from settings.
type Grammar struct {
	// Cloud of the vaults in @Microsoft.KeyVault(VaultName=…) and akvs://, which
	// name no host.
	Cloud Cloud
	// AllowedVaultHosts are accepted beside those in the known clouds: host
	// names, or suffixes that begin with a dot.
	AllowedVaultHosts []string
	// Workspace of references that name none, zero if it is not known.
	Workspace Workspace
	// Project of Foundry connections, zero if it is not known.
	Project Project
}

// Value is the value of one variable, cut into literal text and references. It is nil
// if there is no reference.
type Value []piece

// piece is a reference, or literal text if ref is nil.
type piece struct {
	literal string
	ref     *Reference
}

// References returns the value's references in order, none for a value that is
// to be passed on as it is.
func (v Value) References() []Reference {
	var refs []Reference
	for _, p := range v {
		if p.ref != nil {
			refs = append(refs, *p.ref)
		}
	}
	return refs
}

// bareForms are the forms without braces. Their beginnings are recognised in any
// letter case. At the start of a value what follows must parse, and anywhere else it
// is a mistake. A colon or a parenthesis follows the scheme.
var bareForms = []struct {
	scheme, begins string
	parse          func(g Grammar, value string) (Reference, error)
}{
	{"keyvault", "keyvault:https:", func(g Grammar, v string) (Reference, error) { return g.keyVault(v, 0) }},
	{"azureml", "azureml://connections/", func(g Grammar, v string) (Reference, error) { return g.azureML(v, 0) }},
	{"azureml", bareEndpoint, func(Grammar, string) (Reference, error) { return Reference{}, syntaxError(0, bracesRule) }},
	{"@Microsoft.KeyVault", "@Microsoft.KeyVault(", Grammar.appService},
	{"@Microsoft.AppConfiguration", "@Microsoft.AppConfiguration(", Grammar.appConfiguration},
	{"akvs", "akvs://", Grammar.azd},
}

// Parse cuts a value into text and references. A value without any, or with only
// other tools' expressions such as ${{inputs.x}}, gives a nil Value. Nothing that
// looks like a reference is ever taken for text. The error is a [*SyntaxError],
// [ErrNoWorkspace] or [ErrNoProject].
func (g Grammar) Parse(value string) (Value, error) {
	for _, form := range bareForms {
		if hasPrefixFold(value, form.begins) {
			ref, err := form.parse(g, value)
			if err != nil {
				return nil, cmp.Or(checkAfter(value), err)
			}
			return Value{{ref: &ref}}, nil
		}
	}
	if err := checkBare(value); err != nil {
		return nil, err
	}
	return g.embedded(value)
}

// embedded finds the references in braces, anywhere in the value.
func (g Grammar) embedded(value string) (Value, error) {
	var cut Value
	literal, at := 0, 0 // start of the text before the next reference; position of the search
	for {
		i := strings.Index(value[at:], "${{")
		if i < 0 {
			break
		}
		open := at + i
		at = open + len("${{")
		if !opensReference(value[at:]) {
			continue
		}
		if err := checkLiteral(value[literal:open], literal); err != nil {
			return nil, err
		}
		if strings.HasSuffix(value[:open], "$") { // which would become a part of the value
			return nil, syntaxError(open-1, `write "${{" with one dollar sign: "$${{" is for files that azd or Compose reads`)
		}
		length := strings.Index(value[at:], "}}")
		if length < 0 {
			return nil, syntaxError(open, `"${{" has no closing "}}"`)
		}
		ref, err := g.inBraces(value[at:at+length], at)
		if err != nil {
			return nil, err
		}
		cut = append(cut, piece{literal: value[literal:open]}, piece{ref: &ref})
		at += length + len("}}")
		literal = at
	}
	if err := checkLiteral(value[literal:], literal); cut == nil || err != nil {
		return nil, err
	}
	return append(cut, piece{literal: value[literal:]}), nil
}

// inBraces parses the text between "${{" and "}}", which spaces may surround.
func (g Grammar) inBraces(text string, at int) (Reference, error) {
	trimmed := strings.TrimLeft(text, " ")
	at += len(text) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " ")
	switch {
	case strings.TrimLeftFunc(trimmed, isWrapping) != trimmed:
		return Reference{}, syntaxError(at, "only spaces may stand between the braces and the reference: remove quotes and invisible characters")
	case hasPrefixFold(trimmed, "keyvault:"):
		return g.keyVault(trimmed, at)
	case hasPrefixFold(trimmed, "azureml:"):
		return g.azureML(trimmed, at)
	case hasPrefixFold(trimmed, "connections."):
		return g.foundry(trimmed, at)
	default:
		return Reference{}, syntaxError(at, "begin a reference in braces with keyvault:https://, azureml:// or connections.NAME.")
	}
}
