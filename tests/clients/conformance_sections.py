# SPDX-License-Identifier: MIT
"""tests/clients/conformance_sections.py - what a WebSocket client may send, right
and wrong, and what it must get: a table of cases by RFC 6455's chapters.

A case is a name and steps; each step sends octets or waits for an answer. There
is no echo endpoint: in the simple dialect a text comes back as `message` of a
JSON object, and a binary frame as a refusal, after which the connection goes on.
"""
import json
import random

from conformance_utf8 import INVALID, VALID, find_wrong
from conformance_wire import (
    BINARY, CLOSE, CONTINUATION, NO_CODE, PING, PONG, TEXT, close_payload, frame,
    header, must, shorten)

MESSAGE_MAX = 256 * 1024  # octets of a message
CONTENT_MAX = 16 * 1024   # of what is said in a room
MASK = b"\0\0\0\0"


# --- Steps ------------------------------------------------------------------

def send(*frames, piece=0):
    data = b"".join(frames)
    return lambda peer: peer.wire.send(data, piece)


def hears(text):
    def step(peer):
        heard = peer.next(peer.said)
        must(heard == text, "heard", shorten(heard))
    return step


def pongs(*payloads):
    def step(peer):
        for payload in payloads:
            heard = peer.next(peer.pongs)
            must(heard == payload, "pong", shorten(heard))
    return step


def refuses(word):
    def step(peer):
        heard = peer.next(peer.refusals)
        must(heard.startswith("system: ") and word in heard, heard)
    return step


def closed(code):
    return lambda peer: peer.closes(code)


refuses_binary = refuses("binary")


def alive(peer):
    """The connection still answers, and ends as it should."""
    send(frame(PING, b"still there?"))(peer)
    pongs(b"still there?")(peer)
    send(frame(CLOSE, close_payload(1000)))(peer)
    closed(1000)(peer)


def says(text, **how):
    return [send(frame(TEXT, text), **how), hears(text)]


# --- Data -------------------------------------------------------------------

def letters(n, seed=0):
    return "".join(random.Random(seed).choices("abcdefghijklmnopqrstuvwxyz ", k=n))


