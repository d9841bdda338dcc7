package main

import (
	"errors"
	"regexp"
	"strings"

	"azinject/resolve"
)

// audiencePattern matches what may be given to az and azd on a command line: a
// URL or the ID of an application.
var audiencePattern = regexp.MustCompile(`^(https|api)://[\w.-]+(/[\w.-]+)*/?$`)

func checkAudience(a string) error {
	switch {
	case strings.HasSuffix(a, "/.default"):
		return errors.New("leave out /.default")
	case !audiencePattern.MatchString(a):
		return errors.New("write the URL of a service, such as https://cognitiveservices.azure.com")
	}
	return nil
}

// audiences returns what tokens are given for: Key Vault, Resource Manager,
// Foundry and online endpoints in every cloud, and more. An audience with a slash
// at its end is a different one, and services differ in which they have: both are
// in the set.
func audiences(more []string) map[string]bool {
	set := map[string]bool{}
	add := func(a string) {
		a = strings.TrimSuffix(a, "/")
		set[a], set[a+"/"] = true, true
	}
	for _, c := range resolve.Clouds {
		add("https://" + strings.TrimPrefix(c.VaultSuffix, "."))
		add(c.ResourceManager().Audience)
		add(c.ResourceManager().Endpoint)
		add(c.EndpointAudience)
		if c.ProjectSuffix != "" {
			add("https://" + strings.TrimPrefix(c.ProjectSuffix, ".services."))
		}
	}
	for _, a := range more {
		add(a)
	}
	return set
}

// isConfiguration reports whether an audience is an App Configuration store. Each
// has its own.
func isConfiguration(audience string) bool {
	_, err := (resolve.Grammar{}).Parse("@Microsoft.AppConfiguration(Endpoint=" + audience + ";Key=k)")
	return err == nil && !strings.HasSuffix(audience, ":443")
}

// currentCloud returns the cloud that azinject, as COMMAND, would use. azinject
// itself reports a name that is unknown.
func currentCloud(environ []string) resolve.Cloud {
	name, _ := valueOf(environ, "AZUREML_CURRENT_CLOUD")
	if c, ok := resolve.Clouds[name]; ok {
		return c
	}
	return resolve.Clouds["AzureCloud"]
}
