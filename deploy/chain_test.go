//go:build containers

package deploy_test

import (
	"strings"
	"testing"
)

// shape is an image with the ENTRYPOINT and CMD of a well-known server. A
// stand-in for the server prints how it was started.
type shape struct {
	name       string
	files      map[string]string // contents by path in the image
	base       string            // rest of its Dockerfile
	entrypoint string            // line that puts azinject first
	cmd        string            // of the derived image, "" if it has none
	args       []string          // of docker run
	stays      bool              // runs until it is stopped
}

// says is a program that prints how it was started.
const says = "#!/bin/bash\n" + `echo "$(basename "$0") $* with SECRET=$SECRET"` + "\n"

// shapes follow the images' own Dockerfiles and scripts, as of November 2026.
var shapes = []shape{
	{
		name: "tensorflow-serving",
		files: map[string]string{
			"usr/bin/tensorflow_model_server": says + "exit 3\n",
			"usr/bin/tf_serving_entrypoint.sh": "#!/bin/bash\n\n" +
				`tensorflow_model_server --port=8500 --rest_api_port=8501 --model_name=${MODEL_NAME} --model_base_path=${MODEL_BASE_PATH}/${MODEL_NAME} "$@"` + "\n",
		},
		base:       "ENV MODEL_BASE_PATH=/models MODEL_NAME=model\nENTRYPOINT [\"/usr/bin/tf_serving_entrypoint.sh\"]\n",
		entrypoint: `ENTRYPOINT ["/azinject", "--", "/usr/bin/tf_serving_entrypoint.sh"]`,
		args:       []string{"--enable_batching"},
	},
	{
		name: "torchserve",
		files: map[string]string{
			"usr/local/bin/torchserve": says,
			"usr/local/bin/dockerd-entrypoint.sh": "#!/bin/bash\nset -e\n\nif [[ \"$1\" = \"serve\" ]]; then\n    shift 1\n    torchserve --start --ts-config /home/model-server/config.properties\n" +
				"else\n    eval \"$@\"\nfi\n\n# prevent docker exit\ntail -f /dev/null\n",
		},
		base:       "ENV AZUREML_MODEL_DIR=/models\nENTRYPOINT [\"/usr/local/bin/dockerd-entrypoint.sh\"]\nCMD [\"serve\"]\n",
		entrypoint: `ENTRYPOINT ["/azinject", "--", "/usr/local/bin/dockerd-entrypoint.sh"]`,
		cmd:        `CMD ["torchserve", "--start", "--model-store", "$AZUREML_MODEL_DIR/torchserve"]`,
		stays:      true,
	},
	{
		name: "triton",
		files: map[string]string{
			"usr/local/bin/tritonserver":      says + "exit 4\n",
			"opt/nvidia/nvidia_entrypoint.sh": "#!/bin/bash\necho '== Triton Inference Server =='\nexec \"$@\"\n",
		},
		base:       "ENTRYPOINT [\"/opt/nvidia/nvidia_entrypoint.sh\"]\n",
		entrypoint: `ENTRYPOINT ["/azinject", "--", "/opt/nvidia/nvidia_entrypoint.sh"]`,
		cmd:        `CMD tritonserver --model-repository=/models --strict-model-config=false`,
	},
	{
		name:       "vllm",
		files:      map[string]string{"usr/local/bin/vllm": says + "exit 5\n"},
		base:       "ENTRYPOINT [\"vllm\", \"serve\"]\n",
		entrypoint: `ENTRYPOINT ["/azinject", "--", "vllm", "serve"]`,
		args:       []string{"my/model", "--port", "8000"},
	},
}

// TestChain puts azinject before images with an ENTRYPOINT, using the lines in
// docs/images.md, and compares each with the unchanged image.
func TestChain(t *testing.T) {
	page := readFile(t, "../docs/images.md")
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			if !strings.Contains(page, "`"+s.entrypoint+"`") {
				t.Errorf("docs/images.md does not contain %s", s.entrypoint)
			}
			if err := buildImage(s.name, "FROM "+tag+"debian\nCOPY . /\n"+s.base, writeFiles(t, s.files)); err != nil {
				t.Fatal(err)
			}
			plain := tag + s.name
			if s.cmd != "" {
				plain = image(t, s.name+"-plain", "FROM "+plain+"\n"+s.cmd+"\n")
			}
			wrapped := image(t, s.name+"-azinject", "FROM "+tag+s.name+"\nCOPY --from="+tag+"azinject /azinject /azinject\n"+s.entrypoint+"\n"+s.cmd+"\n")
			direct := s.outcome(t, append([]string{"--env", "SECRET=from-the-vault", plain}, s.args...))
			through := s.outcome(t, append(trusting("--env", "SECRET="+openSecret, wrapped), s.args...))
			if through != direct || !strings.Contains(through.stdout, " with SECRET=from-the-vault\n") || through.stderr != "" {
				t.Errorf("%+v\ndirectly\n%+v", through, direct)
			}
		})
	}
}

// outcome runs the image until it ends, or kills it once its server has
// started.
func (s shape) outcome(t *testing.T, args []string) outcome {
	t.Helper()
	c := start(t, args...)
	if s.stays {
		c.says("torchserve --start --model-store /models/torchserve with SECRET=from-the-vault")
		docker(t, "kill", c.id)
	}
	return c.wait()
}
