package main

import (
	"strings"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	s, mistakes := parseSettings(nil)
	if mistakes != nil || s.Timeout != 2*time.Minute || s.WaitForAccess != 0 || s.logLevel != 0 || s.unset != nil || s.AllowedVaultHosts != nil ||
		s.Cloud.VaultSuffix != ".vault.azure.net" {
		t.Errorf("without settings: %+v, %v", s, mistakes)
	}
}

// TestReadNames checks that a list which is quoted, bracketed or separated otherwise,
// or a pattern, is not taken for the name of a variable, which would have no effect.
func TestReadNames(t *testing.T) {
	if got, err := readNames("A, b.c-D_1 ,E"); err != nil || strings.Join(got, "|") != "A|b.c-D_1|E" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{`"A,B"`, "'A'", "A B", "A;B", "$A", "A,,B", "A,", "A=x", "A\nB", "A|B", "[A]", "{A}", "*", "A_*", "A_?"} {
		if got, err := readNames(bad); err == nil || !strings.Contains(err.Error(), "without quotes") {
			t.Errorf("%q: %q, %v, want an error", bad, got, err)
		}
	}
}

func TestCheckProxyURL(t *testing.T) {
	for _, good := range []string{"proxy", "proxy:3128", "http://proxy:3128", "https://u:p%23ss@proxy", "socks5://127.0.0.1:1080", "[::1]:3128"} {
		if err := checkProxyURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"http://user:p#hunter@proxy:8080", "user:p#hunter@proxy:8080", "http://", "://proxy", "ftp://proxy", "http://u:%zz@proxy"} {
		if err := checkProxyURL(bad); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: %v, want an error that does not quote it", bad, err)
		}
	}
}
