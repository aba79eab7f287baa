# SPDX-License-Identifier: MIT
"""tests/clients/lobby.py - a client of the lobby dialect on Python's websockets,
written from the dialect's documentation alone. Its decoder takes the frames that
the document names, with those fields, and no others.

    lobby.py URL NAME TARGET TEXT [TOKEN]

enters, says the text to all and to the target, waits for an answer by the target
in private, and leaves; prints the three frames that it heard of this as JSON, a
line each. Shows the token, if any, on each frame. Ends with 1 if something is not
as the document says.
"""
import asyncio
import json
import sys

import websockets

sys.dont_write_bytecode = True
from hub import PATIENCE, Strange, check, is_text, parse, show

BODIES = {
    "Enter": ("sender_username",),
    "Leave": ("sender_username",),
    "GroupChat": ("sender_username", "content"),
    "PrivateChat": ("target_username", "sender_username", "content"),
}


def decode(data):
    frame = parse(data)
    check("frame", frame, {
        "message_type": lambda v: isinstance(v, str) and v in BODIES,
        "message_body": lambda v: True,
    })
    kind = frame["message_type"]
    check(kind, frame["message_body"], dict.fromkeys(BODIES[kind], is_text))
    return frame


class Lobby:
    """One connection. `async with Lobby(url, name) as lobby: …`"""

    def __init__(self, url, name, token=None):
        self.url = url
        self.name = name
        self.token = {"token": token} if token else {}
        self.socket = None

    async def __aenter__(self):
        self.socket = await websockets.connect(
            self.url, subprotocols=["lobby"])
        if self.socket.subprotocol != "lobby":
            raise Strange(f"subprotocol {self.socket.subprotocol}")
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **fields):
        body = {"sender_username": self.name, **fields}
        await self.socket.send(json.dumps(
            {"message_type": kind, "message_body": body, **self.token}))

    async def expect(self, kind, **fields):
        """The next frame of that type with these fields in its body; those
        skipped are decoded."""
        async def look():
            while True:
                frame = decode(await self.socket.recv())
                if (frame["message_type"] == kind and
                        fields.items() <= frame["message_body"].items()):
                    return frame
        return await asyncio.wait_for(look(), PATIENCE)

    async def say(self, text):
        await self.send("GroupChat", content=text)
        return await self.expect(
            "GroupChat", sender_username=self.name, content=text)

    async def whisper(self, target, text):
        await self.send("PrivateChat", target_username=target, content=text)
        return await self.expect(
            "PrivateChat", sender_username=self.name, content=text)


async def main(url, name, target, text, token=None):
    async with Lobby(url, name, token) as lobby:
        await lobby.send("Enter")
        show(await lobby.say(text))
        show(await lobby.whisper(target, text))
        show(await lobby.expect("PrivateChat", sender_username=target))
        await lobby.send("Leave")


if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:6]))
    except Strange as strange:
        sys.exit(str(strange))
    except websockets.ConnectionClosed as closed:
        sys.exit(f"closed with {closed.code} {closed.reason}")
