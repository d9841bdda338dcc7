// Azlocal runs a command against Azure with the developer's own sign-in, or
// against an emulated Azure on this machine, so that programs made for a
// managed identity work here unmodified. It also checks, before a deployment, who
// may read the secrets that the deployment refers to, and grants it. It is never
// part of an image.
//
// See azlocal --help.
package main

import (
	"io"
	"log"
	"os"

	sdklog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"
)

// version is set by the linker.
var version = "devel"

func main() {
	// With AZURE_SDK_GO_LOGGING or GODEBUG=http2debug=2, set for COMMAND, the
	// SDK and net/http would log requests with secrets in them.
	sdklog.SetListener(nil)
	log.SetOutput(io.Discard)
	p := &process{environ: os.Environ(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(p.main(os.Args[1:]))
}
