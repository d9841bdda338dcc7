package identity

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	azToken      = "[ \"$*\" = 'account get-access-token -o json --resource https://vault.azure.net' ] && echo '{\"accessToken\":\"from az\",\"expires_on\":4102444800}'"
	azdToken     = "[ \"$*\" = 'auth token -o json --no-prompt --scope https://vault.azure.net/.default' ] && echo '{\"token\":\"from azd\",\"expiresOn\":\"2100-01-01T00:00:00Z\"}'"
	azSignedOut  = "echo canary~secret; echo \"ERROR: Please run 'az login' to setup account. canary~secret\" >&2; exit 1"
	azdSignedOut = `echo '{"error":"not logged in, run azd auth login to login","message":"canary~secret"}' >&2; exit 1`
)

// withTools installs az and azd as these scripts in PATH, which contains
// nothing else. A tool without a script is not installed.
func withTools(t *testing.T, az, azd string) {
	folder := t.TempDir()
	for name, script := range map[string]string{"az": az, "azd": azd} {
		if script == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", folder)
}

var (
	useAz  = env{"AZINJECT_CREDENTIAL": "AzureCLICredential"}
	useAzd = env{"AZINJECT_CREDENTIAL": "AzureDeveloperCLICredential"}
	useDev = env{"AZURE_TOKEN_CREDENTIALS": "dev"}
)

func TestTools(t *testing.T) {
	for _, test := range []struct {
		name    string
		env     env
		az, azd string
		want    string
	}{
		{"az", useAz, azToken, "", "from az"},
		{"az with a warning", useAz, azToken + "; echo 'WARNING: AADSTS1: Soon: az login again.' >&2", "", "from az"},
		{"azd", useAzd, "", azdToken, "from azd"},
		{"dev with both", useDev, azToken, azdToken, "from az"},
		{"dev without az", useDev, "", azdToken, "from azd"},
		{"dev, signed out of az", useDev, azSignedOut, azdToken, "from azd"},
	} {
		withTools(t, test.az, test.azd)
		token, err := ask(t.Context(), newCredential(t, test.env), vaultScope)
		if err != nil || token.Token != test.want || token.ExpiresOn.Year() != 2100 {
			t.Errorf("%s: GetToken = %q until %v, %v, want one %s", test.name, token.Token, token.ExpiresOn, err, test.want)
		}
	}
}

func TestToolsRefuse(t *testing.T) {
	const noToken = "no token for https://vault.azure.net: "
	for _, test := range []struct {
		name    string
		env     env
		az, azd string
		is      error // nil for neither
		aadsts  int
		text    string
	}{
		{"no az", useAz, "", azdToken, ErrNotInstalled, 0, noToken + "Azure CLI: not installed, or not in PATH"},
		{"no azd", useAzd, azToken, "", ErrNotInstalled, 0, noToken + "Azure Developer CLI: not installed, or not in PATH"},
		{"signed out of az", useAz, azSignedOut, "", ErrNotSignedIn, 0, noToken + "Azure CLI: it asks for a sign-in"},
		{"signed out of azd", useAzd, "", azdSignedOut, ErrNotSignedIn, 0, noToken + "Azure Developer CLI: it asks for a sign-in"},
		{"az has expired", useAz, "echo \"ERROR: AADSTS70043: The refresh token has expired. Trace ID: x\nRun: az login\" >&2; exit 1", "", ErrNotSignedIn, 70043, noToken + "Azure CLI: it asks for a sign-in: AADSTS70043: The refresh token has expired"},
		{"az is refused", useAz, "echo 'ERROR: AADSTS500011: The resource was not found. canary~secret' >&2; exit 1", "", nil, 500011, noToken + "Azure CLI: it failed: AADSTS500011: The resource was not found"},
		{"az fails", useAz, "echo canary~secret; echo canary~secret >&2; exit 1", "", nil, 0, noToken + "Azure CLI: it failed"},
		{"az prints nothing", useAz, "exit 1", "", nil, 0, noToken + "Azure CLI: it failed"},
		{"az prints something else", useAz, "echo canary~secret", "", nil, 0, noToken + "Azure CLI: it failed"},
		{"az returns an empty token", useAz, `echo '{"accessToken":"","expires_on":4102444800}'`, "", nil, 0, noToken + "Azure CLI: it failed"},
		{"az returns a token without expiry", useAz, `echo '{"accessToken":"canary~secret","expiresOn":"canary~secret"}'`, "", nil, 0, noToken + "Azure CLI: it failed"},
		{"azd returns a token without expiry", useAzd, "", `echo '{"token":"canary~secret","expiresOn":"canary~secret"}'`, nil, 0, noToken + "Azure Developer CLI: it failed"},
		{"dev without either", useDev, "", "", ErrNotInstalled, 0, noToken + "Azure CLI: not installed, or not in PATH; Azure Developer CLI: not installed, or not in PATH"},
		{"dev, signed out", useDev, azSignedOut, "", ErrNotSignedIn, 0, noToken + "Azure CLI: it asks for a sign-in; Azure Developer CLI: not installed, or not in PATH"},
	} {
		withTools(t, test.az, test.azd)
		_, err := ask(t.Context(), newCredential(t, test.env), vaultScope)
		e := requireTokenError(t, err)
		if e.Error() != test.text || e.AADSTS != test.aadsts || e.Absent() || e.Transient() {
			t.Errorf("%s: GetToken: %v, AADSTS %d, absent %v, transient %v; want %s", test.name, e, e.AADSTS, e.Absent(), e.Transient(), test.text)
		}
		if test.is != nil && !errors.Is(e, test.is) || test.is == nil && (errors.Is(e, ErrNotInstalled) || errors.Is(e, ErrNotSignedIn)) {
			t.Errorf("%s: %v does not wrap %v", test.name, e, test.is)
		}
	}
}

func TestToolsTime(t *testing.T) {
	withTools(t, azToken, azdToken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, e := range []env{useAz, useAzd, useDev} {
		_, err := ask(ctx, newCredential(t, e), vaultScope)
		if failed := requireTokenError(t, err); !strings.Contains(failed.Error(), "no answer in time") || !failed.Transient() {
			t.Errorf("%v: GetToken: %v, transient %v", e, failed, failed.Transient())
		}
	}
}
