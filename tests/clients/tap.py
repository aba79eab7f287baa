#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints what the daemons of a run folder say to each other: tap.py RUN"""
import os, sys, msgpack, zmq

os.chdir(sys.argv[1])
sub = zmq.Context().socket(zmq.SUB)
for name in ("gateway", "router", "presence", "store", "auth", "hooks"):
    sub.connect(f"ipc://{name}.tap")
sub.subscribe(b"")
while True:
    subject, frame, number = sub.recv_multipart()
    print(number.decode(), subject.decode(), msgpack.unpackb(frame), flush=True)
