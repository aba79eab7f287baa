# SPDX-License-Identifier: MIT
"""tests/clients/conformance_handshake.py - requests for an upgrade, right and
wrong (RFC 6455 4.2), as a table.

A case is a name, the status, and what is done to a request that is right: the
lines of its head by name, to be left out (None), replaced (a string) or sent
several times (a list). `method`, `version`, `body` and `piece` are no fields.
"""
from conformance_wire import (
    CLOSE, PING, Peer, Wire, check_accepted, close_payload, frame, make_key, must,
    read_response)

VERSION = "Sec-WebSocket-Version"
KEY = "Sec-WebSocket-Key"
PROTOCOL = "Sec-WebSocket-Protocol"
EXTENSIONS = "Sec-WebSocket-Extensions"

HANDSHAKES = [
    ("the request of the RFC is accepted", 101, {}),
    ("octet by octet too", 101, {"piece": 1}),
    ("with frames right behind it", 101, {"body": "frames"}),
    ("names of fields in any case", 101, {
        "Upgrade": None, "uPGRADE": "websocket", "Connection": None,
        "CONNECTION": "upgrade"}),
    ("Upgrade in any case", 101, {"Upgrade": "WebSocket"}),
    ("Connection in any case", 101, {"Connection": "UPGRADE"}),
    ("Connection with other words", 101,
     {"Connection": "keep-alive, Upgrade"}),
    ("Connection with odd spaces", 101,
     {"Connection": "keep-alive ,\tupgrade , x"}),
    ("Connection over two lines", 101, {"Connection": ["keep-alive", "Upgrade"]}),
    ("Upgrade with other words", 101, {"Upgrade": "h2c, websocket"}),
    ("Upgrade over two lines", 101, {"Upgrade": ["h2c", "websocket"]}),
    ("no space behind the colon", 101, {"Upgrade": "", "upgrade:websocket": ""}),
    ("a body of no length", 101, {"Content-Length": "0"}),
    ("an absolute target", 101, {"target": "http://%s%s"}),
    # The method and the version of HTTP
    ("POST", 405, {"method": "POST"}),
    ("HEAD", 405, {"method": "HEAD"}),
    ("PUT", 405, {"method": "PUT"}),
    ("get", 501, {"method": "get"}),
    ("HTTP/1.0", 505, {"version": "HTTP/1.0"}),
    ("HTTP/2.0", 505, {"version": "HTTP/2.0"}),
    # Host
    ("no Host", 400, {"Host": None}),
    ("an empty Host", 400, {"Host": ""}),
    ("Host twice", 400, {"Host": ["a", "a"]}),
    ("two hosts in one", 400, {"Host": "a, b"}),
    ("a Host with a path", 400, {"Host": "a/b"}),
    ("a Host with a user", 400, {"Host": "u@a"}),
    ("a Host with a wrong port", 400, {"Host": "a:99999"}),
    # Connection, Upgrade: without both it is no upgrade, and nothing is there
    ("no Upgrade", 404, {"Upgrade": None}),
    ("another Upgrade", 404, {"Upgrade": "h2c"}),
    ("an Upgrade that only begins so", 404, {"Upgrade": "websockets"}),
    ("no Connection", 404, {"Connection": None}),
    ("Connection without the word", 404, {"Connection": "keep-alive"}),
    ("Connection with the word inside another", 404,
     {"Connection": "upgrades, x-upgrade"}),
    # Sec-WebSocket-Version
    ("no version", 426, {VERSION: None}),
    ("an empty version", 426, {VERSION: ""}),
    ("version 0", 426, {VERSION: "0"}),
    ("version 8", 426, {VERSION: "8"}),
    ("version 14", 426, {VERSION: "14"}),
    ("version 1300", 426, {VERSION: "1300"}),
    ("version -13", 426, {VERSION: "-13"}),
    ("version 13 in a list", 426, {VERSION: "8, 13"}),
    ("version 13 twice", 400, {VERSION: ["13", "13"]}),
    ("versions 8 and 13", 400, {VERSION: ["8", "13"]}),
    # Sec-WebSocket-Key
    ("no key", 400, {KEY: None}),
    ("an empty key", 400, {KEY: ""}),
    ("a key of 15 octets", 400, {KEY: "AAECAwQFBgcICQoLDA0O"}),
    ("a key of 17 octets", 400, {KEY: "AAECAwQFBgcICQoLDA0ODxA="}),
    ("a key that is no base64", 400, {KEY: "dGhlIHNhbXBsZ!Bub25jZQ=="}),
    ("a key without padding", 400, {KEY: "dGhlIHNhbXBsZSBub25jZQ"}),
    ("a key with too much padding", 400, {KEY: "dGhlIHNhbXBsZSBub25jZ==="}),
    ("a key in quotation marks", 400, {KEY: '"dGhlIHNhbXBsZSBub25jZQ=="'}),
    ("two keys", 400, {KEY: ["dGhlIHNhbXBsZSBub25jZQ=="] * 2}),
    # Sec-WebSocket-Protocol
    ("one subprotocol", 101, {PROTOCOL: "simple"}, "simple"),
    ("a list of subprotocols", 101, {PROTOCOL: "chat, simple ,x"}, "simple"),
    ("subprotocols over several lines", 101,
     {PROTOCOL: ["chat", "x, simple", "hub"]}, "simple"),
    ("the client's order decides", 101,
     {PROTOCOL: ["x, simple, campfire", "hub"]}, "simple"),
    ("empty items of a list", 101, {PROTOCOL: ",, simple ,"}, "simple"),
    ("unknown subprotocols alone", 101, {PROTOCOL: "chat, superchat"}, None),
    ("a subprotocol in another case is another", 101, {PROTOCOL: "Hub"}, None),
    ("an empty list of subprotocols", 400, {PROTOCOL: ""}),
    ("a subprotocol with a space", 400, {PROTOCOL: "simple two"}),
    ("a subprotocol with a slash", 400, {PROTOCOL: "simple, a/b"}),
    ("a subprotocol in quotation marks", 400, {PROTOCOL: '"simple"'}),
    # Sec-WebSocket-Extensions: those that are well-formed are passed over
    ("an extension", 101, {EXTENSIONS: "permessage-deflate"}),
    ("extensions with parameters", 101, {EXTENSIONS: [
        "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
        'foo ; bar="baz", x-webkit-deflate-frame']}),
    ("an empty list of extensions", 400, {EXTENSIONS: ""}),
    ("an extension without a name", 400, {EXTENSIONS: "; a=b"}),
    ("an extension with an empty parameter", 400, {EXTENSIONS: "a;"}),
    ("an extension with half a parameter", 400, {EXTENSIONS: "a; b="}),
    ("an extension of two words", 400, {EXTENSIONS: "a b"}),
    ("an extension's value that is no token", 400, {EXTENSIONS: 'a; b="c d"'}),
    # Bodies
    ("a body", 400, {"Content-Length": "5", "body": b"hello"}),
    ("a body in chunks", 400, {
        "Transfer-Encoding": "chunked", "body": b"0\r\n\r\n"}),
    ("two lengths", 400, {"Content-Length": ["0", "0"]}),
    ("two lengths in one", 400, {"Content-Length": "0, 0"}),
    ("a length beside chunks", 400, {
        "Content-Length": "5", "Transfer-Encoding": "chunked",
        "body": b"0\r\n\r\n"}),
    ("chunks twice", 400, {"Transfer-Encoding": ["chunked", "chunked"]}),
    ("another coding", 400, {"Transfer-Encoding": "gzip"}),
    # Fields that nobody may send
    ("a field that is continued", 400, {"X": "a\r\n b"}),
    ("a space before the colon", 400, {"Upgrade ": "websocket"}),
    ("a control character", 400, {"X": "a\x01b"}),
    ("a NUL", 400, {"X": "a\0b"}),
    ("no credentials", 401, {"target": "/ws?room=den"}),
    ("a path of no dialect", 404, {"target": "/nowhere"}),
]


