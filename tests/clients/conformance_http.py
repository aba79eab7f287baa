# SPDX-License-Identifier: MIT
"""tests/clients/conformance_http.py - an HTTP client that sends what RFC 9112
allows and what it forbids, a connection for each case.

    conformance_http.py cases HOST:PORT TOKEN
    conformance_http.py greedy HOST:PORT   asks for much, then reads it at last

Prints TAP and ends with 1 if something is not as it should be. In the cases a
line feed stands for CR LF, `~` for a lone LF, `^` for a lone CR; AUTH is a field
with credentials, ROOM a name of the same length that no other case uses.
"""
import json
import sys
import threading
import time
from email.utils import parsedate_to_datetime

from conformance_wire import Strange, Tap, Wire, address_of, must, read_response

HEAD_MAX = 16 * 1024
TARGET_MAX = 8 * 1024
FIELDS_MAX = 64
BODY_MAX = 256 * 1024
REQUEST_SECONDS = 10  # for a request, from the connection or the last answer
SLACK_SECONDS = 4
OCTETS_MAX = 3000  # what is longer is not sent octet by octet

SIPS = 400               # answers, of which the most do not fit into a socket
GREEDY_REQUESTS = 1500

SCRIPT = "GET /parley.js HTTP/1.1\nHost: a\n\n"
GET = "GET /healthz HTTP/1.1\nHost: a\n"
AUTH = "(auth)\n"
ROOM = "(room 12345)"
POST = "POST /api/rooms HTTP/1.1\nHost: a\n" + AUTH
NAME = '{"name": "' + ROOM + '"}'
SIZE = len(NAME)


def get(*fields):
    return GET + "".join(field + "\n" for field in fields) + "\n"


def line(text):
    """A request line by itself."""
    return text + "\nHost: a\n\n"


def post(*fields, body=NAME):
    return POST + "".join(field + "\n" for field in fields) + "\n" + body


def chunk(text, extension=""):
    return f"{len(text):x}{extension}\n{text}\n"


def chunked(*parts):
    return post("Transfer-Encoding: chunked", body="".join(parts))


LAST = "0\n\n"
SMUGGLED = "GET /smuggled HTTP/1.1\nHost: a\n\n"
SMUGGLED_SIZE = len(SMUGGLED.replace("\n", "\r\n"))

# (name, what is sent, the statuses that come back). A refusal by 400, 413, 414,
# 417, 431, 501 of framing or 505 ends the connection: `END` behind it.
END = "end"

REQUEST_LINES = [
    ("a request", get(), 200),
    ("an empty line before it", "\n" + get(), 200),
    ("two empty lines before it", "\n\n" + get(), 400, END),
    ("a lone LF before it", "~" + get(), 400, END),
    ("a later minor version", line("GET /healthz HTTP/1.9"), 200),
    ("HTTP/1.0", line("GET /healthz HTTP/1.0"), 505, END),
    ("HTTP/0.9", "GET /healthz\n\n", 400, END),
    ("HTTP/2.0", line("GET /healthz HTTP/2.0"), 505, END),
    ("HTTP/2 with its preface", "PRI * HTTP/2.0\n\nSM\n\n", 505, END),
    ("HTTP/3", line("GET /healthz HTTP/3"), 400, END),
    ("http in small letters", line("GET /healthz http/1.1"), 400, END),
    ("HTTP/1.10", line("GET /healthz HTTP/1.10"), 400, END),
    ("HTTP/01.1", line("GET /healthz HTTP/01.1"), 400, END),
    ("HTTP 1.1", line("GET /healthz HTTP 1.1"), 400, END),
    ("two spaces before the target", line("GET  /healthz HTTP/1.1"), 400, END),
    ("two spaces behind the target", line("GET /healthz  HTTP/1.1"), 400, END),
    ("a space behind the version", line("GET /healthz HTTP/1.1 "), 400, END),
    ("a space before the method", line(" GET /healthz HTTP/1.1"), 400, END),
    ("tabs for spaces", line("GET\t/healthz\tHTTP/1.1"), 400, END),
    ("a method that is no token", line("G(T /healthz HTTP/1.1"), 400, END),
    ("a method in small letters", line("get /healthz HTTP/1.1"), 501),
    ("a method that nobody knows", line("BREW /healthz HTTP/1.1"), 501),
    ("a method that nobody knows, elsewhere", line("BREW /pot HTTP/1.1"), 501),
    ("a method of another protocol", line("PROPFIND / HTTP/1.1"), 501),
    ("a method that is not for this path", line("DELETE /healthz HTTP/1.1"), 405),
    ("PUT", line("PUT /api/rooms HTTP/1.1"), 405),
    ("TRACE", line("TRACE /healthz HTTP/1.1"), 405),
    ("a TLS handshake", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 400, END),
    ("a lone CR behind the line", "GET /healthz HTTP/1.1^Host: a\n\n", 400, END),
    ("a lone LF behind the line", "GET /healthz HTTP/1.1~Host: a\n\n", 400, END),
    ("two CRs behind the line", "GET /healthz HTTP/1.1^\nHost: a\n\n", 400, END),
]

