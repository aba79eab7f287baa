#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stand-in for the auth daemon, made from docs/frames.md alone.

Whoever shows the token `token-NAME` is NAME. Run it with the run folder as its
argument, beside a suite that was started with PARLEY_WITHOUT=auth. A second
argument are the seconds that each message takes it.
"""
import os
import sys
import time
import uuid

import msgpack
import zmq

os.chdir(sys.argv[1])
slowness_s = float(sys.argv[2]) if len(sys.argv) > 2 else 0
epoch = time.time_ns() // 1000
me = {"frame": "hello", "kind": "auth", "name": "auth", "epoch": epoch, "version": 1}
numbers = {}


def person(name):
    """The same name is the same user each time it comes."""
    number = numbers.setdefault(name, len(numbers) + 1)
    return {"user": uuid.uuid5(uuid.NAMESPACE_DNS, name).bytes, "user_number": number, "user_name": name}


def on_verify(frame):
    token = frame.get("bearer") or frame.get("query") or frame.get("cookie")
    if not token.startswith("token-"):
        return {"frame": "refused", "code": "unauthorized", "text": "no such token"}
    return {"frame": "verified", **person(token[6:]), "session": uuid.uuid4().bytes}


def on_find_users(frame):
    name = frame.get("user_name")
    wanted = frame.get("users", b"")
    ids = {wanted[i : i + 16] for i in range(0, len(wanted), 16)}
    known = [person(n) for n in list(numbers)]
    return {"frame": "users", "users": [p for p in known if p["user"] in ids or p["user_name"] == name]}


handlers = {
    "hello": lambda frame: dict(me),
    "ping": lambda frame: {"frame": "pong", "epoch": epoch},
    "verify": on_verify,
    "find_users": on_find_users,
    "check_sessions": lambda frame: {"frame": "revoked"},
}

router = zmq.Context().socket(zmq.ROUTER)
router.bind("ipc://auth.sock")
greeted = set()
while True:
    peer, batch = router.recv_multipart()
    time.sleep(slowness_s)
    frames = msgpack.Unpacker()
    frames.feed(batch)
    for frame in frames:
        kind = frame["frame"]
        if kind == "hello":
            greeted.add(peer)
        elif peer not in greeted:
            router.send_multipart([peer, msgpack.packb(me)])
            continue
        answer = handlers.get(kind, lambda f: {"frame": "refused", "code": "unavailable"})(frame)
        router.send_multipart([peer, msgpack.packb({**answer, "id": frame.get("id", 0)})])
