package main

import (
	"slices"
	"strings"
)

// mode is what azinject is asked to do.
type mode string

// The modes. All but the first are options, with two hyphens.
const (
	modeStart   mode = ""
	modeCheck   mode = "check"
	modePlan    mode = "plan"
	modeInstall mode = "install"
	modeVersion mode = "version"
	modeHelp    mode = "help"
)

// isMode says whether a command was meant as an option.
func isMode(word string) bool {
	name, ok := strings.CutPrefix(word, "--")
	return ok && slices.Contains([]mode{modeCheck, modePlan, modeInstall, modeVersion, modeHelp}, mode(name))
}

// arguments are the command line.
type arguments struct {
	mode    mode
	command []string // to become, in modeStart
	path    string   // to install to, in modeInstall
	json    bool     // in modeCheck and modePlan
}

// parseArguments reads the command line. Options are read only before COMMAND.
// The error is a usageError.
func parseArguments(words []string) (arguments, error) {
	if len(words) == 0 || words[0] == "--" && len(words) == 1 {
		return arguments{}, usageError("no command to become: in a Dockerfile, ENTRYPOINT clears the CMD of the base image, so CMD must be repeated after it")
	}
	first, rest := words[0], words[1:]
	switch {
	case first == "--":
		return arguments{command: rest}, nil
	case first == "" || first[0] != '-':
		return arguments{command: words}, nil
	case first == "-h":
		return arguments{mode: modeHelp}, nil
	}
	a := arguments{mode: mode(strings.TrimPrefix(first, "--"))}
	switch a.mode {
	case modeHelp, modeVersion:
	case modeCheck, modePlan:
		a.json = len(rest) == 1 && rest[0] == "--json"
		if len(rest) > 0 && !a.json {
			return arguments{}, usageError(first + " takes no command, and only the option --json after it")
		}
	case modeInstall:
		if len(rest) != 1 || rest[0] == "" {
			return arguments{}, usageError("--install takes one argument, the name of the file to write")
		}
		a.path = rest[0]
	default:
		if first == "--json" {
			return arguments{}, usageError("--json goes after --check or --plan")
		}
		return arguments{}, usageError("unknown option; a command that begins with \"-\" goes after \"--\"")
	}
	return a, nil
}
