# SPDX-License-Identifier: MIT
"""tests/clients/simple.py - a client of the simple dialect on Python's
websockets, written from the dialect's documentation alone. Its decoder takes the
frames that the document names, with those fields and types, and no others.

    simple.py ask HOST:PORT ROOM EMAIL TEXT      says it, waits for an answer
    simple.py answer HOST:PORT ROOM EMAIL TEXT   waits for words, then says it
    simple.py listen URL                         hears all until its input ends

The first two register, log in and print as JSON {user_id} once the room has told
of it, then each user's message. `listen` prints `listening`, then each frame.
Ends with 1 if something is not as the document says.
"""
import asyncio
import json
import re
import sys
import urllib.parse
import urllib.request

import websockets

PATIENCE = 10  # seconds
UUID = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Strange(Exception):
    """Something is not as the document says."""


def is_uuid(value):
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_text(value):
    return isinstance(value, str) and value != ""


def is_count(value):
    return type(value) is int and 0 <= value < 2 ** 53


SYSTEM = {"message": is_text, "timestamp": is_count}
MESSAGE = {"user_id": is_uuid, "username": is_text, **SYSTEM}
ACCOUNT = {"user_id": is_uuid, "id": is_count, "username": is_text}
LOGIN = {
    "token": is_text, "token_type": "Bearer".__eq__, "expires_in": is_count,
    "session_token": is_text, "user": lambda v: has_shape(v, ACCOUNT),
}


def has_shape(value, shape):
    return isinstance(value, dict) and value.keys() == shape.keys() and all(
        fits(value[name]) is True for name, fits in shape.items())


def once(pairs):
    """An object in which each name stands once."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise Strange(f"a name twice: {names}")
    return dict(pairs)


def no_constant(name):
    raise Strange(f"{name} is not JSON")


def parse(text):
    return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)


def decode(data):
    frame = parse(data) if isinstance(data, str) else None
    if has_shape(frame, MESSAGE):
        return frame
    if has_shape(frame, SYSTEM) and frame["message"].startswith("system: "):
        return frame
    raise Strange(f"not a frame of the dialect: {data!r}")


def post(host, path, body, status, shape):
    request = urllib.request.Request(
        f"http://{host}{path}", json.dumps(body).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        answer = parse(response.read())
        if response.status != status or not has_shape(answer, shape):
            raise Strange(f"{path}: {response.status} {answer}")
        return answer


def register(host, email, password):
    return post(host, "/auth/register", {
        "full_name": "Somebody Who Reads", "email": email,
        "password": password, "age": 31, "date_of_birth": "1995-04-03",
        "gender": "other", "phone_number": "+44 20 7946 0000",
    }, 201, ACCOUNT)


def login(host, email, password):
    return post(host, "/auth/login", {"email": email, "password": password},
                200, LOGIN)


class Simple:
    """One connection. `async with Simple(url) as client: …`"""

    def __init__(self, url):
        self.url = url
        self.socket = None

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def next(self):
        return decode(await asyncio.wait_for(self.socket.recv(), PATIENCE))

    async def expect(self, **fields):
        """The next frame with these fields; those skipped are decoded."""
        while True:
            frame = await self.next()
            if fields.items() <= frame.items():
                return frame

    async def message(self, wanted):
        """The next message of a user for whose UUID `wanted` holds."""
        while True:
            frame = await self.next()
            if "user_id" in frame and wanted(frame["user_id"]):
                return frame

    async def say(self, text, as_object=False):
        """The document has both ways to say something."""
        await self.socket.send(
            json.dumps({"message": text}) if as_object else text)


def show(value):
    print(json.dumps(value), flush=True)


async def converse(role, host, room, email, text):
    password = "the password of " + email
    who = register(host, email, password)
    known = login(host, email, password)
    if known["user"] != who:
        raise Strange(f"registered {who}, logged in {known['user']}")
    query = urllib.parse.urlencode({"token": known["token"], "room": room})
    async with Simple(f"ws://{host}/ws?{query}") as client:
        await client.expect(message=f"system: {who['username']} joined")
        show({"user_id": who["user_id"]})
        if role == "answer":
            show(await client.message(who["user_id"].__ne__))
        await client.say(text, as_object=role == "ask")
        show(await client.message(who["user_id"].__eq__))
        if role == "ask":
            show(await client.message(who["user_id"].__ne__))


async def print_all(client):
    async for data in client.socket:
        show(decode(data))


async def input_ended():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


async def listen(url):
    async with Simple(url) as client:
        print("listening", flush=True)
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


if __name__ == "__main__":
    try:
        if sys.argv[1] == "listen":
            asyncio.run(listen(sys.argv[2]))
        else:
            asyncio.run(converse(*sys.argv[1:6]))
    except (Strange, OSError, asyncio.TimeoutError) as strange:
        sys.exit(repr(strange))