def padded(n):
    """A text of n octets and what is heard of it: as much of it as may be is
    escaped, so that each of these octets counts; spaces are the rest."""
    message = letters(min((n - 40) // 6, CONTENT_MAX - 1), n).strip()
    escaped = "".join("\\u%04x" % ord(c) for c in message)
    start = json.dumps({"message": ""})[:-2] + escaped + '"'
    return (start + " " * (n - len(start) - 1) + "}").encode(), message


def fragments(opcode, payload, size):
    """A message in frames of `size` octets at most."""
    pieces = [payload[at:at + size] for at in range(0, len(payload), size)]
    return [frame(CONTINUATION if i else opcode, piece,
                  fin=i == len(pieces) - 1)
            for i, piece in enumerate(pieces)]


# --- 1: framing (5.2) -------------------------------------------------------

def framing():
    yield "an empty text", send(frame(TEXT)), refuses("empty"), alive
    yield "an empty binary", send(frame(BINARY)), refuses_binary, alive
    for n in (1, 125, 126, 127, 128, 255, 256, CONTENT_MAX):
        for piece in (0, 1) if n < 1000 else (0, 997):
            yield (f"a text of {n}, in pieces of {piece or 'all'}",
                   *says(letters(n).replace(" ", "_"), piece=piece), alive)
    for n in (65535, 65536):
        for piece in (0, 997):
            text, message = padded(n)
            yield (f"a text of {n}, in pieces of {piece or 'all'}",
                   send(frame(TEXT, text), piece=piece), hears(message), alive)
    for n in (1, 125, 126, 127, 128, 65535, 65536):
        for piece in (0, 1) if n < 1000 else (0, 997):
            yield (f"a binary of {n}, in pieces of {piece or 'all'}",
                   send(frame(BINARY, b"\xfe" * n), piece=piece),
                   refuses_binary, alive)
    text, message = padded(65536)
    yield ("a text of 65536, octet by octet",
           send(frame(TEXT, text), piece=1), hears(message), alive)
    yield ("ten messages at once",
           send(*(frame(TEXT, f"number {i}") for i in range(10))),
           *(hears(f"number {i}") for i in range(10)), alive)
    yield ("a mask of zeros",
           send(header(TEXT, 5) + MASK + b"plain"), hears("plain"), alive)


def lengths():
    for what, form, n in (("16 bits for 0", 16, 0), ("16 bits for 125", 16, 125),
                          ("64 bits for 0", 64, 0), ("64 bits for 125", 64, 125),
                          ("64 bits for 126", 64, 126),
                          ("64 bits for 65535", 64, 65535),
                          ("64 bits, the highest set", 64, 1 << 63),
                          ("64 bits, all set", 64, (1 << 64) - 1)):
        for opcode, kind in ((TEXT, "text"), (BINARY, "binary")):
            yield (f"{what}, {kind}",
                   send(header(opcode, n, form=form)), closed(1002))
    for form in (16, 64):
        yield (f"{form} bits for a ping",
               send(header(PING, 5, form=form)), closed(1002))
    for opcode, kind in ((TEXT, "text"), (BINARY, "binary"), (PING, "ping"),
                         (PONG, "pong"), (CLOSE, "close")):
        yield (f"{kind} not masked",
               send(frame(opcode, b"\x03\xe8", is_masked=False)), closed(1002))
    yield ("a text, then one not masked", *says("first"),
           send(frame(TEXT, "second", is_masked=False)), closed(1002))
    yield ("a continuation not masked", send(
        frame(TEXT, "a", fin=False), frame(CONTINUATION, "b", is_masked=False)),
        closed(1002))


# --- 2: pings and pongs (5.5.2, 5.5.3) --------------------------------------

def controls():
    longest = bytes(range(125))
    for what, payload in (("nothing", b""), ("text", b"Hello, world!"),
                          ("other octets", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
                          ("125 octets", longest)):
        for piece in (0, 1):
            yield (f"ping with {what}, in pieces of {piece or 'all'}",
                   send(frame(PING, payload), piece=piece), pongs(payload), alive)
    for opcode, kind in ((PING, "ping"), (PONG, "pong")):
        yield (f"{kind} with 126 octets", send(frame(opcode, b"x" * 126)),
               closed(1002))
        yield (f"{kind} that claims 126 octets",
               send(header(opcode, 126)[:2]), closed(1002))
        yield (f"{kind} that claims 65536 octets",
               send(header(opcode, 65536)[:2]), closed(1002))
        yield (f"{kind} in fragments",
               send(frame(opcode, b"a", fin=False), frame(CONTINUATION, b"b")),
               closed(1002))
    yield "unasked pong", send(frame(PONG)), alive
    yield "unasked pong with payload", send(frame(PONG, b"unasked")), alive
    yield ("unasked pong, then a ping", send(frame(PONG, b"a"), frame(PING, b"b")),
           pongs(b"b"), alive)
    for piece in (0, 1):
        yield (f"ten pings, in pieces of {piece or 'all'}",
               send(*(frame(PING, b"%d" % i) for i in range(10)), piece=piece),
               pongs(*(b"%d" % i for i in range(10))), alive)
    yield ("a thousand pings", send(*(frame(PING, b"%d" % i) for i in range(1000))),
           pongs(*(b"%d" % i for i in range(1000))), alive)


# --- 3, 4: reserved bits and opcodes (5.2) ----------------------------------

def reserved_bits():
    kinds = ((TEXT, "text"), (BINARY, "binary"), (PING, "ping"), (PONG, "pong"),
             (CLOSE, "close"))
    for rsv in range(1, 8):
        for opcode, kind in kinds:
            yield (f"bits {rsv:03b} of a {kind}",
                   send(frame(opcode, b"\x03\xe8", rsv=rsv)), closed(1002))
        yield (f"bits {rsv:03b} after a text", *says("first"),
               send(frame(TEXT, "second", rsv=rsv), frame(PING)), closed(1002))
        yield (f"bits {rsv:03b} of a continuation",
               send(frame(TEXT, "a", fin=False),
                    frame(CONTINUATION, "b", rsv=rsv)), closed(1002))
        yield (f"bits {rsv:03b}, told by the first octet",
               send(header(TEXT, 9, rsv=rsv)[:1]), closed(1002))


def reserved_opcodes():
    for opcode in (*range(3, 8), *range(11, 16)):
        yield f"opcode {opcode}", send(frame(opcode)), closed(1002)
        yield (f"opcode {opcode} with payload",
               send(frame(opcode, b"reserved")), closed(1002))
        yield (f"opcode {opcode} after a text", *says("first"),
               send(frame(opcode, b"x"), frame(PING)), closed(1002))
        yield (f"opcode {opcode} between fragments",
               send(frame(TEXT, "a", fin=False), frame(opcode, b"x"),
                    frame(CONTINUATION, "b")), closed(1002))
        yield (f"opcode {opcode}, octet by octet",
               send(frame(opcode, b"x" * 20), piece=1), closed(1002))


# --- 5: fragments (5.4) -----------------------------------------------------

def in_all_pieces(name, frames, *steps):
    for piece in (0, 1):
        yield (f"{name}, in pieces of {piece or 'all'}",
               send(*frames, piece=piece), *steps)
    yield (f"{name}, frame by frame", *(send(f) for f in frames), *steps)


def fragmentation():
    part, last = dict(fin=False), dict(fin=True)
    open_text = frame(TEXT, "one ", **part)
    yield from in_all_pieces(
        "text in two", [open_text, frame(CONTINUATION, "two", **last)],
        hears("one two"), alive)
    yield from in_all_pieces(
        "a ping between", [open_text, frame(PING, b"between"),
                           frame(CONTINUATION, "two")],
        pongs(b"between"), hears("one two"), alive)
    yield from in_all_pieces(
        "five fragments with two pings",
        [frame(TEXT, "1", **part), frame(CONTINUATION, "2", **part),
         frame(PING, b"p1"), frame(CONTINUATION, "3", **part),
         frame(CONTINUATION, "4", **part), frame(PING, b"p2"),
         frame(CONTINUATION, "5")],
        pongs(b"p1", b"p2"), hears("12345"), alive)
    yield ("each ping between is answered before the message ends",
           send(frame(TEXT, "1", **part), frame(PING, b"p1")), pongs(b"p1"),
           send(frame(CONTINUATION, "2", **part), frame(PING, b"p2")),
           pongs(b"p2"), send(frame(CONTINUATION, "3")), hears("123"), alive)
    yield from in_all_pieces(
        "an unasked pong between",
        [open_text, frame(PONG, b"x"), frame(CONTINUATION, "two")],
        hears("one two"), alive)
    yield from in_all_pieces(
        "binary in three",
        [frame(BINARY, b"\xff", **part), frame(CONTINUATION, b"\xfe", **part),
         frame(CONTINUATION, b"\xfd")], refuses_binary, alive)
    yield from in_all_pieces(
        "empty fragments around a word",
        [frame(TEXT, **part), frame(CONTINUATION, **part),
         frame(CONTINUATION, "word", **part), frame(CONTINUATION)],
        hears("word"), alive)
    yield from in_all_pieces(
        "three empty fragments", [frame(TEXT, **part),
                                  frame(CONTINUATION, **part),
                                  frame(CONTINUATION)],
        refuses("empty"), alive)
    yield from in_all_pieces(
        "text, then binary, both in two",
        [open_text, frame(CONTINUATION, "two"), frame(BINARY, b"x", **part),
         frame(CONTINUATION, b"y")], hears("one two"), refuses_binary, alive)
    text = letters(1000).replace(" ", "_")
    yield ("a thousand fragments", send(*fragments(TEXT, text.encode(), 1)),
           hears(text), alive)


def wrong_fragmentation():
    part = dict(fin=False)
    two = [frame(TEXT, "one ", **part), frame(CONTINUATION, "two")]
    for kind, how in (("last", {}), ("further", part)):
        nothing = frame(CONTINUATION, "of nothing", **how)
        yield from in_all_pieces(
            f"a {kind} continuation of nothing, then a text",
            [nothing, frame(TEXT, "a")], closed(1002))
        yield (f"a {kind} continuation behind a whole text", *says("first"),
               send(nothing, frame(TEXT, "a")), closed(1002))
        yield (f"a {kind} continuation behind an ended text",
               send(*two), hears("one two"), send(nothing), closed(1002))
        yield (f"a {kind} continuation behind an empty text",
               send(frame(TEXT)), refuses("empty"), send(nothing), closed(1002))
    for first, second in ((TEXT, TEXT), (TEXT, BINARY), (BINARY, TEXT),
                          (BINARY, BINARY)):
        for how in ({}, part):
            yield (f"opcode {second}, FIN {int(not how)}, inside opcode {first}",
                   send(frame(first, "a", **part), frame(second, "b", **how)),
                   closed(1002))
    for opcode, kind in ((PING, "ping"), (PONG, "pong"), (CLOSE, "close")):
        yield (f"a fragmented {kind} inside a text",
               send(frame(TEXT, "a", **part), frame(opcode, b"", **part)),
               closed(1002))
    yield "a fragmented close", send(header(CLOSE, 2, **part)[:1]), closed(1002)


# --- 6: text is UTF-8 (5.6, 8.1) --------------------------------------------

def valid_text():
    for what, texts in VALID:
        for octets in texts:
            text = octets.decode()
            yield f"{what}: {octets.hex()}", *says(text), alive
        whole = b"".join(texts)
        yield (f"{what}, a fragment for each octet",
               send(*fragments(TEXT, whole, 1)), hears(whole.decode()), alive)
        yield (f"{what}, octet by octet, pings between fragments",
               *(step for f in fragments(TEXT, whole, 1)[:-1]
                 for step in (send(f, frame(PING, b"p"), piece=1), pongs(b"p"))),
               send(fragments(TEXT, whole, 1)[-1]), hears(whole.decode()), alive)
    greek = "κόσμε".encode()
    for n in range(1, len(greek)):
        is_whole = find_wrong(greek[:n] + b" ") is None
        yield (f"the first {n} octets of Greek", *(
            [*says(greek[:n].decode()), alive] if is_whole
            else [send(frame(TEXT, greek[:n])), closed(1007)]))
        yield (f"Greek cut behind octet {n}",
               send(frame(TEXT, greek[:n], fin=False),
                    frame(CONTINUATION, greek[n:])), hears("κόσμε"), alive)
    yield "NUL is text, though none to be said", send(frame(TEXT, "\0")), \
        refuses("NUL"), alive
    yield ("what is no text in a binary", send(frame(BINARY, b"\xc0\xff")),
           refuses_binary, *says("then a text"), alive)


def invalid_text():
    before, behind = "κόσμε".encode(), b"edited"
    for what, wrongs in INVALID:
        for wrong in wrongs:
            yield from wrong_text(f"{what}: {wrong.hex()}", before, wrong, behind)


def wrong_text(name, before, wrong, behind):
    """In a whole message; told by its first wrong octet though most of the frame
    is still to come; the same in a fragment, where what stands before the octet
    has been accepted; and cut off at its end."""
    whole = before + wrong + behind
    yield name, send(frame(TEXT, whole)), closed(1007)
    at = find_wrong(whole)
    yield (f"{name}, in a frame that goes on",
           send(header(TEXT, 10000) + MASK + whole[:at + 1]), closed(1007))
    yield (f"{name}, in a fragment that goes on",
           send(frame(TEXT, whole[:at], fin=False), frame(PING, b"so far")),
           pongs(b"so far"),
           send(header(CONTINUATION, 70000) + MASK + whole[at:at + 1]),
           closed(1007))
    if find_wrong(wrong) is None:
        yield f"{name}, at the end", send(frame(TEXT, before + wrong)), closed(1007)
        yield (f"{name}, at the end of the last fragment",
               send(frame(TEXT, before + wrong, fin=False),
                    frame(CONTINUATION)), closed(1007))


def early_text():
    greek, wrong = "κόσμε".encode(), b"\xf4\x90\x80\x80"
    yield ("wrong in the second of three fragments",
           send(frame(TEXT, greek, fin=False),
                frame(CONTINUATION, wrong, fin=False)), closed(1007))
    yield ("wrong by the third fragment's first octet",
           send(frame(TEXT, greek, fin=False),
                frame(CONTINUATION, wrong[:1], fin=False), frame(PING, b"p")),
           pongs(b"p"), send(frame(CONTINUATION, wrong[1:], fin=False)),
           closed(1007))
    whole = frame(TEXT, greek + wrong + b"edited")
    at = len(whole) - len(wrong + b"edited")
    yield ("wrong in a frame that is sent octet by octet",
           send(whole[:at + 2], piece=1), closed(1007))
    yield ("wrong octet by octet to the end",
           send(whole, piece=1), closed(1007))
    yield ("wrong, a fragment for each octet",
           send(*fragments(TEXT, greek + b"\xed\xa0\x80" + b"edited", 1)),
           closed(1007))
    yield ("wrong behind a text that was fine", *says("first"),
           send(frame(TEXT, b"\xff")), closed(1007))


# --- 7: closing (5.5.1, 7) --------------------------------------------------

def closing():
    bye = frame(CLOSE, close_payload(1000, "bye"))
    yield "a text, then a close", *says("first"), send(bye), closed(1000)
    yield "two closes", send(bye, bye), closed(1000)
    yield "a close, then a ping", send(bye, frame(PING, b"x")), closed(1000)
    yield "a close, then a text", send(bye, frame(TEXT, "x")), closed(1000)
    yield "a close, then a wrong frame", send(bye, frame(3)), closed(1000)
    yield ("a close, then a ping when it has been answered", send(bye),
           closed(1000), send(frame(PING, b"x")), ends)
    yield ("a close inside a text", send(frame(TEXT, "a", fin=False), bye,
                                         frame(CONTINUATION, "b")), closed(1000))
    yield ("a close behind 256 KiB", send(frame(BINARY, b"x" * MESSAGE_MAX), bye,
                                          frame(PING)),
           refuses_binary, closed(1000))
    yield "an empty close", send(frame(CLOSE)), closed(NO_CODE)
    yield "a close of one octet", send(frame(CLOSE, b"\x03")), closed(1002)
    yield "a close octet by octet", send(bye, piece=1), closed(1000)
    for what, reason, code in (
            ("of 123 octets", b"x" * 123, 1000),
            ("of 124 octets", b"x" * 124, 1002),
            ("in Greek", "κόσμε".encode(), 1000),
            ("of characters to the last octet", "é".encode() * 61, 1000),
            ("that is not UTF-8", b"\xce\xba\xed\xa0\x80edited", 1007),
            ("that ends inside a character", b"a\xc3", 1007)):
        yield (f"a reason {what}",
               send(frame(CLOSE, close_payload(1000, reason))), closed(code))
    for code in (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000,
                 4999):
        for reason in ("", "because"):
            yield (f"code {code} {reason}", send(frame(
                CLOSE, close_payload(code, reason))), closed(code))
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000,
                 65535):
        for reason in ("", "because"):
            yield (f"code {code} {reason}", send(frame(
                CLOSE, close_payload(code, reason))), closed(1002))


def ends(peer):
    peer.wire.ends()


# --- 9: limits (10.4) -------------------------------------------------------

def limits():
    for n in (64 * 1024, 128 * 1024, MESSAGE_MAX):
        text, message = padded(n)
        yield f"a text of {n}", send(frame(TEXT, text)), hears(message), alive
        yield (f"a binary of {n}", send(frame(BINARY, bytes(n))),
               refuses_binary, alive)
    text, message = padded(MESSAGE_MAX)
    for size in (64, 256, 1024, 4096, 16384, 65536):
        yield (f"{MESSAGE_MAX} octets in fragments of {size}",
               send(*fragments(TEXT, text, size)), hears(message), alive)
    for piece in (64, 256, 1024, 2048):
        yield (f"{MESSAGE_MAX} octets in pieces of {piece}",
               send(frame(TEXT, text), piece=piece), hears(message), alive)
    for n in (MESSAGE_MAX + 1, 1 << 32, (1 << 32) + 5, (1 << 63) - 1):
        for opcode, kind in ((TEXT, "text"), (BINARY, "binary")):
            yield (f"a {kind} that claims {n}", send(header(opcode, n)),
                   closed(1009))
    full = fragments(TEXT, text, 65536)
    yield ("fragments that come to one octet too many",
           send(*full[:-1], frame(CONTINUATION, b" " * 65536, fin=False),
                header(CONTINUATION, 1)), closed(1009))
    yield ("fragments up to the maximum, the last one empty",
           send(*full[:-1], frame(CONTINUATION, text[-65536:], fin=False),
                frame(PING, b"p"), frame(CONTINUATION)),
           pongs(b"p"), hears(message), alive)
    yield ("too much by far, all of it sent",
           send(frame(BINARY, bytes(4 * MESSAGE_MAX))), closed(1009))
    yield ("a wrong octet beats the size", send(
        header(TEXT, MESSAGE_MAX) + MASK + b"\xff"), closed(1007))


def performance():
    words = [f"word {i} {letters(50, i)}." for i in range(200)]
    yield ("two hundred messages at once", send(*(frame(TEXT, w) for w in words)),
           *(hears(w) for w in words), alive)
    yield ("fifty messages, one after the other's echo",
           *(step for w in words[:50] for step in says(w)), alive)
    yield ("two hundred pieces of two hundred messages", send(
        *(frame(TEXT, w) for w in words), piece=83),
        *(hears(w) for w in words), alive)


def auto_fragments():
    text, message = padded(65536)
    for size in (125, 126, 1300, 65535):
        yield (f"65536 octets in fragments of {size}",
               send(*fragments(TEXT, text, size)), hears(message), alive)


SECTIONS = [
    ("framing", framing), ("lengths and masks", lengths),
    ("pings and pongs", controls), ("reserved bits", reserved_bits),
    ("reserved opcodes", reserved_opcodes), ("fragments", fragmentation),
    ("wrong fragments", wrong_fragmentation), ("text", valid_text),
    ("text that is none", invalid_text), ("early refusal", early_text),
    ("closing", closing), ("limits", limits), ("many messages", performance),
    ("fragments of one size", auto_fragments),
]
