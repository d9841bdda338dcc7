package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"azinject/resolve/transport"
)

// tool is a credential that has a command-line tool, of a laptop, get tokens.
type tool struct {
	selected   Selection
	credential azcore.TokenCredential
}

// newTools returns the credential for one of the tools, or for both.
func newTools(selected Selection) (azcore.TokenCredential, error) {
	cli, err := azidentity.NewAzureCLICredential(nil)
	if err != nil {
		return nil, err
	}
	developer, err := azidentity.NewAzureDeveloperCLICredential(nil)
	if err != nil {
		return nil, err
	}
	az, azd := &tool{selected, cli}, &tool{selected, developer}
	switch selected.Kind {
	case AzureCLI:
		return az, nil
	case AzureDeveloperCLI:
		return azd, nil
	default:
		return &firstTool{az, azd}, nil
	}
}

// GetToken implements [azcore.TokenCredential].
func (t *tool) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, e := t.ask(ctx, options)
	if e != nil {
		return azcore.AccessToken{}, e
	}
	return token, nil
}

func (t *tool) ask(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, *TokenError) {
	token, err := t.credential.GetToken(ctx, options)
	if err == nil && token.Token != "" {
		return token, nil
	}
	e := &TokenError{Audience: audience(options.Scopes), Selected: t.selected}
	e.AADSTS, e.Message = parseAADSTS(fmt.Sprint(err))
	e.Err = toolReason(ctx, fmt.Sprint(err))
	if e.Message != "" {
		e.Err = fmt.Errorf("%w: %s", e.Err, e.Message)
	}
	return azcore.AccessToken{}, e
}

// toolReason takes the reason out of the text of the SDK's error, which has no
// other. The text itself is not printed: it is all that the tool has said.
func toolReason(ctx context.Context, text string) error {
	switch {
	case ctx.Err() != nil:
		return &transport.Error{Cause: transport.NoAnswer, Err: ctx.Err()}
	case strings.Contains(text, "executable not found on path"),
		strings.Contains(text, "fork/exec /bin/sh"): // by which the SDK starts it
		return ErrNotInstalled
	case strings.Contains(text, "az login"), strings.Contains(text, "azd auth login"):
		return ErrNotSignedIn
	default:
		return errors.New("it fails")
	}
}

// firstTool is a credential that asks the second tool where the first has no token.
type firstTool struct{ az, azd *tool }

// GetToken implements [azcore.TokenCredential].
func (f *firstTool) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, e := f.az.ask(ctx, options)
	if e == nil {
		return token, nil
	}
	token, second := f.azd.ask(ctx, options)
	if second == nil {
		return token, nil
	}
	e.Err = fmt.Errorf("%w; Azure Developer CLI: %w", e.Err, second.Err)
	return azcore.AccessToken{}, e
}

var (
	_ azcore.TokenCredential = (*tool)(nil)
	_ azcore.TokenCredential = (*firstTool)(nil)
)
