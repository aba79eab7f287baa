# SPDX-License-Identifier: MIT
"""tests/clients/campfire.py - a client of the campfire dialect on Python's
websockets, written from the dialect's documentation alone. Its decoder takes the
frames that the document names, with those fields and types, and no others; it
asks for no extensions.

As a program it is a round trip: campfire.py URL TOKEN ROOM-ID TEXT joins, types,
posts, and prints the message that came back as JSON.
"""
import json
import sys
import uuid

from connection import Connection, run, show
from strict import (Strange, check, is_one_of, is_text, is_time, is_uuid,
                    parse)

MESSAGE = {"id": is_uuid, "room_id": is_uuid, "creator_id": is_uuid,
           "content": is_text, "client_message_id": is_uuid,
           "created_at": is_time}
SOMEBODY = {"user_id": is_uuid, "room_id": is_uuid}
FRAMES = {
    "NewMessage": {"message": MESSAGE},
    "UserJoined": SOMEBODY,
    "UserLeft": SOMEBODY,
    "TypingStart": SOMEBODY,
    "TypingStop": SOMEBODY,
    "PresenceUpdate": {"room_id": is_uuid, "online_users": [is_uuid]},
    "Error": {"message": is_text, "code": is_text},
}


class Campfire(Connection):
    def __init__(self, url, token):
        super().__init__(
            url, extra_headers={"Authorization": "Bearer " + token})

    @staticmethod
    def decode(data):
        frame = parse(data)
        kind = frame.get("type") if isinstance(frame, dict) else None
        check("type", kind, is_one_of(FRAMES))
        check(kind, frame, {"type": is_text, **FRAMES[kind]})
        return frame

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def expect(self, kind, **fields):
        """The next frame of that type with these fields."""
        def is_it(frame):
            if frame["type"] == "Error" and kind != "Error":
                raise Strange(frame)
            return frame["type"] == kind and fields.items() <= frame.items()
        return await self.find(is_it)

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
        show(await client.post(room_id, text))


if __name__ == "__main__":
    run(round_trip(*sys.argv[1:5]))
