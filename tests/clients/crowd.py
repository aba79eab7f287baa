# SPDX-License-Identifier: MIT
"""tests/clients/crowd.py - a crowd of connections in one light process:

    crowd.py half-open ADDRESS COUNT [SOURCE]  never send a whole request
    crowd.py stay ADDRESS COUNT            until the gateway closes them
    crowd.py slow ADDRESS SECRET ROOM COUNT    sit in a room and read nothing
    crowd.py pings ADDRESS TOKEN           sends pings and reads no pong
    crowd.py fragments ADDRESS TOKEN       one message of empty fragments
    crowd.py return ADDRESS SECRET COUNT PID-FILE   come back after a kill

All but the last say a line once they are there, and most go on until their
input ends; the end is one JSON object. See each one's class for what is in it.
"""
import asyncio
import base64
import hashlib
import hmac
import json
import os
import random
import re
import signal
import socket
import sys
import time
import urllib.request
import uuid

from conformance_wire import (
    CLOSE, CONTINUATION, PING, TEXT, address_of, frame, header, make_key,
    request_head, upgrade_fields)

OPCODE, LENGTH = 0x0f, 0x7f
PER_SOURCE = 250  # connections from one address of the loopback
BIND_ADDRESS_NO_PORT = 24  # Linux; the module of Python has no name for it


def source(i):
    """Many clients have many addresses."""
    n = i // PER_SOURCE
    return f"127.1.{n // 200}.{1 + n % 200}"


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def user_id(name):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def sign(secret, name):
    """The token of a user whom the embedding application brings."""
    claims = {"sub": user_id(name), "username": name,
              "exp": int(time.time()) + 3600}
    text = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    mac = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return (text + b"." + part(mac)).decode()


def opened_socket(own, receive):
    plain = socket.socket()
    plain.setblocking(False)
    if receive:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    # The port is chosen when both addresses are known: there are more then.
    plain.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
    plain.bind((own, 0))
    return plain


async def connected(address, own, receive=None):
    plain = opened_socket(own, receive)
    try:
        await asyncio.get_running_loop().sock_connect(plain, address)
    except BaseException:
        plain.close()
        raise
    return plain


class WebSocket:
    """The least that a test needs of one, on asyncio's streams."""

    @classmethod
    async def open(cls, address, target, i=0):
        self = cls()
        plain = await connected(address, source(i))
        self.reader, self.writer = await asyncio.open_connection(
            sock=plain, limit=1 << 20)
        try:
            self.writer.write(request_head("%s:%d" % address, target,
                                           upgrade_fields(make_key())))
            head = await self.reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101 "):
                raise ConnectionError(head.split(b"\r\n", 1)[0].decode())
        except BaseException:
            self.writer.transport.abort()
            raise
        return self

    def send(self, value):
        payload = json.dumps(value).encode()
        self.writer.write(header(TEXT, len(payload)) + b"\0\0\0\0" + payload)

    async def read(self):
        """The next frame's opcode and payload. ConnectionError at the end."""
        try:
            first, size = await self.reader.readexactly(2)
            size &= LENGTH
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(
                    2 if size == 126 else 8), "big")
            return first & OPCODE, await self.reader.readexactly(size)
        except asyncio.IncompleteReadError as end:
            raise ConnectionError("the end") from end

    async def find(self, kind, **wanted):
        """The next text of this type and with these values."""
        while True:
            opcode, payload = await self.read()
            if opcode != TEXT:
                continue
            value = json.loads(payload)
            if value.get("type") == kind and wanted.items() <= value.items():
                return value

    def drop(self):
        self.writer.transport.abort()


def say(value):
    print(value if isinstance(value, str) else json.dumps(value), flush=True)


async def input_ends():
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear():
        if not os.read(0, 4096):
            loop.remove_reader(0)
            ended.set()
    loop.add_reader(0, hear)
    await ended.wait()


# --- Connections that never come to a request ---------------------------------

class HalfOpen:
    """COUNT at a time; whoever is ended comes again. Tells how many were begun,
    and how many were ended by the gateway."""
    at_once = 100

    def __init__(self, address, count, own=None):
        self.address, self.count, self.own = address, int(count), own
        self.begun = self.ended = self.standing = 0
        self.turns = asyncio.Semaphore(self.at_once)

    async def one(self, i):
        loop = asyncio.get_running_loop()
        while True:
            plain = None
            try:
                async with self.turns:
                    plain = await connected(
                        self.address, self.own or source(i))
                    self.begun += 1
                    self.standing += 1
                if i % 2:
                    await loop.sock_sendall(plain, b"GET / HTTP/1.1\r\nHos")
                await loop.sock_recv(plain, 1000)
                self.ended += 1
            except OSError:
                self.ended += plain is not None
            finally:
                if plain is not None:
                    self.standing -= 1
                    plain.close()
            await asyncio.sleep(0.5 + random.random() / 2)

    async def run(self):
        tasks = [asyncio.ensure_future(self.one(i)) for i in range(self.count)]
        while self.begun < self.count:
            await asyncio.sleep(0.05)
        say("begun")
        await input_ends()
        say({"begun": self.begun, "ended": self.ended,
             "standing": self.standing})
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


