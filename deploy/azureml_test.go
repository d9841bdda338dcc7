//go:build containers

package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runit is an image like Azure Machine Learning's inference images: with an
// unprivileged user, no ENTRYPOINT, and runsvdir, which ends when its service
// fails. The service runs a scoring script: init when it starts, and run for
// each request.
const runit = "FROM " + tag + `debian
RUN useradd --create-home dockeruser && chown --recursive dockeruser /var/lib
COPY runit /var/runit
COPY app /var/azureml-app
RUN chmod -R a+rwX /var/runit && chmod a+x /var/runit/gunicorn/*
ENV SVDIR=/var/runit AML_APP_ROOT=/var/azureml-app AZUREML_ENTRY_SCRIPT=score.py
USER dockeruser
WORKDIR /
EXPOSE 5001
CMD ["runsvdir", "/var/runit"]
`

var runitFiles = map[string]string{
	"runit/gunicorn/run": `#!/bin/bash
exec 2>&1
cd "${AML_APP_ROOT:-/var/azureml-app}"
exec gunicorn --preload --bind 0.0.0.0:5001 --workers 1 --log-level warning --config /var/azureml-app/gunicorn.conf.py --pythonpath /var/azureml-app server:app
`,
	"runit/gunicorn/finish": `#!/bin/bash
echo "Exit code $1 is not normal. Killing image."
killall -SIGHUP runsvdir
`,
	"app/gunicorn.conf.py": "def when_ready(server):\n    print('scoring', flush=True)\n",
	// with a way to crash
	"app/server.py": `import importlib.util, json, os, signal

spec = importlib.util.spec_from_file_location('script', os.environ['AZUREML_ENTRY_SCRIPT'])
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)
script.init()

def app(environ, start_response):
    if environ['PATH_INFO'] == '/crash':
        os.kill(os.getppid(), signal.SIGKILL)
    data = environ['wsgi.input'].read(int(environ.get('CONTENT_LENGTH') or 0)).decode()
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps(script.run(data)).encode()]
`,
	// the key that a model would use
	"app/score.py": `import os

def init():
    pass

def run(data):
    return {n: os.environ[n] for n in sorted(os.environ) if n.startswith('AZINJECT_') or n == 'OPENAI_KEY'}
`,
}

// writeFiles makes a build context.
func writeFiles(t *testing.T, files map[string]string) (directory string) {
	t.Helper()
	directory = t.TempDir()
	for name, content := range files {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// runitImage builds all of Dockerfile.example on top of runit, with the CMD that
// its last line asks to repeat.
func runitImage(t *testing.T) string {
	t.Helper()
	if err := buildImage("runit", runit, writeFiles(t, runitFiles)); err != nil {
		t.Fatal(err)
	}
	if err := example("runit-azinject", "--build-arg", "BASE="+tag+"runit"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(readFile(t, "../Dockerfile.example")), "\n")
	return image(t, "runit-server", "FROM "+tag+"runit-azinject\n"+strings.TrimPrefix(lines[len(lines)-1], "#   ")+"\n")
}

// TestInferenceImage scores with a key that azinject fetched.
func TestInferenceImage(t *testing.T) {
	image := runitImage(t)
	options := trusting("--network-alias", "score", "--env", "OPENAI_KEY="+openAIKey,
		"--env", "AML_DEPLOYMENT_RESOURCE_ID="+workspace+"/onlineEndpoints/my-endpoint/deployments/blue")
	get := func(path string) outcome {
		return run(t, "--network", network, tag+"peer", "/peer", "get", "http://score:5001"+path)
	}
	t.Run("scores and stops", func(t *testing.T) {
		c := start(t, append(options, image)...)
		c.says("scoring")
		get("/score").check(t, "0", `{"OPENAI_KEY": "from-the-connection"}`, "")
		if name := docker(t, "exec", c.id, "cat", "/proc/1/comm"); name != "runsvdir" { // killall looks for this name
			t.Errorf("process 1 is called %s", name)
		}
		docker(t, "stop", "--time", "60", c.id)
		c.wait().check(t, "0", "scoring\n", "")
	})
	t.Run("service fails", func(t *testing.T) {
		c := start(t, append(options, image)...)
		c.says("scoring")
		get("/crash")
		c.wait().check(t, "111", "scoring\nExit code -1 is not normal. Killing image.\n", "")
	})
	t.Run("reference fails", func(t *testing.T) {
		run(t, append(options, "--env", "DB="+closedSecret, image)...).
			check(t, "125", "", "azinject: server not started: 1 of 2 references failed\n")
	})
}

// onlineDeployment is what Azure Machine Learning reads of a deployment.yml.
type onlineDeployment struct {
	Environment map[string]string `yaml:"environment_variables"`
	Code        struct {
		Folder string `yaml:"code"`
		Script string `yaml:"scoring_script"`
	} `yaml:"code_configuration"`
}

// options returns the arguments of "docker run" for the variables.
func (d onlineDeployment) options() (args []string) {
	for name, value := range d.Environment {
		args = append(args, "--env", name+"="+value)
	}
	return args
}

// TestDeploymentExample runs the image with the variables of deployment.yml.
func TestDeploymentExample(t *testing.T) {
	deployment := readYAML[onlineDeployment](t, "azureml/deployment.yml")
	options := append(trusting("--env", "AML_DEPLOYMENT_RESOURCE_ID="+workspace+"/onlineEndpoints/my-endpoint/deployments/blue"), deployment.options()...)
	run(t, append(options, tag+"server", "peer", "print", "OPENAI_KEY", "DB_PASSWORD", "AZINJECT_WAIT_FOR_ACCESS")...).
		check(t, "0", "OPENAI_KEY=from-the-connection\nDB_PASSWORD=from-the-vault\nAZINJECT_WAIT_FOR_ACCESS=\n", "")
}

// TestJobExample runs the command of job.yml in bash, as jobs do.
func TestJobExample(t *testing.T) {
	job := readYAML[struct {
		Command     string
		Environment map[string]string `yaml:"environment_variables"`
	}](t, "azureml/job.yml")
	training := image(t, "training", "FROM "+tag+"debian\nCOPY --from="+tag+"azinject /azinject /azinject\nWORKDIR /job\n"+
		`RUN echo 'import os, sys; print(sys.argv[1:], os.environ["DB_PASSWORD"], os.environ["OPENAI_KEY"])' > train.py`+"\n")
	options := trusting("--env", "AZUREML_ARM_SUBSCRIPTION=00000000-1111-2222-3333-444444444444", "--env", "AZUREML_ARM_RESOURCEGROUP=myrg", "--env", "AZUREML_ARM_WORKSPACE_NAME=myworkspace")
	for name, value := range job.Environment {
		options = append(options, "--env", name+"="+value)
	}
	run(t, append(options, training, "bash", "-c", withInputs(job.Command))...).
		check(t, "0", "['--data', '/mnt/data'] from-the-vault from-the-connection\n", "")
}

// withInputs returns a command with inputs filled in, as Azure Machine Learning
// does.
func withInputs(command string) string {
	return strings.ReplaceAll(command, "${{inputs.data}}", "/mnt/data")
}
