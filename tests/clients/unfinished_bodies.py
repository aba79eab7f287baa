# SPDX-License-Identifier: MIT
"""Requests that each begin a body and do not end it, one after another.

    unfinished_bodies.py HOST:PORT COUNT BYTES

Each one's BYTES have been sent before the next one begins. Then those that are
not answered yet end their bodies. Prints `{"statuses": [...]}`, in their order.
"""
import json
import select
import socket
import sys

HEAD = ("POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\nConnection: close\r\n\r\n")


def begin(address, size):
    host, port = address.rsplit(":", 1)
    s = socket.create_connection((host, int(port)), timeout=20)
    s.sendall(HEAD.format(size + 1).encode() + b"x" * size)
    return s


def is_answered(s, seconds):
    return bool(select.select([s], [], [], seconds)[0])


def status(s):
    if not is_answered(s, 0):
        s.sendall(b"x")
    with s, s.makefile("rb") as answer:
        return int(answer.readline().split()[1])


def main(address, count, size):
    begun = []
    for _ in range(int(count)):
        begun.append(begin(address, int(size)))
        # What the gateway has heard of it shows in its figure by now.
        probe = begin(address, 0)
        status(probe)
    print(json.dumps({"statuses": [status(s) for s in begun]}))


main(*sys.argv[1:])
