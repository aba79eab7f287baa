#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is private stays so at every door: rooms of kind private, direct and
# sealed can be neither listed, entered, read, searched, nor written by others,
# in whatever dialect, and nothing that was said there is in any answer.

load helper

SECRET=quicksilver # a word that was said in each of the rooms

setup()
{
	ANSWERS=$BATS_TEST_TMPDIR/answers
	strict_start PARLEY_RATE=off PARLEY_LOBBY_AUTH=token
	people alice bob mallory
	rest GET /auth/me bob # who is known then
	QUERY='&v=2' online alice
	make_private
	make_direct
	make_sealed
}

teardown()
{
	suite_stop
}

# --- the rooms, each with one message of alice or of the owner ----------------

# DOOR and ROOM_ID: how one would ask for the room of that kind. A room without
# a name is asked for by its id, as if that were one.
declare -gA DOOR ROOM_ID MESSAGE NONCE

make_private()
{
	rest POST /api/rooms alice '{"name": "vault", "kind": "private"}'
	answered 201 '.kind == "private"'
	DOOR[private]=vault
	ROOM_ID[private]=$(body .id)
	say_secret private
}

make_direct()
{
	send alice '{"type": "OpenDirect", "username": "bob"}'
	expect alice '{"type": "DirectOpened", "room_id": "<uuid>"}'
	ROOM_ID[direct]=$(jq -r .room_id <<<"$REPLY")
	DOOR[direct]=${ROOM_ID[direct]}
	say_secret direct
}

say_secret()
{
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM_ID[$1]}\", \"content\": \"$SECRET $1\"}"
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"content\": \"$SECRET $1\"}}"
	MESSAGE[$1]=$(jq -r .message.id <<<"$REPLY")
	NONCE[$1]=$(jq -r .message.client_message_id <<<"$REPLY")
}

make_sealed()
{
	connect owner "$WS/ws/sealed"
	send owner '{"CreateRoom": {"name": "crypt", "description": "", "password": null}}'
	expect owner '{"RoomCreated": {"room_info": {"name": "crypt"}}}'
	ROOM_ID[sealed]=$(jq -r .RoomCreated.room_info.id <<<"$REPLY")
	JOIN_KEY=$(jq -r .RoomCreated.room_info.join_key <<<"$REPLY")
	DOOR[sealed]=crypt
	send owner "{\"ChatMessage\": {\"content\": \"$SECRET sealed\"}}"
	expect owner "{\"ChatMessage\": {\"sender\": \"Owner\", \"content\": \"$SECRET sealed\"}}"
	# No door tells these.
	MESSAGE[sealed]=00000000-0000-4000-8000-000000000000
	NONCE[sealed]=00000000-0000-4000-8000-000000000000
}

# undisturbed: nobody in the rooms was told of anything, nothing was changed
# there, and the word is in nothing that mallory was told.
undisturbed()
{
	local kind
	never alice '{"<not>": {"type": "PresenceUpdate"}}' 1
	never alice "{\"online_users\": {\"<not>\": [\"${ID[alice]}\"]}}" 0
	never owner '{}' 0
	for kind in private direct; do
		rest GET "/api/rooms/${ROOM_ID[$kind]}/messages" alice
		answered 200 "[.messages[].content] == [\"$SECRET $kind\"]"
	done
	run ! grep -F "$SECRET" "$ANSWERS"
}

# asks CONNECTION TEXT PATTERN: the very next frame fits.
asks()
{
	echo "asked: $2"
	send "$1" "$2"
	next "$1" "$3"
	echo "$REPLY" >>"$ANSWERS"
}

rest_is()
{
	rest "$2" "$3" mallory "${@:4}"
	echo "$BODY" >>"$ANSWERS"
	echo "asked: ${*:2}"
	answered "$1"
}

# --- others at each door -------------------------------------------------------

@test "REST lists no room of others, and knows none by id or by name" {
	local kind room
	rest_is 200 GET /api/rooms
	answered 200 '.rooms == []'
	for kind in private direct sealed; do
		for room in "${ROOM_ID[$kind]}" "${ROOM_ID[$kind]^^}" "${DOOR[$kind]}" "${DOOR[$kind]^^}"; do
			rest_is 404 GET "/api/rooms/$room/messages"
			rest_is 404 GET "/api/rooms/$room/messages?limit=1&before=2"
			rest_is 404 POST "/api/rooms/$room/messages" '{"content": "let me in"}'
			rest_is 404 POST "/api/rooms/$room/messages" \
				"{\"content\": \"again\", \"client_message_id\": \"${NONCE[$kind]}\"}"
		done
	done
	rest_is 409 POST /api/rooms '{"name": "VAULT"}'
	undisturbed
}

