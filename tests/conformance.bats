#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# RFC 6455 to the letter: everything that a client may do and may not, on raw
# sockets (tests/clients/conformance*.py). One suite serves all the cases of a
# test, each of which has a connection of its own.

load helper

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

# conforms WHAT: of hundreds of lines, those that failed are shown.
conforms()
{
	local out=$BATS_TEST_TMPDIR/tap
	timeout 100 "$PYTHON" "$CLIENTS/conformance.py" "$1" "$HOST" \
		"${TOKEN[alice]}" >"$out" || {
		grep -v '^ok ' "$out"
		return 1
	}
}

descriptors()
{
	find "/proc/$(pid_of gateway)/fd" -mindepth 1 | wc -l
}

has_at_most()
{
	(($(descriptors) <= $1))
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
	conforms frames
	bob_still_talks
	eventually 10 has_at_most "$before"
}

@test "upgrades are taken, and refused with the status of RFC 6455" {
	local before
	before=$(descriptors)
	conforms handshake
	bob_still_talks
	eventually 10 has_at_most "$before"
}
