//go:build containers

package deploy_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain sets these for all tests.
var (
	directory   string // for files of containers, and readable for all users
	network     = label + "-azure"
	azure       string // the container of Azure
	certificate string // of Azure, with its key
	roots       string // file with the root that issued it
)

// TestMain builds the images, starts Azure, and removes everything at the end.
func TestMain(m *testing.M) {
	if isPeer() {
		if err := peer(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	status := prepareAndRun(m)
	if err := errors.Join(removeEverything(), os.RemoveAll(directory)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func prepareAndRun(m *testing.M) int {
	err := removeEverything() // from a run that was killed
	if err == nil {
		if directory, err = os.MkdirTemp("", label); err == nil {
			err = os.Chmod(directory, 0o755)
		}
	}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"an image of this program", buildPeer},
		{"an image of Debian", buildDebian},
		{"an image of Go", buildGo},
		{"Dockerfile.example, first stage", buildAzinject},
		{"an image FROM scratch", buildServer},
		{"Azure", startAzure},
	} {
		if err == nil {
			fmt.Fprintln(os.Stderr, time.Now().Format(time.TimeOnly), "making", step.name)
			err = step.run()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// buildPeer makes an image that contains only this program. The program is
// static because make test-containers builds it without cgo.
func buildPeer() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	files := filepath.Join(directory, "peer")
	if err := os.Mkdir(files, 0o755); err != nil {
		return err
	}
	if _, err := command(nil, "cp", self, filepath.Join(files, "peer")); err != nil {
		return err
	}
	return buildImage("peer", "FROM scratch\nCOPY peer /peer\nENV PATH=/\n", files)
}

// buildDebian makes the base image of every image that is not FROM scratch:
// from the one in BASE_IMAGE, or with debootstrap. Its packages are those of
// inference servers.
func buildDebian() error {
	packages := []string{"bash", "ca-certificates", "make", "gunicorn", "psmisc", "runit"}
	if base := os.Getenv("BASE_IMAGE"); base != "" {
		return buildImage("debian", "FROM "+base+"\nRUN apt-get update && apt-get install -y --no-install-recommends "+strings.Join(packages, " ")+"\n", directory)
	}
	if _, err := exec.LookPath("debootstrap"); err != nil || os.Geteuid() != 0 {
		return errors.New("set BASE_IMAGE to an image of Debian, such as debian:bookworm; without it, debootstrap and root are needed to make one")
	}
	root := filepath.Join(directory, "debian")
	if _, err := command(nil, "debootstrap", "--variant=minbase", "--include="+strings.Join(packages, ","), "bookworm", root); err != nil {
		return err
	}
	// The module proxy may be behind a proxy that re-signs TLS. This machine
	// trusts it.
	const certificates = "/etc/ssl/certs/ca-certificates.crt"
	if _, err := command(nil, "cp", certificates, root+certificates); err != nil {
		return err
	}
	tar := exec.Command("tar", "--directory", root, "--exclude=./var/cache", "--exclude=./var/lib/apt/lists", "--create", ".")
	files, err := tar.StdoutPipe()
	if err != nil {
		return err
	}
	if err := tar.Start(); err != nil {
		return err
	}
	_, err = command(files, "docker", "import", "--change", "LABEL "+label+"=", "--change", "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "-", tag+"debian")
	return errors.Join(err, tar.Wait(), os.RemoveAll(root))
}

// buildGo makes the stand-in for the golang image.
func buildGo() error {
	root, err := command(nil, "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	return buildImage("go", "FROM "+tag+"debian\nCOPY . /usr/local/go\nENV PATH=/usr/local/go/bin:/usr/bin:/bin GOTOOLCHAIN=local\n", root)
}

// buildAzinject builds the first stage of Dockerfile.example, which contains
// /azinject.
func buildAzinject() error {
	return example("azinject", "--target", "azinject", "--build-arg", "BASE=scratch")
}

// example builds Dockerfile.example.
func example(name string, options ...string) error {
	args := []string{"build", "--quiet", "--force-rm", "--label", label, "--tag", tag + name, "--file", "../Dockerfile.example", "--build-arg", "GO=" + tag + "go"}
	_, err := command(nil, "docker", append(append(args, options...), "..")...)
	return err
}

// buildServer makes an image that contains only a server and azinject: no
// shell, no roots, no /tmp.
func buildServer() error {
	return buildImage("server", "FROM "+tag+"peer\nCOPY --from="+tag+"azinject /azinject /azinject\n"+
		`ENTRYPOINT ["/azinject", "--"]`+"\n"+`CMD ["peer", "print", "SECRET"]`+"\n", directory)
}
