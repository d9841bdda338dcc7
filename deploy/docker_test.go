//go:build containers

package deploy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Everything that the tests make in Docker has this label and a name that
// begins with it, so that it can be found and removed.
const (
	label = "azinject-test"
	tag   = label + "/"
)

// running is cancelled by Ctrl-C. This ends every command, so the tests fail
// and clean up.
var running, _ = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)

// command runs a program and returns its standard output.
func command(stdin io.Reader, name string, args ...string) (string, error) {
	return commandIn(running, stdin, name, args...)
}

func commandIn(ctx context.Context, stdin io.Reader, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, &stdout, &stderr)
	}
	return strings.TrimSpace(stdout.String()), nil
}

// docker runs the client, which must succeed.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(nil, "docker", args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// buildImage makes an image from a Dockerfile and the files in a directory.
func buildImage(name, dockerfile, directory string) error {
	_, err := command(strings.NewReader(dockerfile), "docker", "build", "--quiet", "--force-rm", "--label", label, "--tag", tag+name, "--file", "-", directory)
	return err
}

// image is like buildImage, for a test and without files.
func image(t *testing.T, name, dockerfile string) string {
	t.Helper()
	if err := buildImage(name, dockerfile, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	return tag + name
}

// container is a container that was started.
type container struct {
	t  *testing.T
	id string
}

// start runs a container in the background, with arguments for "docker run".
func start(t *testing.T, args ...string) container {
	t.Helper()
	c := container{t, docker(t, append([]string{"run", "--detach", "--label", label}, args...)...)}
	t.Cleanup(func() { commandIn(context.Background(), nil, "docker", "rm", "--force", "--volumes", c.id) })
	return c
}

// outcome is the result of a container that has ended.
type outcome struct{ status, stdout, stderr string }

// run runs a container until it ends.
func run(t *testing.T, args ...string) outcome {
	t.Helper()
	return start(t, args...).wait()
}

// wait waits for the container to end and returns its exit status and its
// output in "docker logs".
func (c container) wait() outcome {
	c.t.Helper()
	o := outcome{status: docker(c.t, "wait", c.id)}
	logs := exec.CommandContext(running, "docker", "logs", c.id)
	var stdout, stderr bytes.Buffer
	logs.Stdout, logs.Stderr = &stdout, &stderr
	if err := logs.Run(); err != nil {
		c.t.Fatal(err)
	}
	o.stdout, o.stderr = stdout.String(), stderr.String()
	return o
}

// says waits until the container has written the line.
func (c container) says(line string) {
	c.t.Helper()
	if err := waitForLine(c.id, line); err != nil {
		c.t.Fatal(err)
	}
}

// waitForLine waits until a container has written the line to stdout or stderr.
// It returns an error if the container ends first.
func waitForLine(id, line string) error {
	logs := exec.CommandContext(running, "docker", "logs", "--follow", id)
	seen := &lineFinder{line: line, found: make(chan struct{})}
	logs.Stdout, logs.Stderr = seen, seen
	if err := logs.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- logs.Wait() }()
	select {
	case <-seen.found:
		logs.Process.Kill()
		<-ended
		return nil
	case <-ended:
	}
	if seen.done {
		return nil
	}
	return fmt.Errorf("the container ended without %q:\n%s", line, &seen.text)
}

// lineFinder looks for a line in what is written to it. It needs no lock:
// exec.Cmd uses one goroutine if stdout and stderr are the same.
type lineFinder struct {
	line  string
	found chan struct{}
	text  bytes.Buffer
	done  bool
}

// Write implements io.Writer.
func (f *lineFinder) Write(p []byte) (int, error) {
	f.text.Write(p)
	if !f.done && strings.Contains("\n"+f.text.String(), "\n"+f.line+"\n") {
		f.done = true
		close(f.found)
	}
	return len(p), nil
}

// check compares an outcome with the expected one. stderr is a part of what
// must be written there, or "" for nothing at all.
func (o outcome) check(t *testing.T, status, stdout, stderr string) {
	t.Helper()
	if o.status != status || o.stdout != stdout || !strings.Contains(o.stderr, stderr) || stderr == "" && o.stderr != "" {
		t.Errorf("status %s, stdout %q, stderr:\n%s\nwant status %s, stdout %q, stderr containing %q", o.status, o.stdout, o.stderr, status, stdout, stderr)
	}
}

// removeEverything removes from Docker what the tests made, including earlier
// ones that were killed.
func removeEverything() error {
	var errs []error
	for _, kind := range []struct{ list, remove []string }{
		{[]string{"ps", "--all", "--quiet", "--filter"}, []string{"rm", "--force", "--volumes"}},
		{[]string{"network", "ls", "--quiet", "--filter"}, []string{"network", "rm"}},
		{[]string{"volume", "ls", "--quiet", "--filter"}, []string{"volume", "rm", "--force"}},
		{[]string{"images", "--quiet", "--filter"}, []string{"rmi", "--force"}},
	} {
		ids, err := commandIn(context.Background(), nil, "docker", append(kind.list, "label="+label)...)
		if err == nil && ids != "" {
			// Docker lists the newest first, and so before those that they are made
			// from. An image with two tags is listed twice.
			listed := map[string]bool{}
			once := slices.DeleteFunc(strings.Fields(ids), func(id string) bool { again := listed[id]; listed[id] = true; return again })
			_, err = commandIn(context.Background(), nil, "docker", append(kind.remove, once...)...)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// readFile is like os.ReadFile, for files that must exist.
func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