TARGETS = [
    ("an absolute target", line("GET http://b/healthz HTTP/1.1"), 200),
    ("an absolute target of TLS", line("GET https://b:443/healthz HTTP/1.1"), 200),
    ("an absolute target without a path", line("GET http://b HTTP/1.1"), 200),
    ("an absolute target with a query alone", line("GET http://b?x HTTP/1.1"), 200),
    ("an absolute target without Host",
     "GET http://b/healthz HTTP/1.1\n\n", 400, END),
    ("another scheme", line("GET ftp://b/healthz HTTP/1.1"), 400, END),
    ("no host in an absolute target", line("GET http:///healthz HTTP/1.1"),
     400, END),
    ("a user in an absolute target", line("GET http://u:p@b/ HTTP/1.1"), 400, END),
    ("an asterisk with GET", line("GET * HTTP/1.1"), 400, END),
    ("an asterisk with OPTIONS", line("OPTIONS * HTTP/1.1"), 404),
    ("an authority with CONNECT", line("CONNECT b:443 HTTP/1.1"), 400, END),
    ("an authority with GET", line("GET b:443 HTTP/1.1"), 400, END),
    ("no slash", line("GET healthz HTTP/1.1"), 400, END),
    ("a fragment", line("GET /healthz#top HTTP/1.1"), 400, END),
    ("an escaped letter", line("GET /health%7A HTTP/1.1"), 200),
    ("an escape of one digit", line("GET /healthz%2 HTTP/1.1"), 400, END),
    ("an escape that is none", line("GET /health%zz HTTP/1.1"), 400, END),
    ("an escaped NUL", line("GET /healthz%00 HTTP/1.1"), 400, END),
    ("an escaped NUL in the middle", line("GET /%00healthz HTTP/1.1"), 400, END),
    ("an escaped CR LF", line("GET /healthz%0d%0aX:%20y HTTP/1.1"), 404),
    ("a NUL", line("GET /health\0z HTTP/1.1"), 400, END),
    ("a control character", line("GET /healthz\x01 HTTP/1.1"), 400, END),
    ("DEL", line("GET /healthz\x7f HTTP/1.1"), 400, END),
    ("octets beyond ASCII", line("GET /h\xe9althz HTTP/1.1"), 400, END),
    ("dots", line("GET /api/../healthz HTTP/1.1"), 404),
    ("escaped dots", line("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1"), 404),
    ("an escaped slash is part of a name", line("GET /auth%2Fme HTTP/1.1"), 404),
    ("two slashes", line("GET //healthz HTTP/1.1"), 404),
    ("a target of the longest length",
     line("GET /healthz?%s HTTP/1.1" % ("x" * (TARGET_MAX - 9))), 200),
    ("a target of one octet more",
     line("GET /healthz?%s HTTP/1.1" % ("x" * (TARGET_MAX - 8))), 414, END),
    ("a target that never ends", "GET /" + "x" * 20000, 414, END),
    ("a path that is too long",
     line("GET /%s HTTP/1.1" % ("x" * 4000)), 414, END),
]

