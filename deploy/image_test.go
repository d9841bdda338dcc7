//go:build containers

package deploy_test

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImage runs "make image" under a name of the tests, and then the lines in
// Dockerfile.example that copy from it.
func TestImage(t *testing.T) {
	const name = tag + "image"
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	users := docker(t, "images", "--quiet", "azinject")
	if _, err := command(nil, "make", "-s", "-C", "..", "image", "IMAGE="+name, "VERSION=1.2.3", "IMAGEFLAGS=--label "+label); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("make image leaves %v, %v", left, err)
	}
	for _, id := range strings.Fields(docker(t, "history", "--quiet", name)) {
		if id != "<missing>" && docker(t, "ps", "--all", "--quiet", "--filter", "ancestor="+id) != "" {
			t.Errorf("make image leaves a container of %s", id)
		}
	}
	if now := docker(t, "images", "--quiet", "azinject"); now != users {
		t.Errorf("the user's images azinject were %q and are %q", users, now)
	}
	for arch, machine := range map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64} {
		t.Run(arch, func(t *testing.T) { checkOneFile(t, name+":1.2.3-"+arch, arch, machine) })
		sameImage(t, name+":latest-"+arch, name+":1.2.3-"+arch)
	}
	here := docker(t, "version", "--format", "{{.Server.Arch}}")
	sameImage(t, name+":1.2.3", name+":1.2.3-"+here)
	sameImage(t, name+":latest", name+":1.2.3-"+here)
	run(t, name, "--version").check(t, "0", "azinject 1.2.3\n", "")

	server := image(t, "copied", strings.NewReplacer("my-server:1.0", tag+"peer", "--from=azinject", "--from="+name).Replace(copyingLines(t)))
	run(t, append(trusting("--env", "SECRET="+openSecret), server, "peer", "print", "SECRET")...).
		check(t, "0", "SECRET=from-the-vault\n", "")
}

// sameImage checks that two tags are one image.
func sameImage(t *testing.T, a, b string) {
	t.Helper()
	if ids := strings.Fields(docker(t, "image", "inspect", "--format", "{{.ID}}", a, b)); ids[0] != ids[1] {
		t.Errorf("%s is not %s", a, b)
	}
}

// copyingLines returns the Dockerfile in the comment of Dockerfile.example.
func copyingLines(t *testing.T) string {
	t.Helper()
	var lines strings.Builder
	for line := range strings.Lines(readFile(t, "../Dockerfile.example")) {
		if code, ok := strings.CutPrefix(line, "#   "); ok && (lines.Len() > 0 || strings.HasPrefix(code, "FROM ")) {
			lines.WriteString(code)
		} else if lines.Len() > 0 {
			break
		}
	}
	return lines.String()
}

// checkOneFile checks that an image for an architecture contains azinject for
// it and nothing else, and starts it.
func checkOneFile(t *testing.T, image, arch string, machine elf.Machine) {
	const want = `linux ["/azinject"] null`
	if have := docker(t, "image", "inspect", "--format", "{{.Os}} {{json .Config.Entrypoint}} {{json .Config.Cmd}}", image); have != want {
		t.Errorf("%s, want %s", have, want)
	}
	if have := docker(t, "image", "inspect", "--format", "{{.Architecture}}", image); have != arch {
		t.Errorf("the image is for %s", have)
	}
	saved := filepath.Join(t.TempDir(), "image.tar")
	docker(t, "save", "--output", saved, image)
	var manifest []struct{ Layers []string }
	if err := json.Unmarshal(member(t, readFile(t, saved), "manifest.json"), &manifest); err != nil || len(manifest) != 1 || len(manifest[0].Layers) != 1 {
		t.Fatalf("%v, manifest %+v, want one layer", err, manifest)
	}
	layer := tar.NewReader(bytes.NewReader(member(t, readFile(t, saved), manifest[0].Layers[0])))
	file, err := layer.Next()
	if err != nil || file.Name != "azinject" || file.Mode&0o777 != 0o755 || file.Uid != 0 {
		t.Fatalf("%v, the first file is %+v", err, file)
	}
	program, err := io.ReadAll(layer)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := layer.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("%v, a second file: %+v", err, second)
	}
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil || f.Machine != machine {
		t.Errorf("%v, built for %+v, want %v", err, f, machine)
	}
}

// member returns a file of an archive.
func member(t *testing.T, archive, name string) []byte {
	t.Helper()
	for files := tar.NewReader(strings.NewReader(archive)); ; {
		file, err := files.Next()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if file.Name == name {
			content, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return content
		}
	}
}
