package resolve

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"azinject/transport"
)

// rfcDocument is the example of RFC 6901.
const rfcDocument = `{
      "foo": ["bar", "baz"],
      "": 0,
      "a/b": 1,
      "c%d": 2,
      "e^f": 3,
      "g|h": 4,
      "i\\j": 5,
      "k\"l": 6,
      " ": 7,
      "m~n": 8
   }`

// appDocument is a secret as people write them.
const appDocument = `{"db":{"user":"app","password":"p\u00e4ss\nword","port":5432,"sk-canary":1,"a secret":2},"hosts":["h0",{"name":"h1"},null],` +
	`"big":12345678901234567890.10,"tiny":1e-999,"on":true,"off":false,"none":null,"":{"":"empty"},"~1":"tilde","01":"zero","list": [ 1, 2 ],"twice":1,"twice":2,"deep":{"twice":{"x":1},"twice":{"x":1}}}`

// pointed returns what a pointer leads to in a secret.
func pointed(document, pointer string) (string, error) {
	o := Object{Kind: VaultSecret, Vault: "kv1.vault.azure.net", Name: "app"}
	value, err := pointTo(o, NewSecret(document))(Reference{Object: o, Part: Pointer, Key: pointer})
	if err != nil {
		return "", err
	}
	return value(), nil
}

func TestPointer(t *testing.T) {
	for _, test := range []struct{ document, pointer, want string }{
		// the examples of RFC 6901, as URI fragments
		{rfcDocument, "/foo", `["bar", "baz"]`},
		{rfcDocument, "/foo/0", "bar"},
		{rfcDocument, "/", "0"},
		{rfcDocument, "/a~1b", "1"},
		{rfcDocument, "/c%25d", "2"},
		{rfcDocument, "/e%5Ef", "3"},
		{rfcDocument, "/e^f", "3"},
		{rfcDocument, "/g%7Ch", "4"},
		{rfcDocument, "/i%5Cj", "5"},
		{rfcDocument, "/k%22l", "6"},
		{rfcDocument, `/k"l`, "6"},
		{rfcDocument, "/%20", "7"},
		{rfcDocument, "/m~0n", "8"},
		// values are not changed
		{appDocument, "/db/password", "päss\nword"},
		{appDocument, "/db/port", "5432"},
		{appDocument, "/big", "12345678901234567890.10"},
		{appDocument, "/tiny", "1e-999"},
		{appDocument, "/on", "true"},
		{appDocument, "/off", "false"},
		{appDocument, "/list", "[ 1, 2 ]"},
		{appDocument, "/hosts/1", `{"name":"h1"}`},
		{appDocument, "/hosts/1/name", "h1"},
		{appDocument, "//", "empty"},
		{appDocument, "/~01", "tilde"},
		{appDocument, "/%7E01", "tilde"},
		{appDocument, "/01", "zero"},
		{appDocument, "/db%2Fuser", "app"},
		{`[[["x"]]]`, "/0/0/0", "x"},
		{` {"a" : "" } `, "/a", ""},
	} {
		if got, err := pointed(test.document, test.pointer); err != nil || got != test.want {
			t.Errorf("%s = %q, %v, want %q", test.pointer, got, err, test.want)
		}
	}
}

func TestPointerToNothing(t *testing.T) {
	for _, test := range []struct{ document, pointer, want string }{
		{appDocument, "/db/pasword", `"#/db" has "password", "port", "sk-canary", "user" and 1 more`},
		{appDocument, "/DB/user", `the secret has "big", "db", "deep", "hosts", "list", "none", "off", "on", "tiny", "twice" and 3 more`},
		{appDocument, "/none", "it is null"},
		{appDocument, "/hosts/2", "it is null"},
		{appDocument, "/none/x", `"#/none" is neither an object nor an array`},
		{appDocument, "/tiny/x", `"#/tiny" is neither an object nor an array`},
		{appDocument, "/db/user/x", `"#/db/user" is neither an object nor an array`},
		{appDocument, "/hosts/3", `"#/hosts" is an array of 3, counted from 0`},
		{appDocument, "/hosts/-", "is an array of 3"},
		{appDocument, "/hosts/-1", "is an array of 3"},
		{appDocument, "/hosts/01", "is an array of 3"},
		{appDocument, "/hosts/+1", "is an array of 3"},
		{appDocument, "/hosts/1.0", "is an array of 3"},
		{appDocument, "/hosts/", "is an array of 3"},
		{appDocument, "/hosts/18446744073709551617", "is an array of 3"},
		{appDocument, "/hosts/1/", `"#/hosts/1" has "name"`},
		{appDocument, "/twice", "the secret has two members of this name"},
		{appDocument, "/deep/twice/x", `"#/deep" has two members of this name`},
		{`{}`, "/x", "the secret has no members"},
		{`{"3f8a9c0d1e2b4a5f8a9c0d1e2b4a5f8a":1,"550e8400-e29b-41d4-a716-446655440000":2,"sk-live-51Habcdefghij":3,"oauth2-client_v1.a":4}`, "/x", `the secret has "oauth2-client_v1.a" and 3 more`},
		{`{"correct horse":1,"eyJhbGciOiJub25lIn0":2}`, "/x", "the secret has 2 others"},
		{`"text"`, "/x", "the secret is neither an object nor an array"},
		{`{"a":1} {}`, "/a", "the secret is not JSON"},
		{`{"a":1,}`, "/a", "the secret is not JSON"},
		{"\ufeff{}", "/a", "the secret is not JSON"},
		{"", "/a", "the secret is not JSON"},
		{"canary", "/a", "the secret is not JSON"},
		{strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), "/0", "the secret is not JSON"},
		{`{"a":"\ud800"}`, "/a", "text that is not valid Unicode"},
	} {
		_, err := pointed(test.document, test.pointer)
		want := `secret "app" in kv1.vault.azure.net: no value at ` + strconv.Quote("#"+test.pointer) + ": "
		if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s%s", test.pointer, err, want, test.want)
		}
	}
}

