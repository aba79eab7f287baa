#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Administration by hand, made from docs/frames.md alone: greets a daemon as a
tool, asks it one thing and prints the answer as a line of JSON.

tool.py RUN-FOLDER DAEMON FRAME [KIND]: the frame is JSON; fields that hold UUIDs
are written as text. KIND is what it greets as, if not as a tool.
"""
import json
import os
import sys
import time
import uuid

import msgpack
import zmq

IDS = {"room", "user", "actor", "invite", "message"}


def packed(frame):
    """The frame with its ids as the 16 bytes that they are on the wire."""
    return {k: uuid.UUID(v).bytes if k in IDS else v for k, v in frame.items()}


def plain(value):
    """An answer as JSON can have it."""
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


folder, daemon, frame, kind = (sys.argv[1:] + ["tool"])[:4]
os.chdir(folder)
dealer = zmq.Context().socket(zmq.DEALER)
dealer.setsockopt(zmq.LINGER, 0)
name, epoch = f"{kind}.{os.getpid()}", time.time_ns() // 1000
dealer.setsockopt(zmq.ROUTING_ID, f"{name}/{epoch}".encode())
dealer.connect(f"ipc://{daemon}.sock")
hello = {"frame": "hello", "kind": kind, "name": name, "epoch": epoch, "version": 1, "id": 1}
dealer.send(msgpack.packb(hello))
deadline = time.monotonic() + 10
while dealer.poll(max(0, int((deadline - time.monotonic()) * 1000))):
    frames = msgpack.Unpacker()
    frames.feed(dealer.recv())
    for answer in frames:
        if answer.get("id") == 1 and answer["frame"] == "hello":
            dealer.send(msgpack.packb({**packed(json.loads(frame)), "id": 2}))
        elif answer.get("id") == 2:
            print(json.dumps(plain(answer)))
            sys.exit(0)
sys.exit("no answer")
