"""kazoo against a server where whoever has not come by SASL may ask nothing.

Usage: sasl_only.py SERVER. Exits with 0 if everything was as ZooKeeper promises.
"""

import logging
import sys

from kazoo.client import KazooClient

logging.disable(logging.CRITICAL)
login = {"mechanism": "DIGEST-MD5", "username": "bob", "password": "bobsecret"}
bob = KazooClient(hosts=sys.argv[1], timeout=10, sasl_options=login)
bob.start(timeout=30)
bob.create("/by-name", b"")
assert bob.exists("/by-name")
bob.stop()
print("all as promised")
