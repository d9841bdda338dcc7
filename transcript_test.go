package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// page is what a page of docs/ shows: files, commands and what they print.
type page struct {
	files    map[string]string // what "$ cat FILE" prints, by FILE
	commands []string          // without those
	output   []string          // lines, perhaps abridged
}

// transcripts returns what the page's blocks of code show that begin with "$ ".
// A file with a folder in its name is not the page's own, so that cat is a
// command like any other.
func transcripts(text string) page {
	shown := page{files: map[string]string{}}
	for _, block := range regexp.MustCompile("(?ms)^```\n(\\$ .*?)^```$").FindAllStringSubmatch(text, -1) {
		file, continued := "", false
		for line := range strings.Lines(block[1]) {
			command, typed := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "$ ")
			name, isFile := strings.CutPrefix(command, "cat ")
			switch {
			case typed && isFile && !strings.Contains(name, "/"):
				file = name
				shown.files[file] = ""
			case typed || continued:
				file = ""
				shown.commands = append(shown.commands, command)
				continued = strings.HasSuffix(command, `\`)
			case file != "":
				shown.files[file] += line
			default:
				shown.output = append(shown.output, command)
			}
		}
	}
	return shown
}

// transcript is the command "transcript PAGE [PROGRAM ARG ...]". It writes the
// files that the page shows, runs its commands in a checkout after "make", and
// fails unless they print what it shows. PROGRAM runs the shell that runs them.
func transcript(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: transcript PAGE [PROGRAM ARG ...]")
	}
	checkout := filepath.Dir(ts.Getenv("TESTDATA"))
	shown := transcripts(ts.ReadFile(filepath.Join(checkout, "docs", args[0])))
	if shown.commands == nil {
		ts.Fatalf("%s shows no commands", args[0])
	}
	for _, name := range []string{"testdata", "deploy"} {
		ts.Check(os.Symlink(filepath.Join(checkout, name), ts.MkAbs(name)))
	}
	ts.Check(os.Symlink(ts.Getenv("BIN"), ts.MkAbs("bin")))
	for name, text := range shown.files {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o666))
	}
	shell := append(args[1:], "sh", "-c", "exec 2>&1\n"+strings.Join(shown.commands, "\n")+"\ntrue")
	ts.Check(ts.Exec(shell[0], shell[1:]...))
	compareOutput(ts, ts.ReadFile("stdout"), shown.output)
}

func compareOutput(ts *testscript.TestScript, got string, want []string) {
	if !abridged(want).MatchString(got) {
		ts.Fatalf("this is not what the page shows:\n%s\nThe page shows:\n%s", got, strings.Join(want, "\n"))
	}
}

// abridged returns what matches output, in which "…" stands for anything in a
// line or, as a line of its own, for any lines.
func abridged(lines []string) *regexp.Regexp {
	var text strings.Builder
	for _, line := range lines {
		if line == "…" {
			text.WriteString("(?:.*\n)*")
		} else {
			text.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".+") + "\n")
		}
	}
	return regexp.MustCompile("^" + text.String() + "$")
}

// TestEveryTranscriptIsRun checks that a script runs the commands of each page.
func TestEveryTranscriptIsRun(t *testing.T) {
	for _, file := range glob(t, "docs/*.md") {
		if transcripts(string(read(t, file))).commands == nil {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		script := "testdata/script/docs_" + strings.ReplaceAll(name, "-", "_") + ".txtar"
		if text, err := os.ReadFile(script); err != nil || !bytes.Contains(text, []byte("\ntranscript "+name+".md")) {
			t.Errorf("no script runs the commands of %s: %s, %v", file, script, err)
		}
	}
}

// TestTranscripts checks that what a page shows is understood.
func TestTranscripts(t *testing.T) {
	const text = "```\nx\n```\n\n```\n$ cat a\nA\n\n$ one \\\n  two\nout …\n```\nText\n```sh\n$ no\n```\n```\n$ cat b/c\nC\n```\n"
	shown := transcripts(text)
	if len(shown.files) != 1 || shown.files["a"] != "A\n\n" {
		t.Errorf("files: %q", shown.files)
	}
	if got := strings.Join(shown.commands, "|"); got != `one \|  two|cat b/c` {
		t.Errorf("commands: %s", got)
	}
	if got := strings.Join(shown.output, "|"); got != "out …|C" {
		t.Errorf("output: %s", got)
	}
	for output, want := range map[string]bool{
		"a.c x z\nend\n": true, "a.c x z\n1\n2\nend\n": true,
		"a.c  z\nend\n": false, "abc x z\nend\n": false, "a.c x z\n1\n": false, "0\na.c x z\nend\n": false, "a.c x z\nend\n3\n": false,
	} {
		if got := abridged([]string{"a.c … z", "…", "end"}).MatchString(output); got != want {
			t.Errorf("%q matches: %t, want %t", output, got, want)
		}
	}
}
