# SPDX-License-Identifier: MIT
"""tests/clients/conformance_utf8.py - octets that are UTF-8, and octets that are
not, with the place at which that is certain (RFC 3629 4).
"""


def hexes(text):
    return [bytes.fromhex(item) for item in text.split()]


def every(first, last):
    return [bytes([octet]) for octet in range(first, last + 1)]


NONCHARACTERS = ["\ufffe", "\uffff"] + [
    chr(plane << 16 | last) for plane in range(1, 17)
    for last in (0xfffe, 0xffff)]

# (what it is, octet sequences)
VALID = [
    ("Latin and German", ["Hello-µ@ßöäüàá-UTF-8!!".encode()]),
    ("Greek", ["κόσμε".encode()]),
    ("each first of its length", hexes("01 c280 e0a080 f0908080")),
    ("each last of its length", hexes("7f dfbf efbfbf f48fbfbf")),
    ("beside the surrogates", hexes("ed9fbf ee8080 efbfbd f48fbfbf")),
    ("noncharacters", [c.encode() for c in NONCHARACTERS]),
    ("specials", [chr(c).encode() for c in range(0xfff9, 0xfffe)]),
    ("right to left, combined, wide",
     ["שלום".encode(), "e\u0301".encode(), "👩‍🚀".encode()]),
]

INVALID = [
    ("five and six octets", hexes("f888808080 fc8480808080")),
    ("the last of five and six octets", hexes("fbbfbfbfbf fdbfbfbfbfbf")),
    ("above U+10FFFF", hexes("f4908080 f7bfbfbf f5808080")),
    ("continuation alone", hexes(
        "80 bf 80bf 80bf80 80bf80bf 80bf80bf80 80bf80bf80bf")),
    ("each continuation alone", every(0x80, 0xbf)),
    ("start of two, then a space", [c + b" " for c in every(0xc0, 0xdf)]),
    ("start of three, then a space", [c + b" " for c in every(0xe0, 0xef)]),
    ("start of four, then a space", [c + b" " for c in every(0xf0, 0xf7)]),
    ("start of five, then a space", [c + b" " for c in every(0xf8, 0xfb)]),
    ("start of six, then a space", [c + b" " for c in every(0xfc, 0xfd)]),
    ("the last continuation missing", hexes(
        "c0 e080 f08080 f8808080 fc80808080"
        " df efbf f7bfbf fbbfbfbf fdbfbfbfbf")),
    ("several incomplete ones", hexes(
        "c0e080f08080f8808080fc80808080 dfefbff7bfbffbbfbfbffdbfbfbfbf")),
    ("octets that never stand", hexes("fe ff fefeffff")),
    ("overlong slash", hexes("c0af e080af f08080af f8808080af fc80808080af")),
    ("the highest overlong", hexes(
        "c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf")),
    ("overlong NUL", hexes("c080 e08080 f0808080 f880808080 fc8080808080")),
    ("surrogates", hexes("eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf")),
    ("surrogates in pairs", [
        high + low for high in hexes("eda080 edadbf edae80 edafbf")
        for low in hexes("edb080 edbfbf")]),
]


def following(lead):
    """For a first octet: what each of the octets behind it may be; None if no
    character begins so."""
    if lead < 0x80:
        return []
    if 0xc2 <= lead <= 0xdf:
        return [(0x80, 0xbf)]
    if 0xe0 <= lead <= 0xef:
        return [(0xa0 if lead == 0xe0 else 0x80,
                 0x9f if lead == 0xed else 0xbf), (0x80, 0xbf)]
    if 0xf0 <= lead <= 0xf4:
        return [(0x90 if lead == 0xf0 else 0x80,
                 0x8f if lead == 0xf4 else 0xbf)] + [(0x80, 0xbf)] * 2
    return None


def find_wrong(octets):
    """The index of the first octet with which no text goes on; None if more
    octets could make it one."""
    wanted = []
    for i, octet in enumerate(octets):
        if not wanted:
            wanted = following(octet)
            if wanted is None:
                return i
        else:
            low, high = wanted.pop(0)
            if not low <= octet <= high:
                return i
    return None
