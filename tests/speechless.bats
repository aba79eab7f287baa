#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who may not speak now is told so in the words of the dialect, and nothing is
# lost without a word: in slow rooms, in archived ones, and while muted.

load helper

teardown()
{
	suite_stop
}

# meets [NAME=VALUE…]: alice owns the room "lobby", where all dialects meet; bob
# is a member.
meets()
{
	strict_start PARLEY_RATE=off "$@"
	known alice bob carol
	room lobby alice bob
	LOBBY=${ROOM[lobby]}
	WAIT='10 min to go' # of the first of ten
}

# first PERSON: campfire as it was published; and second: with extensions.
first()
{
	connect "$1.first" "$WS/ws/campfire?token=${TOKEN[$1]}"
	expect "$1.first" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$LOBBY\"}"
}

second()
{
	connect "$1.second" "$WS/ws/campfire?v=2&token=${TOKEN[$1]}"
	expect "$1.second" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$LOBBY\"}"
}

in_hub()
{
	connect "$1.hub" "$WS/ws/hub?token=${TOKEN[$1]}"
	send "$1.hub" '{"type": "join", "room": "lobby"}'
	expect "$1.hub" '{"type": "join_ack"}'
}

in_simple()
{
	connect "$1.simple" "$WS/ws/simple?token=${TOKEN[$1]}&room=lobby"
	send "$1.simple" "$1 is here"
	expect "$1.simple" "{\"message\": \"$1 is here\"}"
}

# in_lobby NAME [PERSON]: as a guest, or with the token of a person.
in_lobby()
{
	connect "$1.lobby" "$WS/ws/lobby${2:+?token=${TOKEN[$2]}}"
	send "$1.lobby" "$(enter "$1")"
	send "$1.lobby" "$(chat "$1" "$1 is here")"
	expect "$1.lobby" "$(chat "$1" "$1 is here")"
}

posts()
{
	send "$1" "{\"type\": \"CreateMessage\", \"room_id\": \"$LOBBY\", \"content\": \"$2\"}"
}

# told NAME WORDS: the hub's error, or the system's line, and nothing besides.
told()
{
	case $1 in
	*.hub) expect "$1" "{\"type\": \"error\", \"data\": {\"message\": \"message: $2\"}}" ;;
	*.simple) exactly "$1" "{\"message\": \"system: $2\", \"timestamp\": \"<number>\"}" ;;
	esac
}

# put_out NAME WORDS: closed with 1008 and a reason that fits.
put_out()
{
	closed "$1" 1008
	[[ $REPLY == *"$2" ]]
}

# nothing_was_heard: alice has heard of none of these words.
nothing_was_heard()
{
	posts alice.second "the last of it"
	expect alice.second '{"type": "NewMessage", "message": {"content": "<string>"}}' 10
	holds '.message.content == "the last of it"'
}

@test "who speaks too soon in a slow room is told so in every dialect" {
	meets
	first bob
	second bob
	in_hub carol
	in_simple carol
	in_lobby gus
	second alice
	rest PATCH /api/rooms/lobby alice '{"slow_seconds": 600}'
	answered 200
	posts bob.first "one"
	expect bob.first '{"type": "NewMessage", "message": {"content": "one"}}'
	send carol.hub '{"type": "message", "room": "lobby", "content": "two"}'
	expect carol.hub '{"type": "message", "data": {"content": "two"}}'
	send gus.lobby "$(chat gus three)"
	expect gus.lobby "$(chat gus three)"
	expect alice.second '{"type": "NewMessage", "message": {"content": "three"}}'
	posts bob.first "early"
	exactly bob.first '{"type": "Error", "code": "RATE_LIMITED", "message": "<string>"}'
	posts bob.second "early"
	exactly bob.second '{"type": "Error", "code": "RATE_LIMITED", "message": "<string>", "retry_after": "<number>"}'
	send carol.hub '{"type": "message", "room": "lobby", "content": "early"}'
	told carol.hub "the room is slow; wait a little; $WAIT"
	send carol.simple 'early'
	told carol.simple "the room is slow; wait a little; $WAIT"
	send gus.lobby "$(chat gus early)"
	put_out gus.lobby "the room is slow; wait a little; $WAIT"
	nothing_was_heard
}

