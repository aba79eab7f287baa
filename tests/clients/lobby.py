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
import json
import sys

from connection import Connection, run, show
from strict import check, is_anything, is_one_of, is_text, parse

BODIES = {
    "Enter": ("sender_username",),
    "Leave": ("sender_username",),
    "GroupChat": ("sender_username", "content"),
    "PrivateChat": ("target_username", "sender_username", "content"),
}


class Lobby(Connection):
    def __init__(self, url, name, token=None):
        super().__init__(url, "lobby")
        self.name = name
        self.token = {"token": token} if token else {}

    @staticmethod
    def decode(data):
        frame = parse(data)
        check("frame", frame, {
            "message_type": is_one_of(BODIES), "message_body": is_anything})
        kind = frame["message_type"]
        check(kind, frame["message_body"], dict.fromkeys(BODIES[kind], is_text))
        return frame

    async def send(self, kind, **fields):
        body = {"sender_username": self.name, **fields}
        await self.socket.send(json.dumps(
            {"message_type": kind, "message_body": body, **self.token}))

    async def expect(self, kind, **fields):
        """The next frame of that type with these fields in its body."""
        return await self.find(lambda frame: frame["message_type"] == kind and
                               fields.items() <= frame["message_body"].items())

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
    run(main(*sys.argv[1:6]))
