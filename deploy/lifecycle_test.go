//go:build containers

package deploy_test

import "testing"

// TestStop checks that the signal of "docker stop" reaches the handler of the
// server, with and without an init: azinject does not stand in between.
func TestStop(t *testing.T) {
	for name, test := range map[string]struct {
		options []string
		ready   string
	}{
		"first process": {nil, "ready, the first process: true"},
		"under an init": {[]string{"--init"}, "ready, the first process: false"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, append(trusting(test.options...), "--env", "SECRET="+openSecret, tag+"server", "peer", "wait")...)
			c.says(test.ready)
			docker(t, "stop", "--time", "60", c.id)
			// The status would be 137 if Docker had to kill it.
			c.wait().check(t, "7", test.ready+"\nended by: terminated\n", "")
		})
	}
}

// TestStopWhileResolving stops a container whose identity endpoint never
// replies.
func TestStopWhileResolving(t *testing.T) {
	endpoint := start(t, "--network", network, "--network-alias", "mute", tag+"peer", "/peer", "mute")
	c := start(t, trusting("--env", "SECRET="+openSecret, "--env", "IDENTITY_ENDPOINT=http://mute/", "--env", "IDENTITY_HEADER=x", tag+"server")...)
	endpoint.says("asked")
	docker(t, "stop", "--time", "60", c.id)
	c.wait().check(t, "143", "", "azinject: error: ended by a signal (terminated) before the server was started")
}

// TestStatus checks statuses that are those of the server, and then those of
// azinject.
func TestStatus(t *testing.T) {
	shell := image(t, "shell", "FROM "+tag+"debian\nCOPY --from="+tag+"azinject /azinject /azinject\n"+`ENTRYPOINT ["/azinject", "--"]`+"\n")
	for _, script := range []string{"exit 0", "exit 3", "exit 255", "kill -TERM $$; exit 4", "exec no-such-program"} {
		direct := run(t, append(trusting("--entrypoint", "/bin/sh"), shell, "-c", script)...)
		through := run(t, append(trusting("--env", "SECRET="+openSecret), shell, "/bin/sh", "-c", script)...)
		if through != direct {
			t.Errorf("%s: %+v, directly %+v", script, through, direct)
		}
	}
	run(t, append(trusting("--env", "SECRET="+openSecret), shell, "no-such-server")...).
		check(t, "127", "", `azinject: error: command "no-such-server": not found in PATH`)
	run(t, append(trusting("--env", "SECRET="+openSecret), shell, "/etc/passwd")...).
		check(t, "126", "", `azinject: error: command "/etc/passwd": cannot be executed`)
	run(t, append(trusting("--env", "SECRET="+openSecret), shell)...).
		check(t, "125", "", `azinject: error: no command to become: `)
}
