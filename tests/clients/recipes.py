"""kazoo's recipes, by two clients at different servers, one of which dies.

Usage: recipes.py HOSTS (the first is the server of the first client). Prints `ready`, waits for a line on its input
(somebody kills a server meanwhile), and goes on. Exits with 0 if everything was as ZooKeeper promises.
"""

import sys
import threading

from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import ConnectionLoss

PATIENCE = 60


def connect(hosts):
    client = KazooClient(hosts=",".join(hosts), timeout=10, randomize_hosts=False)
    client.start(timeout=PATIENCE)
    return client


class Seen:
    """What a watcher was told, to wait for."""

    def __init__(self):
        self.values = []
        self.news = threading.Condition()

    def add(self, value):
        with self.news:
            self.values.append(value)
            self.news.notify_all()

    def wait(self, value):
        with self.news:
            came = self.news.wait_for(lambda: value in self.values, PATIENCE)
        assert came, f"{value} did not come; came: {self.values}"


def in_thread(call):
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def ended(thread, what):
    thread.join(PATIENCE)
    assert not thread.is_alive(), what


def persistently(call, *arguments):
    """Once more when the connection was lost: what may be asked twice."""
    while True:
        try:
            return call(*arguments)
        except ConnectionLoss:
            pass


def locks(one, two, path):
    turns = []

    def take(client, name):
        with client.Lock(path, name):
            turns.append(name)
            turns.append(name)

    threads = [in_thread(lambda c=c, n=n: take(c, n)) for c, n in ((one, "a"), (two, "b")) for _ in range(3)]
    for thread in threads:
        ended(thread, "the lock is never given")
    assert len(turns) == 12 and turns[::2] == turns[1::2], turns
    print("locks: held by one at a time")


def semaphore(one, two):
    first = one.Semaphore("/semaphore", "a", max_leases=1)
    second = two.Semaphore("/semaphore", "b", max_leases=1)
    assert first.acquire()
    assert not second.acquire(blocking=False)
    waiting = in_thread(second.acquire)
    first.release()
    ended(waiting, "the lease is never given")
    second.release()
    print("semaphore: one lease, handed on")


def elections(one, two, path):
    led = []
    first, second = one.Election(path, "a"), two.Election(path, "b")
    threads = [
        in_thread(lambda: first.run(led.append, "a")),
        in_thread(lambda: second.run(led.append, "b")),
    ]
    for thread in threads:
        ended(thread, "nobody is elected")
    assert sorted(led) == ["a", "b"], led
    print("election: each led in its turn")


def queues(one, two, path):
    queue = one.Queue(path)
    for number in range(5):
        queue.put(b"%d" % number)
    queue.put(b"first", priority=1)
    got = [two.Queue(path).get() for _ in range(6)]
    assert got == [b"first", b"0", b"1", b"2", b"3", b"4"], got
    assert two.Queue(path).get() is None
    locking = one.LockingQueue(path + "-locking")
    locking.put_all([b"x", b"y"])
    other = two.LockingQueue(path + "-locking")
    assert other.get(timeout=PATIENCE) == b"x" and other.consume()
    assert locking.get(timeout=PATIENCE) == b"y" and locking.consume()
    print("queues: in order, each entry once")


def barriers(one, two, path):
    barrier = one.Barrier(path)
    barrier.create()
    waiting = in_thread(lambda: two.Barrier(path).wait(PATIENCE))
    two.sync(path)
    barrier.remove()
    ended(waiting, "the barrier never opens")
    passed = []

    def both(client, name):
        double = client.DoubleBarrier(path + "-double", 2, name)
        double.enter()
        passed.append(name)
        double.leave()

    threads = [in_thread(lambda c=c, n=n: both(c, n)) for c, n in ((one, "a"), (two, "b"))]
    for thread in threads:
        ended(thread, "the double barrier never opens")
    assert sorted(passed) == ["a", "b"], passed
    print("barriers: opened for both")


def counters(one, two, path):
    first, second = one.Counter(path), two.Counter(path)

    def add(counter):
        for _ in range(10):
            counter += 1

    for thread in [in_thread(lambda c=c: add(c)) for c in (first, second)]:
        ended(thread, "a counter does not end")
    two.sync(path)
    assert second.value == 20, second.value
    print("counter: none lost")


def main():
    hosts = sys.argv[1].split(",")
    one, two = connect(hosts), connect(hosts[1:] + hosts[:1])
    states, data, children = Seen(), Seen(), Seen()
    one.add_listener(states.add)
    one.create("/watched", b"0")
    two.sync("/watched")
    one.DataWatch("/watched")(lambda value, stat: data.add(value))
    one.ChildrenWatch("/watched")(lambda names: children.add(sorted(names)))
    party = one.Party("/party", "a")
    party.join()
    locks(one, two, "/lock")
    semaphore(one, two)
    elections(one, two, "/election")
    queues(one, two, "/queue")
    barriers(one, two, "/barrier")
    counters(one, two, "/counter")
    two.set("/watched", b"1")
    two.create("/watched/x")
    data.wait(b"1")
    children.wait(["x"])
    session = one.client_id[0]
    print("ready", flush=True)

    sys.stdin.readline()
    assert persistently(two.retry, two.set, "/watched", b"2").version == 2
    persistently(one.retry, one.sync, "/watched")
    data.wait(b"2")
    persistently(two.retry, two.ensure_path, "/watched/y")
    children.wait(["x", "y"])
    assert one.client_id[0] == session and KazooState.LOST not in states.values, states.values
    assert [name for name in persistently(list, two.Party("/party", "b"))] == ["a"]
    print("watchers and party: as before the death")
    locks(one, two, "/lock")
    elections(one, two, "/election-after")
    queues(one, two, "/queue-after")
    barriers(one, two, "/barrier-after")
    counters(one, two, "/counter-after")
    for client in (one, two):
        client.stop()
        client.close()
    print("all as promised")


main()
