# SPDX-License-Identifier: MIT
"""tests/clients/deflate_crowd.py - many connections at once.

    deflate_crowd.py HOST:PORT TOKEN idle COUNT PID   as many of either kind
    deflate_crowd.py HOST:PORT TOKEN bombs COUNT      240 MiB of zeros each
    deflate_crowd.py HOST:PORT TOKEN flood COUNT      256 KiB each, from one

`idle` prints as JSON how many KiB the process PID grew by those that agreed on
nothing, and by those that agreed on compression. Each bomb is held back by its
last octet until all the others have come; then each must be closed with 1009.
`flood` prints how many seconds it took until all messages had been heard, and
how many somebody else waited for a pong meanwhile, at worst.
"""
import json
import sys
import threading
import time
import urllib.parse

from conformance_deflate import (
    AGREED, NAME, DeflatePeer, deflate, message, zeros)
from conformance_sections import pongs, send
from conformance_wire import BINARY, PING, address_of, frame


def enter(address, token, offer):
    query = urllib.parse.urlencode({"token": token, "room": "crowd"})
    fields = [("Sec-WebSocket-Extensions", offer)] if offer else []
    return DeflatePeer.connect(address, "/ws?" + query, fields,
                               AGREED if offer else None)


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status
                    if line.startswith("VmRSS"))


def idle(address, token, count, pid):
    peers, grown = [], {}
    for kind, offer in (("plain", None), ("deflating", NAME)):
        before = resident_kib(pid)
        for _ in range(int(count)):
            peers.append(enter(address, token, offer))
        send(frame(PING, b"idle"))(peers[-1])
        pongs(b"idle")(peers[-1])
        grown[kind] = resident_kib(pid) - before
    print(json.dumps(grown))
    for peer in peers:
        peer.wire.close()


def bombs(address, token, count):
    peers = [enter(address, token, NAME) for _ in range(int(count))]
    *frames, last = message(zeros(240 << 20), 100000)
    for peer in peers:
        peer.wire.send(b"".join(frames) + frame(PING, b"lit") + last[:-1])
    for peer in peers:
        pongs(b"lit")(peer)
    for peer in peers:
        peer.wire.send(last[-1:])
    for peer in peers:
        peer.closes(1009)
        peer.wire.close()


def flood(address, token, count):
    flooder, other = (enter(address, token, NAME) for _ in range(2))
    flooder.wire.send(
        b"".join(message(deflate(bytes(256 * 1024)), opcode=BINARY)) * int(count)
        + frame(PING, b"all"))
    began = time.monotonic()
    took = []

    def wait():
        while not flooder.pongs:
            flooder.hear(time.monotonic() + 30)
        took.append(time.monotonic() - began)

    waiting = threading.Thread(target=wait)
    waiting.start()
    worst = 0
    while waiting.is_alive():
        asked = time.monotonic()
        send(frame(PING, b"other"))(other)
        pongs(b"other")(other)
        worst = max(worst, time.monotonic() - asked)
        waiting.join(0.05)
    print(json.dumps({"took": took[0], "worst": worst}))


if __name__ == "__main__":
    {"idle": idle, "bombs": bombs, "flood": flood}[sys.argv[3]](
        address_of(sys.argv[1]), sys.argv[2], *sys.argv[4:])
