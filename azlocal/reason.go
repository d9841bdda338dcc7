package main

import (
	"cmp"
	"errors"
	"os"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/identity"
	"azinject/transport"
)

// credentialName begins the SDK's errors.
var credentialName = regexp.MustCompile(`^\w+Credential: (ERROR: )?`)

// reason returns what the SDK's error says, in one line: az's own message, or
// Microsoft Entra's, without the client secret that the SDK has sent.
func reason(err error) string {
	text := err.Error()
	var failed *azidentity.AuthenticationFailedError
	if errors.As(err, &failed) && failed.RawResponse != nil {
		text = "Microsoft Entra returned " + failed.RawResponse.Status
		if body, err := runtime.Payload(failed.RawResponse); err == nil {
			_, message := transport.ParseRefusal(body, os.Getenv(identity.ClientSecretVariable))
			text = cmp.Or(message, text)
		}
	}
	text, _, _ = strings.Cut(text, " To troubleshoot, visit ")
	text = credentialName.ReplaceAllString(text, "")
	text = transport.Clean(text, os.Getenv(identity.ClientSecretVariable))
	return cmp.Or(strings.TrimRight(text, " ."), "it failed")
}
