package main

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// isAppSettings reports whether the file is a list of named things, as "az webapp
// config appsettings list" prints an app's settings.
func isAppSettings(documents []*yaml.Node) bool {
	if len(documents) != 1 {
		return false
	}
	list := items(documents[0])
	return len(list) > 0 && member(list[0], "name") != nil
}

// parseAppSettings returns the settings of an app.
func parseAppSettings(list *yaml.Node) (*declaration, error) {
	declared := new(declaration)
	for _, setting := range items(list) {
		name, value := member(setting, "name"), member(setting, "value")
		if err := checkName(name, setting.Line); err != nil {
			return nil, err
		}
		if !isPresent(value) { // "az webapp config appsettings set" prints null
			return nil, problem(setting.Line, "%s has no value: give the list that \"az webapp config appsettings list\" prints", name.Value)
		}
		if err := checkValue(name.Value, value); err != nil {
			return nil, err
		}
		declared.variables = append(declared.variables, name.Value+"="+value.Value)
	}
	return declared, nil
}

// isProject reports whether the file is a project of azd, azure.yaml.
func isProject(documents []*yaml.Node) bool {
	return len(documents) == 1 && member(documents[0], "services") != nil && member(documents[0], mappingKey) == nil
}

// parseProject returns the env of the service that the name chooses, or of the only
// service that has one.
func parseProject(project *yaml.Node, name string, inherited []string) (*declaration, error) {
	var chosen *yaml.Node
	var names []string
	for service, node := range members(member(project, "services")) {
		env := member(node, "env")
		if env != nil && (name == "" || name == service.Value) {
			chosen = env
		}
		if env != nil {
			names = append(names, service.Value)
		}
	}
	switch {
	case names == nil:
		return nil, problem(0, "no service has an env mapping, as in a project of azd: azlocal does not read Compose files")
	case chosen == nil:
		return nil, problem(0, "there is no service %q with an env: choose one of %s", name, strings.Join(names, ", "))
	case name == "" && len(names) > 1:
		return nil, problem(0, "choose one of the services with --container: %s", strings.Join(names, ", "))
	}
	return parseMapping("env", chosen, func(variable string, value *yaml.Node) (string, error) {
		text, unknown := expandProject(value.Value, inherited)
		if unknown != "" {
			return "", problem(value.Line, "%s needs %s, which is not in the shell: azd env get-values prints it", variable, unknown)
		}
		return text, nil
	})
}

// projectExpression matches what azd expands, or protects from that.
var projectExpression = regexp.MustCompile(`\$\$\{|(?s:\$\{\{.*?\}\})|\$\{(\w+)\}`)

// expandProject replaces ${NAME} as azd does. $${ stands for ${, and what the
// platform resolves, ${{…}}, stays. It returns a name that is not defined, if any.
func expandProject(text string, inherited []string) (expanded, unknown string) {
	expanded = projectExpression.ReplaceAllStringFunc(text, func(match string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(match, "${"), "}")
		switch {
		case match == "$${":
			return "${"
		case strings.HasPrefix(match, "${{"):
			return match
		}
		value, found := valueOf(inherited, name)
		if !found {
			unknown = name
		}
		return value
	})
	return expanded, unknown
}
