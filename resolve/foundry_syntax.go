package resolve

import "strings"

// foundry parses connections.NAME.credentials.KEY, connections.NAME.metadata.KEY or
// connections.NAME.target, the text between the braces, which begins at the
// position at of the value. Both names may contain dots.
// https://learn.microsoft.com/azure/foundry/agents/concepts/hosted-agents
func (g Grammar) foundry(text string, at int) (Reference, error) {
	p, key := after("connections.", text, at), path{}
	rest, ref := p.rest, Reference{Part: Target}
	name, target := strings.CutSuffix(rest, ".target")
	for _, part := range []Part{Credentials, Metadata} {
		separator := "." + string(part) + "."
		if before, after, ok := strings.Cut(rest, separator); ok && len(before) <= len(name) {
			name, ref.Part = before, part
			key = path{rest: after, at: p.at + len(before) + len(separator)}
		}
	}
	p.rest = name
	switch {
	case ref.Part != Target:
		ref.Key = key.key("the name after ." + string(ref.Part) + ".")
	case !target:
		p.wrong(p.at, "write connections.NAME.credentials.KEY, connections.NAME.metadata.KEY or connections.NAME.target, in just these letters")
	}
	ref.Object = Object{Kind: ProjectConnection, Project: g.Project, Name: p.name("the name of the connection")}
	p.end("the name of the connection")
	p.check(key.err)
	if p.err == nil && g.Project == (Project{}) {
		p.err = ErrNoProject
	}
	return ref, p.err
}
