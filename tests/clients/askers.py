#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""askers.py - gateways that ask the store more than it can answer in time.

  askers.py RUN_FOLDER

One more, who asks nothing, says ping like every gateway. Prints as JSON how long
it waited for the answer (`answered_s`) and how long it heard nothing (`silent_s`),
once the crowd asks enough for the first to be long; and whether it heard something
well before (`is_clear`).
"""
import json
import math
import os
import sys
import time

import msgpack
import zmq

GATEWAYS = 50
FIRST = 1000  # questions of each
LONG_S = 3.5
DOUBLINGS = 10
TRIES = 2
PATIENCE_MS = 60000

os.chdir(sys.argv[1])
context = zmq.Context()


def come(name):
    dealer = context.socket(zmq.DEALER)
    dealer.setsockopt(zmq.LINGER, 0)
    dealer.setsockopt(zmq.RCVTIMEO, PATIENCE_MS)
    dealer.setsockopt(zmq.ROUTING_ID, name.encode() + b"/1")
    dealer.connect("ipc://store.sock")
    hello = {"frame": "hello", "kind": "gateway", "name": name, "epoch": 1, "version": 1}
    dealer.send(msgpack.packb({**hello, "id": 1}))
    hear(dealer, "hello", 1)
    return dealer


def hear(dealer, kind, number):
    """Until that comes; how long nothing at all came before, at the most."""
    silent, heard_at = 0, time.monotonic()
    while True:
        frames = msgpack.Unpacker()
        frames.feed(dealer.recv())
        silent = max(silent, time.monotonic() - heard_at)
        heard_at = time.monotonic()
        for frame in frames:
            if (frame["frame"], frame.get("id", 0)) == (kind, number):
                return silent


def questions(n):
    return b"".join(msgpack.packb({"frame": "get_room", "id": i + 2, "user": bytes(16),
                                   "name": "nowhere"})
                    for i in range(n))


def overload(n):
    """What one who only says ping hears while each of the crowd asks so many."""
    names = [f"gateway.{n}.{i}" for i in range(GATEWAYS)]
    observer, crowd = come(f"gateway.{n}"), [come(name) for name in names]
    asked = questions(n)
    for dealer in crowd:
        dealer.send(asked)
    began = time.monotonic()
    observer.send(msgpack.packb({"frame": "ping", "id": 2}))
    silent = hear(observer, "pong", 2)
    answered = time.monotonic() - began
    for dealer in [observer, *crowd]:
        dealer.close()
    return {"answered_s": answered, "silent_s": silent}


def is_clear(came):
    return came["silent_s"] < 0.6 * came["answered_s"]


n = FIRST
came = overload(n)
for _ in range(DOUBLINGS):
    if came["answered_s"] > LONG_S:
        break
    n = math.ceil(n * min(2, 1.2 * LONG_S / came["answered_s"]))
    came = overload(n)
# Others may have had the processors just then.
for _ in range(TRIES):
    if is_clear(came):
        break
    came = overload(n)
print(json.dumps({**came, "is_clear": is_clear(came)}))
