#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The campfire dialect: each frame and each error that its document names.

load helper

setup()
{
	suite_start
	people alice bob carol
	room den alice bob
	DEN=${ROOM[den]}
	NOWHERE=00000000-0000-4000-8000-000000000000
}

teardown()
{
	suite_stop
}

message()
{
	printf '{"type": "NewMessage", "message": {"id": "<uuid>", "room_id": "%s", "creator_id": "%s", "content": "%s", "client_message_id": "%s", "created_at": "<time>"}}' \
		"$DEN" "${ID[$1]}" "$2" "${3:-<uuid>}"
}

says()
{
	send "$1" "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"$2\"${3:+, \"client_message_id\": \"$3\"}}"
}

error()
{
	printf '{"type": "Error", "message": "<string>", "code": "%s"}' "$1"
}

@test "a message reaches every member, its author included, with only the named fields" {
	online alice bob
	says alice "good morning" 0b0e7e1c-7d5e-4f2e-9b59-0a1b2c3d4e5f
	exactly alice "$(message alice "good morning" 0b0e7e1c-7d5e-4f2e-9b59-0a1b2c3d4e5f)"
	exactly bob "$(message alice "good morning" 0b0e7e1c-7d5e-4f2e-9b59-0a1b2c3d4e5f)"
}

@test "every device of a member hears a message, and nobody else" {
	online bob carol
	connect alice "$WS/ws/campfire?token=${TOKEN[alice]}"
	connect alice.phone "$WS/ws/campfire?token=${TOKEN[alice]}"
	says bob hello
	exactly alice "$(message bob hello)"
	exactly alice.phone "$(message bob hello)"
	never carol '{"type": "NewMessage"}'
}

@test "the client's message id may be missing; the message then has one made here" {
	online alice
	says alice one
	exactly alice "$(message alice one)"
}

@test "the client's message id comes back in lower case" {
	online alice
	says alice one 0B0E7E1C-7D5E-4F2E-9B59-0A1B2C3D4E5F
	exactly alice "$(message alice one 0b0e7e1c-7d5e-4f2e-9b59-0a1b2c3d4e5f)"
}

@test "the same message id again creates nothing and brings the first message again to the asker alone" {
	local id=0b0e7e1c-7d5e-4f2e-9b59-0a1b2c3d4e5f
	online alice bob
	says alice first "$id"
	exactly alice "$(message alice first "$id")"
	exactly bob "$(message alice first "$id")"
	says alice "second try" "$id"
	exactly alice "$(message alice first "$id")"
	never bob '{"type": "NewMessage"}'
	rest GET "/api/rooms/$DEN/messages" alice
	answered 200 '.messages | length == 1'
}

@test "one connection's messages keep their order" {
	local i
	online alice bob
	for i in {1..30}; do
		says alice "number $i"
	done
	for i in {1..30}; do
		exactly bob "$(message alice "number $i")"
	done
}

@test "content is passed on as it is, quotes, emoji and markup included" {
	online alice bob
	says alice '<b>\"q\"</b> \\ \u00e9 \ud83c\udf75 \n\t'
	expect bob '{"type": "NewMessage", "message": {"content": "<b>\"q\"</b> \\ é 🍵 \n\t"}}'
}

@test "content that is empty, too long or has a NUL is MESSAGE_CREATION_FAILED" {
	local long
	long=$(printf 'x%.0s' {1..16384})
	online alice
	says alice ""
	exactly alice "$(error MESSAGE_CREATION_FAILED)"
	says alice 'a\u0000b'
	exactly alice "$(error MESSAGE_CREATION_FAILED)"
	says alice "${long}x"
	exactly alice "$(error MESSAGE_CREATION_FAILED)"
	says alice "$long"
	expect alice '{"type": "NewMessage"}'
}

@test "a frame over 256 KiB closes with 1009" {
	online alice
	says alice "$(head -c 300000 /dev/zero | tr '\0' x)"
	closed alice 1009
}

@test "joining answers PresenceUpdate and tells the others UserJoined, then PresenceUpdate" {
	online alice carol
	exactly alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": [\"${ID[alice]}\"]}"
	send carol "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	exactly carol "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[carol]}\"]}}"
	exactly alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[carol]}\", \"room_id\": \"$DEN\"}"
	exactly alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[carol]}\"]}}"
	never carol '{"type": "UserJoined"}'
}

@test "joining twice is harmless and is answered again" {
	online alice bob
	expect bob '{"type": "PresenceUpdate"}'
	send bob "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	expect bob "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
	never alice '{"type": "UserJoined"}'
}

@test "leaving ends the membership and is told to the rest" {
	online alice bob
	expect alice "{\"type\": \"PresenceUpdate\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[bob]}\"]}}"
	send bob "{\"type\": \"LeaveRoom\", \"room_id\": \"$DEN\"}"
	exactly alice "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
	exactly alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": [\"${ID[alice]}\"]}"
	says bob "still here?"
	exactly bob "$(error NOT_A_MEMBER)"
	says alice "gone"
	never bob '{"type": "NewMessage"}'
}

