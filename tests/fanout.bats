#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# How a message reaches the many who hear a room: with others of its moment, where
# there are very many; in order, and overtaken by nothing.

load helper

setup()
{
	suite_start PARLEY_RATE=off
	people alice bob
}

teardown()
{
	suite_stop
}

fanouts()
{
	figure fanouts_total
}

@test "a room of ten is told of each post by itself" {
	room den alice bob
	QUERY='&v=2' online alice bob
	local i before
	before=$(fanouts)
	for i in {1..20}; do
		send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"post $i\"}"
		expect bob "{\"type\": \"NewMessage\", \"message\": {\"content\": \"post $i\"}}"
	done
	(($(fanouts) - before == 20))
}

@test "posts that follow each other closely in a room of 500 are told together, each once" {
	local before
	before=$(fanouts)
	"${PARLEY_BUILD:-$ROOT/build}/bin/parley-bench" big-room --server "$HOST" \
		--data "$PARLEY_DATA" --members 500 --rate 100 --warm-up 0 --seconds 2 \
		--json "$BATS_TEST_TMPDIR/figures"
	jq -e '.delivery.count > 10000 and
		(.faults | .missing == 0 and .repeated == 0 and .strayed == 0)' \
		"$BATS_TEST_TMPDIR/figures"
	# One each 35 ms at most, and a few that something else brought about.
	echo "$(($(fanouts) - before)) times"
	(($(fanouts) - before < 100))
}

# say CONTENT: alice, by REST, whose answer does not wait for anybody to be told.
say()
{
	rest POST /api/rooms/den/messages alice "{\"content\": \"$1\"}"
	answered 201
}

@test "neither an edit, a membership's end nor a close overtakes what waits in a crowded room" {
	local i id
	room den alice bob
	connect bob.simple "$WS/ws?token=${TOKEN[bob]}&room=den"
	QUERY='&v=2' online alice bob
	client_starts timeout 110 "$PYTHON" "$CLIENTS/crowd.py" slow "$HOST" \
		"$JWT_SECRET" "${ROOM[den]}" 600
	for i in {1..10}; do
		say "one $i"
		id=$(body .id)
		say "two $i"
		send alice "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"better $i\"}"
		expect bob "{\"type\": \"NewMessage\", \"message\": {\"content\": \"two $i\"}}"
		expect bob "{\"type\": \"MessageEdited\", \"message\": {\"id\": \"$id\", \"content\": \"better $i\"}}"
	done
	say "last but one"
	say "last"
	send alice "{\"type\": \"Kick\", \"room_id\": \"${ROOM[den]}\", \"username\": \"bob\"}"
	expect bob '{"type": "NewMessage", "message": {"content": "last"}}'
	expect bob '{"type": "MemberUpdated", "change": "kicked"}'
	expect bob.simple '{"message": "last"}'
	closed bob.simple 4501
	client_ends
}
