package main

// What --help prints above the usage.

const rootManual = `Run a command on this machine as it would run in Azure with a managed identity:
with your own sign-in, or with an emulated Azure. Check, before a deployment, who
may read its secrets. azlocal is never part of an image.

SIGTERM, SIGINT, SIGQUIT and SIGHUP are passed on to COMMAND. A terminal sends
Ctrl-C and Ctrl-\ to COMMAND itself, so azlocal does not pass SIGINT and SIGQUIT
on while both are in the terminal's foreground process group.

Exit status: 125 if azlocal itself fails, 126 if COMMAND cannot be run, 127 if it
is not found, 128+n if signal n killed it, otherwise COMMAND's own.`

const loginManual = `Run COMMAND with your own sign-in to Azure. COMMAND gets an identity endpoint, as
on App Service. While azlocal runs, the endpoint gives your tokens for Key Vault,
App Configuration, Foundry, Resource Manager, online endpoints and what --audience
names to whoever has the random IDENTITY_HEADER.

The sign-in is the service principal in AZURE_TENANT_ID, AZURE_CLIENT_ID and
AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, if these are set. Otherwise
it is az's or azd's: the first one that gets a token for Resource Manager, in the
cloud that AZUREML_CURRENT_CLOUD names. If none does, COMMAND is not run. The
tenant is the active subscription's: see az account set. The sign-in stands for
every identity: which one COMMAND asks for makes no difference.

COMMAND inherits the environment, except what leads to another identity
(IDENTITY_*, MSI_*, IMDS_ENDPOINT, OBO_ENDPOINT,
AZURE_POD_IDENTITY_AUTHORITY_HOST) and what signs in (AZURE_CLIENT_*,
AZURE_USERNAME, AZURE_PASSWORD, AZURE_FEDERATED_TOKEN*, AZURE_KUBERNETES_*,
AZURE_TOKEN_CREDENTIALS, AZINJECT_CREDENTIAL). It keeps proxies and certificate
files. The variables of --env-from replace inherited ones, and azlocal's own
replace both.

` + envFromManual

const loginExamples = `  Before a deployment, check that its references resolve:
    azlocal login --env-from deployment.yml -- azinject --check

  In a container, for a variable NAME of FILE:
    azlocal login --env-from FILE --containers -- docker run --rm --add-host host.docker.internal:host-gateway -e IDENTITY_ENDPOINT -e IDENTITY_HEADER -e NAME IMAGE

  Docker Desktop does not need --add-host. With Docker Engine, --containers
  listens on docker0's address.`

const emulateManual = `Run COMMAND with the Azure that a YAML file describes: identities, key vaults,
App Configuration stores, workspaces, Foundry projects, latency and faults.
COMMAND needs no change: it uses the real host names, through a proxy that leads
them here.

COMMAND inherits the environment, except what leads to another identity
(IDENTITY_*, MSI_*, IMDS_ENDPOINT, OBO_ENDPOINT,
AZURE_POD_IDENTITY_AUTHORITY_HOST), what signs in differently
(AZURE_AUTHORITY_HOST, AZURE_FEDERATED_TOKEN*, AZURE_KUBERNETES_*,
AZURE_TOKEN_CREDENTIALS) and proxies and certificate files (*_PROXY,
SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, in either letter
case). The variables of --env-from, except proxies and certificate files, replace
inherited ones, and azlocal's own replace both.

` + envFromManual

const emulateExamples = `  What would a deployment's container see?
    azlocal emulate azure.yaml --env-from deployment.yml -- azinject -- env

  In a container, for a variable NAME of --env-from's FILE:
    azlocal emulate FILE --env-from FILE --containers -- sh -c 'docker run --rm --add-host host.docker.internal:host-gateway -e IDENTITY_ENDPOINT -e IDENTITY_HEADER -e MSI_ENDPOINT -e MSI_SECRET -e AML_DEPLOYMENT_RESOURCE_ID -e HTTPS_PROXY -e NO_PROXY -e SSL_CERT_FILE -v "$SSL_CERT_FILE:$SSL_CERT_FILE:ro" -e NAME IMAGE'

  Docker Desktop does not need --add-host. With Docker Engine, --containers
  listens on docker0's address.`

const envFromManual = `--env-from reads
- an Azure ML deployment or job: its environment_variables, as they are written
- a Kubernetes manifest: the env of a container in a Pod, Deployment,
  StatefulSet, DaemonSet, ReplicaSet, Job or CronJob. $(NAME) is expanded as in
  the cluster. valueFrom and envFrom work for ConfigMaps in the file. Variables
  with other ones are reported, and stay as they are in the shell.
- a container app, as az containerapp create --yaml reads it and az containerapp
  show prints it. Variables with secretRef are reported, and stay as they are in
  the shell.
- an app's settings, as az webapp config appsettings list prints them
- a project of azd (azure.yaml): the env of a service. ${NAME} is expanded from the
  shell. $${ stands for ${, and ${{...}} stays.
- an env file, as docker run --env-file does: every line is NAME=value, quotes
  included, or NAME to take the value from the shell. # begins a comment line.
A file named *.env is an env file, and one named *.yml, *.yaml or *.json is not.
Otherwise a YAML mapping is not.

Options are read up to COMMAND. The "--" before it may be left out unless COMMAND
begins with a dash.`
