package main

// usage is the manual, as --help prints it. The package comment and the
// README have the same text, which a test makes sure of.
const usage = `Usage:
  azinject [--] COMMAND [ARG ...]   resolve, then become COMMAND
  azinject --check [--json]         resolve, report on every reference, start nothing
  azinject --plan [--json]          no network: what would be fetched, as whom, and
                                    the roles that takes
  azinject --install PATH           copy this program to the file PATH
  azinject --version | --help

It is the ENTRYPOINT of a container image, COMMAND the server:
  ENTRYPOINT ["/azinject", "--"]
  CMD ["gunicorn", "app:server"]

References, in the values of environment variables; the README has all there are:
  ${{azureml://connections/NAME}}, or with /credentials/KEY, /metadata/KEY, /target
  ${{azureml://onlineEndpoints/NAME/credentials/FIELD}}
  ${{keyvault:https://VAULT.vault.azure.net/secrets/NAME}}, or with /VERSION
  In braces, references may stand inside longer values, several in one. As the
  whole of a value, these do without: keyvault:https://..., azureml://connections/...,
  @Microsoft.KeyVault(...)

Settings, all optional:
  AZINJECT_TIMEOUT              bound on the whole resolution (default 2m)
  AZINJECT_WORKSPACE            workspace of references that name none
                                (default: the deployment's or job's own)
  AZINJECT_IDENTITY             user-assigned identity: client ID, resource ID
                                or object:ID (default: AZURE_CLIENT_ID,
                                UAI_CLIENT_ID, DEFAULT_IDENTITY_CLIENT_ID,
                                else the system-assigned one)
  AZINJECT_CREDENTIAL           such as ManagedIdentityCredential (default:
                                AZURE_TOKEN_CREDENTIALS, else workload identity
                                where AZURE_FEDERATED_TOKEN_FILE is set, else
                                managed identity)
  AZINJECT_WAIT_FOR_ACCESS      keep asking, for this long on top, where a role
                                assignment is missing (default 0)
  AZINJECT_SKIP                 variables never to touch, separated by commas
  AZINJECT_UNSET                variables to remove from COMMAND's environment
  AZINJECT_ALLOWED_VAULT_HOSTS  further vault hosts, or suffixes with a dot
  AZINJECT_LOG                  error, info or debug, to stderr (default error)
  AZINJECT_LOG_FORMAT           text or json (default text)
  AZUREML_CURRENT_CLOUD         AzureCloud, AzureChinaCloud or AzureUSGovernment

Exit status:
  125  azinject failed; COMMAND was not started
  126  COMMAND cannot be executed
  127  COMMAND was not found
  128+n  ended by signal n before COMMAND was started
  otherwise COMMAND's own, because the process is COMMAND by then
`
