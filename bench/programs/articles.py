"""Does for Key Vault what azinject does, as in Microsoft's articles."""

import os
import sys
from urllib.parse import urlsplit

from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient

credential = DefaultAzureCredential()
clients = {}
for name, value in list(os.environ.items()):
    if not value.startswith("keyvault:"):
        continue
    url = urlsplit(value.removeprefix("keyvault:"))
    if url.netloc not in clients:
        clients[url.netloc] = SecretClient(vault_url=f"https://{url.netloc}", credential=credential)
    secret = clients[url.netloc].get_secret(url.path.removeprefix("/secrets/"))
    os.environ[name] = secret.value
os.execv(sys.argv[1], sys.argv[1:])
