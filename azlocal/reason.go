package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/transport"
)

var (
	// credentialName begins the SDK's errors.
	credentialName = regexp.MustCompile(`^\w+Credential: (ERROR: )?`)
	// jwt must not get into a message, whatever a program wrote.
	jwt = regexp.MustCompile(`eyJ[\w-]*(\.[\w-]*)*`)
)

// reason returns what the SDK's error says, in one line: az's own message, or
// Microsoft Entra's.
func reason(err error) string {
	text := err.Error()
	var failed *azidentity.AuthenticationFailedError
	if errors.As(err, &failed) && failed.RawResponse != nil {
		text = "Microsoft Entra returned " + failed.RawResponse.Status
		var answer struct {
			Description string `json:"error_description"`
		}
		if body, err := runtime.Payload(failed.RawResponse); err == nil && json.Unmarshal(body, &answer) == nil && answer.Description != "" {
			text = answer.Description
		}
	}
	text, _, _ = strings.Cut(text, " To troubleshoot, visit ")
	text = jwt.ReplaceAllString(credentialName.ReplaceAllString(text, ""), "…")
	return strings.TrimRight(transport.OneLine(strings.ToValidUTF8(text, "\ufffd")), ".")
}
