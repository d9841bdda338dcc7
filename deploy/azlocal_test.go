//go:build containers

package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAzlocal runs the line for containers in the output of "azlocal emulate
// --help", with an image and files of the tests.
func TestAzlocal(t *testing.T) {
	bin := t.TempDir()
	if _, err := command(nil, "make", "-s", "-C", "..", "bin/azlocal", "OUT="+filepath.Join(bin, "azlocal")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	help, err := command(nil, "azlocal", "emulate", "--help")
	if err != nil {
		t.Fatal(err)
	}
	line := ""
	for l := range strings.Lines(help) {
		if strings.Contains(l, "azlocal emulate FILE --env-from FILE --containers") {
			line = strings.TrimSpace(l)
		}
	}
	line = strings.NewReplacer(
		"emulate FILE", "emulate ../testdata/azure.yaml",
		"--env-from FILE", "--env-from ../testdata/deployment.yml",
		"docker run", "docker run --label "+label,
		"-e NAME", "-e USER_SECRET_KV1_KEY",
		"IMAGE", tag+"server peer print USER_SECRET_KV1_KEY",
	).Replace(line)
	out, err := command(nil, "sh", "-c", line)
	if want := "USER_SECRET_KV1_KEY=demo-user-secret"; err != nil || out != want {
		t.Errorf("%s\n%v: %q, want %q", line, err, out, want)
	}
}