@test "a membership lasts: connecting again hears the room without a join" {
	online bob
	cast close bob
	online alice bob
	says alice hello
	exactly bob "$(message alice hello)"
}

@test "a join on one device is heard on the other" {
	connect carol "$WS/ws/campfire?token=${TOKEN[carol]}"
	connect carol.phone "$WS/ws/campfire?token=${TOKEN[carol]}"
	online alice
	send carol "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	expect carol '{"type": "PresenceUpdate"}'
	says alice hello
	exactly carol "$(message alice hello)"
	exactly carol.phone "$(message alice hello)"
}

@test "typing is told to the others once, and ends by StopTyping" {
	online alice bob
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	exactly bob "{\"type\": \"TypingStart\", \"user_id\": \"${ID[alice]}\", \"room_id\": \"$DEN\"}"
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	never bob '{"type": "TypingStart"}'
	send alice "{\"type\": \"StopTyping\", \"room_id\": \"$DEN\"}"
	exactly bob "{\"type\": \"TypingStop\", \"user_id\": \"${ID[alice]}\", \"room_id\": \"$DEN\"}"
	never alice '{"type": "TypingStart"}'
}

@test "typing ends by the user's message" {
	online alice bob
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect bob '{"type": "TypingStart"}'
	says alice "that is all"
	expect bob '{"type": "TypingStop"}'
}

@test "who types on after a message is told to type again" {
	online alice bob
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect bob '{"type": "TypingStart"}'
	post alice den "half of it"
	expect bob '{"type": "TypingStop"}'
	expect bob '{"type": "NewMessage", "message": {"content": "half of it"}}'
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect bob '{"type": "TypingStart"}'
}

@test "who connects while somebody types hears of it" {
	online alice bob
	expect bob '{"type": "PresenceUpdate"}'
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect bob '{"type": "TypingStart"}'
	cast drop bob
	online bob
	expect bob '{"type": "TypingStart"}'
}

@test "a type with NUL in it is unknown, not its beginning" {
	online alice
	send alice "{\"type\": \"CreateMessage\\u0000\", \"room_id\": \"$DEN\", \"content\": \"q\"}"
	expect alice '{"type": "Error", "code": "UNKNOWN_TYPE"}'
}

@test "typing ends by disconnect" {
	online alice bob
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect bob '{"type": "TypingStart"}'
	cast drop alice
	expect bob '{"type": "TypingStop"}'
}

@test "typing ends by itself 10 to 15 s after the last StartTyping" {
	online alice bob
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect bob '{"type": "TypingStart"}'
	never bob '{"type": "TypingStop"}' 9
	expect bob '{"type": "TypingStop"}' 7
}

