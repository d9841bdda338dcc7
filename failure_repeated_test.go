package main_test

// repeatedFailures are about services that repeat what they were sent. Messages
// of Microsoft's own libraries do.
var repeatedFailures = []failureCase{
	{
		name:     "vault repeats the token in its message",
		yaml:     onSecret(`status: 401, code: Unauthorized, message: "IDX12741: JWT '{sent}' must have three segments"`),
		env:      []string{secretS},
		says:     []string{"token refused (401 Unauthorized): IDX12741: JWT '…' must have three segments"},
		requests: secretOnce,
	},
	{
		name:     "vault repeats the token in its code",
		yaml:     onSecret(`status: 400, code: "{sent}", message: m`),
		env:      []string{secretS},
		says:     []string{"request refused (400): m"},
		requests: secretOnce,
	},
	{
		name:     "vault repeats the token in its inner code",
		yaml:     onSecret(`status: 403, code: Forbidden, inner_code: "{sent}", message: "no {sent}{sent} here"`),
		env:      []string{secretS},
		says:     []string{"access denied (403): no …… here"},
		requests: secretOnce,
	},
	{
		name:     "vault repeats the token until the time is up",
		yaml:     onSecret(`status: 503, code: Busy, message: "{sent}"`),
		env:      []string{secretS, soon},
		says:     []string{"service error (503 Busy): …"},
		requests: map[string]int{"token": 1},
	},
	{
		name:     "workspace repeats the token",
		yaml:     onConnection(`status: 401, code: InvalidAuthenticationToken, message: "The access token {sent} is invalid."`),
		env:      []string{keyOfC, inW},
		says:     []string{"token refused (401 InvalidAuthenticationToken): The access token … is invalid."},
		requests: map[string]int{"token": 1, "connection": 1},
	},
	{
		name:      "identity endpoint repeats its header",
		yaml:      onIdentity(`status: 400, body: '{"statusCode":400,"message":"bad header {sent}"}'`),
		platforms: "appservice azureml servicefabric",
		env:       []string{secretS},
		says:      []string{"returned 400: bad header …"},
		requests:  tokenOnce,
	},
}
