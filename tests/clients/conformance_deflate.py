# SPDX-License-Identifier: MIT
"""tests/clients/conformance_deflate.py - a WebSocket client that knows RFC 7692
by heart, with a zlib of its own behind raw sockets.

    conformance_deflate.py offers|sizes|breaches|bombs HOST:PORT TOKEN
    conformance_deflate.py ignored HOST:PORT TOKEN

Prints TAP and ends with 1 if something is not as it should be. The gateway must
be told to compress, but for `ignored`: there no offer may be met. Sizes, frames
and windows are those that the Autobahn test suite has in its sections 12 and 13.
"""
import random
import sys
import urllib.parse
import zlib

from conformance_sections import (
    CONTENT_MAX, MESSAGE_MAX, alive, closed, hears, letters, padded, pongs,
    refuses, refuses_binary, says, send)
from conformance_wire import (
    BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Peer, Tap, address_of, frame,
    must)

NAME = "permessage-deflate"
AGREED = NAME + "; server_no_context_takeover; client_no_context_takeover"
MINE = "; server_max_window_bits="
TAIL = b"\0\0\xff\xff"
RSV1 = 4
SMALL = 128  # octets: what is shorter goes as it is


class DeflatePeer(Peer):
    """Inflates each message on its own, in a window as small as agreed on."""
    reserved = 0x30
    window_bits = 15

    def __init__(self, wire):
        super().__init__(wire)
        self.compressed = self.plain = 0

    def open(self, payload, reserved):
        if not reserved:
            self.plain += len(payload) >= SMALL
            return payload
        inflater = zlib.decompressobj(wbits=-self.window_bits)
        text = inflater.decompress(payload + TAIL)
        must(not inflater.unused_data and not inflater.eof, "final block")
        must(len(payload) < len(text), "compressed and no shorter")
        must(len(text) >= SMALL, "compressed, and small")
        self.compressed += 1
        return text


# --- What is sent -----------------------------------------------------------

def deflate(text, level=6, bits=15, strategy=zlib.Z_DEFAULT_STRATEGY):
    text = text.encode() if isinstance(text, str) else text
    how = zlib.compressobj(level, zlib.DEFLATED, -bits, 8, strategy)
    data = how.compress(text) + how.flush(zlib.Z_SYNC_FLUSH)
    must(data.endswith(TAIL), "no tail")
    return data[:-4]


def message(data, size=0, opcode=TEXT):
    """Compressed data in frames of `size` octets at most."""
    size = size or max(len(data), 1)
    pieces = [data[at:at + size] for at in range(0, len(data), size)] or [b""]
    return [frame(CONTINUATION if i else opcode, piece,
                  fin=i == len(pieces) - 1, rsv=0 if i else RSV1)
            for i, piece in enumerate(pieces)]


def says_deflated(text, size=0, **how):
    return [send(*message(deflate(text, **how), size)), hears(text)]


def noise(n):
    """Text that hardly shrinks."""
    return "".join(random.Random(n).choices(
        [chr(c) for c in range(0x21, 0x2ff) if chr(c).isprintable()], k=n))


def zeros(n):
    """Compressed, a piece at a time."""
    how = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    data = b"".join(how.compress(bytes(1 << 20)) for _ in range(n >> 20))
    return (data + how.flush(zlib.Z_SYNC_FLUSH))[:-4]


def heard(compressed=0, plain=0):
    """So many at least, and none of the other kind."""
    def step(peer):
        must(peer.compressed >= compressed and peer.plain >= plain
             and (peer.compressed == 0 or peer.plain == 0), "heard",
             peer.compressed, "compressed and", peer.plain, "plain")
    return step


# --- Offers (RFC 7692 7.1) --------------------------------------------------

