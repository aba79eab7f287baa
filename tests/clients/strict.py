# SPDX-License-Identifier: MIT
"""tests/clients/strict.py - strict reading, for the clients in Python: JSON as it
is written down, and of it just the fields and types that a document names."""
import datetime
import json
import re

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UUID = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Strange(Exception):
    """Something is not as the document says."""


# --- JSON

def parse(data):
    """What a text frame, or the body of an answer, says."""
    if not isinstance(data, str):
        raise Strange(f"no text: {data!r}")
    try:
        return json.loads(
            data, object_pairs_hook=once, parse_constant=no_constant)
    except ValueError as error:
        raise Strange(f"not JSON: {data!r}") from error


def once(pairs):
    """An object in which each name stands once."""
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise Strange(f"a name twice: {names}")
    return dict(pairs)


def no_constant(name):
    raise Strange(f"{name} is not JSON")


# --- Values

def is_anything(_):
    return True


def is_any_text(value):
    return isinstance(value, str)


def is_text(value):
    return isinstance(value, str) and value != ""


def is_bool(value):
    return isinstance(value, bool)


def is_integer_from(least):
    """Within what JSON's readers all keep exactly."""
    return lambda v: type(v) is int and least <= v < 2 ** 53


is_count = is_integer_from(0)


def is_uuid(value):
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_time(value):
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.datetime.strptime(value[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return False
    return True


def is_one_of(names):
    return lambda v: isinstance(v, str) and v in names


def check(where, value, shape):
    """`value` has that shape: a dict names the fields of an object, all of them;
    a list has the shape of what is in an array; else it is a function that says
    whether a value fits. `where` names the value."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise Strange(f"{where} is no object: {value!r}")
        if value.keys() != shape.keys():
            raise Strange(f"{where} has {sorted(value)}, not {sorted(shape)}")
        for name, inner in shape.items():
            check(f"{where}.{name}", value[name], inner)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise Strange(f"{where} is no array: {value!r}")
        for i, entry in enumerate(value):
            check(f"{where}[{i}]", entry, shape[0])
    elif shape(value) is not True:
        raise Strange(f"{where} cannot be {value!r}")