FIELDS = [
    ("a name in any case", "GET /healthz HTTP/1.1\nhOST: a\n\n", 200),
    ("no space behind the colon", get("X:y"), 200),
    ("spaces and tabs around a value", get("X: \t y \t "), 200),
    ("an empty value", get("X:"), 200),
    ("octets beyond ASCII in a value", get("X: \xe9\xff"), 200),
    ("a colon in a value", get("X: y: z"), 200),
    ("odd characters of a token", get("!#$%&'*+-._`|9a: x"), 200),
    ("a space before the colon", get("X : y"), 400, END),
    ("a tab before the colon", get("X\t: y"), 400, END),
    ("a space before the name", get(" X: y"), 400, END),
    ("a space before the first name",
     "GET /healthz HTTP/1.1\n Host: a\n\n", 400, END),
    ("a line that continues another", get("X: y", " z"), 400, END),
    ("one that continues by a tab", get("X: y", "\tz"), 400, END),
    ("a line of spaces", get("X: y", "  "), 400, END),
    ("no colon", get("X"), 400, END),
    ("no name", get(": y"), 400, END),
    ("a name with a space", get("X Y: z"), 400, END),
    ("a name with a parenthesis", get("X(Y): z"), 400, END),
    ("a name with a control character", get("X\x01: z"), 400, END),
    ("a name beyond ASCII", get("X\xe9: z"), 400, END),
    ("a lone LF behind a field", GET + "X: y~\n", 400, END),
    ("a lone CR in a value", get("X: y^z"), 400, END),
    ("a lone CR before the end", get("X: y^"), 400, END),
    ("a lone LF as the empty line", GET + "~", 400, END),
    ("NUL in a value", get("X: y\0z"), 400, END),
    ("a control character in a value", get("X: y\x0bz"), 400, END),
    ("DEL in a value", get("X: \x7f"), 400, END),
    ("the most fields", get(*["X: y"] * (FIELDS_MAX - 1)), 200),
    ("one field more", get(*["X: y"] * FIELDS_MAX), 431, END),
    ("the largest head", get("X: " + "y" * (HEAD_MAX - len(GET) - 9)), 200),
    ("one octet more", get("X: " + "y" * (HEAD_MAX - len(GET) - 8)), 431, END),
    ("a field that never ends", GET + "X: " + "y" * 40000, 431, END),
    ("a name that never ends", GET + "y" * 40000, 431, END),
]

HOSTS = [
    ("a name", "GET /healthz HTTP/1.1\nHost: example.org\n\n", 200),
    ("a port", "GET /healthz HTTP/1.1\nHost: example.org:8080\n\n", 200),
    ("an address of IPv6", "GET /healthz HTTP/1.1\nHost: [::1]:80\n\n", 200),
    ("no Host", "GET /healthz HTTP/1.1\n\n", 400, END),
    ("an empty Host", "GET /healthz HTTP/1.1\nHost:\n\n", 400, END),
    ("Host twice", get("Host: a"), 400, END),
    ("two different Hosts", get("Host: b"), 400, END),
    ("two in one", "GET /healthz HTTP/1.1\nHost: a, b\n\n", 400, END),
    ("a space in it", "GET /healthz HTTP/1.1\nHost: a b\n\n", 400, END),
    ("a path in it", "GET /healthz HTTP/1.1\nHost: a/b\n\n", 400, END),
    ("a user in it", "GET /healthz HTTP/1.1\nHost: u@a\n\n", 400, END),
    ("a port that is none", "GET /healthz HTTP/1.1\nHost: a:b\n\n", 400, END),
    ("a port too high", "GET /healthz HTTP/1.1\nHost: a:65536\n\n", 400, END),
    ("an open bracket", "GET /healthz HTTP/1.1\nHost: [::1\n\n", 400, END),
]

