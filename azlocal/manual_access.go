package main

const accessManual = `Check that two identities may read the secrets that FILE refers to: the one that
will run, and yours. With --grant, give the one that will run what it lacks.

FILE is an Azure ML deployment, endpoint or job, a Kubernetes manifest, a container
app, an app's settings as az webapp config appsettings list prints them, a project
of azd (azure.yaml), or an env file. azlocal does not check that its secrets and
connections exist.

Who will run is found from FILE: the identity of the deployment's endpoint, of the
job or its compute, or of the pod's service account. AZINJECT_IDENTITY and
AZURE_CLIENT_ID in FILE choose one of several. --identity overrides all of this.
For a system-assigned identity or an application it is object: and its object ID.

The workspace is AZINJECT_WORKSPACE in FILE, or in the environment. Otherwise, and
for the endpoint or compute, it is --subscription, --resource-group and
--workspace-name, or what "az account set" and "az configure --defaults" have set.

The answer for a store is yes, no, conditional (a condition decides, which is not
evaluated here) or cannot tell. Role assignments, deny assignments and access
policies are read with your own sign-in, for which you need the role Reader. Where
they do not tell whether you can read a secret, azlocal tries it as azinject would.
It also reads values in App Configuration, because they may refer to a vault. It
drops what it has read.

--grant creates role assignments, or access policies in vaults that use these. It
shows them and asks first, unless there is --yes. It grants the least that helps,
and nothing in a store that you cannot read yourself. A grant that exists already is
a success. --wait also waits until the grants are effective. For the keys and tokens
of endpoints there is no such role: azlocal prints a custom one.

Your sign-in is found as for azlocal login.

Exit status: 0 if everything has access, 1 if something lacks it, 125 if that could
not be found out.`

const accessExamples = `  Before az ml online-deployment create:
    azlocal access deployment.yml --resource-group GROUP --workspace-name WORKSPACE

  In a pipeline, grant what is missing:
    azlocal access deployment.yml --grant --yes --wait`
