package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"azinject/identity"
	"azinject/resolve"
)

// prefix begins the names of all settings except one, and no other names.
const prefix = "AZINJECT_"

const (
	workspaceSetting = "AZINJECT_WORKSPACE"
	projectSetting   = "AZINJECT_PROJECT"
	formatSetting    = "AZINJECT_LOG_FORMAT"
	// cloudSetting is Azure Machine Learning's own variable.
	cloudSetting = "AZUREML_CURRENT_CLOUD"
)

// settings are azinject's own settings.
type settings struct {
	resolve.Options
	workspaceFrom string // the variables that name the workspace
	projectFrom   string // the variable that names the project
	skip, unset   []string
	logLevel      int // an index of logLevels
	// misleading reports a mistake in a setting that references depend on, from
	// which mistakes in references may follow.
	misleading bool
}

// getenvFrom returns a function that finds a variable as getenv(3) does: the
// first entry of the name counts. It returns "" if there is none.
func getenvFrom(environ []string) func(name string) string {
	return func(name string) string {
		for _, kv := range environ {
			if n, value, ok := strings.Cut(kv, "="); ok && n == name {
				return value
			}
		}
		return ""
	}
}

// allSettings lists every setting. If one marked references is invalid, mistakes
// in references are not reported: they may only follow from it.
var allSettings = []struct {
	name       string
	read       func(s *settings, value string) error
	references bool
}{
	{"AZINJECT_TIMEOUT", (*settings).readTimeout, false},
	{workspaceSetting, (*settings).readWorkspace, true},
	{projectSetting, (*settings).readProject, true},
	{identity.Setting, func(_ *settings, value string) error { _, err := identity.ParseID(value); return err }, false},
	{identity.CredentialSetting, func(_ *settings, value string) error { _, err := identity.ParseKind(value); return err }, false},
	{"AZINJECT_WAIT_FOR_ACCESS", (*settings).readWaitForAccess, false},
	{"AZINJECT_SKIP", (*settings).readSkip, true},
	{"AZINJECT_UNSET", (*settings).readUnset, true},
	{"AZINJECT_ALLOWED_VAULT_HOSTS", (*settings).readVaultHosts, true},
	{"AZINJECT_LOG", (*settings).readLogLevel, false},
	{formatSetting, (*settings).readLogFormat, false},
	{cloudSetting, (*settings).readCloud, true},
}

// parseSettings parses and validates all settings, whether they are used or not.
// Its errors quote no value, because a value in the wrong place may be a secret.
func parseSettings(environ []string) (settings, []resolve.Failure) {
	getenv := getenvFrom(environ)
	s := settings{}
	s.Timeout, s.Cloud = 2*time.Minute, resolve.Clouds["AzureCloud"]
	s.Workspace, s.workspaceFrom = resolve.DiscoverWorkspace(getenv)
	s.Project, s.projectFrom = resolve.DiscoverProject(getenv)
	mistakes := unknownSettings(environ)
	for _, setting := range allSettings {
		if value := getenv(setting.name); value != "" {
			if err := setting.read(&s, value); err != nil {
				mistakes = append(mistakes, resolve.Failure{Variable: setting.name, Err: cmp.Or(resolve.Wrapped(value), err)})
				s.misleading = s.misleading || setting.references
			}
		}
	}
	s.Project.ID = s.Project.DiscoverID(getenv)
	return s, mistakes
}

// appServiceStatus is App Service's report on the Key Vault references that it
// resolves itself. It quotes them.
const appServiceStatus = "WEBSITE_KEYVAULT_REFERENCES"

// skips reports whether a variable is never touched. One that the server does
// not get needs no secret.
func (s *settings) skips(name string) bool {
	return strings.HasPrefix(name, prefix) || name == appServiceStatus || slices.Contains(s.skip, name) || slices.Contains(s.unset, name)
}

