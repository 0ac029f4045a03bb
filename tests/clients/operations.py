"""kazoo as any application uses it: against one server of an ensemble, a second one beside it.

Usage: operations.py SERVER OTHER. Exits with 0 if everything was as ZooKeeper promises.
"""

import sys
import threading

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    BadVersionError,
    NoNodeError,
    NodeExistsError,
    NotEmptyError,
    RolledBackError,
)
from kazoo.security import make_digest_acl

PATIENCE = 30


def connect(server):
    client = KazooClient(hosts=server, timeout=10)
    client.start(timeout=PATIENCE)
    return client


def fails(error, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except error:
        return
    raise AssertionError(f"{call.__name__}{arguments} should fail with {error.__name__}")


def nodes(client):
    assert client.create("/app", b"root") == "/app"
    fails(NodeExistsError, client.create, "/app")
    fails(NoNodeError, client.create, "/none/child")
    assert client.exists("/none") is None
    data, stat = client.get("/app")
    assert data == b"root" and stat.version == 0, (data, stat)
    assert client.set("/app", b"changed").version == 1
    fails(BadVersionError, client.set, "/app", b"late", version=0)
    client.create("/app/b", b"", makepath=True)
    client.create("/app/a")
    assert sorted(client.get_children("/app")) == ["a", "b"]
    children, stat = client.get_children("/app", include_data=True)
    assert stat.numChildren == 2 and stat.cversion == 2, stat
    fails(NotEmptyError, client.delete, "/app")
    path, stat = client.create("/app/c", b"three", include_data=True)
    assert path == "/app/c" and stat.dataLength == 5, (path, stat)
    client.delete("/app/c")
    first = client.create("/app/s-", sequence=True)
    second = client.create("/app/s-", sequence=True)
    assert first < second and len(first) == len("/app/s-") + 10, (first, second)
    client.create("/deep/er/still", b"x", makepath=True)
    client.delete("/deep", recursive=True)
    assert client.exists("/deep/er") is None


def watches(client, other):
    seen = []
    happened = threading.Condition()

    def note(event):
        with happened:
            seen.append((event.type, event.path))
            happened.notify_all()

    def wait(expected):
        with happened:
            came = happened.wait_for(lambda: expected in seen, PATIENCE)
        assert came, f"{expected} did not come; came: {seen}"

    other.sync("/")
    client.get("/app", watch=note)
    client.get_children("/app", watch=note)
    assert client.exists("/app/born", watch=note) is None
    other.set("/app", b"by another")
    wait(("CHANGED", "/app"))
    other.create("/app/born")
    wait(("CREATED", "/app/born"))
    wait(("CHILD", "/app"))
    client.exists("/app/born", watch=note)
    other.delete("/app/born")
    wait(("DELETED", "/app/born"))
    count = len(seen)
    other.set("/app", b"once more")
    client.sync("/app")
    assert client.get("/app")[0] == b"once more"
    assert len(seen) == count, "a watch fires once"


def ephemerals(client, server, other):
    owner = connect(server)
    owner.create("/app/alive", b"", ephemeral=True)
    session, _ = owner.client_id
    other.sync("/app")
    assert other.exists("/app/alive").ephemeralOwner == session
    gone = threading.Event()
    other.exists("/app/alive", watch=lambda event: gone.set())
    owner.stop()
    owner.close()
    assert gone.wait(PATIENCE), "the ephemeral goes with its session"
    assert other.exists("/app/alive") is None


def transactions(client):
    transaction = client.transaction()
    transaction.create("/app/t1", b"1")
    transaction.set_data("/app", b"in a transaction")
    transaction.check("/app/a", 0)
    results = transaction.commit()
    assert results[0] == "/app/t1" and results[2] is True, results
    failing = client.transaction()
    failing.create("/app/t2")
    failing.check("/app/a", 7)
    results = failing.commit()
    assert isinstance(results[0], RolledBackError), results
    assert isinstance(results[1], BadVersionError), results
    assert client.exists("/app/t2") is None


def access(client, server):
    stranger = connect(server)
    client.add_auth("digest", "ann:pw")
    acl = [make_digest_acl("ann", "pw", all=True)]
    client.create("/app/private", b"secret", acl=acl)
    stranger.sync("/app/private")
    try:
        stranger.get("/app/private")
        raise AssertionError("a stranger must not read it")
    except Exception as error:  # kazoo's NoAuthError
        assert type(error).__name__ == "NoAuthError", error
    assert client.get("/app/private")[0] == b"secret"
    stranger.stop()
    stranger.close()


def recipes(server, other):
    first, second = connect(server), connect(other)
    turns = []

    def take(client, name):
        with client.Lock("/app/lock", name):
            turns.append(name)
            turns.append(name)

    threads = [
        threading.Thread(target=take, args=(client, name))
        for client, name in ((first, "one"), (second, "two"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the lock is never given"
    assert turns in (["one"] * 2 + ["two"] * 2, ["two"] * 2 + ["one"] * 2), turns
    for client in (first, second):
        client.stop()
        client.close()


def pipelining(client):
    pending = [client.create_async(f"/app/p-{number:03}", b"") for number in range(200)]
    pending.append(client.get_children_async("/app"))
    for result in pending[:-1]:
        result.get(timeout=PATIENCE)
    names = [name for name in pending[-1].get(timeout=PATIENCE) if name.startswith("p-")]
    assert len(names) == 200, "a read sees the writes that were sent before it"


def main():
    server, other_server = sys.argv[1], sys.argv[2]
    states = []
    client, other = connect(server), connect(other_server)
    client.add_listener(states.append)
    nodes(client)
    watches(client, other)
    ephemerals(client, server, other)
    transactions(client)
    access(client, other_server)
    recipes(server, other_server)
    pipelining(client)
    assert KazooState.SUSPENDED not in states, "the connection was lost"
    for each in (client, other):
        each.stop()
        each.close()
    print("all as promised")


main()
