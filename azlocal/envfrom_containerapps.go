package main

import (
	"go.yaml.in/yaml/v3"

	"azinject/emulator"
)

// isContainerApp reports whether the file is a container app, as "az containerapp
// create --yaml" reads it and "az containerapp show" prints it.
// https://learn.microsoft.com/azure/container-apps/azure-resource-manager-api-spec
func isContainerApp(documents []*yaml.Node) bool {
	return len(documents) == 1 && len(items(member(documents[0], "properties", "template", "containers"))) > 0
}

// parseContainerApp returns the environment of the container that the name chooses.
// It leaves out variables whose values are in the app's secrets.
func parseContainerApp(app *yaml.Node, name string) (*declaration, error) {
	chosen, err := choose(appendContainers(nil, member(app, "properties", "template"), container{owner: "container app"}), name)
	if err != nil {
		return nil, err
	}
	env, err := chosen.env()
	if err != nil {
		return nil, err
	}
	declared := new(declaration)
	for _, item := range env {
		variable, value := member(item, "name"), member(item, "value")
		if err := checkName(variable, item.Line); err != nil {
			return nil, err
		}
		if isPresent(member(item, "secretRef")) {
			declared.absent = append(declared.absent, emulator.Problem{Line: item.Line, Message: "the value of " + variable.Value + " is not in this file but in the app's secrets"})
			continue
		}
		text := ""
		if isPresent(value) {
			if err := checkValue(variable.Value, value); err != nil {
				return nil, err
			}
			text = value.Value
		}
		declared.variables = append(declared.variables, variable.Value+"="+text)
	}
	return declared, nil
}

func isPresent(node *yaml.Node) bool { return node != nil && node.ShortTag() != "!!null" }
