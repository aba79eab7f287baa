#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The lobby dialect: each frame that its document names, and no other: a frame
# that it does not name fails the test. The tests that begin with `token mode` run
# in that mode.

load helper

setup()
{
	if [[ $BATS_TEST_DESCRIPTION == 'token mode'* ]]; then
		strict_start PARLEY_LOBBY_AUTH=token
		people alice bob carol
		room den alice
	else
		strict_start
	fi
}

teardown()
{
	suite_stop
}


# lobby CONNECTION…: opens, and enters not yet.
lobby()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/lobby" || return
	done
}

# is_here CONNECTION [TOKEN]: alice.phone is a connection of alice. Whoever hears
# the own words is in the room.
is_here()
{
	send "$1" "$(enter "${1%%.*}" "${2:-}")"
	says "$1" "here is $1" "${2:-}"
	exactly "$1" "$(chat "${1%%.*}" "here is $1")"
}

# enters CONNECTION…: opens and enters.
enters()
{
	local name
	for name in "$@"; do
		lobby "$name" && is_here "$name" || return
	done
}

says()
{
	send "$1" "$(chat "${1%%.*}" "$2" "${3:-}")"
}

# hears CONNECTION SENDER TEXT [SECONDS]
hears()
{
	exactly "$1" "$(chat "$2" "$3")" "${4:-$WITHIN}"
}

# ejected CONNECTION PATTERN: is closed with 1008 and a reason that fits.
ejected()
{
	closed "$1" 1008
	if ! grep -qiE "$2" <<<"$REPLY"; then
		echo "the reason: $REPLY, want: $2"
		return 1
	fi
}

# --- choosing ---------------------------------------------------------------

@test "the path, the subprotocol, the listener or / names the dialect" {
	local second
	PARLEY_TEST_LISTEN='127.0.0.1:0 127.0.0.1:0=lobby' suite_again
	second=$(sed -n '2s/=lobby$//p' "$PARLEY_RUN/listen")
	connect a "$WS/ws/lobby"
	assert_equal "$REPLY" ''
	connect b "$WS/"
	connect c "$WS/anywhere" subprotocol=chat,lobby
	assert_equal "$REPLY" lobby
	connect d "ws://$second/somewhere"
	for name in a b c d; do
		is_here "$name"
	done
}

@test "no credentials are looked at" {
	connect alice "$WS/ws/lobby?token=nonsense"
	is_here alice
}

# --- names bound by Enter ---------------------------------------------------

@test "entering is told to the others, not to the one who enters" {
	enters alice
	enters bob
	exactly alice "$(enter bob)"
	never bob "$(enter bob)"
	never bob "$(enter alice)"
	never alice "$(enter alice)"
}

@test "a chat reaches all in the room, its sender included, once" {
	enters alice bob
	says alice "good morning"
	hears alice alice "good morning"
	hears bob alice "good morning"
	never alice "$(chat alice "good morning")"
	never bob "$(chat alice "good morning")"
}

@test "who has not entered hears nothing" {
	lobby bob
	enters alice
	says alice hello
	hears alice alice hello
	never bob '{}'
}

@test "a private chat reaches its target and comes back to its sender, and goes nowhere else" {
	enters alice bob carol
	send alice "$(private bob alice psst)"
	exactly bob "$(private bob alice psst)"
	exactly alice "$(private bob alice psst)"
	never carol '{"message_type": "PrivateChat"}'
	never bob '{"message_type": "PrivateChat"}'
	never alice '{"message_type": "PrivateChat"}'
}

@test "leaving is told to the others once and frees the name" {
	enters bob alice
	send alice "$(leave alice)"
	exactly bob "$(leave alice)"
	says bob "is she gone?"
	hears bob bob "is she gone?"
	never alice "$(chat bob "is she gone?")"
	lobby alice.second
	is_here alice.second
	exactly bob "$(enter alice)"
	cast close alice
	never bob "$(leave alice)"
}

