package main

import (
	"strings"
	"testing"
)

// TestAudiences checks that the audiences are exactly those that azinject and
// the SDKs request.
func TestAudiences(t *testing.T) {
	got := audiences([]string{"https://x.example", "api://app/"})
	want := strings.Fields(`https://vault.azure.net https://vault.azure.cn https://vault.usgovcloudapi.net
		https://management.azure.com https://management.chinacloudapi.cn https://management.usgovcloudapi.net
		https://management.core.windows.net https://management.core.chinacloudapi.cn https://management.core.usgovcloudapi.net
		https://ai.azure.com https://ai.azure.us https://ml.azure.com https://ml.azure.cn https://ml.azure.us
		https://x.example api://app`)
	for _, a := range want {
		if !got[a] || !got[a+"/"] {
			t.Errorf("no tokens for %s", a)
		}
	}
	if len(got) != 2*len(want) {
		t.Errorf("tokens for %v, want %v", got, want)
	}
}

func TestIsConfiguration(t *testing.T) {
	for a, want := range map[string]bool{
		"https://store1.azconfig.io": true, "https://s.azconfig.azure.us": true, "https://azconfig.io": false, "https://store1.azconfig.io:443": false,
		"https://store1.azconfig.io.example": false, "https://x;Endpoint=https://store1.azconfig.io": false, "": false, "https://kv1.vault.azure.net": false,
	} {
		if got := isConfiguration(a); got != want {
			t.Errorf("isConfiguration(%q) = %v", a, got)
		}
	}
}

func TestCheckAudience(t *testing.T) {
	for a, ok := range map[string]bool{
		"https://cognitiveservices.azure.com": true, "https://storage.azure.com/": true, "api://0000-x_y": true, "https://x.example/a/b": true,
		"": false, "x": false, "http://x.example": false, "https://": false, "https://x.example;id": false, "https://x.example/$(id)": false,
		"https://x.example?a": false, "https://a@x.example": false, "https://x.example/.default": false, "https://x y": false, "https://x\n": false,
	} {
		if err := checkAudience(a); (err == nil) != ok {
			t.Errorf("checkAudience(%q) = %v", a, err)
		}
	}
}
