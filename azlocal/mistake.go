package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mistake is an error in the command line.
type mistake struct {
	command string // that --help explains
	error
}

func (m *mistake) hint() string { return "see " + m.command + " --help" }

// unknownCommand reports a first word that is not a command. It runs if cobra found
// none.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("a command is missing: login, emulate or access")
	}
	switch similar := root.SuggestionsFor(args[0]); {
	case slices.Contains(similar, args[0]): // behind "--"
		return fmt.Errorf("write %s before --", args[0])
	case len(similar) > 0:
		return fmt.Errorf("unknown command %q: did you mean %s?", args[0], strings.Join(similar, " or "))
	default:
		return fmt.Errorf("unknown command %q: write login, emulate or access", args[0])
	}
}

// optionMistake puts pflag's errors into our words. It quotes options up to
// their "=", and of the values only audiences, which are not secret.
func optionMistake(err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return unknownOption("-" + letters)
		}
		return unknownOption("--" + unknown.GetSpecifiedName())
	}
	if malformed, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return unknownOption(malformed.GetSpecifiedFlag())
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s %w", bare.GetFlag().Name, errNoValue)
	}
	if refused, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s %w", refused.GetFlag().Name, refusal(refused))
	}
	return err
}

// refusal says why an option's value was refused.
func refusal(refused *pflag.InvalidValueError) error {
	if refused.GetFlag().Value.Type() == "bool" {
		return errors.New("takes no value")
	}
	return refused.Unwrap()
}

func unknownOption(written string) error {
	name, _, _ := strings.Cut(written, "=")
	return errors.New("unknown option " + name)
}
