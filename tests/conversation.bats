#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One room in all dialects: what is said in one is heard in the others, once and
# in one order, whoever dies behind the gateway; who comes and goes is told in
# each one's own words; and each means the same people, rooms and messages.
# What a client hears that its dialect does not name fails the test.

load helper

setup()
{
	if [[ $BATS_TEST_DESCRIPTION == 'token mode'* ]]; then
		strict_start PARLEY_RATE=off PARLEY_LOBBY_AUTH=token
	else
		strict_start PARLEY_RATE=off
	fi
	known alice bob carol erin
	room lobby alice
	LOBBY=${ROOM[lobby]}
}

teardown()
{
	suite_stop
}

# --- all of them talk without a pause (tests/clients/conversation.mjs) --------

all_talk()
{
	join_room bob "$LOBBY"
	conversation_starts "$LOBBY" alice bob carol erin ${ID[dora]+dora}
}

survives_all()
{
	local name
	all_talk
	for name in store router presence auth; do
		kill_daemon "$name"
	done
	kill_daemon store router presence auth
	talk_ends
}

@test "one conversation in all dialects outlives each daemon, one by one and all at once" {
	survives_all
}

@test "token mode: one conversation in all dialects outlives each daemon, one by one and all at once" {
	known dora
	survives_all
}

# outlasts NAME: it hangs so long that what is said is refused meanwhile.
outlasts()
{
	local pid
	pid=$(pid_of "$1")
	all_talk
	hang "$1"
	sleep 4
	recover
	talk_ends
	holds '.refusals | .carol > 0 and .erin > 0 and .alice > 0'
	assert_equal "$(pid_of "$1")" "$pid"
}

@test "what a store that hangs refused, in whatever dialect, is heard by all or by none" {
	outlasts store
}

@test "what a router that hangs refused, in whatever dialect, is heard by all or by none" {
	outlasts router
}

@test "one conversation in all dialects over two gateways outlives each daemon" {
	suite_again PARLEY_GATEWAYS=2
	eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
	survives_all
}

# --- who comes and who goes --------------------------------------------------

# campfire, hub, lobby, simple CONNECTION…: alice.phone is a connection of alice.
campfire()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/campfire?token=${TOKEN[${name%%.*}]}" || return
	done
}

# hub CONNECTION ROOM…: which it joins.
hub()
{
	local name=$1 where
	shift
	connect "$name" "$WS/ws/hub?token=${TOKEN[${name%%.*}]}"
	for where in "$@"; do
		send "$name" "{\"type\": \"join\", \"room\": \"$where\"}"
		next "$name" "{\"type\": \"join_ack\", \"data\": {\"room\": \"<string>\", \"status\": \"ok\"}}"
	done
}

# lobby CONNECTION: enters; in token mode with a token.
lobby()
{
	local name=${1%%.*}
	connect "$1" "$WS/ws/lobby${TOKEN[$name]:+?token=${TOKEN[$name]}}"
	send "$1" "$(enter "$name")"
}

# simple CONNECTION [ROOM]
simple()
{
	connect "$1" "$WS/ws/simple?token=${TOKEN[${1%%.*}]}&room=${2:-lobby}"
}

system() { printf '{"message": "system: %s", "timestamp": "<number>"}' "$1"; }

# present NAME…: told to alice as the whole of those who are online.
present()
{
	local ids
	ids=$(for name in "$@"; do printf ', "%s"' "${ID[$name]}"; done)
	expect alice "{\"type\": \"PresenceUpdate\", \"room_id\": \"$LOBBY\", \"online_users\": {\"<set>\": [${ids#, }]}}" 8
}

# watchers: one in each dialect, and nothing that happened before waits in the
# inboxes of carol, dora and erin. dora is a guest.
watchers()
{
	simple erin
	next erin "$(system "erin joined")"
	campfire alice
	next erin "$(system "alice joined")"
	hub carol lobby
	next erin "$(system "carol joined")"
	lobby dora
	next erin "$(system "dora joined")"
	send dora "$(chat dora here)"
	expect dora "$(chat dora here)"
	next carol '{"type": "message", "data": {"id": "<number>", "fromUser": 0, "username": "dora", "content": "here", "timestamp": "<time>", "room": "lobby"}}'
	expect erin '{"username": "dora", "message": "here"}'
	ID[dora]=$(jq -r .user_id <<<"$REPLY")
	expect alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[dora]}\", \"room_id\": \"$LOBBY\"}"
	present alice carol dora erin
}