# wrong CODE: a campfire error.
wrong()
{
	printf '{"type": "Error", "message": "<string>", "code": "%s"}' "$1"
}

@test "campfire lets nobody in, and knows neither the room nor its messages" {
	local kind id request
	QUERY='&v=2' online mallory
	for kind in private direct sealed; do
		id=${ROOM_ID[$kind]}
		while IFS= read -r request; do
			asks mallory "$request" "$(wrong ROOM_NOT_FOUND)"
		done <<-END
			{"type": "JoinRoom", "room_id": "$id"}
			{"type": "LeaveRoom", "room_id": "$id"}
			{"type": "CreateMessage", "room_id": "$id", "content": "let me in"}
			{"type": "StartTyping", "room_id": "$id"}
			{"type": "StopTyping", "room_id": "$id"}
			{"type": "GetHistory", "room_id": "$id", "limit": 10}
			{"type": "GetHistory", "room_id": "$id", "after": 0}
			{"type": "SearchMessages", "query": "$SECRET", "room_id": "$id", "limit": 10}
		END
		while IFS= read -r request; do
			asks mallory "$request" "$(wrong MESSAGE_NOT_FOUND)"
		done <<-END
			{"type": "UpdateLastSeen", "message_id": "${MESSAGE[$kind]}"}
			{"type": "EditMessage", "message_id": "${MESSAGE[$kind]}", "content": "mine"}
			{"type": "DeleteMessage", "message_id": "${MESSAGE[$kind]}"}
		END
	done
	asks mallory '{"type": "GetRooms"}' '{"type": "Rooms", "rooms": []}'
	asks mallory '{"type": "GetUnread"}' '{"type": "Unread", "rooms": []}'
	asks mallory "{\"type\": \"SearchMessages\", \"query\": \"$SECRET\", \"limit\": 10}" \
		'{"type": "SearchResults", "messages": []}'
	asks mallory '{"type": "CreateRoom", "name": "Vault"}' "$(wrong INVALID_FIELD)"
	never mallory '{}'
	undisturbed
}

@test "campfire resumes no room of others" {
	local kind
	connect mallory "$WS/ws/campfire?token=${TOKEN[mallory]}&v=2&resume=1"
	for kind in private direct sealed; do
		send mallory "{\"type\": \"Resume\", \"rooms\": {\"${ROOM_ID[$kind]}\": 0}}"
		next mallory '{"type": "Resumed", "rooms": {}}'
	done
	never mallory '{}'
	undisturbed
}

@test "hub lets nobody in, and remembers nothing for others" {
	local kind room request
	rest GET /auth/me alice
	connect mallory "$WS/ws/hub?token=${TOKEN[mallory]}"
	for kind in private direct sealed; do
		for room in "${DOOR[$kind]}" "${DOOR[$kind]^^}" "${ROOM_ID[$kind]}"; do
			while IFS= read -r request; do
				asks mallory "$request" '{"type": "error", "data": {"message": "<string>"}}'
			done <<-END
				{"type": "join", "room": "$room"}
				{"type": "message", "room": "$room", "content": "let me in"}
				{"type": "room_history", "room": "$room", "limit": 10}
			END
		done
	done
	asks mallory "{\"type\": \"dm_history\", \"with\": $(body .id)}" '{"type": "dm_history", "data": []}'
	say_secret private
	say_secret direct
	never mallory '{}'
}

# in_room TYPE ROOM: a frame of mallory's lobby.
in_room()
{
	printf '{"message_type": "%s", "message_body": {"sender_username": "mallory", "room": "%s", "content": "let me in"}}' "$@"
}

@test "lobby lets nobody enter, and closes with 1008" {
	local kind room type
	for kind in private direct sealed; do
		for room in "${DOOR[$kind]}" "${DOOR[$kind]^^}" "${ROOM_ID[$kind]}"; do
			for type in Enter GroupChat; do
				connect mallory "$WS/ws/lobby?token=${TOKEN[mallory]}"
				send mallory "$(in_room "$type" "$room")"
				closed mallory 1008
				echo "$REPLY" >>"$ANSWERS"
				never mallory '{}' 0
			done
		done
	done
	undisturbed
}

