//go:build containers

package deploy_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// podContainer is the part of a pod's container that a container engine can
// reproduce.
type podContainer struct {
	Image         string
	Command, Args []string
	Env           []struct{ Name, Value string }
	VolumeMounts  []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
	SecurityContext struct {
		RunAsUser              string `yaml:"runAsUser"`
		ReadOnlyRootFilesystem bool   `yaml:"readOnlyRootFilesystem"`
		Capabilities           struct{ Drop []string }
	} `yaml:"securityContext"`
}

// deployment is the same part of a Deployment.
type deployment struct {
	Spec struct {
		Template struct {
			Spec struct {
				InitContainers []podContainer `yaml:"initContainers"`
				Containers     []podContainer
			}
		}
	}
}

// options returns the arguments of "docker run" for the container's fields.
// Volumes are folders in directory.
func (c podContainer) options(image, directory string) []string {
	options := []string{"--security-opt", "no-new-privileges", "--user", c.SecurityContext.RunAsUser}
	if c.SecurityContext.ReadOnlyRootFilesystem {
		options = append(options, "--read-only")
	}
	for _, capability := range c.SecurityContext.Capabilities.Drop {
		options = append(options, "--cap-drop", capability)
	}
	for _, e := range c.Env {
		options = append(options, "--env", e.Name+"="+e.Value)
	}
	for _, m := range c.VolumeMounts {
		volume := filepath.Join(directory, m.Name) + ":" + m.MountPath
		if m.ReadOnly {
			volume += ":ro"
		}
		options = append(options, "--volume", volume)
	}
	if c.Command != nil {
		options = append(options, "--entrypoint", c.Command[0])
		return append(append(append(options, image), c.Command[1:]...), c.Args...)
	}
	return append(append(options, image), c.Args...)
}

// TestInitContainer runs the containers of init-container.yaml one after the
// other with a shared folder, which brings azinject to an image without it.
func TestInitContainer(t *testing.T) {
	pod := readYAML[deployment](t, "kubernetes/init-container.yaml").Spec.Template.Spec
	shared := filepath.Join(directory, "azinject") // named like the volume
	if err := os.Mkdir(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o777); err != nil { // like an emptyDir
		t.Fatal(err)
	}
	if err := example("azinject-alone", "--build-arg", "BASE=scratch"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a pod's init container may run again
		run(t, append([]string{"--network", "none"}, pod.InitContainers[0].options(tag+"azinject-alone", directory)...)...).check(t, "0", "", "")
	}
	entries, err := os.ReadDir(shared)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v: the volume contains %v, want only azinject", err, entries)
	}
	if info, err := entries[0].Info(); err != nil || info.Mode() != 0o555 {
		t.Errorf("mode %v, want 0555", info.Mode())
	}

	if err := buildImage("plain-server", "FROM "+tag+"debian\nCOPY app /app\nWORKDIR /app\nENV AZUREML_ENTRY_SCRIPT=score.py\n"+`ENTRYPOINT ["/usr/bin/gunicorn"]`+"\n", writeFiles(t, runitFiles)); err != nil {
		t.Fatal(err)
	}
	server := start(t, trusting(append([]string{"--network-alias", "pod"}, pod.Containers[0].options(tag+"plain-server", directory)...)...)...)
	server.says("scoring")
	run(t, "--network", network, tag+"peer", "/peer", "get", "http://pod:5001/score").
		check(t, "0", `{"OPENAI_KEY": "also-from-the-vault"}`, "")
	docker(t, "stop", "--time", "60", server.id)
	if got := server.wait(); got.status != "0" || strings.Contains(got.stderr, "azinject") {
		t.Errorf("%+v", got)
	}
}

// webhook makes a network with an Azure in it, and returns the arguments of "docker
// run" that put a pod there with what the webhook adds: variables, and files with
// the contents that the variables name, mounted at other paths.
func webhook(t *testing.T, yaml string, mounts map[string]string, names ...string) (options []string, files map[string]string) {
	cluster := docker(t, "network", "create", "--label", label, "--internal", label+"-"+strings.ToLower(t.Name()))
	azure, err := runAzure(yaml, cluster, names, "--env", "HOST=token-proxy", "--network-alias", "token-proxy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		docker(t, "rm", "--force", azure)
		docker(t, "network", "rm", cluster)
	})
	options = []string{"--network", cluster, "--volume", roots + ":/roots.pem:ro", "--env", "SSL_CERT_FILE=/roots.pem"}
	files = map[string]string{}
	for line := range strings.Lines(docker(t, "logs", azure)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if variable, ok := strings.CutPrefix(name, "file "); ok {
			files[variable] = filepath.Join(directory, t.Name()+variable)
			content, err := strconv.Unquote(value)
			if err := errors.Join(err, os.WriteFile(files[variable], []byte(content), 0o644)); err != nil {
				t.Fatal(err)
			}
			options = append(options, "--volume", files[variable]+":"+mounts[variable]+":ro", "--env", variable+"="+mounts[variable])
		} else if strings.HasPrefix(name, "AZURE_") {
			options = append(options, "--env", name+"="+value)
		}
	}
	return options, files
}