@test "who has left may enter again under another name" {
	enters bob alice
	send alice "$(leave alice)"
	exactly bob "$(leave alice)"
	send alice "$(enter alicia)"
	exactly bob "$(enter alicia)"
	send alice "$(chat alicia "me again")"
	hears bob alicia "me again"
}

# For a while after its start presence takes nobody's silence for absence.
presence_is_complete()
{
	grep -q 'event=complete' "$PARLEY_RUN/presence.log"
}

@test "a disconnect tells Leave at once and frees the name" {
	eventually 10 presence_is_complete
	enters bob alice carol
	cast drop alice
	exactly bob "$(leave alice)" 1.5
	lobby alice
	is_here alice
	exactly bob "$(enter alice)"
	cast close carol
	exactly bob "$(leave carol)" 1.5
	never bob "$(leave carol)"
}

@test "a name in use is refused, in any case of its letters, and its owner stays" {
	enters alice
	lobby second third
	send second "$(enter alice)"
	ejected second 'name|in use|taken'
	send third "$(enter ALICE)"
	ejected third 'name|in use|taken'
	says alice "still here"
	hears alice alice "still here"
	never alice '{"message_type": "Leave"}'
}

@test "a sender and a target are known by their names in any case" {
	enters alice bob
	send alice "$(private BOB Alice psst)"
	expect bob '{"message_type": "PrivateChat", "message_body": {"content": "psst"}}'
	expect alice '{"message_type": "PrivateChat", "message_body": {"content": "psst"}}'
	send bob "$(chat BOB hello)"
	expect alice '{"message_type": "GroupChat", "message_body": {"content": "hello"}}'
}

@test "a registered user's name is refused" {
	register carol
	lobby guest second
	send guest "$(enter carol)"
	ejected guest 'name|account|registered|taken|in use'
	send second "$(enter Carol)"
	ejected second 'name|account|registered|taken|in use'
}

@test "the sender must be who entered" {
	local name
	enters bob alice.1 dave.2 erin.3
	send alice.1 "$(chat bob "I am bob")"
	ejected alice.1 'name|sender|entered'
	send dave.2 "$(private bob carol "I am carol")"
	ejected dave.2 'name|sender|entered'
	send erin.3 "$(leave bob)"
	ejected erin.3 'name|sender|entered'
	for name in alice dave erin; do
		expect bob "$(leave "$name")"
	done
	never bob '{"message_type": "GroupChat", "message_body": {"content": "I am bob"}}'
	cast open bob
}

@test "another Enter under another name is refused" {
	enters alice
	send alice "$(enter alicia)"
	ejected alice 'name|sender|enter'
}

@test "a chat before Enter, or after Leave, is refused" {
	local i=0 early
	enters bob
	for early in "$(chat alice hello)" "$(private bob alice hello)" "$(leave alice)"; do
		i=$((i + 1))
		lobby "early.$i"
		send "early.$i" "$early"
		ejected "early.$i" enter
	done
	enters alice
	send alice "$(leave alice)"
	says alice "one more thing"
	ejected alice enter
	never bob '{"message_type": "GroupChat", "message_body": {"content": "hello"}}'
	never bob '{"message_type": "GroupChat", "message_body": {"content": "one more thing"}}'
}

@test "a private chat with nobody is refused, and one with a guest who left too" {
	enters alice bob carol
	send alice "$(private nobody alice hello)"
	ejected alice 'nobody|target|user|name|here'
	cast close bob
	exactly carol "$(leave bob)"
	send carol "$(private bob carol hello)"
	ejected carol 'bob|target|user|name|here'
}

@test "a token is never in what is sent out" {
	lobby alice bob
	is_here bob
	is_here alice an-opaque-token
	exactly bob "$(enter alice)"
	send alice "$(private bob alice psst an-opaque-token)"
	exactly bob "$(private bob alice psst)"
	exactly alice "$(private bob alice psst)"
	send alice "$(leave alice an-opaque-token)"
	exactly bob "$(leave alice)"
}