@test "a malformed request is an error with its code, and the connection stands" {
	local code json
	online carol
	while read -r code json; do
		send carol "$json"
		exactly carol "$(error "$code")"
	done <<-END
		INVALID_JSON {
		INVALID_JSON hello
		INVALID_JSON {"type": "JoinRoom"} {}
		UNKNOWN_TYPE {"type": "Dance"}
		UNKNOWN_TYPE {"type": "NewMessage"}
		INVALID_FIELD {"type": "JoinRoom"}
		INVALID_FIELD {"type": "JoinRoom", "room_id": 7}
		INVALID_FIELD {"type": "JoinRoom", "room_id": "den"}
		INVALID_FIELD {"type": "CreateMessage", "room_id": "$DEN"}
		INVALID_FIELD {"type": "CreateMessage", "room_id": "$DEN", "content": 1}
		INVALID_FIELD {"type": "CreateMessage", "room_id": "$DEN", "content": "x", "client_message_id": "mine"}
		INVALID_FIELD {"type": "UpdateLastSeen", "message_id": "last"}
		ROOM_NOT_FOUND {"type": "JoinRoom", "room_id": "$NOWHERE"}
		ROOM_NOT_FOUND {"type": "CreateMessage", "room_id": "$NOWHERE", "content": "x"}
		NOT_A_MEMBER {"type": "CreateMessage", "room_id": "$DEN", "content": "x"}
		NOT_A_MEMBER {"type": "StartTyping", "room_id": "$DEN"}
		MESSAGE_NOT_FOUND {"type": "UpdateLastSeen", "message_id": "$NOWHERE"}
	END
	send carol "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	expect carol '{"type": "PresenceUpdate"}'
}

@test "more than the rate is RATE_LIMITED and creates nothing" {
	local i
	suite_again PARLEY_RATE=1:40 # however slowly they are sent, not 60 at once
	online alice
	for i in {1..60}; do
		says alice "number $i"
	done
	expect alice "$(error RATE_LIMITED)" 20
	eventually 20 all_answered_in_history
}

# What was refused is not in the history: fewer than were sent.
all_answered_in_history()
{
	rest GET "/api/rooms/$DEN/messages?limit=100" alice
	answered 200 '(.messages | length) >= 40 and (.messages | length) < 60'
}

@test "v=2: messages carry seq, number and the creator's name" {
	QUERY='&v=2' online alice
	says alice hello
	expect alice '{"type": "NewMessage", "message": {"seq": 1, "number": "<number>", "creator_name": "alice", "content": "hello"}}'
}

@test "v=2: a request_id comes back in the answer and in the error" {
	QUERY='&v=2' online alice
	send alice '{"type": "GetRooms", "request_id": "r1"}'
	expect alice '{"type": "Rooms", "request_id": "r1"}'
	send alice '{"type": "Dance", "request_id": "r2"}'
	expect alice '{"type": "Error", "code": "UNKNOWN_TYPE", "request_id": "r2"}'
}

@test "v=2: a room is made, listed, and talked in" {
	QUERY='&v=2' online alice
	send alice '{"type": "CreateRoom", "name": "attic", "description": "under the roof"}'
	expect alice '{"type": "RoomCreated", "room": {"id": "<uuid>", "name": "attic", "description": "under the roof"}}'
	send alice '{"type": "GetRooms"}'
	expect alice '{"type": "Rooms"}'
	jq -e '.rooms | map(.name) | contains(["attic", "den"])' <<<"$REPLY"
}

@test "v=2: a direct conversation is between two, and nobody else can join it" {
	local direct
	QUERY='&v=2' online alice bob carol
	send alice '{"type": "OpenDirect", "username": "bob"}'
	expect alice '{"type": "DirectOpened", "room_id": "<uuid>"}'
	direct=$(jq -r .room_id <<<"$REPLY")
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"$direct\", \"content\": \"psst\"}"
	expect bob '{"type": "NewMessage", "message": {"content": "psst"}}'
	send carol "{\"type\": \"JoinRoom\", \"room_id\": \"$direct\"}"
	expect carol '{"type": "Error"}'
	rest GET "/api/rooms/$direct/messages" carol
	[[ $STATUS == 40[34] ]]
	rest GET /api/rooms carol
	answered 200 "[.rooms[] | select(.id == \"$direct\")] == []"
}

@test "v=2: an author edits and deletes; others may not" {
	local id
	QUERY='&v=2' online alice bob
	says alice "first words"
	expect alice '{"type": "NewMessage"}'
	id=$(jq -r .message.id <<<"$REPLY")
	send bob "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"mine now\"}"
	expect bob '{"type": "Error", "code": "NOT_ALLOWED"}'
	send alice "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"better words\"}"
	expect bob "{\"type\": \"MessageEdited\", \"message\": {\"id\": \"$id\", \"content\": \"better words\"}}"
	send alice "{\"type\": \"DeleteMessage\", \"message_id\": \"$id\"}"
	expect bob "{\"type\": \"MessageDeleted\", \"room_id\": \"$DEN\", \"message_id\": \"$id\"}"
}

@test "v=2: a search finds words in rooms that one may read" {
	post alice den "the ferry is late" "tea is ready"
	QUERY='&v=2' online alice carol
	send alice '{"type": "SearchMessages", "query": "ferry", "limit": 10}'
	expect alice '{"type": "SearchResults", "messages": [{"content": "the ferry is late"}]}'
	send carol '{"type": "SearchMessages", "query": "ferry", "limit": 10}'
	expect carol '{"type": "SearchResults", "messages": []}'
}

@test "a client that did not ask for v=2 hears of no edit" {
	local id
	online bob
	QUERY='&v=2' online alice
	says alice "first words"
	expect alice '{"type": "NewMessage"}'
	id=$(jq -r .message.id <<<"$REPLY")
	expect bob '{"type": "NewMessage"}'
	send alice "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"better words\"}"
	expect alice '{"type": "MessageEdited"}'
	never bob '{"type": "MessageEdited"}'
}

@test "a Python client has the same conversation" {
	online alice
	run "$PYTHON" "$CLIENTS/campfire.py" "$WS/ws/campfire" "${TOKEN[bob]}" "$DEN" "hello from Python"
	assert_success
	jq -e '.content == "hello from Python"' <<<"$output"
	exactly alice "{\"type\": \"TypingStart\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$DEN\"}"
	exactly alice "$(message bob "hello from Python")"
}

@test "text that is not UTF-8 closes with 1007, a reserved bit with 1002" {
	connect alice "$WS/ws/campfire?token=${TOKEN[alice]}"
	cast wire alice 818200000000c328
	closed alice 1007
	connect alice "$WS/ws/campfire?token=${TOKEN[alice]}"
	cast wire alice f18200000000c328
	closed alice 1002
	connect alice "$WS/ws/campfire?token=${TOKEN[alice]}"
	cast wire alice 81026869
	closed alice 1002
}