@test "lobby: who is in another room speaks in none of these" {
	local kind
	for kind in private direct sealed; do
		connect mallory "$WS/ws/lobby?token=${TOKEN[mallory]}"
		send mallory '{"message_type": "Enter", "message_body": {"sender_username": "mallory"}}'
		send mallory "$(in_room GroupChat "${DOOR[$kind]}")"
		closed mallory 1008
		never mallory '{}' 0
	done
	undisturbed
}

@test "simple lets nobody into a private room, and closes with 1008" {
	local room
	for room in vault VAULT; do
		connect mallory "$WS/ws/simple?token=${TOKEN[mallory]}&room=$room"
		next mallory '{"message": "<string>", "timestamp": "<number>"}'
		echo "$REPLY" >>"$ANSWERS"
		closed mallory 1008
		never mallory '{}' 0
	done
	undisturbed
}

# Names are any text, and those that others may see are all public.
@test "simple takes the id of a room, or a sealed one's name, for the name of another" {
	local room
	for room in "${ROOM_ID[private]}" "${ROOM_ID[direct]}" "${ROOM_ID[sealed]}" crypt; do
		connect mallory "$WS/ws/simple?token=${TOKEN[mallory]}&room=$room"
		next mallory '{"message": "system: mallory joined", "timestamp": "<number>"}'
		send mallory "is this $room?"
		expect mallory "{\"message\": \"is this $room?\"}"
		never mallory '{}' 0
	done
	undisturbed
	rest GET "/api/rooms/crypt/messages" alice
	answered 403
	for room in private direct sealed; do
		rest_is 404 GET "/api/rooms/${ROOM_ID[$room]}/messages"
	done
}

@test "sealed rooms open to a join key, and to nothing else" {
	local key
	connect mallory "$WS/ws/sealed"
	for key in vault crypt "${ROOM_ID[private]}" "${ROOM_ID[direct]}" "${ROOM_ID[sealed]}" "${JOIN_KEY%?}"; do
		asks mallory "{\"JoinRoom\": {\"join_key\": \"$key\", \"password\": null, \"name\": \"mallory\"}}" \
			'{"Error": {"message": "<string>"}}'
	done
	asks mallory '"GetMembers"' '{"Error": {"message": "<string>"}}'
	asks mallory '{"ChatMessage": {"content": "let me in"}}' '{"Error": {"message": "<string>"}}'
	undisturbed
}

@test "nothing said in these rooms is heard at any other door" {
	local name
	connect hub "$WS/ws/hub?token=${TOKEN[mallory]}"
	connect simple "$WS/ws/simple?token=${TOKEN[mallory]}&room=general"
	next simple '{"message": "system: mallory joined", "timestamp": "<number>"}'
	connect lobby "$WS/ws/lobby?token=${TOKEN[mallory]}"
	send lobby '{"message_type": "Enter", "message_body": {"sender_username": "mallory"}}'
	send lobby '{"message_type": "GroupChat", "message_body": {"sender_username": "mallory", "content": "here"}}'
	next lobby '{"message_type": "GroupChat", "message_body": {"sender_username": "mallory", "content": "here"}}'
	QUERY='&v=2' online mallory
	connect sealed "$WS/ws/sealed"
	send sealed '{"CreateRoom": {"name": "crypt", "description": "", "password": null}}'
	expect sealed '{"RoomCreated": {"room_info": {"name": "crypt"}}}'
	say_secret private
	say_secret direct
	send owner "{\"ChatMessage\": {\"content\": \"$SECRET\"}}"
	expect owner '{"ChatMessage": {"sender": "Owner"}}'
	for name in hub simple lobby mallory sealed; do
		never "$name" '{}' 0.4
	done
}

@test "another's client message id brings back nothing of theirs" {
	local kind text
	room square mallory
	QUERY='&v=2' online mallory
	expect mallory '{"type": "PresenceUpdate"}'
	for kind in private direct; do
		asks mallory "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM_ID[$kind]}\", \"content\": \"again\", \"client_message_id\": \"${NONCE[$kind]}\"}" \
			"$(wrong ROOM_NOT_FOUND)"
		text="{\"content\": \"from REST\", \"client_message_id\": \"${NONCE[$kind]}\"}"
		rest_is 201 POST /api/rooms/square/messages "$text"
		answered 201 ".content == \"from REST\" and .creator_id == \"${ID[mallory]}\""
		expect mallory "{\"type\": \"NewMessage\", \"message\": $text}"
	done
	undisturbed
}