// TestWorkloadIdentity runs the pod of workload-identity.yaml with what the
// webhook adds to it: three variables and a file with a token.
func TestWorkloadIdentity(t *testing.T) {
	const yaml = `
platform: workload_identity
identities: {app: {federated: {subject: "system:serviceaccount:default:my-server"}}}
vaults: {mykeyvault: {readers: [app], secrets: {db-password: from-the-vault}}}
`
	const mounted = "/var/run/secrets/azure/tokens/azure-identity-token"
	options, files := webhook(t, yaml, map[string]string{"AZURE_FEDERATED_TOKEN_FILE": mounted}, "mykeyvault.vault.azure.net", "login.microsoftonline.com")
	pod := readYAML[deployment](t, "kubernetes/workload-identity.yaml").Spec.Template.Spec.Containers[0]
	pod.Args = []string{"peer", "print", "DB_URL", "DB_PASSWORD"}
	run(t, append(options, pod.options(tag+"server", directory)...)...).
		check(t, "0", "DB_URL=postgres://app:from-the-vault@db/app\nDB_PASSWORD=from-the-vault\n", "")
	if err := os.Chmod(files["AZURE_FEDERATED_TOKEN_FILE"], 0o600); err != nil { // as without fsGroup
		t.Fatal(err)
	}
	run(t, append(options, pod.options(tag+"server", directory)...)...).
		check(t, "125", "", "AZURE_FEDERATED_TOKEN_FILE: open "+mounted+": permission denied")
}

// TestIdentityBinding runs the pod of identity-binding.yaml with what AKS' webhook
// adds to it, in a network that Microsoft Entra cannot be reached from.
func TestIdentityBinding(t *testing.T) {
	const yaml = `
platform: identity_binding
identities: {app: {resource_id: /subscriptions/s/resourceGroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app, binding: {subject: "system:serviceaccount:default:my-server"}}}
vaults: {mykeyvault: {readers: [app], secrets: {db-password: from-the-vault}}}
`
	const mounted = "/var/run/secrets/azure/wi/ca-cert/ca.crt"
	options, files := webhook(t, yaml, map[string]string{
		"AZURE_FEDERATED_TOKEN_FILE": "/var/run/secrets/azure/wi/token/azure-identity-token",
		"AZURE_KUBERNETES_CA_FILE":   mounted,
	}, "mykeyvault.vault.azure.net")
	pod := readYAML[deployment](t, "kubernetes/identity-binding.yaml").Spec.Template.Spec.Containers[0]
	pod.Args = []string{"peer", "print", "DB_PASSWORD"}
	run(t, append(options, pod.options(tag+"server", directory)...)...).
		check(t, "0", "DB_PASSWORD=from-the-vault\n", "")
	if err := os.WriteFile(files["AZURE_KUBERNETES_CA_FILE"], []byte(readFile(t, roots)), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, append(options, pod.options(tag+"server", directory)...)...).
		check(t, "125", "", "the token proxy of an AKS identity binding at https://token-proxy:")
	if err := os.Remove(files["AZURE_KUBERNETES_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(files["AZURE_KUBERNETES_CA_FILE"], 0o755); err != nil { // as Docker does for what is missing
		t.Fatal(err)
	}
	run(t, append(options, pod.options(tag+"server", directory)...)...).
		check(t, "125", "", "AZURE_KUBERNETES_CA_FILE: "+mounted+" is not a file with certificates; leave this to AKS' webhook")
}

// TestTerminationMessage mounts a file as Kubernetes does for the termination
// message.
func TestTerminationMessage(t *testing.T) {
	message := filepath.Join(directory, "termination-log")
	if err := os.WriteFile(message, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(message, 0o666); err != nil {
		t.Fatal(err)
	}
	failed := run(t, trusting("--user", "65532", "--read-only", "--volume", message+":/dev/termination-log", "--env", "SECRET="+closedSecret, tag+"server")...)
	failed.check(t, "125", "", "403 ForbiddenByRbac")
	if got := readFile(t, message); got != failed.stderr {
		t.Errorf("the termination message is %q, want the contents of stderr, %q", got, failed.stderr)
	}
}
