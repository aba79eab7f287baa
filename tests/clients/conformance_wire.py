# SPDX-License-Identifier: MIT
"""tests/clients/conformance_wire.py - raw sockets that speak HTTP and WebSocket
to the letter of what they are given, and judge strictly what comes back.

Nothing here mends a frame or a request: a test writes each octet itself. What
the gateway sends is held against RFC 6455 and RFC 9112; a breach is `Strange`.
"""
import base64
import hashlib
import json
import os
import re
import socket
import struct
import sys
import threading
import time

PATIENCE = 5  # seconds, for what must come at once
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NO_CODE = 1005  # of a close frame without payload


class Strange(Exception):
    """The gateway did what it should not, or not what it should."""


def must(condition, *what):
    if not condition:
        raise Strange(" ".join(str(w) for w in what))


def shorten(value):
    text = repr(value)
    return text if len(text) <= 100 else text[:80] + f"… ({len(value)})"


# --- Bytes ------------------------------------------------------------------

class Wire:
    """A TCP connection, each wait on which has an end."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.waiting = b""
        self.has_ended = False

    def close(self):
        self.socket.close()

    def send(self, data, piece=0):
        """All at once, or in pieces of so many octets. That the gateway has
        gone meanwhile is told by what it sent before, not here."""
        try:
            for at in range(0, len(data), piece or len(data) or 1):
                self.socket.sendall(data[at:at + (piece or len(data))])
        except (BrokenPipeError, ConnectionResetError):
            pass

    def more(self, deadline):
        """Reads what comes next; False at the end."""
        if self.has_ended:
            return False
        self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            data = self.socket.recv(65536)
        except socket.timeout:
            raise Strange("nothing comes; waiting: " + shorten(self.waiting))
        except ConnectionResetError:
            data = b""
        self.has_ended = data == b""
        self.waiting += data
        return not self.has_ended

    def take(self, n, deadline):
        while len(self.waiting) < n:
            must(self.more(deadline), "ended after", shorten(self.waiting))
        taken, self.waiting = self.waiting[:n], self.waiting[n:]
        return taken

    def take_line(self, deadline):
        while b"\r\n" not in self.waiting:
            must(self.more(deadline), "ended after", shorten(self.waiting))
        line, self.waiting = self.waiting.split(b"\r\n", 1)
        return line

    def ends(self, seconds=PATIENCE):
        """The gateway closes, and has nothing more to say."""
        deadline = time.monotonic() + seconds
        while self.more(deadline):
            pass
        must(self.waiting == b"", "after the end:", shorten(self.waiting))


# --- HTTP -------------------------------------------------------------------

FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([ -~\t]*)")


class Response:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def field(self, name):
        """The one value of a field that stands once at most; or None."""
        values = [v for n, v in self.fields if n == name]
        must(len(values) < 2, name, "stands", len(values), "times")
        return values[0] if values else None

    def tokens(self, name):
        return {token.strip().lower() for n, value in self.fields
                if n == name for token in value.split(",")}


def read_response(wire, method="GET", seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    start = wire.take_line(deadline)
    match = re.fullmatch(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [ -~]+", start)
    must(match, "no status line:", shorten(start))
    status, fields = int(match[1]), []
    while (line := wire.take_line(deadline)) != b"":
        field = FIELD.fullmatch(line)
        must(field, "no header field:", shorten(line))
        fields.append((field[1].decode().lower(), field[2].decode().strip()))
    response = Response(status, fields, b"")
    length = response.field("content-length")
    must(response.field("transfer-encoding") is None, "a coded answer")
    if status < 200 or status in (204, 304):
        must(length is None, status, "with Content-Length")
        return response
    must(length is not None and length.isdigit(), status, "without length")
    if method != "HEAD":
        response.body = wire.take(int(length), deadline)
    return response


# --- WebSocket --------------------------------------------------------------

def header(opcode, length, fin=True, rsv=0, is_masked=True, form=None):
    """A frame's header without its mask. `form`: 0, 16 or 64 bits of extended
    length, whether they are needed or not."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    mask = 0x80 if is_masked else 0
    if form is None:
        form = 0 if length < 126 else 16 if length < 65536 else 64
    if form == 0:
        return struct.pack("!BB", first, mask | length)
    if form == 16:
        return struct.pack("!BBH", first, mask | 126, length)
    return struct.pack("!BBQ", first, mask | 127, length)


