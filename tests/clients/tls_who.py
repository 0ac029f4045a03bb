"""A session by TLS, byte by byte, that asks who it is.

Usage: tls_who.py SERVER CA [CERT KEY [VERSION]]. Prints a line "SCHEME:ID" for each id, or
"refused: WHY".
"""

import socket
import ssl
import struct
import sys


def context(ca, own, version):
    it = ssl.create_default_context(cafile=ca)
    it.check_hostname = False
    if own:
        it.load_cert_chain(*own)
    if version:
        it.minimum_version = it.maximum_version = ssl.TLSVersion[version]
    return it


def read(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError("the server closed the connection")
        data += more
    return data


def frame(stream):
    return read(stream, struct.unpack(">i", read(stream, 4))[0])


def send(stream, payload):
    stream.sendall(struct.pack(">i", len(payload)) + payload)


def texts(body):
    at = 0
    while at < len(body):
        (length,) = struct.unpack_from(">i", body, at)
        yield body[at + 4 : at + 4 + length].decode()
        at += 4 + length


def who(server, ca, own=(), version=None):
    host, port = server.split(":")
    plain = socket.create_connection((host, int(port)), timeout=20)
    stream = context(ca, own, version).wrap_socket(plain, server_hostname=host)
    send(stream, struct.pack(">iqiqi", 0, 0, 10000, 0, 16) + bytes(17))
    frame(stream)
    send(stream, struct.pack(">ii", 1, 107))
    parts = list(texts(frame(stream)[20:]))
    return [f"{scheme}:{name}" for scheme, name in zip(parts[::2], parts[1::2])]


def main(server, ca, *own):
    try:
        print("\n".join(who(server, ca, own[:2], *own[2:])))
    except (OSError, EOFError) as error:
        print(f"refused: {error}")


main(*sys.argv[1:])
