"""kazoo through chaos: several clients that share a lock, count under it, queue and watch.

Usage: chaos.py HOSTS CLIENTS. Runs until its input ends. Prints one JSON object a line, for whoever checks:
  {"what": "held", "node": N, "zxid": Z}       the lock was won with node N, and the client had seen Z then
  {"what": "made", "path": P, "zxid": Z}       a create was answered, at Z
  {"what": "set", "path": P, "version": V, "zxid": Z, "data": D}   a setData was answered, at Z
  {"what": "seen", "session": S, "path": P, "version": V}   a data watch was told of a version
  {"what": "lost", "why": W}                   a request failed: what became of it is not known
  {"what": "refused", "why": W}                a request was refused
"""

import json
import logging
import os
import sys
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import (
    BadVersionError,
    ConnectionClosedError,
    ConnectionLoss,
    KazooException,
    NoNodeError,
    SessionExpiredError,
)
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.retry import KazooRetry

logging.disable(logging.CRITICAL)
printing = threading.Lock()
stop = threading.Event()


def say(what, **more):
    with printing:
        print(json.dumps({"what": what, **more}), flush=True)


def connect(hosts):
    forever = KazooRetry(max_tries=-1, delay=0.1, max_delay=0.5)
    client = KazooClient(hosts=hosts, timeout=4, connection_retry=forever)
    while not stop.is_set():
        try:
            client.start(timeout=10)
            return client
        except KazooTimeoutError:
            pass
    return client


def lock_round(client, lock):
    if not lock.acquire(timeout=3):
        return
    try:
        say("held", node=f"{lock.path}/{lock.node}", zxid=client.last_zxid)
        data, stat = client.get("/kazoo/counter")
        number = str(int(data) + 1).encode()
        stat = client.set("/kazoo/counter", number, version=stat.version)
        say("set", path="/kazoo/counter", version=stat.version, zxid=stat.mzxid, data=number.decode())
    finally:
        lock.release()


def queue_round(client, number):
    path, stat = client.create("/kazoo/queue/item-", str(number).encode(), sequence=True, include_data=True)
    say("made", path=path, zxid=stat.czxid)
    if number % 3 == 0:
        return
    items = sorted(client.get_children("/kazoo/queue"))
    if items:
        client.delete(f"/kazoo/queue/{items[0]}")


def prepare(client):
    while not stop.is_set():
        try:
            client.ensure_path("/kazoo/queue")
            client.ensure_path("/kazoo/lock")
            if not client.exists("/kazoo/counter"):
                client.create("/kazoo/counter", b"0")
            return
        except KazooException:
            time.sleep(0.2)


def work(hosts, number):
    client = connect(hosts)
    prepare(client)

    def seen(data, stat):
        if stat is not None:
            session = client.client_id[0] if client.client_id else 0
            say("seen", session=session, path="/kazoo/counter", version=stat.version)

    client.DataWatch("/kazoo/counter")(seen)
    # One object for ever: a new one would not find the node that a broken connection left behind.
    lock = client.Lock("/kazoo/lock")
    turn = 0
    while not stop.is_set():
        turn += 1
        try:
            if turn % 2:
                lock_round(client, lock)
            else:
                queue_round(client, turn)
        except (BadVersionError, NoNodeError) as refused:
            say("refused", why=type(refused).__name__)
        except (ConnectionLoss, ConnectionClosedError, SessionExpiredError, KazooTimeoutError) as lost:
            say("lost", why=type(lost).__name__)
            time.sleep(0.1)
        except KazooException as other:
            say("lost", why=type(other).__name__)
            time.sleep(0.1)
        time.sleep(0.05)
    client.stop()


def main():
    hosts, count = sys.argv[1], int(sys.argv[2])
    for number in range(count):
        threading.Thread(target=work, args=(hosts, number), daemon=True).start()
    sys.stdin.read()
    stop.set()
    time.sleep(1)
    # kazoo would wait for threads that may never reach a server again.
    with printing:
        os._exit(0)


main()