@test "content is passed on as it is, quotes, emoji and markup included" {
	enters alice bob
	says alice '<b>\"q\"</b> \\ \u00e9 \ud83c\udf75 \n\t'
	hears bob alice '<b>\"q\"</b> \\ é 🍵 \n\t'
}

@test "one connection's messages keep their order" {
	local i
	enters alice bob
	for i in {1..30}; do
		says alice "number $i"
	done
	for i in {1..30}; do
		hears bob alice "number $i"
	done
}

# --- what is refused --------------------------------------------------------

# N counts the connections of a test: each has a name that nobody had before.
N=0

# refuses PATTERN TEXT [BEFORE]: closes one who has entered (or, `before`, not).
refuses()
{
	local name
	N=$((N + 1))
	name=guest-$N
	lobby "$name"
	[ "${3:-}" = before ] || is_here "$name"
	echo "said: ${2:0:200}"
	send "$name" "${2//NAME/$name}"
	ejected "$name" "$1"
}

@test "what is no JSON object is refused" {
	local bad
	for bad in '' '{' '{"message_type": "GroupChat"' 'hello' '{} {}' '[]' '"Enter"' 5 null; do
		refuses 'json|object' "$bad"
	done
	refuses 'json|object' '{' before
	refuses 'json|object|deep' "$(times 100000 '[')"
}

@test "an unknown or missing type is refused" {
	local bad
	for bad in '"Dance"' '"groupchat"' '"GroupChat\u0000"' '""' 5 null '["GroupChat"]'; do
		refuses type "{\"message_type\": $bad, \"message_body\": {\"sender_username\": \"NAME\", \"content\": \"hello\"}}"
	done
	refuses type '{"message_body": {"sender_username": "NAME", "content": "hello"}}'
	refuses 'type' "$(frame Dance '')" before
}

@test "a body that is missing or no object is refused" {
	local bad
	refuses body '{"message_type": "GroupChat"}'
	for bad in null '[]' '"hello"' 5; do
		refuses body "{\"message_type\": \"GroupChat\", \"message_body\": $bad}"
	done
}

@test "a missing or malformed field is refused by its name" {
	local bad
	refuses sender_username "$(frame Enter '')" before
	refuses sender_username "$(frame Leave '')"
	refuses sender_username "$(frame GroupChat '"content": "hello"')"
	refuses content "$(frame GroupChat '"sender_username": "NAME"')"
	refuses target_username "$(frame PrivateChat '"sender_username": "NAME", "content": "hello"')"
	refuses content "$(frame PrivateChat '"sender_username": "NAME", "target_username": "somebody"')"
	for bad in null 5 '[]' '{}' '""' '"a\u0000b"' '"\ud800"' "\"$(times 16385 x)\""; do
		refuses 'content|json|long' "$(frame GroupChat "\"sender_username\": \"NAME\", \"content\": $bad")"
	done
}

@test "a malformed name is refused" {
	local bad
	for bad in null 5 '[]' '{}' '""' '"a\u0000b"' '"a\u0007b"' '"\ud800"' "\"$(times 65 x)\""; do
		refuses 'name|json' "$(frame Enter "\"sender_username\": $bad")" before
	done
}

@test "another room is refused without a token" {
	refuses 'room|token' "$(frame Enter '"sender_username": "NAME", "room": "den"')" before
	refuses 'room|token' "$(frame GroupChat '"sender_username": "NAME", "content": "hello", "room": "den"')"
}

@test "a binary frame is refused; text that is not UTF-8 closes with 1007, too much with 1009" {
	enters alice bob carol
	cast binary alice 00ff
	ejected alice 'binary|text|json'
	cast wire bob 818200000000c328
	closed bob 1007
	says carol "$(times 300000 x)"
	closed carol 1009
}

@test "more than the rate closes with 1008 and creates nothing" {
	local i
	suite_again PARLEY_RATE=1:5
	enters bob
	lobby alice
	send alice "$(enter alice)"
	exactly bob "$(enter alice)"
	for i in {1..20}; do
		says alice "number $i"
	done
	ejected alice 'rate|fast|many|limit|slow'
	exactly bob "$(leave alice)"
	never bob "$(chat alice "number 20")"
}

