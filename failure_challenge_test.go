package main_test

const (
	stackVault = "vaults: {kv1.vault.stack.example: {secrets: {s: canary-secret}}}\n"
	stackS     = "A=keyvault:https://kv1.vault.stack.example/secrets/s"
	stackHosts = "AZINJECT_ALLOWED_VAULT_HOSTS=.vault.stack.example"
)

// challengeFailures are about challenges. azinject asks only vaults outside the
// known clouds for one.
var challengeFailures = []failureCase{
	{
		name:     "challenge of its own",
		yaml:     stackVault,
		env:      []string{stackS, stackHosts},
		starts:   true,
		requests: map[string]int{"challenge": 1, "secret": 1, "token": 1},
	},
	{
		name:     "challenge for another domain",
		yaml:     stackVault + fault("GET kv1.vault.stack.example/", `challenge: 'Bearer authorization=\"https://login.example/t\", resource=\"https://management.azure.com\"'`),
		env:      []string{stackS, stackHosts},
		says:     []string{"asks for a token for another domain than its own"},
		requests: map[string]int{"token": 0, "secret": 0},
	},
	{
		name:     "malformed challenge",
		yaml:     stackVault + fault("GET kv1.vault.stack.example/", `challenge: 'Bearer authorization=\"xyz\"'`),
		env:      []string{stackS, stackHosts},
		says:     []string{"does not name a resource"},
		requests: map[string]int{"token": 0, "secret": 0},
	},
	{
		name:     "challenge of a known vault",
		yaml:     onSecret(`challenge: 'Bearer authorization=\"xyz\", resource=\"https://evil.example\"'`),
		env:      []string{secretS},
		says:     []string{"token refused (401"},
		requests: map[string]int{"token": 1},
	},
}
