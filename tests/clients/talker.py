#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""talker.py - somebody in the lobby who says a word now and then, for ever.

  talker.py ADDRESS

Whatever becomes of the server: it comes back, and goes on.
"""
import asyncio
import json
import sys

import websockets


def frame(kind, **body):
    return json.dumps({"message_type": kind,
                       "message_body": {"sender_username": "talker", **body}})


async def hear(socket):
    async for _ in socket:
        pass


async def talk(address):
    async with websockets.connect(address) as socket:
        hearing = asyncio.ensure_future(hear(socket))
        try:
            await socket.send(frame("Enter"))
            while not hearing.done():
                await socket.send(frame("GroupChat", content="is anybody there?"))
                await asyncio.sleep(0.3)
        finally:
            hearing.cancel()


async def main():
    while True:
        try:
            await talk(sys.argv[1])
        except (OSError, websockets.WebSocketException):
            pass
        await asyncio.sleep(0.3)


asyncio.run(main())
