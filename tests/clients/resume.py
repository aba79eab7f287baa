# SPDX-License-Identifier: MIT
"""tests/clients/resume.py - resumes on Python's websockets.

resume.py HOST TOKEN ROOM SEQ prints what followed there as JSON: the numbers of
the messages, in the order in which they came, and what the answer says.
"""
import json
import sys

from connection import Connection, run, show
from strict import parse


class Resuming(Connection):
    decode = staticmethod(parse)

    def __init__(self, host, token):
        super().__init__(f"ws://{host}/ws/campfire?v=2&resume=1",
                         extra_headers={"Authorization": "Bearer " + token})

    async def resume(self, rooms):
        """What was told until the answer came, and the answer."""
        messages = []

        def is_answer(frame):
            if frame["type"] == "NewMessage":
                messages.append(frame["message"])
            return frame["type"] == "Resumed"
        await self.socket.send(json.dumps({"type": "Resume", "rooms": rooms}))
        answer = await self.find(is_answer)
        return messages, answer["rooms"]


async def main(host, token, room, seq):
    async with Resuming(host, token) as client:
        messages, rooms = await client.resume({room: int(seq)})
        show({"told": [message["seq"] for message in messages],
              "resumed": rooms[room]})


if __name__ == "__main__":
    run(main(*sys.argv[1:]))
