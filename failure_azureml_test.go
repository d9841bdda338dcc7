package main_test

import "slices"

const person = "identities: {me: {user: true, object_id: " + oid + "}, other: {}}\nattached: [me]\n"

var onBehalf = place{platforms: "on_behalf_of", identities: person, env: []string{"AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential"}}

// onBehalfFailures are failures of jobs that run as a user.
var onBehalfFailures = onBehalf.of([]failureCase{
	{
		name:     "on behalf of a user",
		starts:   true,
		requests: secretOnce,
	},
	{
		name:     "not on behalf of anybody",
		env:      []string{"OBO_ENDPOINT="},
		says:     []string{"OBO_ENDPOINT: not set", "identity: {type: user_identity}"},
		requests: never,
	},
	{
		name:     "on behalf of a user, in Spark",
		env:      []string{"AZUREML_DATAPREP_TOKEN_PROVIDER=sparkobo"},
		says:     []string{"AZUREML_DATAPREP_TOKEN_PROVIDER: azinject cannot get the user's tokens in Spark jobs", "AZINJECT_CREDENTIAL"},
		requests: never,
	},
	{
		name:     "on-behalf-of endpoint is not an address",
		env:      []string{"OBO_ENDPOINT=canary-secret"},
		says:     []string{"OBO_ENDPOINT: this is not the address"},
		requests: never,
	},
	{
		name: "on-behalf-of endpoint does not exist",
		env:  []string{"OBO_ENDPOINT=http://canary-secret@127.0.0.1:1/OBO/token?code=canary-secret", soon},
		says: []string{"the on-behalf-of endpoint at http://127.0.0.1:1/OBO/token: no connection", "OBO_ENDPOINT"},
	},
	{
		name: "on-behalf-of endpoint is out of order",
		yaml: onIdentity("status: 500, body: canary-secret, headers: {content-type: text/html}"),
		env:  []string{soon},
		says: []string{"returned 500", "AZINJECT_TIMEOUT"},
	},
	{
		name:    "on-behalf-of endpoint knows no user",
		yaml:    onIdentity(`status: 500, headers: {content-type: text/plain}, body: "InternalError - :{\nInfo: Request failure status code: 404\n\n}"`),
		env:     []string{soon},
		says:    []string{"returned 500: InternalError - :{ Info: Request failure status code: 404 }", "user_identity"},
		saysNot: []string{"AZINJECT_TIMEOUT"},
	},
	{
		name:     "on-behalf-of endpoint hangs",
		yaml:     onIdentity("hang: true"),
		env:      []string{soon},
		says:     []string{"the on-behalf-of endpoint at http://127.0.0.1:", "no answer in time", "OBO_ENDPOINT"},
		requests: tokenOnce,
	},
	{
		name:     "on-behalf-of endpoint gives nothing",
		yaml:     onIdentity("status: 200"),
		says:     []string{"returned 200 without a token", "user_identity"},
		requests: tokenOnce,
	},
	{
		name:     "on-behalf-of endpoint refuses",
		yaml:     onIdentity("status: 403, code: forbidden, message: no user here"),
		says:     []string{"returned 403 forbidden: no user here", "user_identity"},
		requests: tokenOnce,
	},
	{
		name:     "on-behalf-of endpoint refuses in plain text",
		yaml:     onIdentity(`status: 404, headers: {content-type: text/plain}, body: "SSO failure: Token not found"`),
		says:     []string{"the on-behalf-of endpoint at", "returned 404: SSO failure: Token not found", "user_identity"},
		requests: tokenOnce,
	},
	{
		name:     "on-behalf-of endpoint gives a web page",
		yaml:     onIdentity("html: true"),
		says:     []string{"returned 200 without a token"},
		requests: tokenOnce,
	},
	{
		name:     "on-behalf-of endpoint does not speak HTTP",
		yaml:     onIdentity("garbage: true"),
		says:     []string{"not HTTP, or not over TLS", "OBO_ENDPOINT"},
		requests: tokenOnce,
	},
	{
		name:     "store that the user's tenant does not know",
		env:      []string{"A=@Microsoft.AppConfiguration(Endpoint=https://gone.azconfig.io; Key=k)"},
		says:     []string{"no token for https://gone.azconfig.io", "AADSTS500011", "check the name of the store, which the tenant does not know"},
		saysNot:  []string{"AZURE_AUTHORITY_HOST", "user_identity"},
		requests: tokenOnce,
	},
	{
		name:     "user without a role",
		yaml:     noReaders,
		says:     []string{"the user with object ID " + oid, "--assignee-object-id " + oid, "--assignee-principal-type User"},
		saysNot:  []string{"compute instance", "AZINJECT_IDENTITY"},
		requests: secretOnce,
	},
	{
		name:     "AZINJECT_IDENTITY with a user",
		env:      []string{"AZINJECT_IDENTITY=" + clientID},
		says:     []string{"AZINJECT_IDENTITY: remove this", "it has no meaning for AzureMLOnBehalfOfCredential"},
		requests: never,
	},
})

