# SPDX-License-Identifier: MIT
"""A party of the bus, made from docs/frames.md alone: greets a daemon, and turns
its frames into what JSON can have, and back."""
import os
import time
import uuid

import msgpack
import zmq

IDS = {"room", "user", "actor", "invite", "message", "nonce", "hook"}


def packed(frame):
    """The frame with its ids as the 16 bytes that they are on the wire, and lists
    of rooms as one run of those."""
    frame = {k: uuid.UUID(v).bytes if k in IDS else v for k, v in frame.items()}
    if "rooms" in frame:
        frame["rooms"] = b"".join(uuid.UUID(r).bytes for r in frame["rooms"])
    return msgpack.packb(frame)


def plain(value):
    """A frame as JSON can have it."""
    if isinstance(value, bytes):
        return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def greet(folder, daemon, kind):
    """The socket of a party of this kind, whose greeting has the id 1. The run
    folder is then where the process is."""
    os.chdir(folder)
    dealer = zmq.Context().socket(zmq.DEALER)
    dealer.setsockopt(zmq.LINGER, 0)
    name, epoch = f"{kind}.{os.getpid()}", time.time_ns() // 1000
    dealer.setsockopt(zmq.ROUTING_ID, f"{name}/{epoch}".encode())
    dealer.connect(f"ipc://{daemon}.sock")
    dealer.send(packed({"frame": "hello", "kind": kind, "name": name, "epoch": epoch, "version": 1, "id": 1}))
    return dealer


def hear(dealer):
    """The frames of the next batch."""
    frames = msgpack.Unpacker()
    frames.feed(dealer.recv())
    return frames
