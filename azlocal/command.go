package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// process is azlocal as it was started.
type process struct {
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
	status         int // to exit with
}

// main does what the arguments say, reports what went wrong and returns the
// exit status.
func (p *process) main(args []string) int {
	root := p.rootCommand(args)
	root.SetArgs(args)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	called, err := root.ExecuteC()
	if err != nil && p.status == 0 {
		p.status = statusFailed
		err = &mistake{called.CommandPath(), err}
	}
	p.report(err)
	return p.status
}

func (p *process) rootCommand(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:     "azlocal",
		Short:   "Check access before a deployment, and run commands with an Azure",
		Long:    rootManual,
		Version: version,
		Args:    cobra.ArbitraryArgs,
		RunE:    unknownCommand,

		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
	}
	root.SetVersionTemplate("azlocal {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return optionMistake(err) })
	login, emulate, access := p.loginCommand(), p.emulateCommand(), p.accessCommand()
	root.AddCommand(login, emulate, access)
	access.Flags().SortFlags = false
	for _, cmd := range []*cobra.Command{root, login, emulate} {
		cmd.Flags().SortFlags = false
		cmd.Flags().SetInterspersed(false) // what follows COMMAND is its own
	}
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		emulate.Flags().SetInterspersed(true) // to complete options after FILE
	}
	return root
}

// report prints the error and its hint.
func (p *process) report(err error) {
	if err == nil {
		return
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(p.stderr, "azlocal: error: %s\n", strings.TrimSuffix(line, "\n"))
	}
	var hinted interface{ hint() string }
	if errors.As(err, &hinted) {
		fmt.Fprintln(p.stderr, "azlocal: hint:", hinted.hint())
	}
}

func (p *process) warn(format string, args ...any) {
	fmt.Fprintf(p.stderr, "azlocal: warning: "+format+"\n", args...)
}
