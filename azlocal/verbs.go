package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// verb is what login and emulate do differently.
type verb struct {
	// replaced matches the inherited variables that COMMAND does not get.
	replaced func(name string) bool
	// refused matches the variables of --env-from that it does not get.
	refused func(name string) bool
	// prepare does everything that needs no undoing, and returns what starts the
	// Azure that COMMAND gets.
	prepare func(environ, declared []string) (start func() (azure, error), err error)
}

func (p *process) loginCommand() *cobra.Command {
	o, more := new(options), new(audienceList)
	cmd := &cobra.Command{
		Use:                   "login [--audience URL ...] [--env-from FILE] [--containers] -- COMMAND [ARG ...]",
		Short:                 "Run COMMAND with your own sign-in as its managed identity",
		Long:                  loginManual,
		Example:               loginExamples,
		DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, command []string) error {
			prepare := func(environ, declared []string) (func() (azure, error), error) {
				return prepareLogin(*more, placeFor(o.containers), environ, declared)
			}
			return p.run(o, &verb{anyOf(ofIdentity, ofSignIn), ofSelection, prepare}, command)
		},
	}
	cmd.Flags().Var(more, "audience", "give tokens for the service with this URL too, may be repeated")
	o.addTo(cmd.Flags())
	return cmd
}

func (p *process) emulateCommand() *cobra.Command {
	o, requests := new(options), new(string)
	cmd := &cobra.Command{
		Use:                   "emulate FILE [--requests FILE] [--env-from FILE] [--containers] -- COMMAND [ARG ...]",
		Short:                 "Run COMMAND with the Azure that FILE describes",
		Long:                  emulateManual,
		Example:               emulateExamples,
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     completeFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, command, err := afterFile(cmd, args)
			if err != nil {
				return err
			}
			prepare := func(_, _ []string) (func() (azure, error), error) {
				return prepareEmulation(file, *requests, placeFor(o.containers))
			}
			return p.run(o, &verb{anyOf(ofIdentity, ofNetwork, ofCredential), ofNetwork, prepare}, command)
		},
	}
	cmd.Flags().Var(&text{requests, "FILE"}, "requests", "write the requests that COMMAND made of Azure when it has ended,\na line each: kind, method, host, path, status")
	o.addTo(cmd.Flags())
	return cmd
}

// afterFile returns FILE, where the reading of options stopped, reads those
// after it, and returns COMMAND.
func afterFile(cmd *cobra.Command, args []string) (file string, command []string, err error) {
	if len(args) == 0 || cmd.ArgsLenAtDash() == 0 {
		return "", nil, errors.New("FILE is missing")
	}
	if err := cmd.ParseFlags(args[1:]); err != nil {
		return "", nil, cmd.FlagErrorFunc()(cmd, err)
	}
	if help, _ := cmd.Flags().GetBool("help"); help {
		return "", nil, pflag.ErrHelp
	}
	return args[0], cmd.Flags().Args(), nil
}

// completeFile offers YAML files for FILE, and any file after it.
func completeFile(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return nil, cobra.ShellCompDirectiveDefault
}
