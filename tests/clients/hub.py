# SPDX-License-Identifier: MIT
"""tests/clients/hub.py - a client of the hub dialect on Python's websockets,
written from the dialect's documentation alone. Its decoder takes the frames that
the document names, with those fields and types, and no others.

    hub.py URL TOKEN ROOM NUMBER TEXT

joins the room, says the text there and to the user of that number, asks for both
histories and for a room that is not there, and prints the six answers as JSON, a
line each. Ends with 1 if something is not as the document says.
"""
import json
import sys

from connection import Connection, run, show
from strict import (Strange, check, is_anything, is_integer_from, is_one_of,
                    is_text, is_time, parse)

SAID = {"username": is_text, "fromUser": is_integer_from(0),
        "content": is_text, "timestamp": is_time}
FRAMES = {
    "join_ack": {"room": is_text, "status": "ok".__eq__},
    "message": {**SAID, "id": is_integer_from(1), "room": is_text},
    "dm": {**SAID, "id": is_integer_from(1)},
    "room_history": [SAID],
    "dm_history": [SAID],
    "error": {"message": is_text},
}


class Hub(Connection):
    def __init__(self, url, token):
        super().__init__(
            url, "hub", extra_headers={"Authorization": "Bearer " + token})

    @staticmethod
    def decode(data):
        frame = parse(data)
        check("frame", frame, {"type": is_one_of(FRAMES), "data": is_anything})
        check(frame["type"], frame["data"], FRAMES[frame["type"]])
        return frame

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def expect(self, kind, **fields):
        """The next frame of that type with these fields in its data."""
        def is_it(frame):
            if frame["type"] == "error" and kind != "error":
                raise Strange(frame["data"]["message"])
            return frame["type"] == kind and (
                not fields or fields.items() <= frame["data"].items())
        return await self.find(is_it)

    async def join(self, room):
        await self.send("join", room=room)
        return await self.expect("join_ack")

    async def say(self, room, text):
        await self.send("message", room=room, content=text)
        return await self.expect("message", content=text)

    async def whisper(self, number, text):
        await self.send("dm", to=number, content=text)
        return await self.expect("dm", content=text)

    async def room_history(self, room, limit):
        await self.send("room_history", room=room, limit=limit)
        return await self.expect("room_history")

    async def dm_history(self, number, limit):
        await self.send("dm_history", **{"with": number}, limit=limit)
        return await self.expect("dm_history")


async def main(url, token, room, number, text):
    async with Hub(url, token) as hub:
        show(await hub.join(room))
        show(await hub.say(room, text))
        show(await hub.whisper(int(number), text))
        show(await hub.room_history(room, 10))
        show(await hub.dm_history(int(number), 10))
        await hub.send("join", room="a room that is not there")
        show(await hub.expect("error"))


if __name__ == "__main__":
    run(main(*sys.argv[1:6]))
