#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The simple dialect: from the registration to each line that a room gets. A frame
# that its document does not name fails the test.

load helper

setup()
{
	strict_start
	people alice bob
}

teardown()
{
	suite_stop
}

# visit CONNECTION [ROOM]: of the person whose name stands before the dot.
visit()
{
	connect "$1" "$WS/ws?token=${TOKEN[${1%%.*}]}&room=${2:-den}"
}

# visitors PERSON…: they come one after the other, and each has heard of all who
# came later; nothing else waits in anybody's inbox.
visitors()
{
	local name other here=()
	for name in "$@"; do
		visit "$name"
		here+=("$name")
		for other in "${here[@]}"; do
			next "$other" "$(system "$name joined")"
		done
	done
}

system()
{
	printf '{"message": "system: %s", "timestamp": "<number>"}' "$1"
}

# message PERSON TEXT: the text as it stands in JSON.
message()
{
	printf '{"user_id": "%s", "username": "%s", "message": "%s", "timestamp": "<number>"}' \
		"${ID[$1]}" "$1" "$2"
}

# is_of_now: the last frame has the time in whole seconds.
is_of_now()
{
	holds ".timestamp == (.timestamp | floor) and (.timestamp - $EPOCHSECONDS | fabs) < 60"
}

# is_refused CONNECTION [SECONDS]: its next frame is a line of the system.
is_refused()
{
	next "$1" '{"message": "<string>", "timestamp": "<number>"}' "${2:-}"
	holds '.message | test("^system: .")'
}

still_talks()
{
	send "$1" "still here"
	next "$1" "$(message "${1%%.*}" "still here")"
}

# --- coming, going and talking ----------------------------------------------

# have_met FILE FILE: what the one says is what the other heard, both ways.
have_met()
{
	jq -e -n --slurpfile a "$1" --slurpfile b "$2" '
		($a | length) == 3 and ($b | length) == 3 and
		$a[1].message == "a question" and $a[2].message == "an answer" and
		$a[1].user_id == $a[0].user_id and $a[2].user_id == $b[0].user_id and
		([$a[1:][] | del(.kind)] == [$b[1:][] | del(.kind)])'
}

@test "from registration to conversation: a Node and a Python client" {
	client_starts node "$CLIENTS/simple.mjs" answer "$HOST" tea-room ann@example.org "an answer"
	"$PYTHON" "$CLIENTS/simple.py" ask "$HOST" tea-room ben@example.org "a question" >"$BATS_TEST_TMPDIR/asked"
	client_ends
	have_met "$BATS_TEST_TMPDIR/asked" "$CLIENT.out"
}

@test "from registration to conversation: the other way round" {
	client_starts "$PYTHON" "$CLIENTS/simple.py" answer "$HOST" tea-room ann@example.org "an answer"
	node "$CLIENTS/simple.mjs" ask "$HOST" tea-room ben@example.org "a question" >"$BATS_TEST_TMPDIR/asked"
	client_ends
	have_met "$BATS_TEST_TMPDIR/asked" "$CLIENT.out"
}

@test "a message reaches all in the room, the sender included, with only the named fields" {
	visitors alice bob
	send alice "good morning"
	next alice "$(message alice "good morning")"
	next bob "$(message alice "good morning")"
	is_of_now
}

@test "who joined is told to all, the joiner included" {
	visit alice
	next alice "$(system "alice joined")"
	visit bob
	next bob "$(system "bob joined")"
	next alice "$(system "bob joined")"
	is_of_now
}

@test "a second connection of the same user brings no second line, and its end none" {
	visitors alice bob
	visit alice.phone
	send bob hello
	next alice.phone "$(message bob hello)"
	next alice "$(message bob hello)"
	next bob "$(message bob hello)"
	cast close alice.phone
	never bob '{"message": "system: alice left"}' 6
	still_talks alice
	next bob "$(message alice "still here")"
}

@test "who left is told 2 to 5 s after the last connection went" {
	visitors alice bob
	cast close alice
	never bob '{"message": "system: alice left"}' 1.8
	next bob "$(system "alice left")" 4
}

@test "a brief reconnect is not told" {
	visitors alice bob
	cast drop alice
	visit alice
	never bob '{}' 6
	never alice '{}' 0
	still_talks alice
}

@test "who comes again after having left is told again" {
	visitors alice bob
	cast close alice
	next bob "$(system "alice left")" 8
	visit alice
	next bob "$(system "alice joined")"
	next alice "$(system "alice joined")"
}