# comes NAME [UserJoined]: is told to each of the watchers in its own words.
comes()
{
	if [ -n "${2:-}" ]; then
		expect alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[$1]:-<uuid>}\", \"room_id\": \"$LOBBY\"}"
		ID[$1]=$(jq -r .user_id <<<"$REPLY")
	fi
	present alice carol dora erin "$1"
	next dora "$(enter "$1")"
	next erin "$(system "$1 joined")"
}

# goes NAME [UserLeft]
goes()
{
	[ -z "${2:-}" ] ||
		expect alice "{\"type\": \"UserLeft\", \"user_id\": \"${ID[$1]}\", \"room_id\": \"$LOBBY\"}" 8
	present alice carol dora erin
	next dora "$(leave "$1")" 8
	next erin "$(system "$1 left")" 8
}

nothing_else_was_told()
{
	never carol '{}' 0.5
	never dora '{}' 0
	never erin '{}' 0
	never alice '{"type": "UserJoined"}' 0
	never alice '{"type": "UserLeft"}' 0
}

@test "who becomes a member by campfire and ends it again is told to each in its own words" {
	known frank
	watchers
	campfire frank
	send frank "{\"type\": \"JoinRoom\", \"room_id\": \"$LOBBY\"}"
	comes frank UserJoined
	nothing_else_was_told
	send frank "{\"type\": \"LeaveRoom\", \"room_id\": \"$LOBBY\"}"
	goes frank UserLeft
	nothing_else_was_told
}

@test "a member who disconnects from campfire and connects again is told to each in its own words" {
	watchers
	campfire bob
	send bob "{\"type\": \"JoinRoom\", \"room_id\": \"$LOBBY\"}"
	comes bob UserJoined
	cast close bob
	goes bob
	campfire bob
	comes bob
	nothing_else_was_told
}

@test "who joins by hub and disconnects is told to each in its own words" {
	known frank
	watchers
	hub frank lobby
	comes frank UserJoined
	nothing_else_was_told
	cast close frank
	goes frank UserLeft
	nothing_else_was_told
}

@test "a guest who enters the lobby and leaves it is told to each in its own words" {
	watchers
	lobby gina
	comes gina UserJoined
	nothing_else_was_told
	send gina "$(leave gina)"
	goes gina UserLeft
	nothing_else_was_told
}

@test "a guest of the lobby who disconnects is told to each in its own words" {
	watchers
	lobby gina
	comes gina UserJoined
	cast drop gina
	goes gina UserLeft
	nothing_else_was_told
}

@test "who connects by simple and disconnects is told to each in its own words" {
	known frank
	watchers
	simple frank
	comes frank UserJoined
	nothing_else_was_told
	cast close frank
	goes frank UserLeft
	nothing_else_was_told
}

@test "who is there in two dialects comes once, and goes with the last of them" {
	known frank
	watchers
	hub frank.hub lobby
	comes frank UserJoined
	simple frank
	never erin '{}' 0.5
	never dora '{}' 0
	cast close frank.hub
	never dora '{}' 6
	never erin '{}' 0
	cast close frank
	goes frank UserLeft
	nothing_else_was_told
}

# --- one user is one user -----------------------------------------------------

# says CONNECTION TEXT: in the words of the dialect after the dot.
says()
{
	case ${1#*.} in
	campfire) send "$1" "{\"type\": \"CreateMessage\", \"room_id\": \"$LOBBY\", \"content\": \"$2\"}" ;;
	hub) send "$1" "{\"type\": \"message\", \"room\": \"lobby\", \"content\": \"$2\"}" ;;
	lobby) send "$1" "$(chat "${1%%.*}" "$2")" ;;
	simple) send "$1" "$2" ;;
	esac
}

# hears CONNECTION PERSON TEXT: in the words of the dialect after the dot.
hears()
{
	case ${1#*.} in
	campfire) expect "$1" "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"$LOBBY\", \"creator_id\": \"${ID[$2]}\", \"content\": \"$3\"}}" ;;
	hub) expect "$1" "{\"type\": \"message\", \"data\": {\"id\": $NEXT, \"fromUser\": ${NUMBER[$2]}, \"username\": \"$2\", \"content\": \"$3\", \"timestamp\": \"<time>\", \"room\": \"lobby\"}}" ;;
	lobby) expect "$1" "$(chat "$2" "$3")" ;;
	simple) expect "$1" "{\"user_id\": \"${ID[$2]}\", \"username\": \"$2\", \"message\": \"$3\"}" ;;
	esac
}

