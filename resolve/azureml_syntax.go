package resolve

import (
	"slices"
	"strings"
)

// azureML parses azureml://…, the text between the braces, which begins at the
// position at of the value.
func (g Grammar) azureML(text string, at int) (Reference, error) {
	p := after("azureml://", text, at)
	w := g.Workspace
	if strings.EqualFold(p.peek(), "subscriptions") {
		w = p.workspace()
	}
	var ref Reference
	switch word, at := p.next(); word {
	case "connections":
		ref = p.connection(w)
	case "onlineEndpoints":
		ref = p.endpoint(w)
	default:
		p.wrong(at, `write connections/NAME or onlineEndpoints/NAME here, in just these letters`)
	}
	if p.err == nil && w == (Workspace{}) {
		p.err = ErrNoWorkspace
	}
	return ref, p.err
}

// connection takes NAME, NAME/target, NAME/credentials/KEY or
// NAME/metadata/KEY.
func (p *path) connection(w Workspace) Reference {
	ref := Reference{Object: Object{Kind: Connection, Workspace: w, Name: p.name("the name of the connection")}}
	if p.done {
		return ref
	}
	word, at := p.next()
	switch ref.Part = Part(word); ref.Part {
	case Target:
		p.end("target")
	case Credentials, Metadata:
		ref.Key = p.key("the name after " + word + "/")
	default:
		p.wrong(at, `write credentials/KEY, metadata/KEY, target or nothing after the connection`)
	}
	return ref
}

// endpoint takes NAME/credentials/FIELD.
func (p *path) endpoint(w Workspace) Reference {
	name := p.name("the name of the endpoint")
	if word, at := p.next(); word != "credentials" {
		p.wrong(at, `write credentials/FIELD after the endpoint`)
	}
	field, at := p.next()
	mode := slices.IndexFunc(authModes, func(m authMode) bool { return slices.Contains(m.fields, field) })
	if mode < 0 {
		p.wrong(at, "write primaryKey or secondaryKey (auth_mode: key), or accessToken, "+
			"expiryTimeUtc or refreshAfterTimeUtc (auth_mode: aml_token; aad_token has the first two)")
		return Reference{}
	}
	p.end("the field")
	return Reference{Object: Object{Kind: authModes[mode].request, Workspace: w, Name: name}, Part: Credentials, Key: field}
}
