package main_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// greedy stands for a server that somebody has broken into. It requests a token
// with every protocol that Azure's SDKs know, with what its environment contains,
// and prints the protocols that gave it one.
func greedy() {
	fmt.Println("server started")
	header := func(name, variable string) http.Header { return http.Header{name: {os.Getenv(variable)}} }
	identity, msi, client := os.Getenv("IDENTITY_ENDPOINT"), os.Getenv("MSI_ENDPOINT"), "&clientid="+os.Getenv("DEFAULT_IDENTITY_CLIENT_ID")
	metadata := http.Header{"Metadata": {"true"}}
	for _, p := range []struct {
		name, endpoint, query string
		header                http.Header
		form                  bool
	}{
		{"App Service", identity, "api-version=2019-08-01", header("X-Identity-Header", "IDENTITY_HEADER"), false},
		{"App Service of 2017", msi, "api-version=2017-09-01", header("Secret", "MSI_SECRET"), false},
		{"Azure Machine Learning", msi, "api-version=2017-09-01" + client, header("Secret", "MSI_SECRET"), false},
		{"Cloud Shell", msi, "", metadata, true},
		{"Service Fabric", identity, "api-version=2019-07-01-preview", header("Secret", "IDENTITY_HEADER"), false},
		{"Azure Arc", identity, "api-version=2020-06-01", metadata, false},
		{"IMDS", "http://169.254.169.254/metadata/identity/oauth2/token", "api-version=2018-02-01", metadata, false},
		{"on behalf of", os.Getenv("OBO_ENDPOINT"), "", nil, false},
	} {
		if getsToken(p.endpoint, p.query+"&resource="+url.QueryEscape("https://vault.azure.net"), p.header, p.form) {
			fmt.Println("token:", p.name)
		}
	}
}

// getsToken reports whether a request gives a token. If the answer is Azure Arc's
// challenge, it reads the key and asks again.
func getsToken(endpoint, query string, header http.Header, form bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	method, body := http.MethodGet, ""
	if form {
		method, body = http.MethodPost, query
	}
	r, err := http.NewRequestWithContext(ctx, method, endpoint+"?"+query, strings.NewReader(body))
	if err != nil {
		return false
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// Service Fabric's certificate is no authority's.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	text.ReadFrom(answer.Body)
	if _, file, ok := strings.Cut(answer.Header.Get("WWW-Authenticate"), "realm="); ok && header.Get("Authorization") == "" {
		key, _ := os.ReadFile(file)
		return getsToken(endpoint, query, http.Header{"Metadata": {"true"}, "Authorization": {"Basic " + string(key)}}, form)
	}
	var issued struct {
		Token string `json:"access_token"`
	}
	return json.Unmarshal(text.Bytes(), &issued) == nil && issued.Token != ""
}
