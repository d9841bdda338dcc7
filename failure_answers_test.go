package main_test

// answerFailures are answers that azinject does not ask for again.
var answerFailures = []failureCase{
	{
		name:     "bad request",
		yaml:     onSecret("status: 400, code: BadParameter, message: what is this"),
		env:      []string{secretS},
		says:     []string{"request refused (400 BadParameter): what is this"},
		requests: secretOnce,
	},
	{
		name:     "expired token",
		yaml:     onIdentity("expired_token: true"),
		env:      []string{secretS},
		says:     []string{"token refused (401", "Microsoft Entra tenant"},
		requests: secretOnce,
	},
	{
		name:     "vault gives a web page",
		yaml:     onSecret("html: true"),
		env:      []string{secretS},
		says:     []string{"the response is not the expected JSON", "captive portal"},
		requests: secretOnce,
	},
	{
		name:     "vault gives half an answer",
		yaml:     onSecret("truncated: true"),
		env:      []string{secretS},
		says:     []string{"the response is not the expected JSON"},
		requests: secretOnce,
	},
	{
		name:     "vault gives no value",
		yaml:     onSecret("no_value: true"),
		env:      []string{secretS},
		says:     []string{"the response is not the expected JSON"},
		requests: secretOnce,
	},
	{
		name:     "vault gives another type",
		yaml:     onSecret(`status: 200, body: '{"value":["canary-secret"]}'`),
		env:      []string{secretS},
		says:     []string{"the response is not the expected JSON"},
		saysNot:  []string{"azsecrets"},
		requests: secretOnce,
	},
	{
		name:     "vault gives too much",
		yaml:     onSecret("huge: true"),
		env:      []string{secretS},
		says:     []string{"larger than 256 KiB"},
		requests: secretOnce,
	},
	{
		name:     "vault does not speak HTTP",
		http1:    true,
		yaml:     onSecret("garbage: true"),
		env:      []string{secretS},
		says:     []string{"not HTTP, or not over TLS"},
		requests: secretOnce,
	},
	{
		name:     "vault redirects",
		yaml:     onSecret("redirect: \"https://login.example/canary-secret\""),
		env:      []string{secretS},
		says:     []string{"redirected, and redirects are not followed (302)"},
		requests: map[string]int{"secret": 1, "connect": 1},
	},
	{
		name:     "workspace gives a web page",
		yaml:     onConnection("html: true"),
		env:      []string{keyOfC, inW},
		says:     []string{"the response is not the expected JSON"},
		requests: map[string]int{"connection": 1},
	},
	{
		name:     "workspace gives half an answer",
		yaml:     onConnection("truncated: true"),
		env:      []string{keyOfC, inW},
		says:     []string{"the response is not the expected JSON"},
		requests: map[string]int{"connection": 1},
	},
	{
		name:     "workspace gives no properties",
		yaml:     onConnection("no_value: true"),
		env:      []string{keyOfC, inW},
		says:     []string{"the response is not the expected JSON"},
		requests: map[string]int{"connection": 1},
	},
	{
		name:     "workspace gives too much",
		yaml:     onConnection("huge: true"),
		env:      []string{keyOfC, inW},
		says:     []string{"larger than 1024 KiB"},
		requests: map[string]int{"connection": 1},
	},
	{
		name:     "workspace redirects",
		yaml:     onConnection("redirect: \"https://login.example/\""),
		env:      []string{keyOfC, inW},
		says:     []string{"redirected, and redirects are not followed (302)"},
		requests: map[string]int{"connection": 1},
	},

	// Values that cannot be passed on.
	{
		name:     "NUL",
		yaml:     `vaults: {kv1: {secrets: {s: "canary-secret\0"}}}` + "\n",
		env:      []string{secretS},
		says:     []string{"A: the value has a NUL byte", "let the server read this value from the vault", "1 variable cannot be passed on"},
		requests: secretOnce,
	},
}
