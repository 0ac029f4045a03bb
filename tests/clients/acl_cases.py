"""What a server makes of access control lists, case by case, as text to compare with another's.

Usage: acl_cases.py SERVER. Byte by byte, since lists that no client library would send are among
the cases. The server has a super digest for super:pw, and SASL's and X.509's providers.
"""

import socket
import struct
import sys

CREATE, DELETE, GET, SET, GET_ACL, SET_ACL, LIST, AUTH, WHO = 1, 2, 4, 5, 6, 7, 8, 100, 107


def text(it):
    return struct.pack(">i", -1) if it is None else struct.pack(">i", len(it)) + it.encode()


def vector(items):
    if items is None:
        return struct.pack(">i", -1)
    return struct.pack(">i", len(items)) + b"".join(items)


def acl(entries):
    if entries is None:
        return vector(None)
    return vector([struct.pack(">i", p) + text(s) + text(i) for p, s, i in entries])


class Client:
    def __init__(self, server):
        host, port = server.split(":")
        self.stream = socket.create_connection((host, int(port)), timeout=20)
        self.xid = 0
        self.send(struct.pack(">iqiqi", 0, 0, 10000, 0, 16) + bytes(17))
        self.frame()

    def send(self, payload):
        self.stream.sendall(struct.pack(">i", len(payload)) + payload)

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.stream.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def frame(self):
        return self.read(struct.unpack(">i", self.read(4))[0])

    def ask(self, opcode, body):
        """The error and the body, or "closed"."""
        self.xid += 1
        try:
            self.send(struct.pack(">ii", self.xid, opcode) + body)
            answer = self.frame()
        except (EOFError, OSError):
            return "closed", b""
        return struct.unpack(">i", answer[12:16])[0], answer[16:]

    def auth(self, scheme, data):
        return self.ask(AUTH, struct.pack(">i", 0) + text(scheme) + text(data))[0]

    def create(self, path, entries):
        return self.ask(CREATE, text(path) + text("") + acl(entries) + struct.pack(">i", 0))[0]

    def get_acl(self, path):
        error, body = self.ask(GET_ACL, text(path))
        if error:
            return error
        (count,), at, found = struct.unpack_from(">i", body), 4, []
        for _ in range(count):
            (perms,), at = struct.unpack_from(">i", body, at), at + 4
            words = []
            for _ in range(2):
                (length,), at = struct.unpack_from(">i", body, at), at + 4
                words.append(body[at : at + length].decode())
                at += length
            found.append(f"{perms} {words[0]}:{words[1]}")
        return found

    def who(self):
        """Who the server says this is, sorted: ZooKeeper has them in no order."""
        error, body = self.ask(WHO, b"")
        if error:
            return error
        words, at = [], 4
        while at < len(body):
            (length,), at = struct.unpack_from(">i", body, at), at + 4
            words.append(body[at : at + length].decode())
            at += length
        return sorted(zip(words[::2], words[1::2]))


LISTS = [
    None,
    [],
    [(31, "world", "anyone")],
    [(31, "world", "all")],
    [(31, "world", "")],
    [(0, "world", "anyone")],
    [(-1, "world", "anyone")],
    [(64, "world", "anyone")],
    [(31, "world", "anyone"), (31, "world", "anyone"), (1, "world", "anyone")],
    [(31, "digest", "a:b")],
    [(31, "digest", "a")],
    [(31, "digest", "a:b:c")],
    [(31, "digest", "a:")],
    [(31, "digest", "a:b:")],
    [(31, "digest", ":b")],
    [(31, "digest", "")],
    [(31, "digest", "::")],
    [(31, "ip", "127.0.0.1")],
    [(31, "ip", "127.0.0.1/8")],
    [(31, "ip", "127.0.0.1/0")],
    [(31, "ip", "127.0.0.1/32")],
    [(31, "ip", "127.0.0.1/33")],
    [(31, "ip", "127.0.0.1/")],
    [(31, "ip", "127.0.0.1/-1")],
    [(31, "ip", "127.0.0.1/8/9")],
    [(31, "ip", "10.0.0.0/8")],
    [(31, "ip", "127.0.0.256")],
    [(31, "ip", "127.0.1")],
    [(31, "ip", "localhost")],
    [(31, "ip", "")],
    [(31, "auth", "")],
    [(31, "auth", "whoever")],
    [(31, "auth", None)],
    [(31, "auth", ""), (1, "world", "anyone")],
    [(31, "sasl", "bob")],
    [(31, "sasl", "bob/here@REALM")],
    [(31, "sasl", "bob@a@b")],
    [(31, "x509", "CN=ann,OU=web")],
    [(31, "x509", "ann")],
    [(31, "x509", "nick=ann")],
    [(31, "super", "")],
    [(31, "", "")],
    [(31, "nobody-knows", "it")],
    [(31, "world", None)],
    [(31, "digest", None)],
    [(31, "ip", None)],
    [(31, "sasl", None)],
    [(31, "x509", None)],
    [(31, None, "anyone")],
    [(31, None, None)],
]


def lists(server, name, credentials):
    for number, entries in enumerate(LISTS):
        client = Client(server)
        for data in credentials:
            client.auth("digest", data)
        path = f"/{name}-{number}"
        created = client.create(path, entries)
        print(name, entries, "->", created, client.get_acl(path), Client(server).get_acl(path))


def permissions(server):
    """All operations but exists, for which releases before 3.8.4 do not ask READ."""
    owner = Client(server)
    owner.auth("digest", "u:p")
    root = Client(server)
    print("super", root.auth("digest", "super:pw"), root.who())
    for perms in [0, 1, 2, 4, 8, 16, 31]:
        path = f"/may-{perms}"
        mine = "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ="
        open_list = [(31, "world", "anyone")]
        entries = [(perms, "world", "anyone"), (31, "digest", mine)]
        print(path, owner.create(path, entries), owner.create(path + "/old", open_list))
        for who, client in (("anyone", Client(server)), ("super", root)):
            version = struct.pack(">i", -1)
            outcomes = [
                client.ask(GET, text(path) + b"\0")[0],
                client.ask(LIST, text(path) + b"\0")[0],
                client.get_acl(path),
                client.ask(SET, text(path) + text("x") + version)[0],
                client.create(path + "/new", open_list),
                client.ask(DELETE, text(path + "/old") + version)[0],
                client.ask(SET_ACL, text(path) + acl(entries) + version)[0],
            ]
            print("", who, outcomes)


def auths(server):
    for scheme, data in [
        ("digest", "u:p"),
        ("digest", "nobody"),
        ("digest", ""),
        ("digest", "a:b:c"),
        ("ip", "10.0.0.1"),
        ("world", "anyone"),
        ("sasl", "bob"),
        ("super", ""),
        ("nobody-knows", "it"),
        ("", ""),
    ]:
        client = Client(server)
        print("addauth", scheme, data, client.auth(scheme, data), client.who())


def main(server):
    lists(server, "nobody", [])
    lists(server, "known", ["u:p", "v:q"])
    permissions(server)
    auths(server)


main(sys.argv[1])
