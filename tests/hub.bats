#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The hub dialect: each frame and each error that its document names, and no
# other: a frame that it does not name fails the test.

load helper

ERROR='{"type": "error", "data": {"message": "<string>"}}'

setup()
{
	strict_start PARLEY_RATE=off
	known alice bob carol
	room den alice
}

teardown()
{
	suite_stop
}

# hub CONNECTION…: alice.phone is a connection of alice.
hub()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/hub?token=${TOKEN[${name%%.*}]}" || return
	done
}

joins()
{
	send "$1" "{\"type\": \"join\", \"room\": \"${2:-den}\"}"
	exactly "$1" "{\"type\": \"join_ack\", \"data\": {\"room\": \"${2:-den}\", \"status\": \"ok\"}}"
}

# in_den CONNECTION…: connects and joins.
in_den()
{
	local name
	for name in "$@"; do
		hub "$name" && joins "$name" || return
	done
}

says()
{
	send "$1" "{\"type\": \"message\", \"room\": \"${3:-den}\", \"content\": \"$2\"}"
}

message()
{
	printf '{"type": "message", "data": {"id": "<number>", "fromUser": %s, "username": "%s", "content": "%s", "timestamp": "<time>", "room": "%s"}}' \
		"${NUMBER[$1]}" "$1" "$2" "${3:-den}"
}

whispers()
{
	send "$1" "{\"type\": \"dm\", \"to\": ${NUMBER[$2]}, \"content\": \"$3\"}"
}

dm()
{
	printf '{"type": "dm", "data": {"id": "<number>", "fromUser": %s, "username": "%s", "content": "%s", "timestamp": "<time>"}}' \
		"${NUMBER[$1]}" "$1" "$2"
}

said()
{
	printf '{"username": "%s", "fromUser": %s, "content": "%s", "timestamp": "<time>"}' \
		"$1" "${NUMBER[$1]}" "$2"
}

# remembers CONNECTION [LIMIT [ROOM]]: asks for the room's history.
remembers()
{
	send "$1" "{\"type\": \"room_history\", \"room\": \"${3:-den}\"${2:+, \"limit\": $2}}"
}

# refuses CONNECTION TEXT: with one error and no other frame, and listens on.
refuses()
{
	echo "said: ${2:0:200}"
	send "$1" "$2"
	is_refused "$1"
}

is_refused()
{
	next "$1" "$ERROR"
	send "$1" "{\"type\": \"dm_history\", \"with\": ${NUMBER[carol]}}"
	next "$1" '{"type": "dm_history", "data": []}'
}

# --- choosing and credentials -----------------------------------------------

is_hub()
{
	send "$1" '{"type": "Dance"}'
	next "$1" "$ERROR"
}

@test "the path, the subprotocol or the listener names the dialect" {
	local second
	PARLEY_TEST_LISTEN='127.0.0.1:0 127.0.0.1:0=hub' suite_again
	second=$(sed -n '2s/=hub$//p' "$PARLEY_RUN/listen")
	connect a "$WS/ws/hub?token=${TOKEN[alice]}"
	assert_equal "$REPLY" ''
	is_hub a
	connect b "$WS/anywhere?token=${TOKEN[alice]}" subprotocol=chat,hub
	assert_equal "$REPLY" hub
	is_hub b
	connect c "ws://$second/?token=${TOKEN[alice]}"
	is_hub c
}

@test "the token may stand in the header, the query or a cookie" {
	connect a "$WS/ws/hub" "header=Authorization:Bearer+${TOKEN[alice]}"
	connect b "$WS/ws/hub?token=${TOKEN[alice]}"
	connect c "$WS/ws/hub" "header=Cookie:session_token=${TOKEN[alice]}"
	is_hub a
	is_hub b
	is_hub c
}

# is_unauthorized QUERY: by a 401, before the upgrade.
is_unauthorized()
{
	refused 401 "$WS/ws/hub$1"
	holds '.headers["www-authenticate"] | startswith("Bearer")'
	holds '.body | fromjson | type == "object"'
}