@test "token mode: name, number and UUID of a user are the same in all dialects and in REST" {
	local from to
	NEXT=0
	register Zoë
	rest GET /auth/me Zoë
	answered 200 ".username == \"Zoë\" and .id == ${NUMBER[Zoë]} and .user_id == \"${ID[Zoë]}\""
	join_room Zoë "$LOBBY"
	campfire Zoë.campfire alice.campfire
	hub Zoë.hub lobby
	hub alice.hub lobby
	for name in Zoë alice; do
		lobby "$name.lobby"
		simple "$name.simple"
	done
	says alice.lobby here
	expect alice.lobby "$(chat alice here)"
	for from in campfire hub lobby simple; do
		says "Zoë.$from" "by $from"
		expect alice.campfire "{\"type\": \"NewMessage\", \"message\": {\"content\": \"by $from\"}}"
		rest GET /api/rooms/lobby/messages?limit=1 alice
		answered 200 ".messages[0] | .creator_id == \"${ID[Zoë]}\" and .creator_name == \"Zoë\" and .content == \"by $from\""
		NEXT=$(body '.messages[0].number')
		for to in Zoë.campfire Zoë.hub alice.hub Zoë.lobby alice.lobby Zoë.simple alice.simple; do
			hears "$to" Zoë "by $from"
		done
	done
}

# --- direct messages -----------------------------------------------------------

# dm PERSON TEXT
dm()
{
	printf '{"type": "dm", "data": {"id": "<number>", "fromUser": %s, "username": "%s", "content": "%s", "timestamp": "<time>"}}' \
		"${NUMBER[$1]}" "$1" "$2"
}

@test "token mode: a direct message reaches both in each dialect that has words for it, and nobody else" {
	local name
	for name in alice bob carol; do
		campfire "$name"
		hub "$name.hub" lobby
		lobby "$name.lobby"
		simple "$name.simple"
	done
	expect alice.lobby "$(enter bob)"
	expect alice.lobby "$(enter carol)"
	expect bob.lobby "$(enter carol)"
	connect alice.outside "$WS/ws/lobby?token=${TOKEN[alice]}"
	send carol.lobby "$(chat carol here)"
	for name in alice bob carol; do
		expect "$name.lobby" "$(chat carol here)"
		expect "$name.hub" '{"type": "message", "data": {"content": "here"}}'
		expect "$name.simple" '{"message": "here"}'
	done
	# hub says it
	send bob.hub "{\"type\": \"dm\", \"to\": ${NUMBER[alice]}, \"content\": \"by hub\"}"
	for name in alice bob; do
		next "$name.hub" "$(dm bob "by hub")"
		next "$name.lobby" "$(private alice bob "by hub")"
		expect "$name" "{\"type\": \"NewMessage\", \"message\": {\"creator_id\": \"${ID[bob]}\", \"content\": \"by hub\"}}"
	done
	DIRECT=$(jq -r .message.room_id <<<"$REPLY")
	# campfire says it
	connect asks "$WS/ws/campfire?token=${TOKEN[alice]}"
	send asks '{"type": "OpenDirect", "username": "bob"}'
	expect asks "{\"type\": \"DirectOpened\", \"room_id\": \"$DIRECT\"}"
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"$DIRECT\", \"content\": \"by campfire\"}"
	for name in alice bob; do
		next "$name.hub" "$(dm alice "by campfire")"
		next "$name.lobby" "$(private bob alice "by campfire")"
		expect "$name" "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"$DIRECT\", \"creator_id\": \"${ID[alice]}\", \"content\": \"by campfire\"}}"
	done
	# lobby says it
	send bob.lobby "$(private alice bob "by lobby")"
	for name in alice bob; do
		next "$name.hub" "$(dm bob "by lobby")"
		next "$name.lobby" "$(private alice bob "by lobby")"
		expect "$name" "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"$DIRECT\", \"content\": \"by lobby\"}}"
	done
	for name in carol.hub carol.lobby {alice,bob,carol}.simple alice.outside; do
		never "$name" '{}' 0.2
	done
	never carol '{"type": "NewMessage", "message": {"room_id": {"<not>": "'"$LOBBY"'"}}}' 0
	send alice.hub "{\"type\": \"dm_history\", \"with\": ${NUMBER[bob]}}"
	expect alice.hub '{"type": "dm_history", "data": [{"content": "by hub"}, {"content": "by campfire"}, {"content": "by lobby"}]}'
}

