#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""receiver.py FOLDER [PORT [CERTIFICATE KEY]] - a receiver of hooks that writes down
what it is told.

Each request becomes a line of JSON in FOLDER/heard. Of the hook that has the
path /NAME, the secret is in FOLDER/NAME.secret; FOLDER/NAME.answer, if it is
there, says how to answer:

  STATUS [HEADER=VALUE...]   with that; otherwise with 204
  hang                       not at all
  long                       with 200 and a body that has no end
  cut                        by closing the connection

The first line that is printed is the port.
"""
import base64
import hashlib
import hmac
import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock = threading.Lock()
connections = {}


def content(name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def is_signed(name, headers, body):
    """Standard Webhooks, by hand; an hour ago is too long ago."""
    secret = content(name + ".secret")
    if not secret.startswith("whsec_"):
        return False
    sent = headers.get("webhook-timestamp", "")
    if not sent.isdigit() or abs(time.time() - int(sent)) > 60:
        return False
    text = (headers.get("webhook-id", "") + "." + sent + ".").encode() + body
    key = base64.b64decode(secret[len("whsec_"):])
    code = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, "v1," + code)
               for one in headers.get("webhook-signature", "").split(" "))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def do_POST(self):
        name = self.path.strip("/").split("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = content(name + ".answer") or "204"
        with lock:
            number = connections.setdefault(self.client_address, len(connections) + 1)
            with open(os.path.join(folder, "heard"), "a", encoding="utf-8") as file:
                file.write(json.dumps({
                    "to": name,
                    "answer": answer,
                    "signed": is_signed(name, self.headers, body),
                    "connection": number,
                    "headers": {k.lower(): v for k, v in self.headers.items()},
                    "event": json.loads(body),
                }) + "\n")
        self.answer(answer.split(" "))

    def answer(self, words):
        if words[0] == "hang":
            time.sleep(600)
        elif words[0] == "cut":
            self.close_connection = True
        elif words[0] == "long":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                self.close_connection = True
        else:
            self.send_response(int(words[0]))
            for word in words[1:]:
                self.send_header(*word.split("=", 1))
            self.send_header("Content-Length", "0")
            self.end_headers()


class Server(ThreadingHTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
