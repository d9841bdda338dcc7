package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

const maxReason = 500

var (
	// credentialName is what the SDK begins its errors with.
	credentialName = regexp.MustCompile(`^\w+Credential: (ERROR: )?`)
	// jwt is what must not get into a message, whatever a program wrote.
	jwt = regexp.MustCompile(`eyJ[\w-]*(\.[\w-]*)*`)
)

// reason is what the SDK's error says, in one line: what az wrote, or what
// Microsoft Entra answered.
func reason(err error) string {
	text := err.Error()
	var failed *azidentity.AuthenticationFailedError
	if errors.As(err, &failed) && failed.RawResponse != nil {
		text = "Microsoft Entra answers " + failed.RawResponse.Status
		var answer struct {
			Description string `json:"error_description"`
		}
		if body, err := runtime.Payload(failed.RawResponse); err == nil && json.Unmarshal(body, &answer) == nil && answer.Description != "" {
			text = answer.Description
		}
	}
	text, _, _ = strings.Cut(text, " To troubleshoot, visit ")
	text = jwt.ReplaceAllString(credentialName.ReplaceAllString(text, ""), "…")
	return shorten(oneLine(text))
}

// oneLine also takes out what would steer a terminal.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	return strings.TrimRight(strings.Join(strings.Fields(text), " "), ".")
}

func shorten(text string) string {
	if len(text) <= maxReason {
		return text
	}
	return strings.ToValidUTF8(text[:maxReason], "") + "…"
}
