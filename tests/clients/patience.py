# SPDX-License-Identifier: MIT
"""tests/clients/patience.py - peers that are slow, silent or gone, all at once,
each of which tells when it was ended and how:

    patience.py slow ADDRESS TOKEN         requests that do not come to their end
    patience.py half-open ADDRESS TOKEN    WebSockets that do not answer, or do
    patience.py client ADDRESS TOKEN       one of those that do not answer

Prints one JSON object, of the cases by their names: the seconds until the end,
the bytes heard, the code of the close. With CA, the file of a
certificate, in the environment it speaks TLS.
"""
import json
import os
import socket
import ssl
import sys
import threading
import time

from conformance_wire import (
    CLOSE, CONTINUATION, PING, PONG, TEXT, address_of, frame, make_key,
    request_head, upgrade_fields)

CA = os.environ.get("CA")
GIVE_UP = 42  # seconds; whoever still stands then is told as such
OPCODE, LENGTH = 0x0f, 0x7f


class Peer:
    """A connection that tells how long it lived."""

    def __init__(self, address, token, is_shaken=True):
        self.began = time.monotonic()
        self.address, self.token = address, token
        self.socket = socket.create_connection(address, GIVE_UP)
        self.heard = b""
        if is_shaken and CA is not None:
            context = ssl.create_default_context(cafile=CA)
            self.socket = context.wrap_socket(
                self.socket, server_hostname="localhost")

    def send(self, data):
        self.socket.sendall(data)

    def dribble(self, data):
        """A byte every half second, as long as that is taken."""
        def write():
            try:
                for byte in data:
                    self.send(bytes([byte]))
                    time.sleep(0.5)
            except OSError:
                pass
        threading.Thread(target=write, daemon=True).start()

    def hear(self):
        """What comes next; empty at the end."""
        left = self.began + GIVE_UP - time.monotonic()
        self.socket.settimeout(max(left, 0.001))
        try:
            data = self.socket.recv(65536)
        except (ssl.SSLEOFError, ConnectionError):
            return b""
        self.heard += data
        return data

    def last(self):
        """Until it ends."""
        try:
            while self.hear():
                pass
        except socket.timeout:
            return {"lives": True}
        return {"seconds": round(time.monotonic() - self.began, 1),
                "bytes": len(self.heard)}

    def upgrade(self):
        """Opens a WebSocket; the time counts from then on."""
        target = f"/ws/campfire?token={self.token}"
        self.send(request_head("%s:%d" % self.address, target,
                               upgrade_fields(make_key())))
        while b"\r\n\r\n" not in self.heard:
            if not self.hear():
                raise ConnectionError(self.heard)
        self.heard = self.heard.split(b"\r\n\r\n", 1)[1]
        self.began = time.monotonic()

    def frames(self):
        """Each frame that comes, until the end."""
        while True:
            while len(self.heard) >= 2 and \
                    len(self.heard) >= self.frame_bytes():
                n = self.frame_bytes()
                yield self.heard[0] & OPCODE, self.heard[n - self.size:n]
                self.heard = self.heard[n:]
            if not self.hear():
                return

    def frame_bytes(self):
        self.size = self.heard[1] & LENGTH
        if self.size < 126:
            return 2 + self.size
        width = 2 if self.size == 126 else 8
        self.size = int.from_bytes(self.heard[2:2 + width], "big")
        return 2 + width + self.size

    def live(self, answers):
        """As a WebSocket until the end; answers pings if told to."""
        code, pings = None, 0
        try:
            for opcode, payload in self.frames():
                if opcode == CLOSE:
                    code = int.from_bytes(payload[:2], "big")
                    self.send(frame(CLOSE, payload[:2]))
                if opcode == PING:
                    pings += 1
                    if answers:
                        self.send(frame(PONG, payload))
        except socket.timeout:
            return {"lives": True, "pings": pings}
        except OSError:
            pass
        return {"seconds": round(time.monotonic() - self.began, 1),
                "code": code, "pings": pings}


# --- Requests that do not come to their end -----------------------------------

def head(method, path, *fields):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *fields]
    return ("\r\n".join(lines) + "\r\n").encode()


def silent(address, token):
    return Peer(address, token).last()