KEEPING = [
    ("twenty requests at once", get() * 20, *[200] * 20),
    ("requests of all kinds at once",
     get() + post(f"Content-Length: {SIZE}") + chunked(chunk(NAME + " "), LAST)
     + line("GET /nothing HTTP/1.1") + line("HEAD /healthz HTTP/1.1") + get(),
     200, 201, 409, 404, "HEAD 200", 200),
    ("an answer that waits for others, among those that do not",
     get() + line("GET /auth/me HTTP/1.1") + get("X: y")
     + line("GET /auth/me HTTP/1.1\n" + AUTH.strip()) + get(),
     200, 401, 200, 200, 200),
    ("HEAD", line("HEAD /healthz HTTP/1.1") + get(), "HEAD 200", 200),
    ("HEAD of the page", line("HEAD / HTTP/1.1") + get(), "HEAD 200", 200),
    ("HEAD of nothing", line("HEAD /nothing HTTP/1.1") + get(), "HEAD 404", 200),
    ("HEAD where only POST is", line("HEAD /auth/login HTTP/1.1") + get(),
     "HEAD 405", 200),
    ("close is honoured", get("Connection: close") + get(), 200, END),
    ("close in any case and in a list", get("Connection: x, CLOSE") + get(),
     200, END),
    ("close on the second line", get("Connection: x", "Connection: close") + get(),
     200, END),
    ("keep-alive is no news", get("Connection: keep-alive") + get(), 200, 200),
    ("close inside another word is none", get("Connection: closed") + get(),
     200, 200),
    ("what follows a refused request is not heard",
     get("X : y") + get(), 400, END),
    ("a body of GET is passed over",
     GET + f"Content-Length: {SMUGGLED_SIZE}\n\n" + SMUGGLED + get(), 200, 200),
    ("an Upgrade that is none of ours is passed over",
     get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
         "HTTP2-Settings: AAMAAABkAAQAAP__") + get(), 200, 200),
]

LENGTHS = [
    ("a body", post(f"Content-Length: {SIZE}"), 201),
    ("zeros before a length", post(f"Content-Length: 000{SIZE}"), 201),
    ("a request behind a body", post(f"Content-Length: {SIZE}") + get(), 201, 200),
    ("no body at all", post(body=""), 400),
    ("a body that nothing announces", post() + get(), 400, 400, END),
    ("an empty length", post("Content-Length:"), 400, END),
    ("a sign", post(f"Content-Length: +{SIZE}"), 400, END),
    ("less than nothing", post("Content-Length: -1"), 400, END),
    ("hexadecimal", post("Content-Length: 0x10"), 400, END),
    ("a letter behind it", post(f"Content-Length: {SIZE}b"), 400, END),
    ("a fraction", post(f"Content-Length: {SIZE}.0"), 400, END),
    ("a space inside", post("Content-Length: 1 6"), 400, END),
    ("beyond 64 bits", post("Content-Length: 18446744073709551632"), 400, END),
    ("beyond 128 bits", post("Content-Length: " + "9" * 40), 400, END),
    ("the same one twice", post(f"Content-Length: {SIZE}", f"Content-Length: {SIZE}"),
     400, END),
    ("the same one twice in one", post(f"Content-Length: {SIZE}, {SIZE}"), 400, END),
    ("two different ones", post(f"Content-Length: {SIZE}", "Content-Length: 0"),
     400, END),
    ("more than the maximum", post(f"Content-Length: {BODY_MAX + 1}", body=""),
     413, END),
    ("more than 4 GiB", post("Content-Length: 4294967297", body=""), 413, END),
    ("the maximum", post(f"Content-Length: {BODY_MAX}",
                         body=NAME.ljust(BODY_MAX)), 201),
]