@test "more connections than the maximum are 503 with Retry-After, and none is lost" {
	suite_again PARLEY_MAX_CONNECTIONS=2
	enters alice bob
	refused 503 "$WS/"
	holds '.headers["retry-after"] | tonumber > 0'
	refused 503 "$WS/ws/lobby"
	says alice "a full house"
	hears bob alice "a full house"
	cast close bob
	eventually 5 enters carol
}

# --- the same room in another dialect ---------------------------------------

hub()
{
	connect "$1" "$WS/ws/hub?token=${TOKEN[${1%%.*}]}"
}

visits_lobby()
{
	hub "$1"
	send "$1" '{"type": "join", "room": "lobby"}'
	exactly "$1" '{"type": "join_ack", "data": {"room": "lobby", "status": "ok"}}'
}

# said NAME NUMBER TEXT: as it stands in a hub history.
said()
{
	printf '{"username": "%s", "fromUser": %s, "content": "%s", "timestamp": "<time>"}' "$@"
}

@test "a hub client in the room hears a guest, whose number is 0, and is heard" {
	people carol
	rest GET /auth/me carol
	enters alice
	visits_lobby carol
	exactly alice "$(enter carol)"
	says alice "good evening"
	exactly carol '{"type": "message", "data": {"id": "<number>", "fromUser": 0, "username": "alice", "content": "good evening", "timestamp": "<time>", "room": "lobby"}}'
	send carol '{"type": "message", "room": "lobby", "content": "and to you"}'
	hears alice carol "and to you"
	send carol '{"type": "room_history", "room": "lobby", "limit": 2}'
	exactly carol "{\"type\": \"room_history\", \"data\": [$(said alice 0 "good evening"), $(said carol "$(body .id)" "and to you")]}"
	cast close carol
	exactly alice "$(leave carol)" 8
}

# --- token mode -------------------------------------------------------------

# shows_token CONNECTION…: opens with a token on the upgrade, and enters.
shows_token()
{
	local name
	for name in "$@"; do
		connect "$name" "$WS/ws/lobby?token=${TOKEN[${name%%.*}]}" &&
			is_here "$name" || return
	done
}

@test "token mode: the token may be on the upgrade" {
	shows_token bob
	connect alice "$WS/" "header=Authorization:Bearer+${TOKEN[alice]}"
	is_here alice
	exactly bob "$(enter alice)"
	says alice hello
	hears bob alice hello
}

@test "token mode: the token may be on each frame, and is never passed on" {
	shows_token bob
	lobby alice
	is_here alice "${TOKEN[alice]}"
	exactly bob "$(enter alice)"
	says alice hello "${TOKEN[alice]}"
	hears bob alice hello
	hears alice alice hello
	send alice "$(private bob alice psst "${TOKEN[alice]}")"
	exactly bob "$(private bob alice psst)"
	exactly alice "$(private bob alice psst)"
	send alice "$(leave alice "${TOKEN[alice]}")"
	exactly bob "$(leave alice)" 8
}

@test "token mode: a bad token on the upgrade is 401, none is accepted" {
	refused 401 "$WS/ws/lobby?token=nonsense"
	holds '.headers["www-authenticate"] | startswith("Bearer")'
	holds '.body | fromjson | type == "object"'
	refused 401 "$WS/" header=Authorization:Bearer+nonsense
	lobby alice
	cast open alice
}

@test "token mode: a missing or bad token on a frame is refused" {
	lobby a b alice d
	send a "$(enter alice)"
	ejected a token
	send b "$(enter alice nonsense)"
	ejected b token
	is_here alice "${TOKEN[alice]}"
	says alice "no token this time"
	ejected alice token
	send d '{"message_type": "Enter", "message_body": {"sender_username": "alice"}, "token": 5}'
	ejected d token
	shows_token bob carol
	says bob "two tokens" "${TOKEN[alice]}"
	ejected bob token
	says carol "two tokens" nonsense
	ejected carol token
}

