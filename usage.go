package main

// usage is the manual, as --help prints it. The package comment and the README
// have the same text, which a test makes sure of.
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
In braces they may stand inside a longer value, several in one. As a whole value these
need no braces: keyvault:https://..., azureml://connections/..., @Microsoft.KeyVault(...)

Settings, all optional:
  AZINJECT_TIMEOUT              bound on the whole resolution (2m)
  AZINJECT_WORKSPACE            workspace of references that name none (the container's)
  AZINJECT_IDENTITY             user-assigned identity: client ID, resource ID or object:ID
  AZINJECT_CREDENTIAL           kind of credential (ManagedIdentityCredential, or
                                WorkloadIdentityCredential where a pod has one)
  AZINJECT_WAIT_FOR_ACCESS      keep asking, for this long on top, while a role is missing (0)
  AZINJECT_SKIP                 variables never to touch, separated by commas
  AZINJECT_UNSET                variables to remove from COMMAND's environment
  AZINJECT_ALLOWED_VAULT_HOSTS  further vault hosts, or suffixes that begin with a dot
  AZINJECT_LOG                  error, info or debug, to stderr (error)
  AZINJECT_LOG_FORMAT           text or json (text)
  AZUREML_CURRENT_CLOUD         AzureCloud, AzureChinaCloud or AzureUSGovernment (AzureCloud)

Exit status:
  125  azinject failed; COMMAND was not started
  126  COMMAND cannot be executed
  127  COMMAND was not found
  128+n  signal n came before COMMAND was started
  otherwise COMMAND's own, because the process is COMMAND by then
`