def dribbled_head(address, token):
    peer = Peer(address, token)
    peer.dribble(head("GET", "/healthz", "X: " + "x" * 100))
    return peer.last()


def dribbled_body(address, token):
    peer = Peer(address, token)
    peer.send(head("POST", "/auth/login", "Content-Length: 1000") + b"\r\n")
    peer.dribble(b"x" * 100)
    return peer.last()


def dribbled_chunks(address, token):
    peer = Peer(address, token)
    peer.send(head("POST", "/auth/login", "Transfer-Encoding: chunked")
              + b"\r\n")
    peer.dribble(b"1\r\nx\r\n" * 20)
    return peer.last()


def asks_to_continue_late(address, token):
    """What it is told (100 Continue) gives it no more time."""
    peer = Peer(address, token)
    time.sleep(7)
    peer.send(head("POST", "/auth/login", "Content-Length: 1000",
                   "Expect: 100-continue") + b"\r\n")
    return peer.last()


def dribbled_upgrade(address, token):
    peer = Peer(address, token)
    peer.dribble(request_head("localhost", f"/ws/campfire?token={token}",
                              upgrade_fields(make_key())))
    return peer.last()


def dribbled_second(address, token):
    """The time of a second request counts from the first one's answer."""
    peer = Peer(address, token)
    peer.send(head("GET", "/healthz") + b"\r\n")
    while b"ok" not in peer.heard:
        peer.hear()
    peer.began, peer.heard = time.monotonic(), b""
    peer.dribble(head("GET", "/healthz", "X: " + "x" * 100))
    return peer.last()


def says_no_hello(address, token):
    return Peer(address, token, is_shaken=False).last()


def dribbled_hello(address, token):
    peer = Peer(address, token, is_shaken=False)
    peer.dribble(client_hello())
    return peer.last()


def stalls_in_handshake(address, token):
    """Hears all that the server says first, and says no more."""
    peer = Peer(address, token, is_shaken=False)
    peer.send(client_hello())
    return peer.last()


def client_hello():
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context(cafile=CA).wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


SLOW = [silent, dribbled_head, dribbled_body, dribbled_chunks,
        asks_to_continue_late, dribbled_upgrade, dribbled_second]
SLOW_TLS = [says_no_hello, dribbled_hello, stalls_in_handshake]


# --- WebSockets that do not answer, or do -------------------------------------

def opened(address, token):
    peer = Peer(address, token)
    peer.upgrade()
    return peer


def mute(address, token):
    return opened(address, token).live(answers=False)


def only_pongs(address, token):
    return opened(address, token).live(answers=True)


def half_a_message(address, token):
    """Alive, and without an end to what it says."""
    peer = opened(address, token)
    peer.send(frame(TEXT, "x", fin=False) + frame(CONTINUATION, "y", fin=False))
    return peer.live(answers=True)


def half_a_frame(address, token):
    peer = opened(address, token)
    peer.send(frame(TEXT, "x" * 50)[:-1])
    return peer.live(answers=False)


def long_message(address, token):
    """A message in many pieces, of which each whole one gives new time."""
    peer = opened(address, token)

    def talk():
        try:
            for _ in range(80):
                peer.send(frame(TEXT, "{", fin=False))
                time.sleep(0.5)
                peer.send(frame(CONTINUATION, "}"))
        except OSError:
            pass
    threading.Thread(target=talk, daemon=True).start()
    return peer.live(answers=True)


HALF_OPEN = [mute, only_pongs, half_a_message, half_a_frame, long_message]


def run(cases, address, token):
    results = {}

    def one(case):
        try:
            results[case.__name__] = case(address, token)
        except (OSError, ssl.SSLError) as fault:
            results[case.__name__] = {"fault": repr(fault)}
    threads = [threading.Thread(target=one, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(results))


def client(address, token):
    """Tells when it is open; then it is for others to stop it or cut it off."""
    peer = opened(address, token)
    print("open", flush=True)
    print(json.dumps(peer.live(answers=True)), flush=True)


if __name__ == "__main__":
    mode, where, who = sys.argv[1:4]
    if mode == "client":
        client(address_of(where), who)
    elif mode == "half-open":
        run(HALF_OPEN, address_of(where), who)
    else:
        is_tls = CA is not None
        run(SLOW + (SLOW_TLS if is_tls else []), address_of(where), who)