// settingNames returns the names of the settings that begin with prefix.
func settingNames() []string {
	var names []string
	for _, setting := range allSettings {
		if strings.HasPrefix(setting.name, prefix) {
			names = append(names, setting.name)
		}
	}
	return names
}

// unknownSettings reports names that begin like a setting's. Otherwise a
// misspelt setting would silently have no effect.
func unknownSettings(environ []string) []resolve.Failure {
	var mistakes []resolve.Failure
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(settingNames(), name) {
			mistakes = append(mistakes, resolve.Failure{Variable: name, Err: fmt.Errorf("no such setting; the settings are %s", strings.Join(settingNames(), ", "))})
		}
	}
	return mistakes
}

// maxDuration catches mistyped units, such as 120h for 120s.
const maxDuration = 24 * time.Hour

func (s *settings) readTimeout(value string) (err error) {
	if s.Timeout, err = time.ParseDuration(value); err != nil || s.Timeout <= 0 || s.Timeout > maxDuration {
		return errors.New("write a duration with its unit, such as 90s or 2m, that is more than 0 and at most a day")
	}
	return nil
}

func (s *settings) readWorkspace(value string) (err error) {
	s.workspaceFrom = workspaceSetting
	s.Workspace, err = resolve.ParseWorkspace(value)
	return err
}

func (s *settings) readProject(value string) (err error) {
	s.projectFrom = projectSetting
	s.Project, err = resolve.ParseProject(value)
	return err
}

func (s *settings) readWaitForAccess(value string) (err error) {
	if s.WaitForAccess, err = time.ParseDuration(value); err != nil || s.WaitForAccess < 0 || s.WaitForAccess > maxDuration {
		return errors.New("write 0 or a duration with its unit, such as 10m, that is at most a day")
	}
	return nil
}

// logLevels has a place for each level. Each has the lines of those before it.
var logLevels = []string{"error", "info", "debug"}

const (
	infoLevel = iota + 1
	debugLevel
)

func (s *settings) readLogLevel(value string) error {
	if s.logLevel = slices.Index(logLevels, value); s.logLevel < 0 {
		return errors.New("write error, info or debug")
	}
	return nil
}

func (*settings) readLogFormat(value string) error {
	if value != "text" && value != "json" {
		return errors.New("write text or json")
	}
	return nil
}

func (s *settings) readCloud(value string) error {
	c, ok := resolve.Clouds[value]
	if !ok {
		return errors.New("write AzureCloud, AzureChinaCloud or AzureUSGovernment")
	}
	s.Cloud = c
	return nil
}

func (s *settings) readSkip(value string) (err error) {
	s.skip, err = readNames(value)
	return err
}

func (s *settings) readUnset(value string) (err error) {
	s.unset, err = readNames(value)
	return err
}

func readNames(value string) ([]string, error) {
	isName := func(name string) bool { return name != "" && !strings.ContainsAny(name, "=;|*?[]{}$'\"` \t\n") }
	return readList(value, isName, "write the names of variables, separated by commas, without quotes, blanks, brackets or wildcards")
}

func (s *settings) readVaultHosts(value string) (err error) {
	isHost := func(host string) bool { return resolve.IsHostName(strings.TrimPrefix(host, ".")) }
	s.AllowedVaultHosts, err = readList(value, isHost, "write host names, or suffixes such as .vault.example.com, separated by commas, without scheme, port and path")
	return err
}

// readList returns what stands between the commas. rule is the error.
func readList(value string, isValid func(string) bool, rule string) ([]string, error) {
	list := strings.Split(value, ",")
	for i, item := range list {
		if list[i] = strings.TrimSpace(item); !isValid(list[i]) {
			return nil, errors.New(rule)
		}
	}
	return list, nil
}

// serverEnviron returns the environment without azinject's settings and the
// variables in AZINJECT_UNSET.
func (s *settings) serverEnviron(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return strings.HasPrefix(name, prefix) || slices.Contains(s.unset, name)
	})
}
