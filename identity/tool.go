package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/transport"
)

// tools is a credential that takes the first token that one of a laptop's
// command-line tools gives.
type tools struct {
	selected    Selection
	credentials []azcore.TokenCredential
}

func newTools(selected Selection) (azcore.TokenCredential, error) {
	az, errAz := azidentity.NewAzureCLICredential(nil)
	azd, errAzd := azidentity.NewAzureDeveloperCLICredential(nil)
	all := []azcore.TokenCredential{az, azd}
	switch selected.Kind {
	case AzureCLI:
		all = all[:1]
	case AzureDeveloperCLI:
		all = all[1:]
	}
	return &tools{selected, all}, errors.Join(errAz, errAzd)
}

// GetToken implements [azcore.TokenCredential]. The error has the facts of the
// first tool.
func (t *tools) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	var e *TokenError
	for _, credential := range t.credentials {
		token, err := credential.GetToken(ctx, options)
		if err == nil && token.Token != "" {
			return token, nil
		}
		aadsts, message := parseAADSTS(fmt.Sprint(err))
		reason := toolReason(ctx, fmt.Sprint(err))
		if message != "" {
			reason = fmt.Errorf("%w: %s", reason, message)
		}
		if e == nil {
			e = &TokenError{Audience: audience(options), Selected: t.selected, AADSTS: aadsts, Message: message, Err: reason}
		} else {
			e.Err = fmt.Errorf("%w; Azure Developer CLI: %w", e.Err, reason)
		}
	}
	return azcore.AccessToken{}, e
}

// toolReason finds the reason in the text of the SDK's error, which has nothing
// else. The text is everything that the tool has written, so it is not printed.
func toolReason(ctx context.Context, text string) error {
	switch {
	case ctx.Err() != nil:
		return transport.NewError(ctx.Err())
	case strings.Contains(text, "executable not found on path"),
		strings.Contains(text, "fork/exec /bin/sh"): // by which the SDK starts it
		return ErrNotInstalled
	case strings.Contains(text, "az login"), strings.Contains(text, "azd auth login"):
		return ErrNotSignedIn
	default:
		return errors.New("it failed")
	}
}

var _ azcore.TokenCredential = (*tools)(nil)
