# SPDX-License-Identifier: MIT
"""tests/clients/campfire.py - a client of the campfire dialect on Python's
websockets, written from the dialect's documentation alone.

As a program it is a round trip: campfire.py URL TOKEN ROOM-ID TEXT joins, types,
posts, and prints the message that came back as JSON.
"""
import asyncio
import json
import sys
import uuid

import websockets


class Campfire:
    """One connection. `async with Campfire(url, token) as client: …`"""

    def __init__(self, url, token):
        self.url = url
        self.headers = {"Authorization": "Bearer " + token}
        self.socket = None

    async def __aenter__(self):
        self.socket = await websockets.connect(
            self.url, extra_headers=self.headers)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def expect(self, kind, seconds=10, **fields):
        """The next frame of that type with these fields; skips others."""
        async def look():
            while True:
                frame = json.loads(await self.socket.recv())
                if frame["type"] == "Error" and kind != "Error":
                    raise RuntimeError(frame)
                if frame["type"] == kind and fields.items() <= frame.items():
                    return frame
        return await asyncio.wait_for(look(), seconds)

    async def join(self, room_id):
        await self.send("JoinRoom", room_id=room_id)
        frame = await self.expect("PresenceUpdate", room_id=room_id)
        return frame["online_users"]

    async def leave(self, room_id):
        await self.send("LeaveRoom", room_id=room_id)

    async def start_typing(self, room_id):
        await self.send("StartTyping", room_id=room_id)

    async def stop_typing(self, room_id):
        await self.send("StopTyping", room_id=room_id)

    async def seen(self, message_id):
        await self.send("UpdateLastSeen", message_id=message_id)

    async def post(self, room_id, content):
        own = str(uuid.uuid4())
        await self.send("CreateMessage", room_id=room_id, content=content,
                        client_message_id=own)
        while True:
            message = (await self.expect("NewMessage"))["message"]
            if message["client_message_id"] == own:
                return message


async def round_trip(url, token, room_id, text):
    async with Campfire(url, token) as client:
        await client.join(room_id)
        await client.start_typing(room_id)
        print(json.dumps(await client.post(room_id, text)))


if __name__ == "__main__":
    asyncio.run(round_trip(*sys.argv[1:5]))
