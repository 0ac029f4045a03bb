"""kazoo by TLS with a certificate, and what it may keep from those without.

Usage: tls.py SERVER PLAIN CA CERT KEY SUBJECT. Exits with 0 if everything was as ZooKeeper promises.
"""

import logging
import sys

from kazoo.client import KazooClient
from kazoo.exceptions import InvalidACLError, NoAuthError
from kazoo.security import ACL, Id

PATIENCE = 30
logging.disable(logging.CRITICAL)


def fails(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error:
        return
    raise AssertionError(f"{call.__name__}{arguments} should fail with {error.__name__}")


def main(server, plain, ca, certificate, key, subject):
    ann = KazooClient(hosts=server, timeout=10, use_ssl=True, ca=ca, certfile=certificate, keyfile=key)
    ann.start(timeout=PATIENCE)
    ann.create("/hers", b"secret", acl=[ACL(31, Id("x509", subject))])
    fails(InvalidACLError, ann.create, "/x", b"", acl=[ACL(31, Id("x509", "ann"))])
    seen = []
    ann.DataWatch("/hers", lambda data, stat: seen.append(data))
    ann.set("/hers", b"x" * 500_000)
    assert ann.get("/hers")[0] == b"x" * 500_000, "large values come whole"
    anyone = KazooClient(hosts=plain, timeout=10)
    anyone.start(timeout=PATIENCE)
    fails(NoAuthError, anyone.get, "/hers")
    acls, _ = anyone.get_acls("/zookeeper")
    assert acls[0].id.scheme == "world", acls
    for it in (ann, anyone):
        it.stop()
        it.close()
    print("all as promised")


main(*sys.argv[1:])
