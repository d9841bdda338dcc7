package resolve

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isQuote reports whether r is a quote, straight or typographic.
func isQuote(r rune) bool {
	return r == '`' || r == '´' || unicode.Is(unicode.Quotation_Mark, r)
}

// isWrapping reports whether r is a quote or is not printed. Tools leave such
// characters around a value, such as a byte order mark or a no-break space.
func isWrapping(r rune) bool {
	return r == ' ' || r == utf8.RuneError || isQuote(r) || !unicode.IsPrint(r) ||
		unicode.In(r, unicode.Mn, unicode.Other_Default_Ignorable_Code_Point)
}

// wrappingRule returns the rule about text around a value, which is another one if
// there are no quotes in it.
func wrappingRule(text, withoutQuotes string) string {
	if strings.ContainsFunc(text, isQuote) {
		return "drop the quotes, which are part of the value"
	}
	return withoutQuotes
}

// Wrapped returns an error if value has quotes or characters that are not printed
// around it, such as the quotes that docker run --env-file keeps, and nil otherwise.
func Wrapped(value string) error {
	inner := strings.TrimFunc(value, isWrapping)
	if inner == value {
		return nil
	}
	return errors.New(wrappingRule(strings.Replace(value, inner, "", 1), "drop the blanks or invisible characters around the value"))
}

// opensReference reports whether the text after "${{" is meant as a reference,
// perhaps behind characters that may not stand there.
func opensReference(text string) bool {
	bare := strings.TrimLeftFunc(text, isWrapping)
	return hasPrefixFold(bare, "azureml:") || hasPrefixFold(bare, "keyvault:") || hasPrefixFold(bare, "connections.") || misspelt(text)
}

// misspelt reports whether the text after "${{" can only be meant as a reference
// whose beginning is misspelt, such as ${{keyvualt:https://…}}, or is not there. No
// other tool's expressions are known to look so.
func misspelt(text string) bool {
	if end := strings.IndexAny(text, "{}"); end >= 0 {
		text = text[:end]
	}
	text = strings.ToLower(strings.TrimLeft(text, " "))
	rest := strings.TrimLeftFunc(text, isWord)
	path := strings.TrimLeft(rest, ":/")
	connection, isConnection := strings.CutPrefix(text, "connection.")
	switch before, address, ok := strings.Cut(text, "https://"); {
	case isConnection:
		return isFoundry(connection)
	case ok && strings.Contains(address, ".vault."):
		return strings.TrimLeft(strings.TrimLeftFunc(before, isWord), ": ") == ""
	case strings.HasPrefix(path, "connections/"), strings.HasPrefix(path, "onlineendpoints/"):
		return rest[0] == ':' || strings.HasPrefix(rest, "//") || strings.HasPrefix(text, "azureml/")
	}
	return false
}

func isWord(r rune) bool { return isAlphanumeric(r) || r == '-' || r == '_' }

// isFoundry reports whether text has a word of the references to Microsoft Foundry:
// credentials, metadata or target.
func isFoundry(text string) bool {
	return strings.Contains(text, ".credential") || strings.Contains(text, ".metadata") || strings.Contains(text, ".target")
}

// indexBare returns the position of the first beginning of a form without braces in
// text, or -1.
func indexBare(text string) int {
	for at, c := range []byte(text) {
		if c != ':' && c != '(' { // quick, because few texts have them
			continue
		}
		for _, form := range bareForms {
			start := at - len(form.scheme)
			if start >= 0 && hasPrefixFold(text[start:], form.begins) {
				return start
			}
		}
	}
	return -1
}

// bareEndpoint begins a reference to an endpoint that lacks its braces.
const bareEndpoint = "azureml://onlineEndpoints/"

const bracesRule = "write this reference in braces: ${{azureml://…}}"

// checkBare refuses a value that is meant as a reference without braces, in a form
// that needs them, or with a blank or another mistake right after its beginning.
func checkBare(value string) error {
	text := strings.TrimLeftFunc(value, isWrapping)
	at := len(value) - len(text)
	if scheme := "azureml://"; hasPrefixFold(text, scheme+"subscriptions/") {
		p := path{rest: text[len(scheme):]}
		p.workspace() // whose mistakes do not matter
		if strings.EqualFold(p.peek(), "connections") || strings.EqualFold(p.peek(), "onlineEndpoints") {
			return syntaxError(at, bracesRule)
		}
	}
	if scheme := "keyvault:"; hasPrefixFold(text, scheme) {
		rest, _, _ := strings.Cut(text[len(scheme):], "${{") // what follows is parsed
		address := strings.TrimLeftFunc(rest, isWrapping)
		isVault := hasPrefixFold(rest, "http") || strings.Contains(strings.ToLower(rest), ".vault.")
		switch {
		case hasPrefixFold(rest, "https:"): // which is a form, or refused as literal text
		case hasPrefixFold(address, "https://"):
			return syntaxError(at+len(scheme), beforeAddress)
		case hasPrefixFold(rest, "http://"), isVault && strings.Contains(rest, "/secrets/"):
			return syntaxError(at+len(scheme), addressRule)
		}
	}
	if scheme := "azureml://"; hasPrefixFold(text, scheme+"connection/") {
		return syntaxError(at+len(scheme), "write connections/NAME")
	}
	return nil
}

// checkLiteral refuses text that contains the beginning of a form without braces.
// The text begins at the position at of the value and is not a reference itself.
func checkLiteral(text string, at int) error {
	start := indexBare(text)
	switch {
	case start < 0:
		return nil
	case hasPrefixFold(text[start:], bareEndpoint):
		return syntaxError(at+start, bracesRule)
	case strings.HasSuffix(strings.TrimRightFunc(text[:start], isWrapping), "${{"):
		return syntaxError(at+start, "drop the braces: this form is the whole value")
	case at > 0 || strings.TrimLeftFunc(text[:start], isWrapping) != "":
		return syntaxError(at+start, "this form is a whole value; in longer text, write a reference in braces: ${{keyvault:https://…}} or ${{azureml://…}}")
	default:
		return syntaxError(0, wrappingRule(text[:start], "drop the blanks or invisible characters before the reference"))
	}
}

// checkAfter refuses quotes and characters that are not printed after a form without
// braces, such as the carriage return of a file that was written on Windows.
func checkAfter(value string) error {
	bare := strings.TrimRightFunc(value, isWrapping)
	if bare == value {
		return nil
	}
	return syntaxError(len(bare), wrappingRule(value[len(bare):], "drop the blanks or invisible characters after the reference"))
}