def offers():
    """Name, field, the answer to it."""
    for field, answer in (
            (NAME, AGREED),
            (NAME + "; client_max_window_bits", AGREED),
            (NAME + "; client_max_window_bits=9", AGREED),
            (NAME + "; server_no_context_takeover", AGREED),
            (NAME + "; client_no_context_takeover", AGREED),
            (NAME + MINE + '"12"', AGREED + MINE + "12"),
            *((NAME + MINE + str(n), AGREED + MINE + str(n))
              for n in range(9, 16)),
            (f"{NAME}{MINE}8, {NAME}{MINE}10", AGREED + MINE + "10"),
            (f"{NAME}; x, foo, {NAME}", AGREED),
            (NAME + MINE + "8", None), (NAME + MINE + "16", None),
            (NAME + MINE + "09", None),
            (NAME + "; server_max_window_bits", None),
            (NAME + "; client_no_context_takeover=1", None),
            (f"{NAME}{MINE}10{MINE}10", None),
            (NAME + "; mux", None), ("x-webkit-deflate-frame", None)):
        yield field, answer


def run_offers(tap, address, target, are_ignored=False):
    for field, answer in offers():
        answer = None if are_ignored else answer

        def case(field=field, answer=answer):
            peer = DeflatePeer.connect(
                address, target, [("Sec-WebSocket-Extensions", field)], answer)
            if answer and MINE in answer:
                peer.window_bits = int(answer.rsplit("=", 1)[1])
            for n in (16, 300, 3000, CONTENT_MAX):
                text = letters(n).replace(" ", "_")
                send(frame(TEXT, text))(peer)
                hears(text)(peer)
            heard(**{"compressed" if answer else "plain": 3})(peer)
            send(*message(deflate("compressed")))(peer)
            if answer:
                hears("compressed")(peer)
                alive(peer)
            else:
                closed(1002)(peer)
            peer.wire.close()
        tap.case(field, case)


# --- Sizes and fragments ----------------------------------------------------

def sizes():
    for size in (0, 256, 1024, 4096, 32768):
        steps = []
        for n in (16, 64, 256, 1024, 4096, 8192, CONTENT_MAX):
            steps += says_deflated(letters(n).replace(" ", "_"), size)
        for n in (32768, 65536, 131072, MESSAGE_MAX):
            text, content = padded(n)
            steps += [send(*message(deflate(text), size)), hears(content)]
        yield f"frames of {size or 'all'}", *steps, heard(9), alive
    for what, how in (("stored", {"level": 0}), ("quick", {"level": 1}),
                      ("best", {"level": 9}), ("in a window of 512", {"bits": 9}),
                      ("Huffman", {"strategy": zlib.Z_HUFFMAN_ONLY}),
                      ("runs", {"strategy": zlib.Z_RLE}),
                      ("fixed codes", {"strategy": zlib.Z_FIXED})):
        for text in (letters(3000).replace(" ", "_"), noise(3000)):
            yield (f"{what}, {text[:5]}…", *says_deflated(text, **how), alive)
    yield ("octet by octet, a ping between",
           send(*message(deflate("slow", level=0), 1)[:3], frame(PING, b"p"),
                *message(deflate("slow", level=0), 1)[3:]),
           pongs(b"p"), hears("slow"), alive)
    yield ("an empty frame at each end",
           send(frame(TEXT, b"", fin=False, rsv=RSV1),
                frame(CONTINUATION, deflate("between"), fin=False),
                frame(CONTINUATION, b"")), hears("between"), alive)
    yield ("compressed and not, in turns", *says_deflated("one"), *says("two"),
           *says_deflated("three"), *says("four"), alive)
    yield ("not compressed, in fragments",
           send(frame(TEXT, "a", fin=False), frame(CONTINUATION, "b")),
           hears("ab"), alive)
    yield ("a hundred at once",
           send(*(f for i in range(100) for f in message(deflate(f"n {i}")))),
           *(hears(f"n {i}") for i in range(100)), alive)
    yield ("final blocks", send(*message(bytes.fromhex("f348cdc9c9070000"))),
           hears("Hello"), alive)
    yield ("two blocks", send(*message(
        bytes.fromhex("f248050000 00ffff cac9c90700".replace(" ", "")))),
        hears("Hello"), alive)
    yield ("an empty text", send(*message(b"\0")), refuses("empty"), alive)
    yield ("fifty thousand empty blocks", send(*message(
        b"\0\0\0\xff\xff" * 50000 + b"\0")), refuses("empty"), alive)
    yield ("a binary", send(*message(deflate(b"\xfe" * 500), opcode=BINARY)),
           refuses_binary, alive)
    yield ("text cut within a character and a code",
           *says_deflated("κόσμε 😀 " * 40 + "end", 1), heard(1), alive)


