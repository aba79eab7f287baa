# SPDX-License-Identifier: MIT
"""tests/clients/sealed.py - a client of the sealed dialect on Python's
websockets, written from the dialect's documentation alone. It encrypts; its
decoder takes the frames that the document names, with those fields and types,
and no others.

    sealed.py host URL ROOM PASSWORD TEXT            makes a room, waits for
                                                     words, then says TEXT
    sealed.py guest URL JOIN-KEY PASSWORD NAME TEXT  joins, says TEXT, waits for
                                                     an answer
    sealed.py listen URL JOIN-KEY PASSWORD NAME      joins, hears all until its
                                                     input ends

An empty PASSWORD is none. Prints the room_info, then each message as {sender,
text}, or each frame where it listens, a line each. Ends with 1 if something is
not as the document says.
"""
import base64
import binascii
import json
import os
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connection import Connection, run, show
from strict import (Strange, check, is_any_text, is_bool, is_count, is_text,
                    is_uuid, parse)

NONCE_BYTES = 12


def is_key(value):
    try:
        key = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return len(key) == 32 and base64.b64encode(key).decode() == value


def is_names(value):
    return (isinstance(value, list) and value != [] and
            all(map(is_text, value)))


INFO = {
    "id": is_uuid, "name": is_text, "description": is_any_text,
    "join_key": is_text, "has_password": is_bool, "created_at": is_count,
    "participant_count": is_count,
}

FRAMES = {
    "RoomCreated": {"room_info": INFO, "encryption_key": is_key},
    "RoomJoined": {"room_info": INFO, "encryption_key": is_key,
                   "participants": is_names},
    "ParticipantJoined": {"name": is_text},
    "ChatMessage": {"sender": is_text, "content": is_text},
    "Error": {"message": is_text},
}


class Sealed(Connection):
    patience = 20
    cipher = None

    @staticmethod
    def decode(data):
        """The frame's kind and its fields."""
        frame = parse(data)
        if not isinstance(frame, dict) or len(frame) != 1:
            raise Strange(f"not one kind: {data!r}")
        [(kind, body)] = frame.items()
        if kind not in FRAMES:
            raise Strange(f"no kind of frame: {kind}")
        check(kind, body, FRAMES[kind])
        return kind, body

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({kind: fields}))

    async def expect(self, wanted, fits=lambda body: True):
        """The fields of the next frame of that kind that fits."""
        def is_it(frame):
            kind, body = frame
            if kind == wanted and fits(body):
                return True
            if kind == "Error":
                raise Strange(body["message"])
            return False
        return (await self.find(is_it))[1]

    async def entered(self, kind):
        body = await self.expect(kind)
        self.cipher = AESGCM(base64.b64decode(body["encryption_key"]))
        return body["room_info"]

    async def create(self, name, description, password):
        await self.send("CreateRoom", name=name, description=description,
                        password=password)
        return await self.entered("RoomCreated")

    async def join(self, join_key, password, name):
        await self.send("JoinRoom", join_key=join_key, password=password,
                        name=name)
        return await self.entered("RoomJoined")

    async def members(self):
        await self.socket.send('"GetMembers"')
        return (await self.expect("RoomJoined"))["participants"]

    async def say(self, text):
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self.cipher.encrypt(nonce, text.encode(), None)
        await self.send(
            "ChatMessage", content=base64.b64encode(sealed).decode())

    async def hear(self, wanted):
        """The next words of somebody for whose name `wanted` holds."""
        body = await self.expect(
            "ChatMessage", lambda body: wanted(body["sender"]))
        sealed = base64.b64decode(body["content"], validate=True)
        text = self.cipher.decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        return {"sender": body["sender"], "text": text.decode()}


async def host(url, room, password, text):
    async with Sealed(url) as client:
        show(await client.create(room, "made in Python", password or None))
        show(await client.hear("Owner".__ne__))
        await client.say(text)
        show(await client.hear("Owner".__eq__))


async def guest(url, join_key, password, name, text):
    async with Sealed(url) as client:
        show(await client.join(join_key, password or None, name))
        await client.say(text)
        show(await client.hear(name.__eq__))
        show(await client.hear(name.__ne__))


async def listen(url, join_key, password, name):
    async with Sealed(url) as client:
        show(await client.join(join_key, password or None, name))
        await client.print_all()


ROLES = {"host": host, "guest": guest, "listen": listen}

if __name__ == "__main__":
    run(ROLES[sys.argv[1]](*sys.argv[2:]))
