package resolve

import "strings"

// azureML parses azureml://…, the text between the braces; at is its position
// in the value.
func azureML(text string, at int) (Reference, error) {
	const scheme = "azureml://"
	rest, ok := strings.CutPrefix(text, scheme)
	if !ok {
		return Reference{}, syntaxError(at, `this reference begins with "azureml://", in lower case`)
	}
	p := path{rest: rest, at: at + len(scheme)}
	var w Workspace
	if strings.EqualFold(p.peek(), "subscriptions") {
		var err error
		if w, err = p.workspace(); err != nil {
			return Reference{}, err
		}
	}
	switch word, at := p.next(); word {
	case "connections":
		return connectionReference(w, &p)
	case "onlineEndpoints":
		return endpointReference(w, &p)
	default:
		return Reference{}, syntaxError(at, `write connections/NAME or onlineEndpoints/NAME here, in just these letters`)
	}
}

// connectionReference parses NAME, NAME/target, NAME/credentials/KEY and
// NAME/metadata/KEY.
func connectionReference(w Workspace, p *path) (Reference, error) {
	name, at := p.next()
	if err := checkName(name, at, "the name of the connection"); err != nil {
		return Reference{}, err
	}
	ref := Reference{Object: Object{Kind: Connection, Workspace: w, Name: name}}
	if p.done {
		return ref, nil
	}
	word, at := p.next()
	ref.Part = Part(word)
	switch ref.Part {
	case Target:
		return ref, p.end("target")
	case Credentials, Metadata:
		ref.Key, at = p.next()
		if err := checkKey(ref.Key, at, "the name after "+word+"/"); err != nil {
			return Reference{}, err
		}
		return ref, p.end("the name of the value")
	default:
		return Reference{}, syntaxError(at, `write credentials/NAME, metadata/NAME, target or nothing after the connection`)
	}
}

// endpointFields maps the fields of an endpoint's credentials to the request
// that answers them.
// https://learn.microsoft.com/rest/api/azureml/online-endpoints (List Keys, Get Token)
var endpointFields = map[string]Kind{
	"primaryKey":          EndpointKeys,
	"secondaryKey":        EndpointKeys,
	"accessToken":         EndpointToken,
	"expiryTimeUtc":       EndpointToken,
	"refreshAfterTimeUtc": EndpointToken,
}

// endpointReference parses NAME/credentials/FIELD.
func endpointReference(w Workspace, p *path) (Reference, error) {
	name, at := p.next()
	if err := checkName(name, at, "the name of the endpoint"); err != nil {
		return Reference{}, err
	}
	if word, at := p.next(); word != "credentials" {
		return Reference{}, syntaxError(at, `write credentials/FIELD after the endpoint`)
	}
	field, at := p.next()
	kind, ok := endpointFields[field]
	if !ok {
		return Reference{}, syntaxError(at, "an endpoint's credentials are primaryKey and secondaryKey (auth_mode: key), "+
			"accessToken, expiryTimeUtc and refreshAfterTimeUtc (auth_mode: aml_token)")
	}
	ref := Reference{Object: Object{Kind: kind, Workspace: w, Name: name}, Part: Credentials, Key: field}
	return ref, p.end("the field")
}