@test "who speaks in an archived room is told so in every dialect" {
	meets
	first bob
	second bob
	in_hub carol
	in_simple carol
	in_lobby gus
	second alice
	posts bob.second "mine"
	expect bob.second '{"type": "NewMessage", "message": {"id": "<string>", "content": "mine"}}'
	local id
	id=$(jq -r .message.id <<<"$REPLY")
	expect alice.second '{"type": "NewMessage", "message": {"content": "mine"}}'
	rest PATCH /api/rooms/lobby alice '{"archived": true}'
	answered 200
	posts bob.first "late"
	exactly bob.first '{"type": "Error", "code": "NOT_ALLOWED", "message": "<string>"}'
	posts bob.second "late"
	expect bob.second '{"type": "Error", "code": "NOT_ALLOWED", "message": "<string>"}'
	send bob.second "{\"type\": \"EditMessage\", \"request_id\": 1, \"message_id\": \"$id\", \"content\": \"late\"}"
	expect bob.second '{"type": "Error", "request_id": 1, "code": "NOT_ALLOWED"}'
	send bob.second "{\"type\": \"DeleteMessage\", \"request_id\": 2, \"message_id\": \"$id\"}"
	expect bob.second '{"type": "Error", "request_id": 2, "code": "NOT_ALLOWED"}'
	send carol.hub '{"type": "message", "room": "lobby", "content": "late"}'
	told carol.hub 'the room is archived'
	send carol.simple 'late'
	told carol.simple 'the room is archived'
	send gus.lobby "$(chat gus late)"
	put_out gus.lobby 'the room is archived'
	rest PATCH /api/rooms/lobby alice '{"archived": false}'
	answered 200
	nothing_was_heard
}

@test "who is muted is told so in every dialect, how long and at each try" {
	meets PARLEY_LOBBY_AUTH=token
	first bob
	second bob
	in_hub bob
	in_simple bob
	in_lobby bob bob
	second alice
	posts bob.second "mine"
	expect bob.second '{"type": "NewMessage", "message": {"id": "<string>", "content": "mine"}}'
	local id
	id=$(jq -r .message.id <<<"$REPLY")
	expect alice.second '{"type": "NewMessage", "message": {"content": "mine"}}'
	rest PUT /api/rooms/lobby/mutes/bob alice '{"seconds": 600}'
	answered 200
	posts bob.first "ssh"
	exactly bob.first '{"type": "Error", "code": "NOT_ALLOWED", "message": "<string>"}'
	posts bob.second "ssh"
	expect bob.second '{"type": "Error", "code": "NOT_ALLOWED", "retry_after": "<number>"}'
	send bob.second "{\"type\": \"EditMessage\", \"request_id\": 1, \"message_id\": \"$id\", \"content\": \"ssh\"}"
	expect bob.second '{"type": "Error", "request_id": 1, "code": "NOT_ALLOWED"}'
	send bob.hub '{"type": "message", "room": "lobby", "content": "ssh"}'
	told bob.hub "you are muted in this room; $WAIT"
	send bob.simple 'ssh'
	told bob.simple "you are muted in this room; $WAIT"
	send bob.lobby "$(chat bob ssh)"
	put_out bob.lobby "you are muted in this room; $WAIT"
	nothing_was_heard
}

@test "sealed rooms are not slowed down, archived or moderated" {
	strict_start PARLEY_RATE=off
	connect owner "$WS/ws/sealed"
	send owner '{"CreateRoom": {"name": "vault", "description": "", "password": null}}'
	expect owner '{"RoomCreated": {"room_info": {"id": "<string>"}}}'
	local id
	id=$(jq -r .RoomCreated.room_info.id <<<"$REPLY")
	administers change_room "\"room\": \"$id\", \"what\": 8, \"slow_s\": 600"
	administers change_room "\"room\": \"$id\", \"what\": 16, \"archived\": true"
	administers moderate "\"room\": \"$id\", \"action\": 5, \"user\": \"$id\", \"user_number\": 1"
	send owner '{"ChatMessage": {"content": "Zm9v"}}'
	expect owner '{"ChatMessage": {"sender": "Owner", "content": "Zm9v"}}'
}

# administers FRAME FIELDS: in vain.
administers()
{
	REPLY=$("$PYTHON" "$CLIENTS/tool.py" "$PARLEY_RUN" store "{\"frame\": \"$1\", $2}")
	holds '.frame == "refused" and .code == "room_not_found"'
}
