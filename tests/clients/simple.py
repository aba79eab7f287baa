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
import json
import sys
import urllib.parse
import urllib.request

from connection import Connection, run, show
from strict import Strange, check, is_count, is_text, is_uuid, parse

MESSAGE = {"user_id": is_uuid, "username": is_text, "message": is_text,
           "timestamp": is_count}
SYSTEM = {"message": lambda v: is_text(v) and v.startswith("system: "),
          "timestamp": is_count}
ACCOUNT = {"user_id": is_uuid, "id": is_count, "username": is_text}
LOGIN = {
    "token": is_text, "token_type": "Bearer".__eq__, "expires_in": is_count,
    "session_token": is_text, "user": ACCOUNT,
}


def post(host, path, body, status, shape):
    request = urllib.request.Request(
        f"http://{host}{path}", json.dumps(body).encode(),
        {"Content-Type": "application/json"})
    with urllib.request.urlopen(
            request, timeout=Connection.patience) as response:
        answer = parse(response.read().decode())
        if response.status != status:
            raise Strange(f"{path}: {response.status} {answer}")
        check(path, answer, shape)
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


class Simple(Connection):
    @staticmethod
    def decode(data):
        frame = parse(data)
        is_said = isinstance(frame, dict) and "user_id" in frame
        check("frame", frame, MESSAGE if is_said else SYSTEM)
        return frame

    async def expect(self, **fields):
        """The next frame with these fields."""
        return await self.find(lambda frame: fields.items() <= frame.items())

    async def message(self, wanted):
        """The next message of a user for whose UUID `wanted` holds."""
        return await self.find(
            lambda frame: "user_id" in frame and wanted(frame["user_id"]))

    async def say(self, text, as_object=False):
        """The document has both ways to say something."""
        await self.socket.send(
            json.dumps({"message": text}) if as_object else text)


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


async def listen(url):
    async with Simple(url) as client:
        print("listening", flush=True)
        await client.print_all()


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        run(listen(sys.argv[2]))
    else:
        run(converse(*sys.argv[1:6]))
