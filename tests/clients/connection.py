# SPDX-License-Identifier: MIT
"""tests/clients/connection.py - what the clients in Python have in common that is
no dialect's own: a connection of which each frame is decoded, and a program that
ends with 1 if something is not as the document says."""
import asyncio
import json
import sys

import websockets

from strict import Strange


class Connection:
    """`async with Hub(url, …) as hub: …`; a class below has `decode`."""
    patience = 10  # seconds

    def __init__(self, url, subprotocol=None, **options):
        self.url = url
        self.subprotocol = subprotocol
        self.options = options
        self.socket = None

    async def __aenter__(self):
        self.socket = await websockets.connect(
            self.url, subprotocols=self.subprotocol and [self.subprotocol],
            **self.options)
        if self.socket.subprotocol != self.subprotocol:
            raise Strange(f"subprotocol {self.socket.subprotocol}")
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def find(self, wanted):
        """The next frame for which `wanted` holds; those skipped are decoded."""
        async def look():
            while True:
                frame = self.decode(await self.socket.recv())
                if wanted(frame):
                    return frame
        return await asyncio.wait_for(look(), self.patience)

    async def print_all(self):
        """Each frame, until the input of the program has ended."""
        hearing = asyncio.ensure_future(self._print_each())
        ended = asyncio.ensure_future(input_ended())
        await asyncio.wait(
            {hearing, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            ended.cancel()
            hearing.result()
            raise Strange("the connection was closed")
        await self.socket.close()
        await hearing

    async def _print_each(self):
        async for data in self.socket:
            show(self.decode(data))


async def input_ended():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


def show(value):
    print(json.dumps(value), flush=True)


def run(conversation):
    """The program: tells on stderr what went wrong."""
    try:
        asyncio.run(conversation)
    except websockets.ConnectionClosed as closed:
        sys.exit(f"closed with {closed.code} {closed.reason}")
    except (Strange, OSError, asyncio.TimeoutError) as strange:
        sys.exit(repr(strange))
