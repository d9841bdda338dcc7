package resolve

import (
	"fmt"
	"strings"
)

// PartError reports that a connection or endpoint has no such part.
type PartError struct {
	Object Object
	Part   Part
	Key    string
	// Have lists the names that there are, sorted.
	Have []string
}

func (e *PartError) Error() string {
	kind := "connection"
	if e.Object.Kind != Connection {
		kind = "online endpoint"
	}
	text := fmt.Sprintf("%s %q: no %s", kind, e.Object.Name, strings.TrimSuffix(string(e.Part), "s"))
	if e.Part == Metadata {
		text = fmt.Sprintf("%s %q: no metadata value", kind, e.Object.Name)
	}
	if e.Key != "" {
		text += fmt.Sprintf(" %q", e.Key)
	}
	switch {
	case e.Part == Target:
		return text
	case len(e.Have) == 0:
		return text + "; it has none"
	}
	quoted := make([]string, len(e.Have))
	for i, name := range e.Have {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return text + "; it has " + strings.Join(quoted, ", ")
}