// TestPointerDoesNotRepeatTheToken checks that a vault cannot have the token printed
// as the name of a member.
func TestPointerDoesNotRepeatTheToken(t *testing.T) {
	ref := pointerRef("s", "", "/x")
	network := answer{200, []byte(`{"value":"{\"opaque-token\":1,\"b3BhcXVlLXRva2Vu\":2,\"plain\":3}","id":"https://kv1.vault.azure.net/secrets/s/1"}`)}
	c, err := planOfOne(testOptions()).newStore(ref.Object, opaqueToken("opaque-token"), network).fetch(t.Context(), ref.Object)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(ref); err == nil || !strings.HasSuffix(err.Error(), `: the secret has "plain" and 2 more`) {
		t.Error(err)
	}
}

// TestDeepPointer follows a pointer of as many steps as JSON may be deep through a
// large secret. Time linear in the size of the secret takes a moment, and time that
// grows with its product with the depth minutes.
func TestDeepPointer(t *testing.T) {
	const depth = 9_000
	deep := strings.Repeat("[", depth) + "7," + strings.Repeat("1,", 120_000) + "1" + strings.Repeat("]", depth)
	var before, after syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	if got, err := pointed(deep, strings.Repeat("/0", depth)); err != nil || got != "7" {
		t.Errorf("%.20s, %v, want 7", got, err)
	}
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	if took := time.Duration(after.Utime.Nano() - before.Utime.Nano()); took > 20*time.Second {
		t.Errorf("%v of processor time", took)
	}
}

// FuzzPointer compares pointers with a reference implementation, and checks what
// errors quote.
func FuzzPointer(f *testing.F) {
	for _, pointer := range []string{"", "/", "/foo/0", "/a~1b", "/m~0n", "/c%25d", "/%20", "/~2", "/%", "/%zz", "/%80", "/hosts/01", "/db/port", "/twice", "/deep/twice/x", "x"} {
		f.Add(rfcDocument, pointer)
		f.Add(appDocument, pointer)
	}
	f.Add(`{"a":{"\u0062":[1,{"c":null}]}}`, "/a/b/1/c")
	f.Add(`[1e999,-0,"\ud800"]`, "/0")
	f.Fuzz(func(t *testing.T, document, pointer string) {
		if checkPointer(pointer, 0) != nil {
			if value, err := testGrammar.Parse("keyvault:https://kv1.vault.azure.net/secrets/s#" + pointer); err == nil {
				t.Fatalf("%q is accepted: %v", pointer, value.References())
			}
			return
		}
		got, err := pointed(document, pointer)
		want, ok := evaluate([]byte(document), pointer)
		if ok != (err == nil) || ok && got != want {
			t.Fatalf("%q in %q = %q, %v, want %q, %v", pointer, document, got, err, want, ok)
		}
		var missing *ValueError
		if err != nil && (!errors.As(err, &missing) || len(err.Error()) > transport.MaxLine || strings.ContainsFunc(err.Error(), unprintable)) {
			t.Fatalf("%q in %q: the error %q cannot be printed", pointer, document, err)
		}
	})
}

// evaluate follows a pointer by decoding one value after the other.
func evaluate(document []byte, fragment string) (text string, ok bool) {
	if !json.Valid(document) || !isText(document) {
		return "", false
	}
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return "", false
	}
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		document = bytes.TrimSpace(document)
		switch document[0] {
		case '{':
			values := membersNamed(document, token)
			if len(values) != 1 {
				return "", false
			}
			document = values[0]
		case '[':
			var array []json.RawMessage
			json.Unmarshal(document, &array)
			found := false
			for i, element := range array {
				if strconv.Itoa(i) == token {
					document, found = element, true
				}
			}
			if !found {
				return "", false
			}
		default:
			return "", false
		}
	}
	document = bytes.TrimSpace(document)
	switch document[0] {
	case '"':
		json.Unmarshal(document, &text)
		return text, true
	case 'n':
		return "", false
	}
	return string(document), true
}

// membersNamed returns the values of an object's members of a name.
func membersNamed(object []byte, name string) (values []json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(object))
	d.Token()
	for d.More() {
		var value json.RawMessage
		key, _ := d.Token()
		d.Decode(&value)
		if key == name {
			values = append(values, value)
		}
	}
	return values
}