# --- Clients that do not read ---------------------------------------------------

class Slow:
    """COUNT members of a room who read nothing until the input ends; then to
    the end. Tells how many were closed with which code."""

    def __init__(self, address, secret, room, count):
        self.address, self.secret = address, secret
        self.room, self.count = room, int(count)
        self.codes = {}

    async def sit(self, i):
        loop = asyncio.get_running_loop()
        plain = await connected(self.address, source(i), receive=4096)
        token = sign(self.secret, f"slow{i}")
        await loop.sock_sendall(plain, request_head(
            "%s:%d" % self.address, f"/ws/campfire?token={token}",
            upgrade_fields(make_key())))
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += await loop.sock_recv(plain, 4096)
        payload = json.dumps({"type": "JoinRoom", "room_id": self.room})
        await loop.sock_sendall(plain, frame(TEXT, payload))
        while b"PresenceUpdate" not in heard:
            heard += await loop.sock_recv(plain, 4096)
        return plain

    async def read_out(self, plain):
        loop = asyncio.get_running_loop()
        tail, code = b"", "none"
        try:
            while data := await loop.sock_recv(plain, 65536):
                tail = (tail + data)[-200:]
        except OSError:
            pass
        at = tail.rfind(b"\x88")
        if at >= 0 and len(tail) - at == 2 + tail[at + 1]:
            code = str(int.from_bytes(tail[at + 2:at + 4], "big"))
        self.codes[code] = self.codes.get(code, 0) + 1
        plain.close()

    async def run(self):
        sitting = [await self.sit(i) for i in range(self.count)]
        say("seated")
        await input_ends()
        await asyncio.gather(*map(self.read_out, sitting))
        say(self.codes)


class Stay:
    """COUNT guests, until the gateway closes all. Tells the codes, the seconds
    after which they were told to come back, and over how long it was spread."""

    def __init__(self, address, count):
        self.address, self.count = address, int(count)
        self.codes, self.hints, self.times = {}, {}, []

    def hear_close(self, payload):
        code = str(int.from_bytes(payload[:2], "big"))
        self.codes[code] = self.codes.get(code, 0) + 1
        found = re.search(r"retry after (\d+) s$", payload[2:].decode())
        hint = found[1] if found else "none"
        self.hints[hint] = self.hints.get(hint, 0) + 1
        self.times.append(time.monotonic())

    async def stay(self, link):
        try:
            while True:
                opcode, payload = await link.read()
                if opcode == CLOSE:
                    self.hear_close(payload)
                    link.writer.write(frame(CLOSE, payload[:2]))
                if opcode == CLOSE and len(self.times) == 1:
                    say("closing")
        except (ConnectionError, OSError):
            link.drop()

    async def run(self):
        links = [await WebSocket.open(self.address, "/ws/sealed", i)
                 for i in range(self.count)]
        say("open")
        await asyncio.gather(*map(self.stay, links))
        say({"codes": self.codes, "hints": self.hints, "spread_s": round(
            max(self.times) - min(self.times), 2) if self.times else None})


class Talker:
    """One that says the same again and again, as fast as it is taken, and reads
    nothing. Tells how long until the connection ended, and by which code."""

    def __init__(self, address, token, first, again):
        self.address, self.token = address, token
        self.first, self.again = first, again

    async def write(self, socket_):
        socket_.writer.write(self.first)
        while True:
            socket_.writer.write(self.again * 2000)
            await socket_.writer.drain()

    async def run(self, reads):
        socket_ = await WebSocket.open(
            self.address, f"/ws/campfire?token={self.token}")
        say("talking")
        began, code = time.monotonic(), None
        writing = asyncio.ensure_future(self.write(socket_))
        if not reads:
            await input_ends()
        try:
            while code is None:
                opcode, payload = await socket_.read()
                if opcode == CLOSE:
                    code = int.from_bytes(payload[:2], "big")
        except ConnectionError:
            pass
        say({"code": code, "seconds": round(time.monotonic() - began, 2)})
        writing.cancel()
        await asyncio.wait([writing])
        socket_.drop()


def pings(address, token):
    again = header(PING, 0) + b"\0\0\0\0"
    return Talker(address, token, b"", again).run(reads=False)


def fragments(address, token):
    again = header(CONTINUATION, 0, fin=False) + b"\0\0\0\0"
    first = header(TEXT, 0, fin=False) + b"\0\0\0\0"
    return Talker(address, token, first, again).run(reads=True)


# --- All come back at once --------------------------------------------------------

