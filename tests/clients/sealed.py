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
import asyncio
import base64
import binascii
import json
import os
import re
import sys

import websockets
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PATIENCE = 20  # seconds
NONCE_BYTES = 12
UUID = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Strange(Exception):
    """Something is not as the document says."""


def is_uuid(value):
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_any_text(value):
    return isinstance(value, str)


def is_text(value):
    return isinstance(value, str) and value != ""


def is_bool(value):
    return isinstance(value, bool)


def is_u64(value):
    return type(value) is int and 0 <= value < 2 ** 64


def is_key(value):
    try:
        key = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return False
    return len(key) == 32 and base64.b64encode(key).decode() == value


def is_names(value):
    return isinstance(value, list) and value and all(map(is_text, value))


def is_info(value):
    return has_shape(value, INFO)


def has_shape(value, shape):
    return isinstance(value, dict) and value.keys() == shape.keys() and all(
        fits(value[name]) for name, fits in shape.items())


INFO = {
    "id": is_uuid, "name": is_text, "description": is_any_text,
    "join_key": is_text, "has_password": is_bool, "created_at": is_u64,
    "participant_count": is_u64,
}

FRAMES = {
    "RoomCreated": {"room_info": is_info, "encryption_key": is_key},
    "RoomJoined": {"room_info": is_info, "encryption_key": is_key,
                   "participants": is_names},
    "ParticipantJoined": {"name": is_text},
    "ChatMessage": {"sender": is_text, "content": is_text},
    "Error": {"message": is_text},
}


def once(pairs):
    """An object in which each name stands once."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise Strange(f"a name twice: {names}")
    return dict(pairs)


def no_constant(name):
    raise Strange(f"{name} is not JSON")


def decode(data):
    """The frame's kind and its fields."""
    frame = json.loads(data, object_pairs_hook=once, parse_constant=no_constant
                       ) if isinstance(data, str) else None
    if isinstance(frame, dict) and len(frame) == 1:
        [(kind, body)] = frame.items()
        if kind in FRAMES and has_shape(body, FRAMES[kind]):
            return kind, body
    raise Strange(f"not a frame of the dialect: {data!r}")


class Sealed:
    """One connection. `async with Sealed(url) as client: …`"""

    def __init__(self, url):
        self.url = url
        self.socket = None
        self.cipher = None

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, kind, **fields):
        await self.socket.send(json.dumps({kind: fields}))

    async def expect(self, wanted):
        """The next frame of that kind; those skipped are decoded."""
        while True:
            data = await asyncio.wait_for(self.socket.recv(), PATIENCE)
            kind, body = decode(data)
            if kind == wanted:
                return body
            if kind == "Error":
                raise Strange(body["message"])

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
        while True:
            body = await self.expect("ChatMessage")
            if wanted(body["sender"]):
                break
        sealed = base64.b64decode(body["content"], validate=True)
        text = self.cipher.decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        return {"sender": body["sender"], "text": text.decode()}


def show(value):
    print(json.dumps(value), flush=True)


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


async def print_all(client):
    async for data in client.socket:
        show(decode(data))


async def input_ended():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


async def listen(url, join_key, password, name):
    async with Sealed(url) as client:
        show(await client.join(join_key, password or None, name))
        hearing = asyncio.ensure_future(print_all(client))
        ended = asyncio.ensure_future(input_ended())
        await asyncio.wait(
            {hearing, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            ended.cancel()
            hearing.result()
            raise Strange("the connection was closed")
        await client.socket.close()
        await hearing


ROLES = {"host": host, "guest": guest, "listen": listen}

if __name__ == "__main__":
    try:
        asyncio.run(ROLES[sys.argv[1]](*sys.argv[2:]))
    except (Strange, OSError, asyncio.TimeoutError) as strange:
        sys.exit(repr(strange))
