package resolve

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError reports text that begins like a reference and is not one. It never
// quotes the text, which may contain a secret that was pasted there by mistake.
type SyntaxError struct {
	// Position of the mistake in the value, in bytes, starting at 1.
	Position int
	// Rule is the broken rule, as an instruction to whoever wrote the value.
	Rule string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed reference at position %d: %s", e.Position, e.Rule)
}

// syntaxError takes a position as the parsers count, starting at 0.
func syntaxError(at int, rule string) error {
	return &SyntaxError{Position: at + 1, Rule: rule}
}

// path is the unread part of a reference, which is taken one segment at a time.
// Like [bufio.Scanner] it keeps the first error. What is taken after an error is
// meaningless.
type path struct {
	rest string
	at   int  // position of rest in the variable's value
	done bool // the last segment has been taken
	err  error
}

// after returns the path behind the scheme with which text, at the position at of
// the value, must begin.
func after(scheme, text string, at int) path {
	rest, ok := strings.CutPrefix(text, scheme)
	p := path{rest: rest, at: at + len(scheme)}
	if !ok {
		p.wrong(at, `begin this reference with "`+scheme+`", in lower case`)
	}
	return p
}

func (p *path) wrong(at int, rule string) { p.check(syntaxError(at, rule)) }

func (p *path) check(err error) {
	if p.err == nil {
		p.err = err
	}
}

// next takes a segment and returns it with its position. It returns "" at the end
// of the path, and for an empty segment, which no form allows.
func (p *path) next() (segment string, at int) {
	at = p.at
	segment, rest, more := strings.Cut(p.rest, "/")
	p.at += len(segment)
	if more {
		p.at++
	}
	p.rest, p.done = rest, !more
	return segment, at
}

// peek returns what next would.
func (p *path) peek() string {
	segment, _, _ := strings.Cut(p.rest, "/")
	return segment
}

// end makes anything left in p a mistake. form is what was read.
func (p *path) end(form string) {
	if !p.done {
		p.wrong(p.at-1, "nothing may follow "+form)
	}
}

// name takes the name of a resource of Resource Manager: letters and digits, and
// inside also "_", "-", ".", "(", ")" and spaces. Old connections have spaces. Dots
// alone would lead to another resource. Anything that needs percent-encoding is a
// mistake. what is the subject of the error.
func (p *path) name(what string) string { return p.nameOf(what, isAlphanumeric) }

// nameOf is name, with what counts as a letter or digit.
func (p *path) nameOf(what string, isWord func(rune) bool) string {
	name, at := p.next()
	if name == "" {
		p.wrong(at, what+" is missing")
	}
	wrong := func(r rune) bool { return !isWord(r) && !strings.ContainsRune("_-.() ", r) }
	if i := strings.IndexFunc(name, wrong); i >= 0 {
		p.wrong(at+i, what+" may have letters, digits, \"_\", \"-\", \".\", parentheses and inner spaces, and is not percent-encoded")
	}
	if strings.Trim(name, " .") != name {
		p.wrong(at, what+" may not begin or end with a space or a dot")
	}
	return name
}

// key takes the rest as the name of a credential or metadata value, which users
// choose freely. It is only ever compared.
func (p *path) key(what string) string {
	key, at := p.rest, p.at
	p.rest, p.done = "", true
	if key == "" {
		p.wrong(at, what+" is missing")
	}
	if i := strings.IndexAny(key, "{}"); i >= 0 {
		p.wrong(at+i, what+" may not have braces")
	}
	p.check(checkPrintable(key, at, what))
	return key
}

// checkPrintable accepts a name that users choose freely.
func checkPrintable(name string, at int, what string) error {
	if i := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }); i >= 0 {
		return syntaxError(at+i, what+" may not have characters that cannot be printed")
	}
	if strings.Trim(name, " ") != name {
		return syntaxError(at, what+" may not begin or end with a space")
	}
	return nil
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// hasPrefixFold is [strings.HasPrefix], but ignores letter case.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