@test "token mode: a log-out closes with 4401, wherever the token was shown" {
	register dave
	lobby dave
	is_here dave "${TOKEN[dave]}"
	shows_token dave.phone
	rest POST /auth/logout dave
	answered 204
	closed dave 4401
	closed dave.phone 4401
}

@test "token mode: the sender must be the token's user" {
	shows_token carol
	connect a "$WS/ws/lobby?token=${TOKEN[alice]}"
	send a "$(enter bob)"
	ejected a 'name|sender|user|token'
	lobby b
	send b "$(enter bob "${TOKEN[alice]}")"
	ejected b 'name|sender|user|token'
	shows_token alice
	send alice "$(chat bob "I am bob")"
	ejected alice 'name|sender|user|token'
	never carol "$(enter bob)"
	never carol '{"message_type": "GroupChat", "message_body": {"sender_username": "bob"}}'
}

@test "token mode: a chat before Enter is refused" {
	connect alice "$WS/ws/lobby?token=${TOKEN[alice]}"
	says alice hello
	ejected alice enter
}

@test "token mode: several connections of one user are announced once, and all hear" {
	shows_token bob alice
	exactly bob "$(enter alice)"
	shows_token alice.phone
	never bob "$(enter alice)"
	says bob hello
	hears alice bob hello
	hears alice.phone bob hello
	send bob "$(private alice bob psst)"
	exactly alice "$(private alice bob psst)"
	exactly alice.phone "$(private alice bob psst)"
	exactly bob "$(private alice bob psst)"
	cast close alice.phone
	never bob "$(leave alice)" 6
	cast close alice
	exactly bob "$(leave alice)" 8
}

@test "token mode: a private chat is kept, and is a hub user's direct message" {
	shows_token alice bob
	hub carol
	send alice "$(private bob alice psst)"
	exactly bob "$(private bob alice psst)"
	rest GET /auth/me alice
	hub bob.hub
	send bob.hub "{\"type\": \"dm_history\", \"with\": $(body .id)}"
	exactly bob.hub "{\"type\": \"dm_history\", \"data\": [$(said alice "$(body .id)" psst)]}"
	send bob.hub "{\"type\": \"dm\", \"to\": $(body .id), \"content\": \"what is it?\"}"
	exactly alice "$(private alice bob "what is it?")"
	exactly bob "$(private alice bob "what is it?")"
	never carol '{}'
}

@test "token mode: a private chat with a user who is away is kept" {
	shows_token alice
	rest GET /auth/me bob
	send alice "$(private bob alice "read me later")"
	exactly alice "$(private bob alice "read me later")"
	rest GET /auth/me alice
	hub bob
	send bob "{\"type\": \"dm_history\", \"with\": $(body .id)}"
	expect bob '{"type": "dm_history", "data": [{"username": "alice", "content": "read me later"}]}'
}

@test "token mode: a private chat with nobody is refused" {
	shows_token alice
	send alice "$(private nobody alice hello)"
	ejected alice 'nobody|target|user|name'
}

# in_den CONNECTION TYPE TEXT: a frame for the room `den`.
in_den()
{
	send "$1" "$(frame "$2" "\"sender_username\": \"${1%%.*}\", \"room\": \"den\"${3:+, \"content\": \"$3\"}")"
}

# hears_in_den CONNECTION TYPE SENDER [TEXT]
hears_in_den()
{
	expect "$1" "$(frame "$2" "\"sender_username\": \"$3\"${4:+, \"content\": \"$4\"}")"
}

@test "token mode: a body's room names another room, which the others do not hear" {
	shows_token carol
	connect alice "$WS/ws/lobby?token=${TOKEN[alice]}"
	connect bob "$WS/ws/lobby?token=${TOKEN[bob]}"
	in_den alice Enter
	in_den alice GroupChat "first here"
	hears_in_den alice GroupChat alice "first here"
	in_den bob Enter
	hears_in_den alice Enter bob
	in_den bob GroupChat "hello, den"
	hears_in_den alice GroupChat bob "hello, den"
	hears_in_den bob GroupChat bob "hello, den"
	in_den bob Leave
	hears_in_den alice Leave bob
	never carol '{}'
	rest GET /api/rooms/den/messages alice
	answered 200 '[.messages[].content] == ["first here", "hello, den"]'
}