CHUNKS = [
    ("one", chunked(chunk(NAME), LAST), 201),
    ("several", chunked(chunk('{"name"'), chunk(': "' + ROOM), chunk('"}'), LAST),
     201),
    ("each of an octet", chunked(
        *(chunk(octet) for octet in '{"name": "'), chunk(ROOM),
        *(chunk(octet) for octet in ' x"}'), LAST), 201),
    ("the coding in any case", post("Transfer-Encoding: CHUNKED",
                                    body=chunk(NAME) + LAST), 201),
    ("empty items beside the coding",
     post("Transfer-Encoding: , chunked,", body=chunk(NAME) + LAST), 201),
    ("a request behind them", chunked(chunk(NAME), LAST) + get(), 201, 200),
    ("zeros in sizes", chunked("0" * 5 + "2\n  \n", chunk(NAME), "0000\n\n"), 201),
    ("extensions", chunked(chunk(NAME, ';a;b=c;d="e f"'), "0;last\n\n"), 201),
    ("spaces before an extension", chunked(chunk(NAME, " \t; a"), LAST), 201),
    ("trailers", chunked(chunk(NAME), "0\nA: b\nContent-Length: 5\n\n") + get(),
     201, 200),
    ("no body in them", chunked(LAST) + get(), 400, 200),
    ("no size", chunked("\n" + NAME), 400, END),
    ("an extension without size", chunked(";a\n" + NAME), 400, END),
    ("a size that is none", chunked("g\n"), 400, END),
    ("a size with 0x", chunked("0x5\nhello\n" + LAST), 400, END),
    ("a size with a sign", chunked("+5\nhello\n" + LAST), 400, END),
    ("a size less than nothing", chunked("-5\nhello\n" + LAST), 400, END),
    ("a space before a size", chunked(" 5\nhello\n" + LAST), 400, END),
    ("a space behind a size", chunked("5 \nhello\n" + LAST), 400, END),
    ("a size of 9 digits", chunked("000000005\nhello\n" + LAST), 400, END),
    ("a size beyond 64 bits", chunked("10000000000000005\nhello\n" + LAST),
     400, END),
    ("a size of 4 GiB less one", chunked("ffffffff\n"), 413, END),
    ("a size over the maximum", chunked("40001\n"), 413, END),
    ("sizes that come to more than the maximum",
     chunked("40000\n" + " " * BODY_MAX + "\n1\n"), 413, END),
    ("data longer than its size", chunked("5\nhello!\n" + LAST), 400, END),
    ("no line end behind data", chunked("5\nhello" + LAST), 400, END),
    ("a lone LF behind a size", chunked("5~hello\n" + LAST), 400, END),
    ("a lone LF in an extension", chunked("5;a~b\nhello\n" + LAST), 400, END),
    ("a lone CR behind a size", chunked("5^hello\n" + LAST), 400, END),
    ("a lone LF behind data", chunked("5\nhello~" + LAST), 400, END),
    ("a lone LF at the end", chunked("5\nhello\n0\n~"), 400, END),
    ("extensions without end", chunked("5;" + "x" * 5000), 400, END),
    ("extensions on each of many chunks",
     chunked(("1;" + "x" * 200 + "\n \n") * 30), 400, END),
    ("trailers without end", chunked("0\n" + "A: b\n" * 2000), 400, END),
    ("a trailer without colon", chunked("0\nA\n\n"), 400, END),
    ("a trailer with a space in its name", chunked("0\nA b: c\n\n"), 400, END),
    ("a trailer that is continued", chunked("0\nA: b\n c\n\n"), 400, END),
    ("a request for a trailer", chunked("0\n" + SMUGGLED), 400, END),
    ("NUL in a trailer", chunked("0\nA: \0\n\n"), 400, END),
    ("a lone LF in a trailer", chunked("0\nA: b~\n"), 400, END),
]

