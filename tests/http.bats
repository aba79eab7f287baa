#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# RFC 9112 to the letter: requests that are right, wrong, ambiguous or slow, on raw
# sockets (tests/clients/conformance_http.py). One suite serves all the cases, each
# of which has a connection of its own.

load helper
load conformance
load edge

setup()
{
	export PYTHONDONTWRITEBYTECODE=1
	suite_start
	people alice
}

teardown()
{
	suite_stop
}

@test "requests are read as RFC 9112 says, or refused and the connection ended" {
	local before
	before=$(descriptors)
	conforms conformance_http.py cases
	rest GET /auth/me alice
	answered 200 '.username == "alice"'
	eventually 10 has_at_most "$before"
}

# kB in use; asked for after an answer, so that what came before was heard.
memory()
{
	curl -sS --noproxy '*' "$URL/healthz" >/dev/null
	awk '/^VmRSS:/ { print $2 }' "/proc/$(pid_of gateway)/status"
}

@test "who asks for much and reads nothing waits, at little cost, and loses nothing" {
	local before line
	before=$(memory)
	coproc GREEDY {
		exec "$PYTHON" "$CLIENTS/conformance_http.py" greedy "$HOST" 3>&- 4>&-
	}
	read -r -t 20 line <&"${GREEDY[0]}"
	[ "$line" = asked ]
	(($(memory) < before + 16 * 1024))
	echo >&"${GREEDY[1]}"
	read -r -t 60 line <&"${GREEDY[0]}"
	[ "$line" = read ]
}
