//go:build containers

package deploy_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// composeCommand returns the command that runs Compose on this machine.
func composeCommand(t *testing.T) []string {
	if exec.Command("docker", "compose", "version").Run() == nil {
		return []string{"docker", "compose"}
	}
	if _, err := exec.LookPath("docker-compose"); err != nil {
		t.Skip("needs docker compose")
	}
	return []string{"docker-compose"}
}

// compose runs it with compose.yaml and further files.
func compose(t *testing.T, files []string, args ...string) (string, error) {
	words := append(composeCommand(t), "--project-name", label, "--project-directory", ".")
	for _, file := range files {
		words = append(words, "--file", file)
	}
	words = append(words, args...)
	return command(nil, words[0], words[1:]...)
}

// TestCompose runs compose.yaml with the image and network of the tests.
func TestCompose(t *testing.T) {
	override := filepath.Join(t.TempDir(), "override.yaml")
	err := os.WriteFile(override, []byte(`
services:
  server:
    image: `+tag+`server
    command: [peer, print, DB_PASSWORD, DB_URL]
    restart: "no"
    networks: [azure]
    environment: {SSL_CERT_FILE: /roots.pem}
    volumes: ["`+roots+`:/roots.pem:ro"]
    labels: [`+label+`]
networks:
  azure: {external: true, name: `+network+`}
`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"compose.yaml", override}
	t.Cleanup(func() { compose(t, files, "down", "--volumes") })
	out, err := compose(t, files, "run", "--rm", "-T", "server")
	if want := "DB_PASSWORD=from-the-vault\nDB_URL=postgres://app:from-the-vault@db/app"; err != nil || out != want {
		t.Errorf("%v, output %q, want %q", err, out, want)
	}
}

// TestComposeTakesBraces shows why compose.yaml does not contain "${{".
func TestComposeTakesBraces(t *testing.T) {
	file := filepath.Join(t.TempDir(), "compose.yaml")
	err := os.WriteFile(file, []byte(strings.ReplaceAll(readFile(t, "compose.yaml"), "$${{", "${{")), 0o644)
	if _, failed := compose(t, []string{file}, "config"); err != nil || failed == nil {
		t.Errorf("%v, want Compose to refuse a reference in braces", errors.Join(err, failed))
	}
}