# What one reader takes for a body, another could take for a request.
SMUGGLING = [
    ("a length, then chunks", post(
        "Content-Length: 5", "Transfer-Encoding: chunked",
        body=LAST + SMUGGLED), 400, END),
    ("chunks, then a length", post(
        "Transfer-Encoding: chunked", "Content-Length: 5",
        body=LAST + SMUGGLED), 400, END),
    ("two lengths", post("Content-Length: 0", f"Content-Length: {SMUGGLED_SIZE}",
                         body=SMUGGLED), 400, END),
    ("a length with a space before its colon",
     post(f"Content-Length : {SMUGGLED_SIZE}", body=SMUGGLED), 400, END),
    ("a coding with a space before its colon",
     post("Transfer-Encoding : chunked", body=LAST + SMUGGLED), 400, END),
    ("a coding that is continued",
     post("Transfer-Encoding:", " chunked", body=LAST + SMUGGLED), 400, END),
    ("a length behind a lone LF",
     POST + f"X: y~Content-Length: {SMUGGLED_SIZE}\n\n" + SMUGGLED, 400, END),
    ("a coding behind a lone CR",
     POST + "X: y^Transfer-Encoding: chunked\n\n" + SMUGGLED, 400, END),
    ("an unknown coding", post("Transfer-Encoding: xchunked", body=SMUGGLED),
     400, END),
    ("a coding in quotation marks",
     post('Transfer-Encoding: "chunked"', body=LAST + SMUGGLED), 400, END),
    ("a coding with a parameter",
     post("Transfer-Encoding: chunked;x=y", body=LAST + SMUGGLED), 400, END),
    ("a coding with a vertical tab",
     post("Transfer-Encoding: \x0bchunked", body=LAST + SMUGGLED), 400, END),
    ("identity", post("Transfer-Encoding: identity", body=SMUGGLED), 400, END),
    ("chunked, then another", post("Transfer-Encoding: chunked, identity",
                                   body=LAST + SMUGGLED), 400, END),
    ("chunked on one line, another on the next",
     post("Transfer-Encoding: chunked", "Transfer-Encoding: x",
          body=LAST + SMUGGLED), 400, END),
    ("chunked twice", post("Transfer-Encoding: chunked, chunked",
                           body=LAST + SMUGGLED), 400, END),
    ("an empty coding", post("Transfer-Encoding:", body=LAST + SMUGGLED),
     400, END),
    ("gzip, then chunked", post("Transfer-Encoding: gzip, chunked",
                                body=LAST + SMUGGLED), 501, END),
    ("gzip alone", post("Transfer-Encoding: gzip", body=SMUGGLED), 400, END),
    ("a chunk's extension that hides a line end",
     chunked("5;~hello\n" + LAST + SMUGGLED), 400, END),
    ("a chunk size that is too long for 32 bits",
     chunked("100000000\n" + LAST + SMUGGLED), 400, END),
    ("chunks in a request of HTTP/1.0",
     "POST /api/rooms HTTP/1.0\nHost: a\nTransfer-Encoding: chunked\n\n" + LAST
     + SMUGGLED, 505, END),
    ("an upgrade that is refused, then a request",
     "GET /ws HTTP/1.1\nHost: a\nConnection: upgrade\nUpgrade: websocket\n"
     "Sec-WebSocket-Version: 8\n\n" + get(), 426, 200),
]

EXPECTING = [
    ("an expectation that nobody knows", get("Expect: tea"), 417, END),
    ("two expectations", get("Expect: 100-continue", "Expect: 100-continue"),
     417, END),
    ("an expectation without a body", get("Expect: 100-continue"), 200),
    ("an expectation with its body at once",
     post(f"Content-Length: {SIZE}", "Expect: 100-continue"), 201),
    ("an expectation with too large a body",
     post("Content-Length: 999999", "Expect: 100-continue", body=""), 413, END),
]

SECTIONS = [
    ("request lines", REQUEST_LINES), ("targets", TARGETS), ("fields", FIELDS),
    ("Host", HOSTS), ("keeping a connection", KEEPING), ("lengths", LENGTHS),
    ("chunks", CHUNKS), ("smuggling", SMUGGLING), ("expecting", EXPECTING),
]


# --- One case ---------------------------------------------------------------

def to_wire(text, token="", number=0):
    room = ("room %d" % number).ljust(len(ROOM), "x")
    text = text.replace(AUTH, f"Authorization: Bearer {token}\n")
    text = text.replace(ROOM, room).replace("\n", "\r\n")
    return text.replace("~", "\n").replace("^", "\r").encode("latin-1")


def read_final(wire, method, in_octets):
    """RFC 9110 10.1.1: who has not yet got a body may be asked to go on."""
    response = read_response(wire, method)
    if in_octets and response.status == 100:
        response = read_response(wire, method)
    return response


def read_all(wire, wanted, in_octets=False):
    """The answers in their order; what they say about the connection holds."""
    for i, want in enumerate(wanted):
        if want == END:
            wire.ends()
            return
        method, _, status = str(want).rpartition(" ")
        response = read_final(wire, method, in_octets)
        must(response.status == int(status), "answer", i + 1, "is",
             response.status, "instead of", status, response.body)
        ends = END in wanted[i + 1:i + 2]
        must(response.tokens("connection") - {"upgrade"}
             == {"close" if ends else "keep-alive"}, "Connection of answer", i + 1)
        must(parsedate_to_datetime(response.field("date") or "").tzinfo,
             "no Date")
        if response.status == 405:
            must(response.tokens("allow"), "405 without Allow")
        if response.status == 401:
            must(response.field("www-authenticate"), "401 without challenge")
        if response.status >= 400 and method != "HEAD":
            must(json.loads(response.body)["status"] == response.status,
                 response.body)


