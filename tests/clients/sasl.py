"""kazoo with SASL DIGEST-MD5.

Usage: sasl.py SERVER. The server's users are bob ("bobsecret") and super, who may do everything.
Exits with 0 if everything was as ZooKeeper promises.
"""

import logging
import sys
import threading

from kazoo.client import KazooClient
from kazoo.exceptions import (
    AuthFailedError,
    ConnectionClosedError,
    InvalidACLError,
    NoAuthError,
)
from kazoo.protocol.states import KazooState
from kazoo.security import ACL, Id

PATIENCE = 30
logging.disable(logging.CRITICAL)


def login(user, password):
    return {"mechanism": "DIGEST-MD5", "username": user, "password": password}


def client(server, user=None, password=None):
    options = {"sasl_options": login(user, password)} if user else {}
    it = KazooClient(hosts=server, timeout=10, **options)
    it.start(timeout=PATIENCE)
    return it


def refused(server, user, password):
    lost = threading.Event()
    it = KazooClient(hosts=server, timeout=10, sasl_options=login(user, password))
    it.add_listener(lambda state: state == KazooState.LOST and lost.set())
    # It may be refused before `start` would see that it was connected.
    it.start_async()
    assert lost.wait(PATIENCE), it.client_state
    fails((AuthFailedError, ConnectionClosedError), it.get, "/bobs")


def fails(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error:
        return
    raise AssertionError(f"{call.__name__}{arguments} should fail with {error}")


def acl(scheme, name, perms=31):
    return [ACL(perms, Id(scheme, name))]


def main(server):
    bob = client(server, "bob", "bobsecret")
    bob.create("/bobs", b"mine", acl=acl("sasl", "bob"))
    bob.create("/made", b"", acl=acl("auth", ""))
    made, _ = bob.get_acls("/made")
    assert [(it.id.scheme, it.id.id) for it in made] == [("sasl", "bob")], made
    assert bob.get("/bobs")[0] == b"mine"
    fails(InvalidACLError, bob.create, "/x", b"", acl=acl("sasl", "a@b@c"))

    anyone = client(server)
    fails(NoAuthError, anyone.get, "/bobs")
    fails(NoAuthError, anyone.set, "/bobs", b"theirs")
    shown, _ = bob.get_acls("/bobs")
    assert shown[0].id.id == "bob", shown

    root = client(server, "super", "adminsecret")
    root.set("/bobs", b"read by super")
    assert bob.get("/bobs")[0] == b"read by super"

    for user, password in (("bob", "guess"), ("nobody", "bobsecret")):
        refused(server, user, password)
    for it in (bob, anyone, root):
        it.stop()
        it.close()
    print("all as promised")


main(sys.argv[1])
