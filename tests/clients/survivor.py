"""A session and its ephemeral outlive the death of the server that they came in by.

Usage: survivor.py HOSTS (the first is the one that dies). Prints `ready`, waits for a line on its input (somebody kills a
server meanwhile), and then checks that the session goes on where it was. Exits with 0 if it does.
"""

import sys
import threading

from kazoo.client import KazooClient, KazooState

PATIENCE = 60


def main():
    client = KazooClient(hosts=sys.argv[1], timeout=10, randomize_hosts=False)
    lost = threading.Event()
    back = threading.Condition()
    states = []

    def note(state):
        with back:
            states.append(state)
            back.notify_all()
        if state == KazooState.LOST:
            lost.set()

    client.add_listener(note)
    client.start(timeout=PATIENCE)
    session, _ = client.client_id
    client.create("/alive", b"before", ephemeral=True)
    client.create("/log", b"")
    seen = threading.Event()
    client.get("/log", watch=lambda event: seen.set())
    print("ready", flush=True)

    sys.stdin.readline()
    with back:
        reconnected = back.wait_for(
            lambda: KazooState.SUSPENDED in states and states[-1] == KazooState.CONNECTED, PATIENCE
        )
    assert reconnected, states
    assert not lost.is_set(), "the session was lost"
    assert client.client_id[0] == session, "another session"
    assert client.retry(client.exists, "/alive").ephemeralOwner == session
    client.retry(client.set, "/log", b"after")
    assert seen.wait(PATIENCE), "the watch was not set again at the new server"
    client.stop()
    client.close()
    print("all as promised")


main()
