# SPDX-License-Identifier: MIT
"""tests/clients/tls_flood.py - says much at once in a campfire room, and reads
what it is told: tls_flood.py URL ROOM-ID COUNT BYTES. CA in SSL_CERT_FILE."""
import asyncio
import json
import sys

import websockets


async def read_on(socket):
    async for _ in socket:
        pass


async def flood(url, room_id, count, size):
    async with websockets.connect(url) as socket:
        reading = asyncio.ensure_future(read_on(socket))
        for i in range(count):
            await socket.send(json.dumps({
                "type": "CreateMessage", "room_id": room_id,
                "content": f"{i} ".ljust(size, "x")}))
        await socket.close()
        await reading


if __name__ == "__main__":
    asyncio.run(flood(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:5])))
