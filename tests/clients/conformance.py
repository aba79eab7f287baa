# SPDX-License-Identifier: MIT
"""tests/clients/conformance.py - a WebSocket client that knows RFC 6455 by heart
and does everything that it allows and forbids, a connection for each case.

    conformance.py handshake HOST:PORT TOKEN
    conformance.py frames HOST:PORT TOKEN [WORD]   only sections with that word

Prints TAP and ends with 1 if something is not as it should be.
"""
import sys
import urllib.parse

from conformance_handshake import HANDSHAKES, run_handshake
from conformance_sections import SECTIONS
from conformance_wire import Peer, Tap, address_of


def run_case(address, token, room, steps):
    """Each case has a room of its own: nobody else's words are heard there."""
    query = urllib.parse.urlencode({"token": token, "room": room})
    peer = Peer.connect(address, "/ws?" + query)
    try:
        for step in steps:
            step(peer)
    finally:
        peer.wire.close()


def run_frames(tap, address, token, word=""):
    for section, cases in SECTIONS:
        if word not in section:
            continue
        for name, *steps in cases():
            tap.case(f"{section}: {name}", run_case, address, token,
                     f"case {tap.count}", steps)


def run_handshakes(tap, address, token):
    for name, *case in HANDSHAKES:
        tap.case(name, run_handshake, address, token, *case)


def main(what, host, *arguments):
    run = {"handshake": run_handshakes, "frames": run_frames}[what]
    tap = Tap()
    run(tap, address_of(host), *arguments)
    tap.done()


if __name__ == "__main__":
    main(*sys.argv[1:])
