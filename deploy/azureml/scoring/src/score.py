"""Signs requests with a key that azinject has put into the environment."""

import hashlib
import hmac
import os

key = b""


def init():
    """Reads the key, when the server starts."""
    global key
    # The server never gets azinject's settings. One that is here was set for an
    # azinject that did not run, and the key may be a reference still.
    if "AZINJECT_WAIT_FOR_ACCESS" in os.environ:
        raise RuntimeError("azinject did not start this server: is it the ENTRYPOINT?")
    key = os.environ["SIGNING_KEY"].encode()


def run(data):
    """Returns the signature of a request."""
    return {"signature": hmac.new(key, data.encode(), hashlib.sha256).hexdigest()}
