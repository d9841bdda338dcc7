package main

import "regexp"

// expansion matches what Kubernetes replaces in the value of a variable.
var expansion = regexp.MustCompile(`\$(\$|\([^)]*\))`)

// expand replaces $(NAME) by the value of NAME, if it is among those defined,
// and $$ by $, as Kubernetes does:
// https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
func expand(value string, defined []string) string {
	return expansion.ReplaceAllStringFunc(value, func(found string) string {
		if found == "$$" {
			return "$"
		}
		if v, ok := valueOf(defined, found[2:len(found)-1]); ok {
			return v
		}
		return found
	})
}
