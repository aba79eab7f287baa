# SPDX-License-Identifier: MIT
"""Connections that each begin a message and do not end it, one after another.

    unfinished.py HOST:PORT TOKEN COUNT BYTES

Each one's BYTES have come before the next one begins. Then those that still
stand end their messages and await the answer. Prints `{"codes": [...]}`: the
close code of each, in their order, or null for one that was answered.
"""
import asyncio
import json
import sys

import websockets


class Beginner:
    def __init__(self, socket, size):
        self.socket = socket
        self.begun = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.said = asyncio.create_task(socket.send(self.pieces(size)))

    async def pieces(self, size):
        yield "x" * size
        self.begun.set()
        await self.goes_on.wait()
        yield "x"

    async def finish(self):
        self.goes_on.set()
        try:
            await self.said
            while json.loads(await self.socket.recv())["type"] != "Error":
                pass
            return None
        except (websockets.ConnectionClosed, websockets.InvalidState):
            await self.socket.wait_closed()
            return self.socket.close_code


async def main(address, token, count, size):
    url = f"ws://{address}/ws/campfire?token={token}"
    beginners = []
    for _ in range(int(count)):
        socket = await websockets.connect(url, compression=None, ping_interval=None)
        beginners.append(Beginner(socket, int(size)))
        await asyncio.wait_for(beginners[-1].begun.wait(), 20)
        pong = await socket.ping()
        await asyncio.wait_for(pong, 20)
    codes = [await asyncio.wait_for(b.finish(), 20) for b in beginners]
    print(json.dumps({"codes": codes}))


asyncio.run(main(*sys.argv[1:]))
