#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Administration by hand, made from docs/frames.md alone: greets a daemon as a
tool, asks it one thing and prints the answer as a line of JSON.

tool.py RUN-FOLDER DAEMON FRAME [KIND]: the frame is JSON; fields that hold UUIDs
are written as text. KIND is what it greets as, if not as a tool.
"""
import json
import sys
import time

from party import greet, hear, packed, plain

folder, daemon, frame, kind = (sys.argv[1:] + ["tool"])[:4]
dealer = greet(folder, daemon, kind)
deadline = time.monotonic() + 10
while dealer.poll(max(0, int((deadline - time.monotonic()) * 1000))):
    for answer in hear(dealer):
        if answer.get("id") == 1 and answer["frame"] == "hello":
            dealer.send(packed({**json.loads(frame), "id": 2}))
        elif answer.get("id") == 2:
            print(json.dumps(plain(answer)))
            sys.exit(0)
sys.exit("no answer")
