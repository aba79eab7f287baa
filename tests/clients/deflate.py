# SPDX-License-Identifier: MIT
"""tests/clients/deflate.py - clients that ask for compression in every way that
Python's websockets has, in a room of the simple dialect each.

    deflate.py URL      of the dialect, with a token and without a room

Each says texts of many sizes, whole and in fragments, and must hear them as they
were said. Ends with 1 if that is not so, or if nothing was agreed on.
"""
import itertools
import random
import sys

from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory, PerMessageDeflate)

from connection import Connection, run, show
from simple import Simple
from strict import Strange

SIZES = (1, 16, 128, 1000, 5000, 16384)
WINDOWS = (None, 9, 12, 15)


def offers():
    for mine, yours, window, limit in itertools.product(
            (False, True), (False, True), WINDOWS, (None, True, 9, 15)):
        yield {"server_no_context_takeover": mine,
               "client_no_context_takeover": yours,
               "server_max_window_bits": window,
               "client_max_window_bits": limit}


def text_of(n, seed):
    half = "".join(random.Random(seed).choices("abcdefgh ", k=n))
    return "x" + (half + half)[:n - 1].replace(" ", "_")


async def says(client, text, *pieces):
    await client.socket.send(pieces or text)
    said = await client.message(lambda _: True)
    if said["message"] != text:
        raise Strange(f"heard {said['message'][:80]}")


async def converse(url, number, offer):
    factory = ClientPerMessageDeflateFactory(
        **offer, compress_settings={"level": number % 10})
    async with Simple(f"{url}&room=r{number}", compression=None,
                      extensions=[factory]) as client:
        agreed, = client.socket.extensions
        if not isinstance(agreed, PerMessageDeflate) or not (
                agreed.remote_no_context_takeover
                and agreed.local_no_context_takeover
                and agreed.remote_max_window_bits
                == (offer["server_max_window_bits"] or 15)):
            raise Strange(f"{offer}: {agreed}")
        for n in SIZES:
            await says(client, text_of(n, number))
        text = text_of(6000, number)
        await says(client, text, *(text[at:at + 700]
                                   for at in range(0, len(text), 700)))


async def converse_all(url):
    count = 0
    for count, offer in enumerate(offers(), 1):
        await converse(url, count, offer)
    show({"offers": count})


if __name__ == "__main__":
    Connection.patience = 20
    run(converse_all(sys.argv[1]))