# --- Breaches ---------------------------------------------------------------

def breaches():
    hello = deflate("Hello, hello, hello")
    for opcode, kind in ((PING, "ping"), (PONG, "pong"), (CLOSE, "close")):
        yield (f"a {kind} with RSV1",
               send(frame(opcode, rsv=RSV1)), closed(1002))
    yield ("a continuation with RSV1",
           send(frame(TEXT, hello[:4], fin=False, rsv=RSV1),
                frame(CONTINUATION, hello[4:], rsv=RSV1)), closed(1002))
    yield ("a continuation of plain text with RSV1",
           send(frame(TEXT, "a", fin=False),
                frame(CONTINUATION, hello, rsv=RSV1)), closed(1002))
    for rsv in (1, 2, 5, 6, 7):
        yield (f"reserved bits {rsv}",
               send(frame(TEXT, hello, rsv=rsv)), closed(1002))
    for name, data in (
            ("plain text", b"Hello, hello, hello"), ("nothing", b""),
            ("half", hello[:len(hello) // 2]), ("no end", hello[:-1]),
            ("a wrong block type", b"\x07\0"),
            ("what went before", b"\xf2\x00\x11\x00\x00"),
            ("zlib's header", zlib.compress(b"Hello"))):
        yield (f"not deflated: {name}", *says_deflated("Hello"),
               send(*message(data)), closed(1007))
        yield (f"not deflated, binary: {name}",
               send(*message(data, opcode=BINARY)), closed(1007))
    for name, text in (("overlong", b"a\xc0\xaf"), ("cut", b"a" * 300 + b"\xe1"),
                       ("a surrogate", b"\xed\xa0\x80")):
        yield (f"not UTF-8: {name}", send(*message(deflate(text), 2)),
               closed(1007))
    text, content = padded(MESSAGE_MAX)
    yield ("of the maximum", send(*message(deflate(text))), hears(content),
           alive)
    yield ("of one octet more", send(*message(deflate(text + b" "))),
           closed(1009))


def bombs():
    giant = zeros(1 << 30)
    large = zeros(240 << 20)
    for size in (0, 1000, 65536):
        yield (f"1 GiB in frames of {size or len(giant)}",
               send(*message(giant, size)), closed(1009))
        yield (f"240 MiB in frames of {size or len(large)}",
               send(*message(large, size)), closed(1009))


# --- Running ----------------------------------------------------------------

def run_case(address, target, steps):
    peer = DeflatePeer.connect(
        address, target, [("Sec-WebSocket-Extensions", NAME)], AGREED)
    try:
        for step in steps:
            step(peer)
    finally:
        peer.wire.close()


def main(what, host, token):
    tap, address = Tap(), address_of(host)
    target = "/ws?" + urllib.parse.urlencode({"token": token, "room": what})
    if what in ("offers", "ignored"):
        run_offers(tap, address, target, what == "ignored")
    else:
        for name, *steps in {"sizes": sizes, "breaches": breaches,
                             "bombs": bombs}[what]():
            tap.case(name, run_case, address, target, steps)
    tap.done()


if __name__ == "__main__":
    main(*sys.argv[1:])
