# SPDX-License-Identifier: MIT
"""tests/clients/hub.py - a client of the hub dialect on Python's websockets,
written from the dialect's documentation alone. Its decoder takes the frames that
the document names, with those fields and types, and no others.

    hub.py URL TOKEN ROOM NUMBER TEXT

joins the room, says the text there and to the user of that number, asks for both
histories and for a room that is not there, and prints the six answers as JSON, a
line each. Ends with 1 if something is not as the document says.
"""
import asyncio
import datetime
import json
import re
import sys

import websockets

PATIENCE = 10  # seconds
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


class Strange(Exception):
    """Something is not as the document says."""


def is_text(value):
    return isinstance(value, str) and value != ""


def is_integer_from(least):
    return lambda v: type(v) is int and least <= v < 2 ** 53


def is_time(value):
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return False
    return True


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


def check(where, value, fields):
    """`value` is an object that has just these fields, each of which fits."""
    if not isinstance(value, dict):
        raise Strange(f"{where} is no object: {value!r}")
    if value.keys() != fields.keys():
        raise Strange(f"{where} has {sorted(value)}, not {sorted(fields)}")
    for name, fits in fields.items():
        if fits(value[name]) is not True:
            raise Strange(f"{where}.{name} cannot be {value[name]!r}")


def once(pairs):
    """An object in which each name stands once."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise Strange(f"a name twice: {names}")
    return dict(pairs)


def no_constant(name):
    raise Strange(f"{name} is not JSON")


def parse(data):
    if not isinstance(data, str):
        raise Strange(f"a binary frame: {data!r}")
    try:
        return json.loads(
            data, object_pairs_hook=once, parse_constant=no_constant)
    except ValueError as error:
        raise Strange(f"not JSON: {data!r}") from error


def decode(data):
    frame = parse(data)
    check("frame", frame, {
        "type": lambda v: isinstance(v, str) and v in FRAMES,
        "data": lambda v: True,
    })
    kind, shape = frame["type"], FRAMES[frame["type"]]
    if isinstance(shape, dict):
        check(kind, frame["data"], shape)
    elif not isinstance(frame["data"], list):
        raise Strange(f"{kind} is no array")
    else:
        for i, entry in enumerate(frame["data"]):
            check(f"{kind}[{i}]", entry, shape[0])
    return frame


class Hub:
    """One connection. `async with Hub(url, token) as hub: …`"""

    def __init__(self, url, token):
        self.url = url
        self.headers = {"Authorization": "Bearer " + token}
        self.socket = None

    async def __aenter__(self):
        self.socket = await websockets.connect(
            self.url, extra_headers=self.headers, subprotocols=["hub"])
        if self.socket.subprotocol != "hub":
            raise Strange(f"subprotocol {self.socket.subprotocol}")
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def expect(self, kind, **fields):
        """The next frame of that type with these fields in its data; those
        skipped are decoded."""
        async def look():
            while True:
                frame = decode(await self.socket.recv())
                if frame["type"] == "error" and kind != "error":
                    raise Strange(frame["data"]["message"])
                if frame["type"] == kind and (
                        not fields or fields.items() <= frame["data"].items()):
                    return frame
        return await asyncio.wait_for(look(), PATIENCE)

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


def show(frame):
    print(json.dumps(frame), flush=True)


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
    try:
        asyncio.run(main(*sys.argv[1:6]))
    except Strange as strange:
        sys.exit(str(strange))