@test "a room is made on demand, and each room is heard by itself" {
	visit alice attic
	next alice "$(system "alice joined")"
	visit bob cellar
	next bob "$(system "bob joined")"
	send alice "up here"
	next alice "$(message alice "up here")"
	never bob '{}'
	never alice '{}' 0
}

@test "a room's name is the same in any case, and may be any printable text" {
	visit alice 'Th%C3%A9%20%F0%9F%8D%B5'
	next alice "$(system "alice joined")"
	visit bob 'tH%C3%A9%20%F0%9F%8D%B5'
	next bob "$(system "bob joined")"
	next alice "$(system "bob joined")"
}

# --- what a text means ------------------------------------------------------

# One case a line: what is sent, and the message in JSON that comes of it.
@test "a JSON object's string message is the message, any other text stands for itself" {
	local sent wanted
	visitors alice bob
	while IFS='|' read -r sent wanted; do
		send alice "$sent"
		next alice "{\"user_id\": \"${ID[alice]}\", \"username\": \"alice\", \"message\": $wanted, \"timestamp\": \"<number>\"}"
		next bob "{\"user_id\": \"${ID[alice]}\", \"username\": \"alice\", \"message\": $wanted, \"timestamp\": \"<number>\"}"
	done <<-'END'
		plain words|"plain words"
		  spaces  stay  |"  spaces  stay  "
		<b>"q"</b> \ é 🍵|"<b>\"q\"</b> \\ é 🍵"
		{"message": "hello"}|"hello"
		{"message": "q \"\\ \u00e9 \ud83c\udf75 \n\t"}|"q \"\\ é 🍵 \n\t"
		{"message": "hello", "to": ["bob"]}|"hello"
		{"message": 7}|"{\"message\": 7}"
		{"message": null}|"{\"message\": null}"
		{"message": {"message": "x"}}|"{\"message\": {\"message\": \"x\"}}"
		{"text": "hello"}|"{\"text\": \"hello\"}"
		["message", "hello"]|"[\"message\", \"hello\"]"
		"hello"|"\"hello\""
		42|"42"
		null|"null"
		{"message": "hello"|"{\"message\": \"hello\""
		{"message": "a"} {}|"{\"message\": \"a\"} {}"
	END
}

@test "a user's own words that begin with system: carry that user's id" {
	visitors alice bob
	send alice 'system: bob left'
	next bob "$(message alice "system: bob left")"
	send alice '{"message": "system: bob joined"}'
	next bob "$(message alice "system: bob joined")"
}

@test "one connection's messages keep their order" {
	local i
	visitors alice bob
	for i in {1..30}; do
		send alice "number $i"
	done
	for i in {1..30}; do
		next bob "$(message alice "number $i")"
	done
}

# --- what is refused --------------------------------------------------------

@test "a message that is empty, too long or has a NUL is refused to its sender alone" {
	local long
	long=$(times 16384 x)
	visitors alice bob
	send alice ''
	is_refused alice
	send alice '{"message": ""}'
	is_refused alice
	send alice "${long}x"
	is_refused alice
	send alice "{\"message\": \"${long}x\"}"
	is_refused alice
	send alice "$(times 5462 €)"
	is_refused alice
	send alice '{"message": "a\u0000b"}'
	is_refused alice
	cast wire alice 818300000000610062
	is_refused alice
	send alice "$long"
	next alice "$(message alice "$long")"
	next bob "$(message alice "$long")"
}

@test "a binary frame is refused to its sender alone" {
	visitors alice bob
	cast binary alice 68656c6c6f
	is_refused alice
	still_talks alice
	next bob "$(message alice "still here")"
}

@test "what is nested without end is a text like any other" {
	local deep
	deep=$(times 9000 '[')
	visitors alice
	send alice "$deep"
	next alice "$(message alice "$deep")"
}

@test "text that is not UTF-8 closes with 1007, a frame over 256 KiB with 1009" {
	visitors alice bob
	cast wire alice 818200000000c328
	closed alice 1007
	send bob "$(times 300000 x)"
	closed bob 1009
}

@test "more than the rate is refused to its sender alone" {
	suite_again PARLEY_RATE=1:3
	people alice bob
	visitors alice bob
	send alice one
	send alice two
	send alice three
	send alice four
	hears_of_the_system alice
	next bob "$(message alice one)"
	next bob "$(message alice two)"
	next bob "$(message alice three)"
	never bob '{}'
	if hears_of_the_system alice 0; then
		return 1
	fi
	cast open alice
}

# Skips what users say: that has more fields.
hears_of_the_system()
{
	exactly "$1" '{"message": "<string>", "timestamp": "<number>"}' "${2:-}"
	holds '.message | test("^system: .")'
}

# --- who is let in ----------------------------------------------------------

@test "without a token in the query it is 401, whatever the header says" {
	refused 401 "$WS/ws?room=den"
	holds '.headers["www-authenticate"] | startswith("Bearer")'
	holds '.body | fromjson'
	refused 401 "$WS/ws?room=den" "header=Authorization:Bearer+${TOKEN[alice]}"
	refused 401 "$WS/ws/simple" "header=Authorization:Bearer+${TOKEN[alice]}"
	refused 401 "$WS/ws?room=den" "header=Cookie:session_token=${TOKEN[alice]}"
	refused 401 "$WS/ws?room=den&token=" "header=Authorization:Bearer+${TOKEN[alice]}"
}

@test "a Bearer token beside the query's must agree" {
	refused 401 "$WS/ws?token=${TOKEN[alice]}&room=den" "header=Authorization:Bearer+${TOKEN[bob]}"
	refused 401 "$WS/ws?token=${TOKEN[alice]}&room=den" header=Authorization:Bearer+nonsense
	connect alice "$WS/ws?token=${TOKEN[alice]}&room=den" "header=Authorization:Bearer+${TOKEN[alice]}"
	next alice "$(system "alice joined")"
}

@test "a session token will do in the query, until its session is revoked" {
	register carol
	connect carol "$WS/ws?token=$(body .session_token)&room=den"
	next carol "$(system "carol joined")"
	still_talks carol
	rest POST /auth/logout carol
	answered 204
	closed carol 4401
}

@test "a token that is expired, tampered with or unsigned is 401" {
	local claims
	claims="{\"sub\": \"${ID[alice]}\", \"username\": \"alice\"}"
	refused 401 "$WS/ws?room=den&token=$(node "$CLIENTS/jwt.mjs" "$JWT_SECRET" \
		"$(jq -c --argjson now "$EPOCHSECONDS" '.exp = $now - 60' <<<"$claims")")"
	refused 401 "$WS/ws?room=den&token=$(node "$CLIENTS/jwt.mjs" "$JWT_SECRET" "$claims" none)"
	refused 401 "$WS/ws?room=den&token=$(node "$CLIENTS/jwt.mjs" "another-secret-than-ours-0123456789" "$claims")"
	refused 401 "$WS/ws?room=den&token=${TOKEN[alice]%.*}.${TOKEN[bob]##*.}"
	refused 401 "$WS/ws?room=den&token=nonsense"
	visit alice
}

@test "a bad room name is refused before the upgrade" {
	refused 400 "$WS/ws?token=${TOKEN[alice]}&room=$(times 65 n)"
	refused 400 "$WS/ws?token=${TOKEN[alice]}&room=a%07b"
	refused 400 "$WS/ws?token=${TOKEN[alice]}&room=a%00b"
	refused 400 "$WS/ws?token=${TOKEN[alice]}&room=a%C3%28"
	visit alice "$(times 64 n)"
	next alice "$(system "alice joined")"
}

# --- choosing the dialect ---------------------------------------------------

@test "where no room is named it is general: by the path and by the subprotocol" {
	connect alice "$WS/ws/simple?token=${TOKEN[alice]}"
	next alice "$(system "alice joined")"
	connect bob "$WS/anywhere?token=${TOKEN[bob]}" subprotocol=chat,simple
	assert_equal "$REPLY" simple
	next bob "$(system "bob joined")"
	next alice "$(system "bob joined")"
	connect alice.phone "$WS/ws?token=${TOKEN[alice]}&room=general"
	send alice hello
	next alice.phone "$(message alice hello)"
	next bob "$(message alice hello)"
}

@test "on a listener of the dialect, /ws needs no room" {
	local second
	PARLEY_TEST_LISTEN='127.0.0.1:0 127.0.0.1:0=simple' suite_again
	people alice bob
	second=$(sed -n '2s/=simple$//p' "$PARLEY_RUN/listen")
	connect alice "ws://$second/ws?token=${TOKEN[alice]}"
	next alice "$(system "alice joined")"
	connect bob "$WS/ws?token=${TOKEN[bob]}&room=general"
	next alice "$(system "bob joined")"
}

# --- beside the other dialects ----------------------------------------------

@test "simple and campfire meet in the same room" {
	room den bob
	visit alice
	next alice "$(system "alice joined")"
	online bob
	next alice "$(system "bob joined")"
	expect bob "{\"type\": \"PresenceUpdate\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[bob]}\"]}}"
	post bob den "from campfire"
	next alice "$(message bob "from campfire")"
	send alice "from simple"
	next alice "$(message alice "from simple")"
	expect bob "{\"type\": \"NewMessage\", \"message\": {\"room_id\": \"${ROOM[den]}\", \"creator_id\": \"${ID[alice]}\", \"content\": \"from simple\"}}"
	rest GET "/api/rooms/den/messages" bob
	answered 200 '[.messages[].content] == ["from campfire", "from simple"]'
}

@test "who is online in the room already is not told to have joined" {
	room den alice
	visit bob
	next bob "$(system "bob joined")"
	online alice
	next bob "$(system "alice joined")"
	visit alice.phone
	never bob '{}'
	never alice.phone '{}' 0
}

@test "whatever happens in a room, a strict client understands it" {
	local id
	people carol
	room den bob carol
	client_starts "$PYTHON" "$CLIENTS/simple.py" listen "$WS/ws?token=${TOKEN[alice]}&room=den"
	eventually 5 grep -q 'system: alice joined' "$CLIENT.out"
	QUERY='&v=2' online bob
	eventually 5 grep -q 'system: bob joined' "$CLIENT.out"
	join_room carol "${ROOM[den]}"
	send bob "{\"type\": \"StartTyping\", \"room_id\": \"${ROOM[den]}\"}"
	send bob "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"first words\"}"
	expect bob '{"type": "NewMessage"}'
	id=$(jq -r .message.id <<<"$REPLY")
	send bob "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"better words\"}"
	expect bob '{"type": "MessageEdited"}'
	send bob "{\"type\": \"DeleteMessage\", \"message_id\": \"$id\"}"
	expect bob '{"type": "MessageDeleted"}'
	send bob '{"type": "OpenDirect", "username": "alice"}'
	expect bob '{"type": "DirectOpened"}'
	send bob "{\"type\": \"CreateMessage\", \"room_id\": \"$(jq -r .room_id <<<"$REPLY")\", \"content\": \"psst\"}"
	expect bob '{"type": "NewMessage"}'
	send bob "{\"type\": \"LeaveRoom\", \"room_id\": \"${ROOM[den]}\"}"
	eventually 8 grep -q 'system: bob left' "$CLIENT.out"
	post carol den "the last words"
	eventually 5 grep -q 'the last words' "$CLIENT.out"
	client_ends
	grep -q 'first words' "$CLIENT.out"
	run ! grep psst "$CLIENT.out"
}

# --- while a daemon is away -------------------------------------------------

@test "while the store is away a message is refused in time, and the connection stands" {
	visitors alice bob
	hang store
	send alice "too early"
	is_refused alice 3
	recover
	eventually 10 is_heard "back again"
	cast open bob
}

is_heard()
{
	send alice "$1"
	expect alice "$(message alice "$1")" 1
}

# upgrade SECONDS: what alice is answered within that time.
upgrade()
{
	run curl -siN --http1.1 --noproxy '*' --max-time "$1" \
		-H 'Connection: Upgrade' -H 'Upgrade: websocket' \
		-H 'Sec-WebSocket-Version: 13' \
		-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
		"$URL/ws?token=${TOKEN[alice]}&room=den"
}

@test "an upgrade is answered once the room is heard, or after 3 s" {
	upgrade 1
	assert_output --partial 'HTTP/1.1 101'
	hang store
	upgrade 1
	refute_output --partial 'HTTP/1.1'
	upgrade 6
	assert_output --partial 'HTTP/1.1 101'
}

@test "while the store is away one can connect; the room comes when it is back" {
	visitors alice
	hang store
	visit bob
	recover
	expect bob "$(system "bob joined")" 10
	still_talks bob
}

@test "while presence or auth is away, messages go on" {
	visitors alice bob
	hang presence auth
	send alice hello
	next alice "$(message alice hello)" 1
	next bob "$(message alice hello)" 1
	refused 503 "$WS/ws?token=${TOKEN[alice]}&room=den"
	holds '.headers["retry-after"]'
	recover
	never bob '{}'
	still_talks alice
}

@test "no connection and no message is lost when all back daemons are killed" {
	visitors alice bob
	send alice before
	next bob "$(message alice before)"
	kill_daemon store router presence auth
	eventually 10 is_heard after
	next bob "$(message alice after)"
	never bob '{"message": "system: alice left"}' 7
	never bob '{"message": "system: alice joined"}' 0
	cast open alice
}