def run_case(address, data, piece, wanted):
    wire = Wire(address)
    try:
        wire.send(data, piece)
        read_all(wire, wanted, piece == 1)
        if END not in wanted:
            wire.send(to_wire(get()))
            read_all(wire, [200])
    finally:
        wire.close()


def run_whole_and_octets(tap, address, token, name, text, wanted):
    data = to_wire(text, token, tap.count + 1)
    tap.case(name, run_case, address, data, 0, wanted)
    if len(data) < OCTETS_MAX:
        data = to_wire(text, token, tap.count + 1)
        tap.case(f"{name}, octet by octet", run_case, address, data, 1, wanted)


def expect_to_continue(address, token):
    """The body is asked for, and only then sent."""
    wire = Wire(address)
    head = post(f"Content-Length: {SIZE}", "Expect: 100-continue", body="")
    try:
        wire.send(to_wire(head, token))
        must(read_response(wire).status == 100, "was not asked to go on")
        wire.send(to_wire(NAME))
        read_all(wire, [201])
    finally:
        wire.close()


# --- Those who are slow -----------------------------------------------------

def trickle(address, data):
    """An octet every second: neither keeps a connection for long."""
    began = time.monotonic()
    wire = Wire(address)
    try:
        for octet in data:
            wire.send(bytes([octet]))
            try:
                while wire.more(time.monotonic() + 1):
                    pass
                break
            except Strange:
                must(time.monotonic() - began < REQUEST_SECONDS + SLACK_SECONDS,
                     "is still there")
        must(wire.has_ended, "was not ended")
        must(time.monotonic() - began > REQUEST_SECONDS - 1, "ended too early")
    finally:
        wire.close()


def idle(address, data):
    """Says this and then nothing more."""
    wire = Wire(address)
    began = time.monotonic()
    try:
        wire.send(data)
        if data:
            read_all(wire, [200])
        wire.ends(REQUEST_SECONDS + SLACK_SECONDS)
        must(time.monotonic() - began > REQUEST_SECONDS - 1, "ended too early")
    finally:
        wire.close()


def sip(address, data):
    """Reads its answers slowly, but does: it may take as long as that lasts."""
    wire = Wire(address)
    try:
        wire.send(data)
        for _ in range(REQUEST_SECONDS + SLACK_SECONDS - 1):
            read_answers(wire, 15)
            time.sleep(1)  # that is how slow it is
        read_answers(wire, SIPS - 15 * (REQUEST_SECONDS + SLACK_SECONDS - 1))
    finally:
        wire.close()


SLOW = [
    ("a head that trickles is cut off", trickle, get("X: " + "y" * 99)),
    ("a body that trickles is cut off", trickle,
     GET + "Content-Length: 99\n\n" + "x" * 99),
    ("a connection without a request is cut off", idle, ""),
    ("a kept connection without another request is cut off", idle, get()),
    ("who reads slowly gets all", sip, SCRIPT * SIPS),
]


def begin_slow(tap, address):
    threads = [threading.Thread(
        target=tap.case, args=(name, act, address, to_wire(text)))
        for name, act, text in SLOW]
    for thread in threads:
        thread.start()
    return threads


# --- Those who are greedy ---------------------------------------------------

def read_answers(wire, n):
    for _ in range(n):
        must(read_response(wire).status == 200, "not the page's script")


def ask_for_much(address):
    """Prints `asked` when it has, and reads after a line of input: no answer is
    lost."""
    wire = Wire(address)
    wire.send(to_wire(SCRIPT * GREEDY_REQUESTS))
    print("asked", flush=True)
    sys.stdin.readline()
    read_answers(wire, GREEDY_REQUESTS)
    wire.close()
    print("read", flush=True)


def run_all(address, token):
    tap = Tap()
    slow = begin_slow(tap, address)
    for section, cases in SECTIONS:
        for name, text, *wanted in cases:
            run_whole_and_octets(tap, address, token, f"{section}: {name}",
                                 text, wanted)
    tap.case("a body is asked for", expect_to_continue, address, token)
    for thread in slow:
        thread.join()
    tap.done()


if __name__ == "__main__":
    what, host, *arguments = sys.argv[1:]
    {"cases": run_all, "greedy": ask_for_much}[what](address_of(host), *arguments)
