#!/bin/sh
# Shows a container's environment before and after azinject, for "make demo".
# The secrets are made up, so the demo may print them. A server must not.

variables() {
	env | grep -E '^(AOAI_CONNECTION|LANGCHAIN_CONNECTION|OPENAI_KEY|OPENAI_VERSION|USER_SECRET_KV1_KEY)=' |
		sort | cut -c 1-100 | sed 's/^/   /; s/^\(.\{103\}\)$/\1.../'
}

case $1 in
'')
	echo
	echo "1. A deployment (testdata/deployment.yml) sets these variables in its container:"
	echo
	variables
	echo
	echo "2. The container starts with: azinject -- demo.sh server"
	echo "   That is process $$ for now."
	exec bin/azinject -- "$0" server
	;;
server)
	echo
	echo "3. The server is process $$ too: azinject has become it. It sees:"
	echo
	variables
	;;
requests)
	echo
	echo "4. azinject sent these requests to Azure, here the emulator (testdata/azure.yaml):"
	echo
	grep -v '^connect ' "$2" | sed 's|/subscriptions/.*/workspaces|/…/workspaces|; s/^/   /'
	echo
	echo "   It needs one token for Key Vault and one for Resource Manager. It reads each secret"
	echo "   and connection once, however many variables refer to it."
	;;
esac
