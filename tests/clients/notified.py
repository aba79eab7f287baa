#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hears what a daemon tells its service manager, and prints it line by line.

Usage: notified.py SOCKET [COMMAND...]; SOCKET is a path, or an abstract name
behind an @. The command is started with NOTIFY_SOCKET set, its process id is
told as `pid=N`, and its end as `exit=STATUS`; then it is over here as well.
"""
import os
import socket
import subprocess
import sys

name, command = sys.argv[1], sys.argv[2:]
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind("\0" + name[1:] if name.startswith("@") else name)
heard.settimeout(0.1)
child = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": name})
print(f"pid={child.pid}", flush=True)

while True:
    ended = child.poll() is not None
    try:
        print(heard.recv(4096).decode(), flush=True)
    except TimeoutError:
        if ended:
            break
print(f"exit={child.returncode}", flush=True)
