#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""typist.py - a reader at a terminal, who types what a page says one would.

  typist.py c COMMAND         presses Ctrl-C once COMMAND has printed something
  typist.py d COMMAND         presses Ctrl-D likewise, again until it ends; q: q
  typist.py password COMMAND  types a password wherever one is asked for

COMMAND runs in bash on a terminal of its own; what it prints is printed. Exit
status is the command's, and 0 where Ctrl-C ended it as that ends any program.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PASSWORD = b"correct horse\n"
SECONDS = 30       # until it must have ended
LOOK = 1.5         # seconds: so long a reader looks at what comes
SILENCE = 4        # and so long they wait for something to come
AGAIN = {"c": 15, "d": 1, "q": 1}
KEYS = {"c": b"\x03", "d": b"\x04", "q": b"q"}


def start(command):
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("bash", ["bash", "-c", command])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return child, terminal


def hear(terminal):
    """What was printed within a moment; None at the end."""
    if not select.select([terminal], [], [], 0.1)[0]:
        return b""
    try:
        return os.read(terminal, 65536) or None
    except OSError:
        return None


def attend(terminal, key):
    began = spoke = time.monotonic()
    heard, pressed = b"", 0
    while (said := hear(terminal)) is not None:
        now = time.monotonic()
        if said and not heard:
            spoke = now
        heard += said
        sys.stdout.buffer.write(said)
        sys.stdout.buffer.flush()
        if now > began + SECONDS:
            return False
        if key == "password":
            prompt = re.search(rb"(?i)(password|again)[^\n]*: ?$", heard)
            if prompt:
                os.write(terminal, PASSWORD)
                heard = b""
        elif now > spoke + (LOOK if heard else SILENCE) and now > pressed + AGAIN[key]:
            os.write(terminal, KEYS[key])
            pressed = now
    return True


def main():
    key, command = sys.argv[1:]
    child, terminal = start(command)
    if not attend(terminal, key):
        print(f"typist.py: it does not end: {command}", file=sys.stderr)
        os.killpg(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if key == "c" and status in (130, -signal.SIGINT):
        status = 0
    sys.exit(status if status >= 0 else 128 - status)


main()
