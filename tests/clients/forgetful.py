# SPDX-License-Identifier: MIT
# tests/clients/forgetful.py - writes to a disk that forgets (tests/chaos/
# lost_writes.c, preloaded) and looks what is left after a loss of power.
#
#   forgetful.py write FOLDER        some of it synced, some not
#   forgetful.py check FOLDER SEED   ends with 1 if it is not as it may be
import os
import sys

SECTOR = 512
OLD, NEW = b"o" * 8192, b"n" * 8192


def put(path, data, at=0, sync=False, flags=os.O_CREAT):
    fd = os.open(path, os.O_RDWR | flags, 0o600)
    os.pwrite(fd, data, at)
    if sync:
        os.fsync(fd)
    os.close(fd)


def sync_folder(folder):
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)


def write(folder):
    def path(name):
        return os.path.join(folder, name)

    for name in ("kept", "changed", "grown", "cut", "emptied", "removed", "moved"):
        put(path(name), OLD, sync=True)
    sync_folder(folder)
    put(path("kept"), NEW, 0, sync=True)
    put(path("kept"), OLD, 0)
    put(path("kept"), NEW, 0, sync=True)
    put(path("changed"), NEW, 0)
    put(path("grown"), NEW, len(OLD))
    fd = os.open(path("cut"), os.O_RDWR)
    os.ftruncate(fd, 100)
    os.pwrite(fd, b"again", 100)
    os.close(fd)
    os.close(os.open(path("emptied"), os.O_RDWR | os.O_TRUNC))
    os.unlink(path("removed"))
    os.rename(path("moved"), path("moved.on"))
    put(path("new"), NEW, sync=True)


def pieces(data):
    return {data[at:at + SECTOR] for at in range(0, len(data), SECTOR)}


def check(folder, seed):
    def read(name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    names = set(os.listdir(folder))
    old, new, nothing = OLD[:SECTOR], NEW[:SECTOR], bytes(SECTOR)
    assert read("kept") == NEW
    assert pieces(read("changed")) <= {old, new}
    grown = read("grown")
    assert grown[:len(OLD)] == OLD and pieces(grown[len(OLD):]) <= {new, nothing}
    assert read("cut") in (OLD, OLD[:100], OLD[:100] + b"again", OLD[:100] + bytes(5))
    assert read("emptied") in (OLD, b"")
    assert "moved" in names or read("moved.on") == OLD
    assert "new" not in names or read("new") == NEW
    assert not any(".gone." in name for name in names)
    if seed == 0:
        assert read("changed") == read("grown") == read("cut") == OLD
        assert read("emptied") == read("removed") == read("moved") == OLD
        assert not names & {"moved.on", "new"}
    print("torn" if len(pieces(read("changed"))) > 1 else "whole")


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    check(sys.argv[2], int(sys.argv[3]))