@test "no credentials, or bad ones, are 401 before the upgrade" {
	local claims="{\"sub\": \"${ID[alice]}\", \"username\": \"alice\"" token
	local expired unsigned tampered
	expired=$(node "$CLIENTS/jwt.mjs" "$JWT_SECRET" "$claims, \"exp\": $((EPOCHSECONDS - 60))}")
	unsigned=$(node "$CLIENTS/jwt.mjs" "$JWT_SECRET" "$claims}" none)
	tampered=${TOKEN[bob]%.*}.${TOKEN[alice]##*.}
	is_unauthorized ''
	for token in nonsense "$expired" "$unsigned" "$tampered"; do
		is_unauthorized "?token=$token"
	done
}

@test "a token that expires while connected closes the connection with 4401" {
	local token
	token=$(node "$CLIENTS/jwt.mjs" "$JWT_SECRET" "{\"sub\": \"${ID[alice]}\", \"username\": \"alice\", \"exp\": $((EPOCHSECONDS - 26))}")
	connect brief "$WS/ws/hub?token=$token"
	closed brief 4401 15
}

# --- rooms ------------------------------------------------------------------

@test "a message reaches all who joined, its sender included" {
	in_den alice bob
	says alice "good morning"
	next alice "$(message alice "good morning")"
	next bob "$(message alice "good morning")"
	says bob "and to you"
	next alice "$(message bob "and to you")"
	next bob "$(message bob "and to you")"
}

@test "messages have numbers of their own, which grow" {
	local first
	in_den alice
	says alice one
	next alice "$(message alice one)"
	first=$(jq .data.id <<<"$REPLY")
	says alice two
	next alice "$(message alice two)"
	holds ".data.id > $first"
}

@test "a room's name is found in any case" {
	hub alice bob
	joins bob
	send alice '{"type": "join", "room": "DEN"}'
	next alice '{"type": "join_ack", "data": {"room": "<string>", "status": "ok"}}'
	holds '.data.room | ascii_downcase == "den"'
	says alice "same room" Den
	next alice "$(message alice "same room")"
	next bob "$(message alice "same room")"
}

@test "joining a room that is not there is an error" {
	hub alice
	refuses alice '{"type": "join", "room": "nowhere"}'
	rest GET /api/rooms alice
	answered 200 '[.rooms[].name] | contains(["nowhere"]) | not'
}

@test "joining twice is harmless, and nothing is heard twice" {
	in_den alice
	joins alice
	says alice once
	next alice "$(message alice once)"
	never alice '{"type": "message"}'
}

@test "a message needs a join in this connection, whatever else the user joined" {
	in_den alice.phone
	hub alice
	refuses alice '{"type": "message", "room": "den", "content": "let me in"}'
	never alice.phone '{}'
	joins alice
	says alice "now I may"
	next alice "$(message alice "now I may")"
	next alice.phone "$(message alice "now I may")"
	cast close alice
	hub alice
	refuses alice '{"type": "message", "room": "den", "content": "a new connection"}'
}

@test "a connection hears only the rooms that it joined itself" {
	room attic alice
	in_den alice bob
	hub alice.phone
	joins alice.phone attic
	says bob "in the den"
	next alice "$(message bob "in the den")"
	next bob "$(message bob "in the den")"
	never alice.phone '{}'
	says alice.phone "in the attic" attic
	next alice.phone "$(message alice "in the attic" attic)"
	never alice '{}'
	never bob '{}'
}

@test "two connections of a user hear each message once each" {
	in_den alice alice.phone bob
	says alice hello
	next alice "$(message alice hello)"
	next alice.phone "$(message alice hello)"
	next bob "$(message alice hello)"
	never alice.phone '{}'
}

@test "nothing is told of those who come and go" {
	in_den alice bob
	cast close bob
	in_den carol
	never alice '{}' 4
}

@test "one connection's messages keep their order" {
	local i
	in_den alice bob
	for i in {1..30}; do
		says alice "number $i"
	done
	for i in {1..30}; do
		next bob "$(message alice "number $i")"
	done
}

@test "content is passed on as it is, quotes, emoji and markup included" {
	in_den alice bob
	says alice '<b>\"q\"</b> \\ \u00e9 \ud83c\udf75 \n\t'
	next bob "$(message alice '<b>\"q\"</b> \\ é 🍵 \n\t')"
}

@test "campfire members hear a hub message, and hub visitors theirs" {
	online alice
	in_den bob
	says bob "from the hub"
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"creator_id\": \"${ID[bob]}\", \"content\": \"from the hub\"}}"
	next bob "$(message bob "from the hub")"
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"from the campfire\"}"
	next bob "$(message alice "from the campfire")"
}

@test "campfire members are told that a visit begins and ends" {
	online alice
	in_den bob
	expect alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"${ROOM[den]}\"}"
	cast close bob
	expect alice "{\"type\": \"UserLeft\", \"user_id\": \"${ID[bob]}\", \"room_id\": \"${ROOM[den]}\"}" 8
}

# --- direct messages --------------------------------------------------------

@test "a direct message reaches every connection of both, and nobody else" {
	hub alice alice.phone bob bob.phone carol
	whispers alice bob psst
	for name in alice alice.phone bob bob.phone; do
		next "$name" "$(dm alice psst)"
	done
	whispers bob alice "what is it?"
	for name in alice alice.phone bob bob.phone; do
		next "$name" "$(dm bob "what is it?")"
	done
	never carol '{}'
	never bob.phone '{}'
}

@test "a direct message to somebody who is away waits in the history" {
	hub alice
	whispers alice bob "read me later"
	next alice "$(dm alice "read me later")"
	hub bob
	send bob "{\"type\": \"dm_history\", \"with\": ${NUMBER[alice]}}"
	next bob "{\"type\": \"dm_history\", \"data\": [$(said alice "read me later")]}"
}

@test "a direct message reaches its reader in campfire too" {
	hub alice
	online bob
	eventually 30 reaches_bob
}

# Who is refused because a daemon took more than 2 s may say it again.
reaches_bob()
{
	whispers alice bob psst
	expect bob "{\"type\": \"NewMessage\", \"message\": {\"creator_id\": \"${ID[alice]}\", \"content\": \"psst\"}}"
}

@test "a direct message to nobody or to oneself is an error" {
	hub alice
	refuses alice '{"type": "dm", "to": 999999, "content": "anybody?"}'
	refuses alice "{\"type\": \"dm\", \"to\": ${NUMBER[alice]}, \"content\": \"note to myself\"}"
}

@test "a direct history is of these two alone, the same for both, oldest first" {
	hub alice bob carol
	whispers alice bob one
	next bob "$(dm alice one)"
	whispers bob alice two
	next bob "$(dm bob two)"
	whispers carol bob "something else"
	next bob "$(dm carol "something else")"
	send alice "{\"type\": \"dm_history\", \"with\": ${NUMBER[bob]}, \"limit\": 10}"
	exactly alice "{\"type\": \"dm_history\", \"data\": [$(said alice one), $(said bob two)]}"
	send bob "{\"type\": \"dm_history\", \"with\": ${NUMBER[alice]}, \"limit\": 1}"
	next bob "{\"type\": \"dm_history\", \"data\": [$(said bob two)]}"
	send alice "{\"type\": \"dm_history\", \"with\": ${NUMBER[carol]}}"
	next alice '{"type": "dm_history", "data": []}'
}

# --- histories --------------------------------------------------------------

@test "a room's history is oldest first, whatever way it was said in" {
	in_den bob
	remembers bob
	next bob '{"type": "room_history", "data": []}'
	post alice den one
	next bob "$(message alice one)"
	says bob two
	next bob "$(message bob two)"
	remembers bob
	next bob "{\"type\": \"room_history\", \"data\": [$(said alice one), $(said bob two)]}"
}

@test "a public room's history needs no join; that of no room is an error" {
	post alice den one
	hub bob
	remembers bob 10 DEN
	next bob "{\"type\": \"room_history\", \"data\": [$(said alice one)]}"
	refuses bob '{"type": "room_history", "room": "nowhere"}'
}

# numbers FIRST LAST: the last frame is a history of these, oldest first.
numbers()
{
	holds "[.data[].content] == [range($1; $2 + 1) | \"number \\(.)\"]"
}

@test "a history holds the newest 50, or as many as the limit says, up to 500" {
	local i
	in_den alice
	hub bob
	for i in {1..510}; do
		says alice "number $i"
	done
	expect alice "$(message alice "number 510")" 20
	remembers bob
	expect bob '{"type": "room_history"}'
	numbers 461 510
	remembers bob 1
	expect bob '{"type": "room_history"}'
	numbers 510 510
	remembers bob 500
	expect bob '{"type": "room_history"}'
	numbers 11 510
}

@test "a direct history holds the newest 50, or as many as the limit says, up to 500" {
	local i
	hub alice bob
	for i in {1..60}; do
		whispers alice bob "number $i"
	done
	expect alice "$(dm alice "number 60")" 20
	send alice "{\"type\": \"dm_history\", \"with\": ${NUMBER[bob]}}"
	expect alice '{"type": "dm_history"}'
	numbers 11 60
	send alice "{\"type\": \"dm_history\", \"with\": ${NUMBER[bob]}, \"limit\": 2}"
	expect alice '{"type": "dm_history"}'
	numbers 59 60
	send alice "{\"type\": \"dm_history\", \"with\": ${NUMBER[bob]}, \"limit\": 500}"
	expect alice '{"type": "dm_history"}'
	numbers 1 60
}

@test "a limit that is no number from 1 to 500 is an error" {
	local limit
	hub alice
	for limit in 0 501 -1 1.5 '"5"' 1e400 9007199254740992 18446744073709551617 true '[5]' '{}'; do
		refuses alice "{\"type\": \"room_history\", \"room\": \"den\", \"limit\": $limit}"
		refuses alice "{\"type\": \"dm_history\", \"with\": ${NUMBER[bob]}, \"limit\": $limit}"
	done
}

@test "a history ends early at 1 MiB of content, the newest kept" {
	local i long
	long=$(times 16380 x)
	in_den alice
	hub bob
	for i in {10..79}; do
		says alice "$i: $long"
	done
	expect alice "$(message alice "79: $long")" 20
	remembers bob 500
	expect bob '{"type": "room_history"}' 20
	holds '[.data[].content | length] | add <= 1048576 and length >= 60'
	holds '[.data[].content[0:2] | tonumber] == [range(80 - (.data | length); 80)]'
}

# --- what is refused --------------------------------------------------------

@test "what is no JSON object with a known type is an error, and no more" {
	local bad
	hub alice
	for bad in '' ' ' '{' '{"type": "join"' 'join den' '{"type": "join", "room": "den"} {}' \
		"{'type': 'join'}" '[]' '[{"type": "join", "room": "den"}]' '"join"' 5 null true \
		'{}' '{"room": "den"}' '{"type": null, "room": "den"}' '{"type": 5, "room": "den"}' \
		'{"type": ["join"], "room": "den"}' '{"type": "", "room": "den"}' \
		'{"type": "dance"}' '{"type": "join\u0000", "room": "den"}' \
		'{"type": "join_ack", "data": {"room": "den", "status": "ok"}}' \
		'{"type": "error", "data": {"message": "no, you"}}'; do
		refuses alice "$bad"
	done
}

@test "a join with a bad room is an error, and no more" {
	local bad
	hub alice
	refuses alice '{"type": "join"}'
	for bad in null 5 true '[]' '{}' '["den"]' '""' '"den\u0000"' '"\u0000"' '"d\u0007n"' \
		'"\ud800"' "\"$(times 65 x)\"" "\"$(times 20000 x)\""; do
		refuses alice "{\"type\": \"join\", \"room\": $bad}"
	done
}

@test "a message with a bad room or content is an error, and no more" {
	local bad
	in_den alice bob
	refuses alice '{"type": "message", "content": "where?"}'
	refuses alice '{"type": "message", "room": "den"}'
	for bad in null 5 '[]' '{}' '""' '"nowhere"' '"den\u0000"'; do
		refuses alice "{\"type\": \"message\", \"room\": $bad, \"content\": \"hello\"}"
	done
	for bad in null 5 true '[]' '{}' '["hello"]' '""' '"a\u0000b"' '"\ud800"' "\"$(times 16385 x)\""; do
		refuses alice "{\"type\": \"message\", \"room\": \"den\", \"content\": $bad}"
	done
	never bob '{}'
	says alice "$(times 16384 x)"
	next bob "$(message alice "$(times 16384 x)")"
}

@test "a direct message or history with a bad number or content is an error, and no more" {
	local bad
	hub alice bob
	refuses alice '{"type": "dm", "content": "to whom?"}'
	refuses alice '{"type": "dm_history"}'
	for bad in null true '"2"' '[2]' '{}' 0 -1 1.5 9007199254740992 9007199254740993 \
		9223372036854775807 18446744073709551616 1e400 -1e400 999999; do
		refuses alice "{\"type\": \"dm\", \"to\": $bad, \"content\": \"hello\"}"
		refuses alice "{\"type\": \"dm_history\", \"with\": $bad}"
	done
	refuses alice "{\"type\": \"dm\", \"to\": ${NUMBER[bob]}}"
	for bad in null 5 '[]' '{}' '""' '"a\u0000b"' '"\ud800"' "\"$(times 16385 x)\""; do
		refuses alice "{\"type\": \"dm\", \"to\": ${NUMBER[bob]}, \"content\": $bad}"
	done
	never bob '{}'
}

@test "JSON that is deeply nested is an error, and no more" {
	hub alice
	refuses alice "$(times 100000 '[')"
	refuses alice "{\"type\": \"join\", \"room\": $(times 50000 '[')$(times 50000 ']')}"
	refuses alice "$(times 20000 '{"a":')1$(times 20000 '}')"
}

@test "a binary frame is an error, and no more" {
	hub alice
	cast binary alice "$(printf '{"type": "join", "room": "den"}' | od -An -v -tx1 | tr -d ' \n')"
	is_refused alice
	cast binary alice 00ff
	is_refused alice
}

@test "text that is not UTF-8 closes with 1007, a frame over 256 KiB with 1009" {
	hub alice bob
	cast wire alice 818200000000c328
	closed alice 1007
	says bob "$(times 300000 x)"
	closed bob 1009
}

@test "more than the rate is an error and creates nothing" {
	local i heard refused=0
	suite_again PARLEY_RATE=1:5
	in_den alice bob
	for i in {1..12}; do
		says alice "number $i"
	done
	while expect alice "$ERROR" 1; do
		refused=$((refused + 1))
	done
	((refused >= 3 && refused <= 7))
	remembers bob
	expect bob '{"type": "room_history"}'
	heard=$(jq '.data | length' <<<"$REPLY")
	assert_equal $((heard + refused)) 12
	cast open alice
}

# --- while a daemon is away -------------------------------------------------

# is_heard CONNECTION TEXT: it says so, and the room has it.
is_heard()
{
	says "$1" "$2" && expect "$1" "$(message "${1%%.*}" "$2")" 1
}

@test "while the store is away what needs it is an error within 3 s, and works again later" {
	in_den alice bob carol
	hang store
	says alice "is anybody there?"
	whispers bob alice "not now"
	remembers carol
	next alice "$ERROR" 3
	next bob "$ERROR" 1
	next carol "$ERROR" 1
	recover
	eventually 5 is_heard alice "is anybody there?"
	is_heard alice "there you are"
	expect bob "$(message alice "is anybody there?")"
	expect bob "$(message alice "there you are")"
}

@test "the store killed costs no connection, no visit and no message" {
	in_den alice bob
	is_heard alice before
	kill_daemon store
	eventually 5 is_heard alice after
	expect bob "$(message alice before)"
	expect bob "$(message alice after)"
	remembers bob
	expect bob '{"type": "room_history"}'
	holds '[.data[].content] | .[0] == "before" and .[-1] == "after"'
}

# --- other clients ----------------------------------------------------------

# converses COMMAND…: bob by that client, whom alice hears.
converses()
{
	local said=$BATS_TEST_TMPDIR/said text="hello from another"
	in_den alice
	"$@" "$WS/ws/hub" "${TOKEN[bob]}" den "${NUMBER[alice]}" "$text" >"$said"
	jq -se "[.[].type] == [\"join_ack\", \"message\", \"dm\", \"room_history\", \"dm_history\", \"error\"] and
		.[3].data[-1].content == \"$text\" and .[4].data[-1].username == \"bob\"" "$said"
	next alice "$(message bob "$text")"
	next alice "$(dm bob "$text")"
}

@test "a Python client has the same conversation" {
	converses "$PYTHON" "$CLIENTS/hub.py"
}

@test "a Node client has the same conversation" {
	converses node "$CLIENTS/hub.mjs"
}