// computeFailures are failures of compute clusters and instances.
var computeFailures = slices.Concat(
	place{platforms: "azureml_cluster azureml_serverless"}.of([]failureCase{
		{
			name:     "job",
			starts:   true,
			requests: secretOnce,
		},
		{
			name:     "job without a client ID",
			env:      []string{"DEFAULT_IDENTITY_CLIENT_ID="},
			says:     []string{"of an Azure Machine Learning job at http://127.0.0.1:", "returned 200 without a token", "set AZINJECT_IDENTITY to the client ID of the compute's identity"},
			saysNot:  []string{"AzureMLOnBehalfOfCredential"},
			requests: tokenOnce,
		},
		{
			name:       "job of a user, without a client ID",
			identities: personBeside,
			env:        []string{"DEFAULT_IDENTITY_CLIENT_ID="},
			says:       []string{"set AZINJECT_IDENTITY to the client ID", "set AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential"},
			requests:   tokenOnce,
		},
		{
			name:     "job, wrong secret",
			env:      []string{"MSI_SECRET=canary-secret"},
			says:     []string{"returned 401", ": Invalid secret token header: …", "do not set IDENTITY_HEADER or MSI_SECRET yourself"},
			requests: tokenOnce,
		},
		{
			name:     "job, identity not assigned",
			env:      []string{"AZINJECT_IDENTITY=" + nobody},
			says:     []string{"returned 400 invalid_request for the identity " + nobody + " (AZINJECT_IDENTITY): Identity not found", "the identity that AZINJECT_IDENTITY selects"},
			requests: tokenOnce,
		},
	}),
	place{platforms: "azureml_cluster", identities: noIdentity}.of([]failureCase{
		{
			name:     "cluster without an identity",
			says:     []string{"of an Azure Machine Learning job: MSI_ENDPOINT is identity-responder-not-enabled: this compute has no managed identity", "az ml compute update --name COMPUTE --identity-type SystemAssigned"},
			saysNot:  []string{"yourself", "AzureMLOnBehalfOfCredential"},
			requests: map[string]int{"token": 0, "secret": 0},
		},
		{
			name:     "cluster without an identity or a secret",
			env:      []string{"MSI_SECRET="},
			says:     []string{"of an Azure Machine Learning job: MSI_ENDPOINT is identity-responder-not-enabled", "az ml compute update"},
			requests: map[string]int{"token": 0, "secret": 0},
		},
		{
			name:       "cluster without an identity, for a user",
			identities: person,
			says:       []string{"this compute has no managed identity", "az ml compute update", "set AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential"},
			requests:   map[string]int{"token": 0, "secret": 0},
		},
		{
			name:       "cluster without an identity, as a user",
			identities: person,
			env:        []string{"AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential"},
			starts:     true,
			requests:   secretOnce,
		},
	}),
	place{platforms: "azureml_serverless", identities: noIdentity}.of([]failureCase{
		{
			name:     "serverless job without an identity",
			says:     []string{"returned 400: InternalError - :{ Info: Request failure status code: 404 }", "az ml compute update --name COMPUTE --identity-type SystemAssigned"},
			saysNot:  []string{"yourself", "AzureMLOnBehalfOfCredential"},
			requests: tokenOnce,
		},
		{
			name:       "serverless job without an identity, for a user",
			identities: person,
			says:       []string{"returned 400: InternalError", "set AZINJECT_CREDENTIAL=AzureMLOnBehalfOfCredential"},
			requests:   tokenOnce,
		},
		{
			name: "serverless job without an identity, with another status",
			yaml: onIdentity(`status: 500, headers: {content-type: text/plain; charset=utf-8}, body: "InternalError - :{\nInfo: Request failure status code: 404\n\n}"`),
			env:  []string{soon},
			says: []string{"returned 500: InternalError - :{ Info: Request failure status code: 404 }", "az ml compute update"},
		},
	}),
	place{platforms: "azureml_instance"}.of([]failureCase{
		{
			name:       "compute instance of a user",
			identities: person,
			starts:     true,
			requests:   secretOnce,
		},
		{
			name:       "compute instance of a user without a role",
			yaml:       noReaders,
			identities: person,
			says:       []string{"the user with object ID " + oid, "--assignee-principal-type User", "the token is a user's", "compute instance"},
			requests:   secretOnce,
		},
		{
			name:       "compute instance with an identity",
			yaml:       "vaults: {kv1: {readers: [app], secrets: {s: canary-secret}}}\n",
			identities: "identities: {me: {user: true}, app: {resource_id: " + identityID("app") + "}}\n",
			starts:     true,
			requests:   secretOnce,
		},
		{
			name:       "compute instance, identity not assigned",
			identities: person,
			env:        []string{"AZINJECT_IDENTITY=" + nobody},
			says:       []string{"returned 400", " for the identity " + nobody + " (AZINJECT_IDENTITY)", "the identity that AZINJECT_IDENTITY selects"},
			requests:   tokenOnce,
		},
		{
			name:       "compute instance without a sign-in",
			identities: noIdentity,
			says: []string{
				"of an Azure Machine Learning compute instance at http://127.0.0.1:", "returned 400: SSO failure: unable to retrieve a token.",
				"assign an identity to the compute instance and set AZINJECT_IDENTITY to its client ID",
			},
			saysNot:  []string{"yourself"},
			requests: tokenOnce,
		},
	}),
)

// Identities of machines: a user and a machine's, and none.
const (
	personBeside = "identities: {me: {user: true}, app: {object_id: " + oid + "}}\n"
	noIdentity   = "identities: {other: {}}\nattached: []\n"
)
