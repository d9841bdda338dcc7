package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// The lines of performance.md between which the results are.
const (
	begin = "<!-- make bench writes what follows. -->\n"
	end   = "<!-- make bench writes what precedes. -->\n"
)

// publish replaces the results in the folder's performance.md.
func publish(folder string, results []byte) error {
	name := filepath.Join(folder, "performance.md")
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		return fmt.Errorf("%s does not have the lines %q and %q", name, begin, end)
	}
	return os.WriteFile(name, bytes.Join([][]byte{before, []byte(begin), []byte("\n"), results, []byte("\n"), []byte(end), after}, nil), 0o666)
}