class Return:
    """COUNT members of rooms, connected. The gateway is killed; all come back
    within a second, each asks for what followed its last message but one, and is
    back when it was told. Meanwhile a bystander in another room talks on."""
    in_a_room = 100
    at_once = 200

    def __init__(self, address, secret, count, pid_file):
        self.address, self.secret = address, secret
        self.count, self.pid_file = int(count), pid_file
        self.tokens = [sign(secret, f"m{i}") for i in range(self.count)]
        self.rooms, self.back, self.tries = [], [], 0
        self.turns = asyncio.Semaphore(self.at_once)

    def target(self, i, query=""):
        return f"/ws/campfire?v=2&token={self.tokens[i]}{query}"

    def room_of(self, i):
        return self.rooms[i // self.in_a_room]

    def post(self, path, value, n):
        request = urllib.request.Request(
            "http://%s:%d%s" % (*self.address, path), json.dumps(value).encode(),
            {"Authorization": f"Bearer {sign(self.secret, f'maker{n}')}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def make_rooms(self):
        for n in range((self.count - 1) // self.in_a_room + 1):
            room = self.post("/api/rooms", {"name": f"hall {n}"}, n)["id"]
            for text in ("one", "two"):
                self.post(f"/api/rooms/{room}/messages", {"content": text}, n)
            self.rooms.append(room)

    async def come(self, i):
        async with self.turns:
            link = await WebSocket.open(self.address, self.target(i), i)
            link.send({"type": "JoinRoom", "room_id": self.room_of(i)})
            await link.find("PresenceUpdate", room_id=self.room_of(i))
        return link

    async def stay(self, link):
        """Until the gateway dies."""
        try:
            while True:
                await link.read()
        except (ConnectionError, OSError):
            link.drop()

    async def ask(self, i):
        link = await WebSocket.open(self.address,
                                    self.target(i, "&resume=1"), i)
        try:
            link.send({"type": "Resume", "rooms": {self.room_of(i): 1}})
            told = await link.find("NewMessage")
            if told["message"]["seq"] != 2:
                raise AssertionError(told)
            await link.find("Resumed")
        except BaseException:
            link.drop()
            raise
        return link

    async def come_back(self, i, killed):
        await asyncio.sleep(random.random())
        while True:
            self.tries += 1
            try:
                link = await self.ask(i)
                break
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1 + random.random() * 0.2)
        self.back.append(time.monotonic() - killed)
        return link

    async def run(self):
        self.make_rooms()
        links = await asyncio.gather(*map(self.come, range(self.count)))
        staying = [asyncio.ensure_future(self.stay(l)) for l in links]
        bystander = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "bystander", "%s:%d" % self.address,
            self.secret, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE)
        await bystander.stdout.readline()
        with open(self.pid_file) as file:
            os.kill(int(file.read()), signal.SIGKILL)
        killed = time.monotonic()
        await asyncio.wait(staying)
        links = await asyncio.wait_for(asyncio.gather(
            *(self.come_back(i, killed) for i in range(self.count))), 90)
        bystander.stdin.close()
        report = await bystander.stdout.readline()
        self.back.sort()
        say({"back": len(self.back), "tries": self.tries,
             "first_s": round(self.back[0], 2),
             "half_s": round(self.back[len(self.back) // 2], 2),
             "last_s": round(self.back[-1], 2),
             "bystander": json.loads(report)})
        for link in links:
            link.drop()


class Bystander:
    """Says something every 50 ms and waits for its echo; comes back when it has
    to. Tells how long echoes took, in ms, and how long it was away."""

    def __init__(self, address, secret):
        self.address, self.token = address, sign(secret, "bystander")
        self.secret, self.took, self.away = secret, [], 0

    async def enter(self):
        target = f"/ws/hub?token={self.token}"
        self.link = await WebSocket.open(self.address, target)
        self.link.send({"type": "join", "room": "hall 0"})
        await self.link.find("join_ack")

    async def enter_again(self):
        began = time.monotonic()
        self.link.drop()
        while True:
            try:
                await self.enter()
                break
            except OSError:
                await asyncio.sleep(0.02)
        self.away = max(self.away, time.monotonic() - began)

    async def talk(self):
        number = 0
        while True:
            began, number = time.monotonic(), number + 1
            text = f"word {number}"
            try:
                self.link.send(
                    {"type": "message", "room": "hall 0", "content": text})
                while (await self.link.find("message"))["data"]["content"] \
                        != text:
                    pass
                self.took.append(time.monotonic() - began)
            except OSError:
                await self.enter_again()
            await asyncio.sleep(0.05)

    async def run(self):
        await self.enter()
        talking = asyncio.ensure_future(self.talk())
        say("talking")
        await input_ends()
        talking.cancel()
        took = sorted(self.took) or [0]
        say({"echoes": len(self.took), "away_s": round(self.away, 2),
             "p50_ms": round(1000 * took[len(took) // 2], 1),
             "p99_ms": round(1000 * took[len(took) * 99 // 100], 1),
             "max_ms": round(1000 * took[-1], 1)})


MODES = {"half-open": lambda *a: HalfOpen(*a).run(),
         "stay": lambda *a: Stay(*a).run(),
         "slow": lambda *a: Slow(*a).run(),
         "return": lambda *a: Return(*a).run(),
         "bystander": lambda *a: Bystander(*a).run(),
         "pings": pings, "fragments": fragments}

if __name__ == "__main__":
    asyncio.run(MODES[sys.argv[1]](address_of(sys.argv[2]), *sys.argv[3:]))
