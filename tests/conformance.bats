#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# RFC 6455 to the letter: everything that a client may do and may not, on raw
# sockets (tests/clients/conformance*.py). One suite serves all the cases of a
# test, each of which has a connection of its own.

load helper
load conformance
load edge

setup()
{
	export PYTHONDONTWRITEBYTECODE=1
	suite_start PARLEY_RATE=off
	people alice bob
}

teardown()
{
	suite_stop
}

# A client that does nothing wrong is served as ever.
bob_still_talks()
{
	connect bob "$WS/ws?token=${TOKEN[bob]}&room=after"
	send bob 'all is well'
	expect bob '{"message": "all is well", "username": "bob"}'
	cast close bob
}

@test "frames are taken, and refused with the code of RFC 6455" {
	local before
	before=$(descriptors)
	conforms conformance.py frames
	bob_still_talks
	eventually 10 has_at_most "$before"
}

@test "upgrades are taken, and refused with the status of RFC 6455" {
	local before
	before=$(descriptors)
	conforms conformance.py handshake
	bob_still_talks
	eventually 10 has_at_most "$before"
}
