# SPDX-License-Identifier: MIT
"""tests/clients/tls.py - peers that a TLS listener must bear: they say nothing,
say it slowly, say something else, or do not read.

    tls.py plain ADDRESS            speaks HTTP without TLS
    tls.py silent ADDRESS           connects, and that is all
    tls.py dribble ADDRESS          a ClientHello, a byte every half second
    tls.py stalled ADDRESS          TLS, then half a request
    tls.py deaf ADDRESS PATH TEXT   a WebSocket that says TEXT, then reads nothing
                                    before its input ends

Each prints one line of JSON when the server has ended it: after how many seconds,
how many bytes came, whether the end was TLS's own, and the last of the bytes in
hexadecimal. `deaf` prints `deaf` before. CA in SSL_CERT_FILE.
"""
import json
import os
import socket
import ssl
import struct
import sys
import time

PATIENCE = 30


def dial(address, receive=None):
    host, port = address.rsplit(":", 1)
    plain = socket.socket()
    if receive:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    plain.settimeout(PATIENCE)
    plain.connect((host, int(port)))
    return plain


def secure(plain):
    context = ssl.create_default_context()
    return context.wrap_socket(
        plain, server_hostname="localhost", suppress_ragged_eofs=False)


def hello():
    """The bytes with which a client begins."""
    context = ssl.create_default_context()
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a handshake without a server")


def read_to_end(peer):
    """All that comes, and whether the end of it was said."""
    data = b""
    while True:
        try:
            piece = peer.recv(65536)
        except (ssl.SSLEOFError, ConnectionError):
            return data, False
        if not piece:
            return data, isinstance(peer, ssl.SSLSocket)
        data += piece


def report(peer, began):
    data, is_said = read_to_end(peer)
    print(json.dumps({
        "seconds": time.monotonic() - began, "bytes": len(data),
        "is_said": is_said, "last": data[-16:].hex()}))


def plain(address):
    began = time.monotonic()
    peer = dial(address)
    peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    report(peer, began)


def silent(address):
    began = time.monotonic()
    report(dial(address), began)


def dribble(address):
    began = time.monotonic()
    peer = dial(address)
    peer.settimeout(0.5)
    data = b""
    for byte in hello():
        try:
            peer.sendall(bytes([byte]))
            piece = peer.recv(4096)
        except TimeoutError:
            continue
        except ConnectionError:
            piece = b""
        data += piece
        if not piece:
            break
        if time.monotonic() - began > PATIENCE:
            sys.exit("it was never ended")
    print(json.dumps({
        "seconds": time.monotonic() - began, "bytes": len(data)}))


def stalled(address):
    began = time.monotonic()
    peer = secure(dial(address))
    peer.sendall(b"GET /healthz HTTP/1.1\r\nHo")
    report(peer, began)


def text_frame(text):
    """Of up to 125 bytes, masked by zeros (RFC 6455 5.2)."""
    payload = text.encode()
    return struct.pack(">BB4x", 0x81, 0x80 | len(payload)) + payload


def deaf(address, path, text):
    began = time.monotonic()
    peer = secure(dial(address, receive=4096))
    peer.sendall((
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    head = peer.recv(4096)
    if b" 101 " not in head.split(b"\r\n")[0]:
        sys.exit(f"no upgrade: {head!r}")
    peer.sendall(text_frame(text))
    print("deaf", flush=True)
    while os.read(0, 4096):
        pass
    report(peer, began)


if __name__ == "__main__":
    {"plain": plain, "silent": silent, "dribble": dribble,
     "stalled": stalled, "deaf": deaf}[sys.argv[1]](*sys.argv[2:])
