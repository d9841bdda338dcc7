//go:build containers

package deploy_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scoringImage builds the Dockerfile of the example on top of runit.
func scoringImage(t *testing.T) string {
	t.Helper()
	if err := buildImage("runit", runit, writeFiles(t, runitFiles)); err != nil {
		t.Fatal(err)
	}
	ours := strings.NewReplacer("mcr.microsoft.com/azureml/minimal-py312-inference:latest", tag+"runit", "--from=azinject", "--from="+tag+"azinject")
	return image(t, "scoring", ours.Replace(readFile(t, "azureml/scoring/Dockerfile")))
}

// TestScoringExample scores requests with the script, variables and base image
// of the example.
func TestScoringExample(t *testing.T) {
	image, example := scoringImage(t), readYAML[onlineDeployment](t, "azureml/scoring/deployment.yml")
	// A copy, because every user can read the folders on the way there.
	code, root := filepath.Join(directory, "scoring"), "/var/azureml-app/"+example.Code.Folder
	if err := os.CopyFS(code, os.DirFS(filepath.Join("azureml/scoring", example.Code.Folder))); err != nil {
		t.Fatal(err)
	}
	options := append(trusting("--network-alias", "scoring", "--volume", code+":"+root+":ro", "--env", "AML_APP_ROOT="+root,
		"--env", "AZUREML_ENTRY_SCRIPT="+example.Code.Script), example.options()...)
	scores := func(t *testing.T, key string, args ...string) {
		t.Helper()
		c := start(t, append(options, args...)...)
		c.says("scoring")
		signature := hmac.New(sha256.New, []byte(key))
		signature.Write([]byte("[1, 2]"))
		run(t, "--network", network, tag+"peer", "/peer", "post", "http://scoring:5001/score", "[1, 2]").
			check(t, "0", fmt.Sprintf(`{"signature": "%x"}`, signature.Sum(nil)), "")
		docker(t, "stop", "--time", "60", c.id)
		c.wait().check(t, "0", "scoring\n", "")
	}
	t.Run("scores", func(t *testing.T) { scores(t, "signed-by-the-vault", image) })
	t.Run("image that is built on it", func(t *testing.T) {
		// That of an environment with a conda_file has another USER and CMD.
		scores(t, "signed-by-the-vault", "--user", "root", image, "bash", "-c", "exec runsvdir /var/runit")
	})
	t.Run("before the server itself", func(t *testing.T) {
		// As docs/azure-ml.md says, for a platform that bypasses the ENTRYPOINT.
		const edit = "sed -i 's|^exec gunicorn|exec /azinject -- gunicorn|' /var/runit/gunicorn/run && exec runsvdir /var/runit"
		scores(t, "signed-by-the-vault", "--entrypoint", "bash", image, "-c", edit)
	})
	t.Run("platform has injected", func(t *testing.T) {
		// azinject could not fetch anything without the root of Azure's certificates.
		scores(t, "from-the-platform", "--env", "SSL_CERT_FILE=", "--env", "SIGNING_KEY=from-the-platform", image)
	})
	t.Run("secret is missing", func(t *testing.T) {
		missing := strings.Replace(example.Environment["SIGNING_KEY"], "signing-key", "no-such-key", 1)
		run(t, append(options, "--env", "SIGNING_KEY="+missing, image)...).
			check(t, "125", "", `azinject: error: SIGNING_KEY: secret "no-such-key" version "2f6d0c9b7a1e4d5f8c3b6a9e0d1c2b3a" in mykeyvault.vault.azure.net: not found (404 SecretNotFound)`)
	})
	t.Run("azinject does not run", func(t *testing.T) {
		run(t, append(options, "--entrypoint", "runsvdir", image, "/var/runit")...).
			check(t, "111", "\nError: azinject did not start this server: is it the ENTRYPOINT?\n\nExit code 1 is not normal. Killing image.\n", "")
	})
}
