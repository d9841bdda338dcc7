package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"azinject/resolve"
)

// workspaceOptions are the names of a workspace, as az takes them.
type workspaceOptions struct {
	subscription, group, name string
}

// whereWorkspace is what leads to a workspace.
const whereWorkspace = "--subscription, --resource-group, --workspace-name and AZINJECT_WORKSPACE"

// complete returns the workspace that the options and az's own defaults name.
// https://learn.microsoft.com/cli/azure/azure-cli-configuration
func (o workspaceOptions) complete(environ []string) (resolve.Workspace, error) {
	directory := azDirectory(environ)
	group, _ := valueOf(environ, "AZURE_DEFAULTS_GROUP")
	name, _ := valueOf(environ, "AZURE_DEFAULTS_WORKSPACE")
	defaults := azDefaults(filepath.Join(directory, "config"))
	w := resolve.Workspace{
		Subscription:  azSubscription(filepath.Join(directory, "azureProfile.json"), o.subscription),
		ResourceGroup: cmp.Or(o.group, group, defaults["group"]),
		Name:          cmp.Or(o.name, name, defaults["workspace"]),
	}
	if w.Subscription != "" && uuid.Validate(w.Subscription) != nil {
		return w, &unknownSubscription{w.Subscription}
	}
	var missing []string
	for _, part := range [][2]string{{w.Subscription, "--subscription"}, {w.ResourceGroup, "--resource-group"}, {w.Name, "--workspace-name"}} {
		if part[0] == "" {
			missing = append(missing, part[1])
		}
	}
	if missing != nil {
		return w, errors.New("the workspace is not known: give " + strings.Join(missing, ", ") + ", or AZINJECT_WORKSPACE in the file or the environment, or set az's defaults: az account set, az configure --defaults")
	}
	return resolve.ParseWorkspace(w.ID())
}

// unknownSubscription reports a --subscription that is neither an ID nor a name that
// az knows.
type unknownSubscription struct{ name string }

func (e *unknownSubscription) Error() string {
	return fmt.Sprintf("--subscription: az knows no subscription named %q here: write the ID that \"az account list\" shows", e.name)
}

func azDirectory(environ []string) string {
	if directory, _ := valueOf(environ, "AZURE_CONFIG_DIR"); directory != "" {
		return directory
	}
	home, _ := valueOf(environ, "HOME")
	return filepath.Join(home, ".azure")
}

// azDefaults returns the section [defaults] of az's configuration, which "az
// configure --defaults" writes.
func azDefaults(file string) map[string]string {
	defaults, section := map[string]string{}, ""
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		key, value, pair := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "["):
			section = line
		case pair && section == "[defaults]":
			defaults[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return defaults
}

// azSubscription returns the ID of the subscription that is given by its ID or
// name, or else of az's active one.
func azSubscription(file, given string) string {
	var profile struct {
		Subscriptions []struct {
			ID, Name  string
			IsDefault bool
		}
	}
	text, _ := os.ReadFile(file)
	json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &profile)
	for _, s := range profile.Subscriptions {
		if given == "" && s.IsDefault || given != "" && strings.EqualFold(s.Name, given) {
			return s.ID
		}
	}
	return given
}
