#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What was said stays: pages over REST, and what a member gets on return.

load helper

setup()
{
	suite_start PARLEY_RATE=off
	people alice bob carol
	room den alice bob
	DEN=${ROOM[den]}
}

teardown()
{
	suite_stop
}

heard()
{
	expect "$1" "{\"type\": \"NewMessage\", \"message\": {\"content\": \"$2\"}}"
}

@test "the history is oldest first, numbered without holes, with its authors" {
	post alice den one two
	post bob den three
	rest GET "/api/rooms/$DEN/messages" alice
	answered 200 '[.messages[].content] == ["one", "two", "three"]'
	answered 200 '[.messages[].seq] == [1, 2, 3] and .has_more == false'
	answered 200 '[.messages[].creator_name] == ["alice", "alice", "bob"]'
}

@test "a room's name leads to its history as its UUID does" {
	post alice den one
	rest GET /api/rooms/den/messages bob
	answered 200 '[.messages[].content] == ["one"]'
}

@test "pages go backwards by sequence number and say whether there is more" {
	post alice den one two three four five
	rest GET "/api/rooms/$DEN/messages?limit=2" alice
	answered 200 '[.messages[].content] == ["four", "five"] and .has_more'
	rest GET "/api/rooms/$DEN/messages?limit=2&before=4" alice
	answered 200 '[.messages[].content] == ["two", "three"] and .has_more'
	rest GET "/api/rooms/$DEN/messages?limit=2&before=2" alice
	answered 200 '[.messages[].content] == ["one"] and (.has_more | not)'
}

@test "posting over REST is for members, is heard live, and is idempotent" {
	local id=0b0e7e1c-7d5e-4f2e-9b59-0a1b2c3d4e5f
	online bob
	rest POST "/api/rooms/$DEN/messages" alice "{\"content\": \"one\", \"client_message_id\": \"$id\"}"
	answered 201 ".content == \"one\" and .client_message_id == \"$id\" and .seq == 1"
	heard bob one
	rest POST "/api/rooms/$DEN/messages" alice "{\"content\": \"again\", \"client_message_id\": \"$id\"}"
	[[ $STATUS == 20[01] ]]
	[ "$(body .content)" = one ]
	never bob '{"type": "NewMessage"}'
	rest POST "/api/rooms/$DEN/messages" carol '{"content": "let me in"}'
	answered 403
}

@test "a room that does not exist is 404" {
	rest GET /api/rooms/attic/messages alice
	answered 404
	rest POST /api/rooms/attic/messages alice '{"content": "x"}'
	answered 404
}

@test "a room's name is unique, without regard to ASCII case" {
	rest POST /api/rooms bob '{"name": "DEN"}'
	answered 409
	rest POST /api/rooms bob '{"name": ""}'
	answered 400
}

@test "the list of rooms says where one is a member" {
	rest GET /api/rooms alice
	answered 200 '.rooms[] | select(.name == "den") | .member'
	rest GET /api/rooms carol
	answered 200 '.rooms[] | select(.name == "den") | .member | not'
}

@test "a member who was away gets what was missed, oldest first, once" {
	online bob
	post alice den one
	heard bob one
	send bob "{\"type\": \"UpdateLastSeen\", \"message_id\": \"$(body .id)\"}"
	cast close bob
	post alice den two three
	online bob
	heard bob two
	heard bob three
	never bob '{"type": "NewMessage"}'
}

@test "what was heard but never marked comes again" {
	online bob
	post alice den one two
	heard bob two
	cast close bob
	online bob
	heard bob one
	heard bob two
}

@test "what was missed comes before anything newer" {
	local i
	post alice den {1..60}
	online bob
	post alice den new
	for i in {1..60} new; do
		expect bob '{"type": "NewMessage"}'
		[ "$(jq -r .message.content <<<"$REPLY")" = "$i" ]
	done
}

@test "a room never seen since joining starts at the join" {
	post alice den before
	join_room carol "$DEN"
	post alice den after
	online carol
	expect carol '{"type": "NewMessage"}'
	[ "$(jq -r .message.content <<<"$REPLY")" = after ]
}

@test "one's own message moves the mark only where nothing of others lies between" {
	online bob
	post bob den mine
	heard bob mine
	cast close bob
	online bob
	never bob '{"type": "NewMessage"}'
	post alice den theirs
	heard bob theirs
	post bob den "mine too"
	heard bob "mine too"
	cast close bob
	online bob
	heard bob theirs
}

@test "the mark never moves backwards" {
	local first second
	post alice den one
	first=$(body .id)
	post alice den two
	second=$(body .id)
	QUERY='&v=2' online bob
	send bob "{\"type\": \"UpdateLastSeen\", \"message_id\": \"$second\", \"request_id\": \"a\"}"
	expect bob '{"type": "LastSeen", "request_id": "a", "seq": 2}'
	send bob "{\"type\": \"UpdateLastSeen\", \"message_id\": \"$first\", \"request_id\": \"b\"}"
	expect bob '{"type": "LastSeen", "request_id": "b", "seq": 2}'
}

@test "v=2: GetHistory pages both ways, for members alone" {
	post alice den one two three
	QUERY='&v=2' online alice carol
	send alice "{\"type\": \"GetHistory\", \"room_id\": \"$DEN\", \"before\": 3, \"limit\": 1}"
	expect alice '{"type": "History", "messages": [{"content": "two", "seq": 2}], "has_more": true}'
	send alice "{\"type\": \"GetHistory\", \"room_id\": \"$DEN\", \"after\": 1, \"limit\": 5}"
	expect alice '{"type": "History", "messages": [{"seq": 2}, {"seq": 3}], "has_more": false}'
	send carol "{\"type\": \"GetHistory\", \"room_id\": \"$DEN\", \"limit\": 5}"
	expect carol '{"type": "Error", "code": "NOT_A_MEMBER"}'
}

@test "v=2: GetUnread counts what was not seen" {
	post alice den one two
	QUERY='&v=2' online bob
	send bob '{"type": "GetUnread"}'
	expect bob "{\"type\": \"Unread\", \"rooms\": [{\"room_id\": \"$DEN\", \"count\": 2}]}"
}

@test "v=2: Resume brings exactly what followed, and nothing comes before it is asked" {
	post alice den one two three
	QUERY='&v=2&resume=1' online bob
	never bob '{"type": "NewMessage"}'
	send bob "{\"type\": \"Resume\", \"rooms\": {\"$DEN\": 1}}"
	next_message bob two
	next_message bob three
	expect bob "{\"type\": \"Resumed\", \"rooms\": {\"$DEN\": {\"seq\": 3, \"has_more\": false}}}"
	never bob '{"type": "NewMessage"}'
	post alice den four
	heard bob four
}

next_message()
{
	expect "$1" '{"type": "NewMessage"}'
	[ "$(jq -r .message.content <<<"$REPLY")" = "$2" ]
}

@test "an acknowledged message outlives a kill -9 of every daemon" {
	local name
	post alice den one two three
	for name in store auth router presence gateway; do
		kill -KILL "$(pid_of "$name")"
	done
	eventually 15 curl -fs -o /dev/null "$URL/readyz"
	rest GET "/api/rooms/$DEN/messages" alice
	answered 200 '[.messages[].content] == ["one", "two", "three"]'
	post alice den four
	rest GET "/api/rooms/$DEN/messages" alice
	answered 200 '[.messages[].seq] == [1, 2, 3, 4]'
}