@test "a direct message from hub is caught up with in campfire by who was away" {
	hub bob
	send bob "{\"type\": \"dm\", \"to\": ${NUMBER[alice]}, \"content\": \"read me later\"}"
	next bob "$(dm bob "read me later")"
	campfire alice
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"creator_id\": \"${ID[bob]}\", \"content\": \"read me later\"}}"
}

# --- members, visitors and rooms ------------------------------------------------

@test "who is online by hub alone is online in the rooms of which they are a member" {
	join_room bob "$LOBBY"
	campfire alice
	hub bob
	present alice bob
	cast close bob
	present alice
}

@test "who is online by simple in another room is online where they are a member" {
	join_room bob "$LOBBY"
	campfire alice
	simple bob elsewhere
	present alice bob
	cast close bob
	present alice
}

@test "a member's hub connection that did not join hears nothing of the room" {
	join_room bob "$LOBBY"
	hub bob
	hub bob.joined lobby
	campfire alice
	post alice lobby hello
	expect bob.joined '{"type": "message", "data": {"content": "hello"}}'
	never bob '{}'
}

@test "a member's simple connection hears its own room alone" {
	join_room bob "$LOBBY"
	simple bob elsewhere
	next bob "$(system "bob joined")"
	post alice lobby hello
	rest GET /api/rooms/lobby/messages alice
	answered 200 '[.messages[].content] == ["hello"]'
	never bob '{}'
}

@test "a room that a simple client made on demand is listed, and campfire joins it" {
	local LOBBY
	simple erin Attic
	next erin "$(system "erin joined")"
	rest GET /api/rooms alice
	answered 200 '[.rooms[] | select(.name == "Attic" and .kind == "public" and (.member | not))] | length == 1'
	LOBBY=$(body '.rooms[] | select(.name == "Attic").id')
	campfire alice
	send alice "{\"type\": \"JoinRoom\", \"room_id\": \"$LOBBY\"}"
	present alice erin
	next erin "$(system "alice joined")"
	send erin "up here"
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"$LOBBY\", \"creator_id\": \"${ID[erin]}\", \"content\": \"up here\"}}"
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"$LOBBY\", \"content\": \"what a view\"}"
	expect erin "{\"user_id\": \"${ID[alice]}\", \"message\": \"what a view\"}"
}

@test "a room's name in another case names the same room at every door" {
	local name
	simple erin General
	next erin "$(system "erin joined")"
	simple alice gENERAL
	next erin "$(system "alice joined")"
	hub carol general
	next erin "$(system "carol joined")"
	rest POST /api/rooms bob '{"name": "GENERAL"}'
	answered 409
	rest GET /api/rooms bob
	answered 200 '[.rooms[] | select(.name | ascii_downcase == "general")] | map(.name) == ["General"]'
	send carol '{"type": "message", "room": "GeNeRaL", "content": "one room"}'
	next carol "{\"type\": \"message\", \"data\": {\"id\": \"<number>\", \"fromUser\": ${NUMBER[carol]}, \"username\": \"carol\", \"content\": \"one room\", \"timestamp\": \"<time>\", \"room\": \"General\"}}"
	for name in erin alice; do
		expect "$name" "{\"user_id\": \"${ID[carol]}\", \"message\": \"one room\"}"
	done
	join_room bob "$(body '.rooms[] | select(.name == "General").id')"
	for name in General general gENERAL; do
		rest GET "/api/rooms/$name/messages" bob
		answered 200 '[.messages[].content] == ["one room"]'
	done
}

@test "token mode: the lobby in another case is the lobby" {
	campfire alice
	connect carol "$WS/ws/lobby?token=${TOKEN[carol]}"
	send carol '{"message_type": "Enter", "message_body": {"sender_username": "CAROL", "room": "LOBBY"}}'
	present alice carol
	send carol '{"message_type": "GroupChat", "message_body": {"sender_username": "carol", "content": "hello"}}'
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"${ROOM[lobby]}\", \"content\": \"hello\"}}"
	expect carol "$(chat carol hello)"
}
