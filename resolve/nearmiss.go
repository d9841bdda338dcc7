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

const quotesRule = "drop the quotes, which are part of the value"

// Wrapped returns an error if value has quotes or characters that are not printed
// around it, such as the quotes that docker run --env-file keeps, and nil otherwise.
func Wrapped(value string) error {
	inner := strings.TrimFunc(value, isWrapping)
	switch {
	case inner == value:
		return nil
	case strings.TrimFunc(value, isQuote) != value:
		return errors.New(quotesRule)
	default:
		return errors.New("drop the blanks or invisible characters around the value")
	}
}

// opensReference reports whether the text after "${{" is meant as a reference,
// perhaps behind characters that may not stand there.
func opensReference(text string) bool {
	text = strings.TrimLeftFunc(text, isWrapping)
	return hasPrefixFold(text, "azureml:") || hasPrefixFold(text, "keyvault:") || beginsFoundry(text)
}

// beginsFoundry reports whether text begins like a reference of Microsoft Foundry:
// connections.NAME.credentials.KEY, connections.NAME.metadata.KEY or
// connections.NAME.target.
func beginsFoundry(text string) bool {
	const word = "connections."
	if !hasPrefixFold(text, word) {
		return false
	}
	text = text[len(word):]
	if end := strings.IndexAny(text, "{}"); end >= 0 {
		text = text[:end]
	}
	text = strings.ToLower(text)
	return strings.Contains(text, ".credentials") || strings.Contains(text, ".metadata") || strings.Contains(text, ".target")
}

// beginnings are those of the forms without braces, cut around a mark that is quick
// to search for: few texts contain it, and it has no letter case.
var beginnings = []struct{ before, mark, after string }{
	{"keyvault", ":", "https:"},
	{"azureml", "://", "connections/"},
	{"@Microsoft.KeyVault", "(", ""},
	{"@Microsoft.AppConfiguration", "(", ""},
	{"akvs", "://", ""},
}

// indexBeginning returns the position of the first beginning in text, or -1.
func indexBeginning(text string) int {
	first := -1
	for _, b := range beginnings {
		for at := len(b.before); at < len(text); at++ {
			i := strings.Index(text[at:], b.mark)
			if i < 0 {
				break
			}
			at += i
			start := at - len(b.before)
			if text[start]|' ' == b.before[0]|' ' && // quicker than a call
				hasPrefixFold(text[start:], b.before) && hasPrefixFold(text[at+len(b.mark):], b.after) {
				text, first = text[:at], start // an earlier one ends before the mark
				break
			}
		}
	}
	return first
}

// checkLiteral refuses text that contains the beginning of a form without braces.
// The text begins at the position at of the value and is not a reference itself.
func checkLiteral(text string, at int) error {
	start := indexBeginning(text)
	switch {
	case start < 0:
		return nil
	case strings.HasSuffix(strings.TrimRightFunc(text[:start], isWrapping), "${{"):
		return syntaxError(at+start, "drop the braces: this form is the whole value")
	case at > 0 || strings.TrimLeftFunc(text[:start], isWrapping) != "":
		return syntaxError(at+start, "this form is a whole value; in longer text, write a reference in braces: ${{keyvault:https://…}} or ${{azureml://…}}")
	case strings.ContainsFunc(text[:start], isQuote):
		return syntaxError(0, quotesRule)
	default:
		return syntaxError(0, "drop the blanks or invisible characters before the reference")
	}
}
