package resolve

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"azinject/transport"
)

// checkPointer checks a JSON Pointer, which is written as in the fragment of a URL:
// with percent-encodings, which are optional for most characters. An empty one
// would be the whole secret, and more likely a mistake.
// https://www.rfc-editor.org/rfc/rfc6901#section-6
func checkPointer(text string, at int) error {
	if !strings.HasPrefix(text, "/") {
		return syntaxError(at, `a JSON Pointer begins with "/", as in #/NAME: leave "#" out for the whole secret`)
	}
	p := path{rest: text, at: at}
	p.key("a JSON Pointer, unless percent-encoded,")
	if _, ok := pointerTokens(text); !ok {
		p.wrong(at, `in the names of a JSON Pointer, write "~" as ~0, "/" as ~1 and "%" as %25`)
	}
	return p.err
}

// pointerTokens returns the names and indices in a JSON Pointer, with "~" and "/"
// still escaped. ok is false if it is malformed.
func pointerTokens(text string) (tokens []string, ok bool) {
	pointer, err := url.PathUnescape(text)
	valid := strings.Count(pointer, "~0")+strings.Count(pointer, "~1") == strings.Count(pointer, "~")
	return strings.Split(pointer, "/")[1:], err == nil && valid && utf8.ValidString(pointer)
}

// pointTo returns a function that finds what a reference with a pointer takes of a
// secret. Its errors do not repeat what was sent.
func pointTo(o Object, secret Secret, sent ...string) func(ref Reference) (Secret, error) {
	unusable := sync.OnceValue(func() string {
		switch text := []byte(secret()); {
		case !json.Valid(text): // nesting of more than 10,000 too
			return "the secret is not JSON"
		case !isText(text):
			return "the secret has text that is not valid Unicode"
		}
		return ""
	})
	return func(ref Reference) (Secret, error) {
		reason := unusable()
		if reason == "" {
			tokens, _ := pointerTokens(ref.Key)
			w := walk{json: json.NewDecoder(strings.NewReader(secret())), tokens: tokens, sent: sent}
			value := w.find(0)
			if text, ok := scalar(value); ok {
				return NewSecret(text), nil
			} else if value != nil && value[0] != 'n' { // an object or an array
				return NewSecret(string(value)), nil
			}
			if reason = w.reason; reason == "" {
				reason = "it is null"
			}
		}
		return nil, &ValueError{o, "no value at " + quoted("#"+ref.Key) + ": " + reason}
	}
}

// walk follows a pointer through valid JSON, which it reads once, however deep the
// pointer goes.
type walk struct {
	json    *json.Decoder
	tokens  []string
	sent    []string
	skipped json.RawMessage
	reason  string // why there is no value
}

// find reads a value and returns what the tokens from depth on lead to in it, or
// nil after setting w.reason. A name that is there twice means nothing in RFC 6901,
// so that no parser's choice decides which secret is taken.
func (w *walk) find(depth int) (found json.RawMessage) {
	if depth == len(w.tokens) {
		w.json.Decode(&found)
		return found
	}
	want := strings.NewReplacer("~1", "/", "~0", "~").Replace(w.tokens[depth])
	begins, _ := w.json.Token()
	if begins != json.Delim('{') && begins != json.Delim('[') {
		return w.fail(depth, "is neither an object nor an array")
	}
	var others []string // the first names that are not wanted
	count := 0
	for ; w.json.More(); count++ {
		name := strconv.Itoa(count)
		if begins == json.Delim('{') {
			token, _ := w.json.Token()
			name = token.(string)
		}
		switch {
		case name != want:
			if begins == json.Delim('{') && len(others) < maxNames {
				others = append(others, name)
			}
			w.json.Decode(&w.skipped)
		case found != nil:
			return w.fail(depth, "has two members of this name")
		default:
			if found = w.find(depth + 1); found == nil {
				return nil
			}
		}
	}
	w.json.Token()
	switch {
	case found != nil:
		return found
	case begins == json.Delim('['):
		return w.fail(depth, fmt.Sprintf("is an array of %d, counted from 0", count))
	default:
		return w.fail(depth, "has "+plainNames(others, count-len(others), w.sent))
	}
}

// fail says what is wrong with the value at depth.
func (w *walk) fail(depth int, text string) json.RawMessage {
	at := "the secret"
	if depth > 0 {
		at = quoted("#/" + strings.Join(w.tokens[:depth], "/"))
	}
	w.reason = at + " " + text
	return nil
}

// plainName matches words, each with a small number at most, so no key and no GUID.
var plainName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z]{1,20}[0-9]{0,3}([_.-][A-Za-z]{1,20}[0-9]{0,3})*$`)
})

// maxNames bounds how many names of an object are kept. All of a large one would
// take many times its size.
const maxNames = 1000

// plainNames lists the names that cannot be secrets, as far as one can see. There are
// more that it is not given. It looks at a bounded number of names.
func plainNames(names []string, more int, sent []string) string {
	const most = 100
	slices.Sort(names)
	names = slices.Compact(names)
	all := len(names) + more
	names = slices.DeleteFunc(names, func(name string) bool { return len(name) > 40 || !plainName().MatchString(name) })
	names = slices.DeleteFunc(names[:min(len(names), most)], func(name string) bool { return transport.Clean(name, sent...) != name })
	switch {
	case all == 0:
		return "no members"
	case len(names) == 0:
		return fmt.Sprintf("%d others", all)
	}
	return listed(names, all, transport.MaxLine/2, quoted)
}
