# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# tests/roles.bash - what tests of roles and moderation say: about one room, the
# den, whose id is DEN.

# den_start: a suite of two gateways. The den is of alice, bob and carol; dave is
# a stranger there.
den_start()
{
	strict_start PARLEY_RATE=off PARLEY_GATEWAYS=2
	eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
	known alice bob carol dave
	room den alice bob carol
	DEN=${ROOM[den]}
}

# two NAME…: v=2 campfire connections, one of a person.
two()
{
	QUERY='&v=2' online "$@"
	local name
	for name in "$@"; do
		expect "$name" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
	done
}

# several PERSON DIALECT: five connections PERSON.DIALECT.1 … in the den: both
# gateways have some, by all odds.
several()
{
	local i
	for i in 1 2 3 4 5; do
		"in_$2" "$1" "$1.$2.$i"
	done
}

in_hub()
{
	connect "$2" "$WS/ws/hub?token=${TOKEN[$1]}"
	send "$2" '{"type": "join", "room": "den"}'
	expect "$2" '{"type": "join_ack"}'
}

in_simple()
{
	connect "$2" "$WS/ws/simple?token=${TOKEN[$1]}&room=den"
	send "$2" 'hello from simple'
	expect "$2" '{"message": "hello from simple"}'
}

in_campfire()
{
	connect "$2" "$WS/ws/campfire?token=${TOKEN[$1]}"
	expect "$2" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
}

# asks NAME TYPE [FIELDS [ANSWER-TYPE [ANSWER-FIELDS]]]: with a request_id.
asks()
{
	send "$1" "{\"type\": \"$2\", \"request_id\": 7, \"room_id\": \"$DEN\"${3:+, $3}}"
	expect "$1" "{\"type\": \"${4:-MemberUpdated}\", \"request_id\": 7${5:+, $5}}"
}

# denied NAME CODE TYPE [FIELDS]
denied()
{
	send "$1" "{\"type\": \"$3\", \"request_id\": 8, \"room_id\": \"$DEN\"${4:+, $4}}"
	expect "$1" "{\"type\": \"Error\", \"request_id\": 8, \"code\": \"$2\"}"
}

whom()
{
	printf '"user_id": "%s"' "${ID[$1]}"
}

says()
{
	send "$1" "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"request_id\": 9, \"content\": \"$2\"}"
}

hears()
{
	expect "$1" "{\"type\": \"NewMessage\", \"message\": {\"content\": \"$2\"}}"
}

# tool DAEMON FRAME [FIELDS [KIND]]: administration asks; sets REPLY.
tool()
{
	REPLY=$("$PYTHON" "$CLIENTS/tool.py" "$PARLEY_RUN" "$1" \
		"{\"frame\": \"$2\", \"room\": \"$DEN\"${3:+, $3}}" ${4:+"$4"})
}
