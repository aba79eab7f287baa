#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A stand-in for the hooks daemon, made from docs/frames.md alone: greets a
daemon as `hooks` and prints each frame that it hears, but for pongs, as a line of
JSON. Lines of standard input are frames to send; it goes when that ends.

hooks_peer.py RUN-FOLDER DAEMON
"""
import json
import sys
import time

import zmq

from party import greet, hear, packed, plain

PING_S = 0.5
folder, daemon = sys.argv[1:]
dealer = greet(folder, daemon, "hooks")
poller = zmq.Poller()
poller.register(dealer, zmq.POLLIN)
poller.register(sys.stdin.fileno(), zmq.POLLIN)
pinged = time.monotonic()
while True:
    for socket, _ in poller.poll(PING_S * 1000):
        if socket is dealer:
            for frame in hear(dealer):
                if frame["frame"] != "pong":
                    print(json.dumps(plain(frame)), flush=True)
            continue
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        dealer.send(packed(json.loads(line)))
    if time.monotonic() - pinged >= PING_S:
        dealer.send(packed({"frame": "ping", "id": 2}))
        pinged = time.monotonic()
