package main

import (
	"errors"
	"regexp"
	"strings"

	"azinject/resolve"
)

// audiencePattern is what az and azd are given on a command line: a URL, or the
// ID of an application.
var audiencePattern = regexp.MustCompile(`^(https|api)://[\w.-]+(/[\w.-]+)*/?$`)

func checkAudience(a string) error {
	switch {
	case strings.HasSuffix(a, "/.default"):
		return errors.New("leave out /.default")
	case !audiencePattern.MatchString(a):
		return errors.New("not the URL of a service, such as https://cognitiveservices.azure.com")
	}
	return nil
}

// audiences returns what tokens are given for: Key Vault and Resource Manager
// in every cloud, and what is named besides. With a slash at its end an
// audience is another one, and which of the two a service has differs: both are
// given.
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
	}
	for _, a := range more {
		add(a)
	}
	return set
}

// currentCloud is the cloud that COMMAND, if it is azinject, takes itself to be
// in. A name that is none it will complain of itself.
func currentCloud(getenv func(string) string) resolve.Cloud {
	if c, ok := resolve.Clouds[getenv("AZUREML_CURRENT_CLOUD")]; ok {
		return c
	}
	return resolve.Clouds["AzureCloud"]
}
