package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// options are those that both login and emulate have.
type options struct {
	envFrom    string
	container  string
	containers bool
}

func (o *options) addTo(flags *pflag.FlagSet) {
	flags.Var(&text{&o.envFrom, "FILE"}, "env-from", "give COMMAND the environment that a file declares: an Azure ML\ndeployment or job, a Kubernetes manifest, a container app, App\nService's settings, an azd project, or an env file")
	flags.Var(&text{&o.container, "NAME"}, "container", "which container, if a Kubernetes manifest or a container app has\nseveral, or which service of an azd project")
	flags.BoolVar(&o.containers, "containers", false, "let containers connect, for docker run as COMMAND: give it the\nname host.docker.internal for this machine")
}

var errNoValue = errors.New("needs a value")

// text is the value of an option.
type text struct {
	value *string
	name  string // in the help
}

// Set refuses what was not meant as a value but as the next option.
func (t *text) Set(value string) error {
	if value == "" || strings.HasPrefix(value, "--") {
		return errNoValue
	}
	*t.value = value
	return nil
}

func (t *text) String() string { return *t.value }

func (t *text) Type() string { return t.name }

// audienceList is the value of an option that may be repeated.
type audienceList []string

func (l *audienceList) Set(value string) error {
	if err := (&text{value: new(string)}).Set(value); err != nil {
		return err
	}
	if err := checkAudience(value); err != nil {
		return fmt.Errorf("%s: %w", value, err)
	}
	*l = append(*l, value)
	return nil
}

func (l *audienceList) String() string { return strings.Join(*l, " ") }

func (l *audienceList) Type() string { return "URL" }