def head_of(address, token, key, changes):
    host = "%s:%d" % address
    path = f"/ws?room=handshakes&token={token}"
    target = changes.get("target", path)
    fields = {"Host": host, "Connection": "Upgrade", "Upgrade": "websocket",
              VERSION: "13", KEY: key}
    fields.update((name, value) for name, value in changes.items()
                  if name not in ("method", "version", "body", "piece", "target"))
    lines = [" ".join((changes.get("method", "GET"),
                       target % (host, path) if "%s" in target else target,
                       changes.get("version", "HTTP/1.1")))]
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values or []:
            lines.append(name if ":" in name else f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def run_handshake(address, token, status, changes, protocol=None):
    key = make_key()
    body = changes.get("body", b"")
    if body == "frames":
        body = frame(PING, b"early")
    wire = Wire(address)
    try:
        wire.send(head_of(address, token, key, changes) + body,
                  changes.get("piece", 0))
        response = read_response(wire, changes.get("method", "GET"))
        must(response.status == status, "status", response.status, response.body)
        if status == 101:
            must(response.field("sec-websocket-protocol") == protocol, "protocol")
            check_open(wire, response, key, changes)
        else:
            check_refused(wire, response)
    finally:
        wire.close()


def check_open(wire, response, key, changes):
    check_accepted(response, key)
    peer = Peer(wire)
    if changes.get("body") == "frames":
        must(peer.next(peer.pongs) == b"early", "the first frame is lost")
    wire.send(frame(CLOSE, close_payload(1000)))
    peer.closes(1000)


def check_refused(wire, response):
    must(response.field("sec-websocket-accept") is None, "accepted and refused")
    if response.status == 426:
        must(response.field("sec-websocket-version") == "13", "no version told")
        must("websocket" in response.tokens("upgrade"), "no Upgrade told")
        must("upgrade" in response.tokens("connection"), "no upgrade offered")
    if response.status == 405:
        must(response.tokens("allow") == {"get"}, "405 without Allow")
    if response.tokens("connection") == {"close"}:
        wire.ends()