# --- those whose room it is ------------------------------------------------------

@test "the two of a direct room read, search, mark, type and post there" {
	local id=${ROOM_ID[direct]} who
	QUERY='&v=2' online bob
	expect bob "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"$id\", \"content\": \"$SECRET direct\"}}"
	for who in alice bob; do
		rest GET "/api/rooms/$id/messages" "$who"
		answered 200 "[.messages[].content] == [\"$SECRET direct\"]"
		rest GET /api/rooms "$who"
		answered 200 "[.rooms[] | select(.id == \"$id\" and .kind == \"direct\" and .member)] | length == 1"
		send "$who" "{\"type\": \"GetHistory\", \"room_id\": \"$id\", \"limit\": 10}"
		expect "$who" "{\"type\": \"History\", \"messages\": [{\"content\": \"$SECRET direct\"}]}"
		eventually 5 finds "$who"
	done
	send bob "{\"type\": \"UpdateLastSeen\", \"request_id\": 1, \"message_id\": \"${MESSAGE[direct]}\"}"
	expect bob "{\"type\": \"LastSeen\", \"request_id\": 1, \"room_id\": \"$id\"}"
	send bob "{\"type\": \"StartTyping\", \"room_id\": \"$id\"}"
	expect alice "{\"type\": \"TypingStart\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"$id\"}"
	send bob "{\"type\": \"CreateMessage\", \"room_id\": \"$id\", \"content\": \"so I hear\"}"
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"$id\", \"content\": \"so I hear\"}}"
	send bob "{\"type\": \"JoinRoom\", \"room_id\": \"$id\"}"
	expect bob "{\"type\": \"PresenceUpdate\", \"room_id\": \"$id\"}"
	send bob "{\"type\": \"EditMessage\", \"message_id\": \"${MESSAGE[direct]}\", \"content\": \"mine\"}"
	expect bob "$(wrong NOT_ALLOWED)"
	send bob "{\"type\": \"LeaveRoom\", \"room_id\": \"$id\"}"
	expect bob "$(wrong NOT_ALLOWED)"
}

finds()
{
	send "$1" "{\"type\": \"SearchMessages\", \"query\": \"$SECRET\", \"room_id\": \"${ROOM_ID[direct]}\", \"limit\": 10}"
	expect "$1" "{\"type\": \"SearchResults\", \"messages\": [{\"content\": \"$SECRET direct\"}]}" 1
}

@test "a direct room is nobody's to visit by its id, not even for the two" {
	connect hub "$WS/ws/hub?token=${TOKEN[alice]}"
	asks hub "{\"type\": \"join\", \"room\": \"${ROOM_ID[direct]}\"}" '{"type": "error", "data": {"message": "<string>"}}'
	connect lobby "$WS/ws/lobby?token=${TOKEN[alice]}"
	send lobby "{\"message_type\": \"Enter\", \"message_body\": {\"sender_username\": \"alice\", \"room\": \"${ROOM_ID[direct]}\"}}"
	closed lobby 1008
}

@test "the maker of a private room has it at every door" {
	local here='{"content": "here I am"}'
	connect hub "$WS/ws/hub?token=${TOKEN[alice]}"
	asks hub '{"type": "join", "room": "vault"}' '{"type": "join_ack", "data": {"room": "vault", "status": "ok"}}'
	connect simple "$WS/ws/simple?token=${TOKEN[alice]}&room=vault"
	connect lobby "$WS/ws/lobby?token=${TOKEN[alice]}"
	send lobby '{"message_type": "Enter", "message_body": {"sender_username": "alice", "room": "vault"}}'
	send lobby '{"message_type": "GroupChat", "message_body": {"sender_username": "alice", "room": "vault", "content": "here I am"}}'
	expect lobby "{\"message_type\": \"GroupChat\", \"message_body\": $here}"
	expect alice "{\"type\": \"NewMessage\", \"message\": $here}"
	expect hub "{\"type\": \"message\", \"data\": $here}"
	expect simple '{"message": "here I am"}'
	send simple "from simple"
	expect hub '{"type": "message", "data": {"content": "from simple"}}'
	send hub '{"type": "message", "room": "vault", "content": "from hub"}'
	expect simple '{"message": "from hub"}'
	rest GET /api/rooms/vault/messages alice
	answered 200 "[.messages[].content] == [\"$SECRET private\", \"here I am\", \"from simple\", \"from hub\"]"
}
