package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"azinject/identity"
	"azinject/resolve"
)

// prefix begins the names of all settings but one, and of nothing else.
const prefix = "AZINJECT_"

const (
	workspaceSetting = "AZINJECT_WORKSPACE"
	formatSetting    = "AZINJECT_LOG_FORMAT"
	// cloudSetting is Azure Machine Learning's own variable.
	cloudSetting = "AZUREML_CURRENT_CLOUD"
)

// settings are what the environment says about azinject itself.
type settings struct {
	resolve.Options
	workspaceFrom string // the variables that name the workspace
	unset         []string
	logLevel      slog.Level
	logJSON       bool
	// misleading says that a setting which references depend on is wrong, so
	// that what is found wrong with them may not be.
	misleading bool
}

// lookup returns a function that finds a variable as getenv(3) does: the first
// entry of that name counts, and "" is the same as none.
func lookup(environ []string) func(name string) string {
	return func(name string) string {
		for _, kv := range environ {
			if n, value, ok := strings.Cut(kv, "="); ok && n == name {
				return value
			}
		}
		return ""
	}
}

// allSettings are the settings there are. What is found wrong with references
// may not be, where one that they depend on is wrong.
var allSettings = []struct {
	name       string
	read       func(s *settings, value string) error
	references bool // depend on it
}{
	{"AZINJECT_TIMEOUT", (*settings).readTimeout, false},
	{workspaceSetting, (*settings).readWorkspace, true},
	{identity.Setting, (*settings).checkIdentity, false},
	{identity.CredentialSetting, (*settings).checkCredential, false},
	{"AZINJECT_WAIT_FOR_ACCESS", (*settings).readWaitForAccess, false},
	{"AZINJECT_SKIP", (*settings).readSkip, true},
	{"AZINJECT_UNSET", (*settings).readUnset, true},
	{"AZINJECT_ALLOWED_VAULT_HOSTS", (*settings).readVaultHosts, true},
	{"AZINJECT_LOG", (*settings).readLogLevel, false},
	{formatSetting, (*settings).readLogFormat, false},
	{cloudSetting, (*settings).readCloud, true},
}

// parseSettings reads and checks all settings, used or not. The errors quote no
// value, because a value in the wrong place may be a secret.
func parseSettings(environ []string) (settings, []failure) {
	getenv := lookup(environ)
	s := settings{logLevel: slog.LevelError}
	s.Timeout, s.Cloud, s.SkipPrefix = 2*time.Minute, resolve.Clouds["AzureCloud"], prefix
	s.Workspace, s.workspaceFrom = resolve.DiscoverWorkspace(getenv)
	mistakes := unknownSettings(environ)
	for _, setting := range allSettings {
		if value := getenv(setting.name); value != "" {
			if err := setting.read(&s, value); err != nil {
				mistakes = append(mistakes, failure{Variable: setting.name, Err: err})
				s.misleading = s.misleading || setting.references
			}
		}
	}
	return s, mistakes
}

// checkProxy reports the address of a proxy that net/http would take for
// another, or ignore.
func checkProxy(value string) error {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return errors.New("write the address of a proxy, http://HOST:PORT, with special characters of a password percent-encoded")
	}
	return nil
}

// settingNames returns the names of all settings, which but for one begin with
// prefix.
func settingNames() []string {
	var names []string
	for _, setting := range allSettings {
		if strings.HasPrefix(setting.name, prefix) {
			names = append(names, setting.name)
		}
	}
	return names
}

// unknownSettings finds the names that begin like settings and are none: a
// setting with a typo would otherwise be one that is silently not made.
func unknownSettings(environ []string) []failure {
	var mistakes []failure
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, prefix) && !slices.Contains(settingNames(), name) {
			mistakes = append(mistakes, failure{Variable: name, Err: fmt.Errorf("no such setting; there are %s", strings.Join(settingNames(), ", "))})
		}
	}
	return mistakes
}

// maxDuration is more than anybody can mean.
const maxDuration = 24 * time.Hour

func (s *settings) readTimeout(value string) (err error) {
	if s.Timeout, err = time.ParseDuration(value); err != nil || s.Timeout <= 0 || s.Timeout > maxDuration {
		return errors.New("write a positive duration with its unit, such as 90s or 2m, of a day at most")
	}
	return nil
}

func (s *settings) readWorkspace(value string) (err error) {
	s.workspaceFrom = workspaceSetting
	s.Workspace, err = resolve.ParseWorkspace(value)
	return err
}

func (s *settings) readWaitForAccess(value string) (err error) {
	if s.WaitForAccess, err = time.ParseDuration(value); err != nil || s.WaitForAccess < 0 || s.WaitForAccess > maxDuration {
		return errors.New("write 0 or a duration with its unit, such as 10m, of a day at most")
	}
	return nil
}

func (s *settings) readLogLevel(value string) error {
	level, ok := map[string]slog.Level{"error": slog.LevelError, "info": slog.LevelInfo, "debug": slog.LevelDebug}[value]
	if !ok {
		return errors.New("the levels are error, info and debug")
	}
	s.logLevel = level
	return nil
}

func (s *settings) readLogFormat(value string) error {
	if value != "text" && value != "json" {
		return errors.New("the formats are text and json")
	}
	s.logJSON = value == "json"
	return nil
}

func (s *settings) readCloud(value string) error {
	c, ok := resolve.Clouds[value]
	if !ok {
		return errors.New("the clouds are AzureCloud, AzureChinaCloud and AzureUSGovernment")
	}
	s.Cloud = c
	return nil
}

// checkIdentity checks what identity.Select reads.
func (s *settings) checkIdentity(value string) error {
	_, err := identity.ParseID(value)
	return err
}

// checkCredential does the same.
func (s *settings) checkCredential(value string) error {
	_, err := identity.ParseKind(value)
	return err
}

func (s *settings) readSkip(value string) error {
	names, err := readNames(value)
	s.Skip = append(s.Skip, names...)
	return err
}

// readUnset reads variables that the server does not get, which need no secret.
func (s *settings) readUnset(value string) (err error) {
	s.unset, err = readNames(value)
	s.Skip = append(s.Skip, s.unset...)
	return err
}

func readNames(value string) ([]string, error) {
	names := strings.Split(value, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if names[i] == "" || strings.Contains(name, "=") {
			return nil, errors.New("write the names of variables, separated by commas")
		}
	}
	return names, nil
}

func (s *settings) readVaultHosts(value string) error {
	hosts := strings.Split(value, ",")
	for i, host := range hosts {
		hosts[i] = strings.TrimSpace(host)
		if !isHost(strings.TrimPrefix(hosts[i], ".")) {
			return errors.New("write host names with a dot in them, or suffixes that begin with a dot and have another, separated by commas, without scheme, port and path")
		}
	}
	s.AllowedVaultHosts = hosts
	return nil
}

// isHost accepts host names of at least two labels: with a suffix such as
// ".net" anybody could get a token.
func isHost(name string) bool {
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return len(labels) > 1
}

// serverEnviron returns the environment without azinject's settings and without
// what AZINJECT_UNSET names.
func (s *settings) serverEnviron(environ []string) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return strings.HasPrefix(name, prefix) || slices.Contains(s.unset, name)
	})
}