# --- while the store is away ------------------------------------------------

@test "what is said while the store is killed arrives when it is back, once and in order" {
	local i
	suite_again PARLEY_RATE=off
	enters alice bob
	kill -KILL "$(pid_of store)"
	for i in 1 2 3; do
		says alice "number $i"
	done
	for i in 1 2 3; do
		hears bob alice "number $i" 10
		hears alice alice "number $i"
	done
	never bob '{"message_type": "GroupChat"}'
	cast open alice
}

@test "more than is held while the store is away is read later, and all arrives in order" {
	local i
	suite_again PARLEY_RATE=off
	enters alice bob
	hang store
	for i in {1..90}; do
		says alice "number $i"
	done
	never bob '{"message_type": "GroupChat", "message_body": {"content": "number 1"}}' 4
	recover
	for i in {1..90}; do
		hears bob alice "number $i" 10
	done
	cast open alice
}

@test "what is said at intervals while the store hangs arrives once and in order" {
	local i
	suite_again PARLEY_RATE=off
	enters alice bob
	hang store
	for i in {1..12}; do
		says alice "number $i"
		[ "$i" != 10 ] || recover
		never bob "$(leave alice)" 0.3
	done
	expect bob "$(chat alice "number 1")" 10
	for i in {2..12}; do
		expect bob '{"message_type": "GroupChat"}'
		assert_equal "$(jq -r .message_body.content <<<"$REPLY")" "number $i"
	done
	never bob '{"message_type": "GroupChat"}'
}

@test "token mode: a private chat while the store is away is held too" {
	shows_token alice bob
	hang store
	send alice "$(private bob alice psst)"
	never alice "$(private bob alice psst)" 4
	cast open alice
	recover
	exactly bob "$(private bob alice psst)" 6
	exactly alice "$(private bob alice psst)"
}

@test "what is said while the router hangs is held too" {
	enters alice bob
	hang router
	says alice "is anybody there?"
	never bob "$(chat alice "is anybody there?")" 4
	cast open alice
	recover
	hears bob alice "is anybody there?" 6
	never bob "$(chat alice "is anybody there?")"
}

@test "a post that has been held for 10 s closes its connection with 1013" {
	enters alice bob
	hang run store
	says alice "is anybody there?"
	never bob "$(chat alice "is anybody there?")" 7
	cast open alice
	closed alice 1013 8
	cast open bob
	recover
	exactly bob "$(leave alice)"
	eventually 5 enters carol
}

# --- other clients ----------------------------------------------------------

# converses COMMAND ARGUMENT…: bob hears that client out, which is alice.
converses()
{
	client_starts "${@:1:2}" "$WS/${3:-}" alice bob "hello from another" "${@:4}"
	exactly bob "$(enter alice)" 10
	hears bob alice "hello from another"
	exactly bob "$(private bob alice "hello from another")"
	send bob "$(private alice bob "hello, other")"
	exactly bob "$(leave alice)" 8
	client_ends
	jq -se '[.[].message_type] == ["GroupChat", "PrivateChat", "PrivateChat"]' "$CLIENT.out"
}

@test "a Python client has the same conversation" {
	enters bob
	converses "$PYTHON" "$CLIENTS/lobby.py"
}

@test "a Node client has the same conversation" {
	enters bob
	converses node "$CLIENTS/lobby.mjs"
}

@test "token mode: a Python client has the same conversation" {
	shows_token bob
	converses "$PYTHON" "$CLIENTS/lobby.py" ws/lobby "${TOKEN[alice]}"
}

@test "token mode: a Node client has the same conversation" {
	shows_token bob
	converses node "$CLIENTS/lobby.mjs" ws/lobby "${TOKEN[alice]}"
}
