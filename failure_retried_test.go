package main_test

import "slices"

// retriedFailures are answers that may change when azinject asks again.
var retriedFailures = []failureCase{
	{
		name:     "throttled, then not",
		yaml:     onSecret("times: 2, status: 429, code: Throttled, headers: {retry-after-ms: \"5\"}"),
		env:      []string{secretS},
		starts:   true,
		requests: map[string]int{"token": 1, "secret": 3},
	},
	{
		name:     "throttled for too long",
		yaml:     onSecret("status: 429, code: Throttled, message: too many, retry_after: 300s"),
		env:      []string{secretS},
		says:     []string{"throttled (429 Throttled): too many", "asked for a longer pause"},
		requests: secretOnce,
	},
	{
		name:     "out of order, then not",
		yaml:     onConnection("times: 2, status: 503, headers: {retry-after-ms: \"5\"}"),
		env:      []string{keyOfC, inW},
		starts:   true,
		requests: map[string]int{"token": 1, "connection": 3},
	},
	{
		name: "out of order",
		yaml: onSecret("status: 503, body: canary-secret"),
		env:  []string{secretS, soon},
		says: []string{"service error (503)", "AZINJECT_TIMEOUT"},
	},
	{
		name:     "reset, then not",
		yaml:     onSecret("times: 1, reset: true"),
		env:      []string{secretS},
		starts:   true,
		requests: map[string]int{"token": 1, "secret": 2},
	},
	{
		name:     "connection reset, then not",
		yaml:     onConnection("times: 1, reset: true"),
		env:      []string{keyOfC, inW},
		starts:   true,
		requests: map[string]int{"connection": 2},
	},
	{
		name:     "cut, then not",
		yaml:     onConnection("times: 1, cut: true"),
		env:      []string{keyOfC, inW},
		starts:   true,
		requests: map[string]int{"connection": 2},
	},
	{
		name: "reset",
		yaml: onSecret("reset: true"),
		env:  []string{secretS, soon},
		says: []string{"the connection ended before the answer did", "AZINJECT_TIMEOUT"},
	},
	{
		name:     "hangs",
		yaml:     onSecret("hang: true"),
		env:      []string{secretS, soon},
		says:     []string{`A: secret "s" in kv1.vault.azure.net: no answer in time`, "firewall"},
		requests: secretOnce,
	},
	{
		name:     "slow",
		yaml:     onSecret("slow: 200ms"),
		env:      []string{secretS},
		starts:   true,
		requests: secretOnce,
	},
	{
		name:      "others take all the time",
		http1:     true, // over HTTP/2 all are asked for at once
		yaml:      "vaults: {kv1: {secrets: {" + manySecrets + "}}}\n" + fault("GET kv1.vault.azure.net/", "hang: true"),
		platforms: "appservice",
		env:       append(slices.Clip(toManySecrets), soon),
		says:      []string{"time was up before it was asked for", "raise AZINJECT_TIMEOUT", "40 of 40"},
	},
	{
		name:      "one of two hangs",
		yaml:      onSecret("hang: true") + connection,
		platforms: "appservice imds",
		env:       []string{secretS, "B=azureml://connections/c/target", inW, "AZINJECT_TIMEOUT=10s"},
		says:      []string{"A: secret", "no answer in time", "1 of 2 references failed"},
		saysNot:   []string{"B:"},
	},
}
