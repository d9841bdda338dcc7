package main_test

// networkFailures are failures to reach a store or to trust it.
var networkFailures = []failureCase{
	{
		name:     "vault does not resolve",
		yaml:     oneSecret,
		root:     true,
		env:      []string{secretS, "HTTPS_PROXY=", soon},
		says:     []string{"the name does not resolve: no such host", "exists and is spelt correctly", "private endpoint"},
		requests: tokenOnce,
	},
	{
		name:      "Resource Manager does not resolve",
		yaml:      connection,
		platforms: "azureml",
		root:      true,
		env:       []string{keyOfC, inW, soon, "HTTPS_PROXY="},
		says:      []string{"the name does not resolve", "DNS server of this network resolve management.azure.com"},
		requests:  map[string]int{"token": 1, "connection": 0},
	},
	{
		name:     "NO_PROXY",
		yaml:     oneSecret,
		root:     true,
		env:      []string{secretS, "NO_PROXY=.vault.azure.net", soon},
		says:     []string{"the name does not resolve: no such host"},
		requests: map[string]int{"connect": 0, "secret": 0},
	},
	{
		name:     "proxy does not resolve",
		yaml:     oneSecret,
		root:     true,
		env:      []string{secretS, "HTTPS_PROXY=http://proxy.invalid:3128", soon},
		says:     []string{"the proxy that HTTPS_PROXY names: the name does not resolve", "NO_PROXY"},
		saysNot:  []string{"spelt correctly"},
		requests: map[string]int{"connect": 0, "secret": 0},
	},
	{
		name: "proxy cannot reach the vault",
		yaml: oneSecret,
		env:  []string{"A=keyvault:https://gone.vault.azure.net/secrets/s", soon},
		says: []string{"the proxy returned 502 Bad Gateway", "spelt correctly", "HTTPS_PROXY"},
	},
	{
		name: "proxy refuses connections",
		yaml: oneSecret,
		env:  []string{secretS, soon, "HTTPS_PROXY=http://user:canary-secret@127.0.0.1:1"},
		says: []string{"the proxy that HTTPS_PROXY names: no connection: dial tcp", "NO_PROXY", "connection refused"},
	},
	// azinject makes two connections: one ahead of time, and one for the
	// request, which reports the error.
	{
		name:     "untrusted certificate",
		yaml:     oneSecret + "certificate: untrusted\n",
		env:      []string{secretS},
		says:     []string{"certificate not trusted", "those in SSL_CERT_FILE"},
		requests: map[string]int{"secret": 0, "connect": 3},
	},
	{
		name:     "expired certificate",
		yaml:     oneSecret + "certificate: expired\n",
		env:      []string{secretS},
		says:     []string{"certificate not trusted", "expired", "check the container's clock"},
		saysNot:  []string{"certificate roots"},
		requests: map[string]int{"secret": 0, "connect": 2},
	},
	{
		name:     "certificate of another host",
		yaml:     oneSecret + "certificate: wrong_host\n",
		env:      []string{secretS},
		says:     []string{"certificate not trusted", "not kv1.vault.azure.net", "check what kv1.vault.azure.net resolves to"},
		saysNot:  []string{"certificate roots"},
		requests: map[string]int{"secret": 0, "connect": 2},
	},
	{
		name:     "roots of another CA",
		yaml:     oneSecret,
		env:      []string{secretS, "SSL_CERT_FILE=testdata/another_root.pem"},
		says:     []string{"certificate not trusted", "SSL_CERT_FILE"},
		requests: map[string]int{"secret": 0, "connect": 3},
	},
	{
		name:     "roots in a missing file",
		yaml:     oneSecret,
		env:      []string{secretS, "SSL_CERT_FILE=/nowhere/canary-secret.pem"},
		says:     []string{"SSL_CERT_FILE: no such file or directory; write the path of a file with certificates"},
		requests: never,
	},
	{
		name:     "roots in a file without any",
		yaml:     oneSecret,
		env:      []string{secretS, "SSL_CERT_FILE=/dev/null"},
		says:     []string{"SSL_CERT_FILE: this file contains no certificate; write the path of a file with certificates"},
		requests: never,
	},
}