def masked(payload, mask):
    pattern = (mask * (len(payload) // 4 + 1))[:len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")
    return number.to_bytes(len(payload), "big")


def frame(opcode, payload=b"", length=None, **how):
    """`length`: what the header claims, where that is not the truth."""
    payload = payload.encode() if isinstance(payload, str) else payload
    head = header(opcode, len(payload) if length is None else length, **how)
    if not how.get("is_masked", True):
        return head + payload
    mask = os.urandom(4)
    return head + mask + masked(payload, mask)


def close_payload(code, reason=b""):
    reason = reason.encode() if isinstance(reason, str) else reason
    return struct.pack("!H", code) + reason


def request_head(host, target, fields):
    lines = [f"GET {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def upgrade_fields(key):
    return [("Connection", "Upgrade"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", key)]


def make_key():
    return base64.b64encode(os.urandom(16)).decode()


def check_accepted(response, key, extensions=None):
    must(response.status == 101, "status", response.status, response.body)
    digest = hashlib.sha1((key + GUID).encode()).digest()
    must(response.field("sec-websocket-accept")
         == base64.b64encode(digest).decode(), "wrong accept key")
    must("upgrade" in response.tokens("connection"), "Connection")
    must(response.field("upgrade").lower() == "websocket", "Upgrade")
    agreed = response.field("sec-websocket-extensions")
    must(agreed == extensions, "extensions", agreed)


class Peer:
    """A WebSocket connection that sorts what it hears: what was said in its
    room, the refusals, the pongs, the close frame."""
    reserved = 0x70  # bits that may not be set

    def __init__(self, wire):
        self.wire = wire
        self.said, self.refusals, self.pongs = [], [], []
        self.close_code = None

    @classmethod
    def connect(cls, address, target, fields=(), extensions=None):
        key = make_key()
        wire = Wire(address)
        wire.send(request_head("%s:%d" % address, target,
                               [*upgrade_fields(key), *fields]))
        check_accepted(read_response(wire), key, extensions)
        return cls(wire)

    def read_frame(self, deadline):
        first, second = self.wire.take(2, deadline)
        must(first & self.reserved == 0, "reserved bits", first)
        must(second & 0x80 == 0, "masked by the server")
        length = second & 0x7f
        if length == 126:
            length, = struct.unpack("!H", self.wire.take(2, deadline))
            must(length > 125, "length not in its shortest form")
        elif length == 127:
            length, = struct.unpack("!Q", self.wire.take(8, deadline))
            must(length > 65535, "length not in its shortest form")
        must(first & 0x80, "fragmented")
        opcode = first & 0x0f
        must(opcode < 8 or length < 126, "control frame of", length)
        payload = self.wire.take(length, deadline)
        return opcode, self.open(payload, first & 0x70)

    def open(self, payload, reserved):
        """What the payload means by an extension's bits."""
        return payload

    def hear_close(self, payload):
        must(len(payload) != 1, "half a close code")
        payload[2:].decode()
        self.close_code = NO_CODE
        if payload:
            self.close_code, = struct.unpack("!H", payload[:2])

    def hear_text(self, payload):
        line = json.loads(payload.decode())
        if "user_id" in line:
            self.said.append(line["message"])
        elif not re.search(" (joined|left)$", line["message"]):
            self.refusals.append(line["message"])

    def hear(self, deadline):
        opcode, payload = self.read_frame(deadline)
        if opcode == TEXT:
            self.hear_text(payload)
        elif opcode == PONG:
            self.pongs.append(payload)
        elif opcode == CLOSE:
            self.hear_close(payload)
        else:
            must(opcode == PING, "opcode", opcode)

    def next(self, heard):
        """The next that comes to one of the lists."""
        deadline = time.monotonic() + PATIENCE
        while not heard:
            must(self.close_code is None, "closed with", self.close_code)
            self.hear(deadline)
        return heard.pop(0)

    def closes(self, code):
        """With this code; nothing that was not asked for came before, and
        nothing at all comes behind it."""
        deadline = time.monotonic() + PATIENCE
        while self.close_code is None:
            self.hear(deadline)
        must(self.close_code == code, "closed with", self.close_code,
             "instead of", code)
        for heard in (self.said, self.refusals, self.pongs):
            must(not heard, "heard too:", shorten(heard))
        self.wire.ends()


# --- Cases ------------------------------------------------------------------

class Tap:
    """Counts cases and prints a line for each; threads may share it."""

    def __init__(self):
        self.count = self.failed = 0
        self.lock = threading.Lock()

    def tell(self, name, fault=None):
        with self.lock:
            self.count += 1
            self.failed += fault is not None
            print(f"{'not ok' if fault else 'ok'} {self.count} - {name}"
                  + (f": {fault}" if fault else ""), flush=True)

    def case(self, name, act, *arguments):
        try:
            act(*arguments)
        except (Strange, OSError, ValueError) as fault:
            self.tell(name, fault if isinstance(fault, Strange)
                      else repr(fault))
        else:
            self.tell(name)

    def done(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed or not self.count else 0)


def address_of(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)
