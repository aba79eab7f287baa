#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is promised while a daemon dies, hangs or is away: nothing that was
# acknowledged is lost, doubled or turned around, and no connection drops.

load helper

setup()
{
	strict_start PARLEY_RATE=off
	people alice bob carol dave
	room den alice bob carol dave
	DEN=${ROOM[den]}
}

teardown()
{
	suite_stop
}

# --- two who talk without a pause (tests/clients/talk.mjs) ------------------

two_talk()
{
	talk_starts node "$CLIENTS/talk.mjs" "$HOST" "$DEN" "${TOKEN[alice]}" "${TOKEN[bob]}"
}

# remaining DEADLINE-IN-MICROSECONDS: seconds until then, at least a tenth.
remaining()
{
	local left=$(($1 - ${EPOCHREALTIME//[^0-9]/}))
	((left > 100000)) || left=100000
	printf '%d.%06d' $((left / 1000000)) $((left % 1000000))
}

# presence_is_right DEADLINE: a new connection is told who is there, and what it
# types is heard.
presence_is_right()
{
	local present
	present=$(printf '"%s",' "${ID[alice]}" "${ID[bob]}" "${ID[carol]}" "${ID[dave]}")
	eventually 5 online carol
	expect carol "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": {\"<set>\": [${present%,}]}}" "$(remaining "$1")"
	eventually 5 types_heard
	((${EPOCHREALTIME//[^0-9]/} < $1))
	cast close carol
}

types_heard()
{
	send carol "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}" &&
		expect dave "{\"type\": \"TypingStart\", \"room_id\": \"$DEN\", \"user_id\": \"${ID[carol]}\"}" 1
}

# survives NAME…: all of them killed at once.
survives()
{
	local deadline
	two_talk
	online dave
	deadline=$((${EPOCHREALTIME//[^0-9]/} + 5000000))
	kill_daemon "$@"
	presence_is_right "$deadline"
	talk_ends
	holds '.longest_ms < 3000'
	cast open dave
}

@test "the router killed under a conversation costs no message and no connection" {
	survives router
}

@test "presence killed under a conversation costs no message and no connection" {
	survives presence
}

@test "the store killed under a conversation costs no message and no connection" {
	survives store
}

@test "auth killed under a conversation costs no message and no connection" {
	survives auth
}

@test "store and router killed at once cost no message and no connection" {
	survives store router
}

@test "all back daemons killed at once cost no message and no connection" {
	survives store router presence auth
}

# --- daemons that hang ------------------------------------------------------

# outlasts NAME: it hangs for 4 s, and nobody restarts it.
outlasts()
{
	local pid
	pid=$(pid_of "$1")
	two_talk
	online dave
	hang "$1"
	sleep 4
	recover
	presence_is_right $((${EPOCHREALTIME//[^0-9]/} + 5000000))
	talk_ends
	cast open dave
	assert_equal "$(pid_of "$1")" "$pid"
}

@test "a router that hangs for 4 s refuses in time, and then goes on as if nothing was" {
	outlasts router
	holds '.refusals > 0 and .refused_after_ms < 3000 and .longest_ms < 7000'
}

@test "a store that hangs for 4 s refuses in time, and then goes on as if nothing was" {
	outlasts store
	holds '.refusals > 0 and .refused_after_ms < 3000 and .longest_ms < 7000'
}

@test "presence that hangs for 4 s delays no message" {
	outlasts presence
	holds '.refusals == 0 and .longest_ms < 1000'
}

@test "auth that hangs for 4 s delays no message" {
	outlasts auth
	holds '.refusals == 0 and .longest_ms < 1000'
}

# --- what goes on while a daemon is away ------------------------------------

says()
{
	send "$1" "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"$2\"${3:+, \"client_message_id\": \"$3\"}}"
}

hears()
{
	expect "$1" "{\"type\": \"NewMessage\", \"message\": {\"content\": \"$2\"}}" "${3:-}"
}

@test "a post said again after a restart of the store is answered to its author alone" {
	local nonce=5b1c3d7e-9f20-4a68-8d11-223344556677 first
	online alice bob
	says alice once "$nonce"
	hears alice once
	first=$(jq -r .message.id <<<"$REPLY")
	hears bob once
	kill_daemon store
	says alice again "$nonce"
	expect alice "{\"type\": \"NewMessage\", \"message\": {\"id\": \"$first\", \"content\": \"once\"}}"
	never bob '{"type": "NewMessage"}'
	rest GET "/api/rooms/$DEN/messages" bob
	answered 200 '[.messages[].content] == ["once"]'
}

# The gateway has given the link up, and so has the router, which counts alike.
is_missed()
{
	[[ $(curl -s "$URL/readyz") == *"$1"* ]]
}

@test "what a store that hung kept too late is told when it is back" {
	online alice bob
	hang store
	says alice late 5b1c3d7e-9f20-4a68-8d11-223344556678
	expect alice '{"type": "Error", "code": "SERVICE_UNAVAILABLE"}'
	eventually 10 is_missed store
	recover
	hears alice late
	hears bob late
}

@test "while the store is away one can connect; memberships come when it is back" {
	post alice den "before"
	hang store
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}"
	says bob "too early"
	expect bob '{"type": "Error", "code": "SERVICE_UNAVAILABLE"}'
	recover
	hears bob before
	post alice den "after"
	hears bob after
}

# Its rooms are not known: the post would move the mark from which it hears.
@test "a post on a connection that opened while the store hung is refused, and heard in its place later" {
	local nonce=5b1c3d7e-9f20-4a68-8d11-223344556679
	post alice den "before"
	hang store
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}"
	says bob early "$nonce"
	expect bob '{"type": "Error", "code": "SERVICE_UNAVAILABLE"}' 3
	eventually 10 is_missed store
	recover
	expect bob '{"type": "NewMessage"}'
	holds '.message.content == "before"'
	says bob early "$nonce"
	hears bob early
	never bob '{"type": "NewMessage"}'
}

@test "while the store is away typing and presence go on in joined rooms" {
	online alice bob
	expect alice "{\"type\": \"PresenceUpdate\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[bob]}\"]}}"
	hang store
	send bob "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect alice "{\"type\": \"TypingStart\", \"user_id\": \"${ID[bob]}\"}" 1
	cast close bob
	expect alice "{\"type\": \"PresenceUpdate\", \"online_users\": [\"${ID[alice]}\"]}" 8
	rest GET /healthz
	answered 200
	recover
}

@test "while the router is away histories are read and people connect" {
	post alice den "before"
	hang router
	rest GET "/api/rooms/$DEN/messages" alice
	answered 200 '[.messages[].content] == ["before"]'
	rest POST "/api/rooms/$DEN/messages" alice '{"content": "now"}'
	answered 503
	[ -n "$(header retry-after)" ]
	connect bob "$WS/ws/campfire?token=${TOKEN[bob]}&v=2"
	send bob "{\"type\": \"GetHistory\", \"room_id\": \"$DEN\", \"limit\": 10}"
	expect bob '{"type": "History", "messages": [{"content": "before"}]}'
	recover
}

@test "log-in needs neither router, store nor presence" {
	register erin
	hang router store presence
	login erin
	rest GET /auth/me erin
	answered 200
	register frank
	recover
}

@test "while presence is away people connect and talk" {
	online alice
	hang presence
	online bob
	says bob hello
	hears bob hello
	hears alice hello
	recover
	expect bob "{\"type\": \"PresenceUpdate\", \"online_users\": {\"<set>\": [\"${ID[alice]}\", \"${ID[bob]}\"]}}" 10
}

@test "while auth is away open connections talk on, and an upgrade is 503 with Retry-After" {
	online alice bob
	hang auth
	says alice hello
	hears bob hello
	refused 503 "$WS/ws/campfire?token=${TOKEN[carol]}"
	holds '.headers["retry-after"] | tonumber > 0'
	rest POST /auth/login '' '{"username": "x", "password": "12345678"}'
	answered 503
	cast open alice
	recover
	eventually 5 online carol
}

# --- gateways ---------------------------------------------------------------

@test "a gateway drains on SIGTERM: clients are closed with 1001, it ends with status 0" {
	local old name
	online alice bob
	hears_of_den alice
	old=$(pid_of gateway)
	kill -TERM "$old"
	for name in alice bob; do
		closed "$name" 1001 10
	done
	eventually 10 is_dead "$old"
	eventually 5 grep -q '^parley: gateway was stopped, and starts again' "$PARLEY_RUN/run.log"
	grep -q 'unit=gateway event=stopped status=0' "$PARLEY_RUN/gateway.log"
	eventually 10 has_successor gateway "$old"
	eventually 5 online alice
}

hears_of_den()
{
	expect "$1" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
}

@test "a gateway killed with -9 comes back; who returns has missed nothing" {
	local n
	post alice den one
	online bob
	hears bob one
	kill_daemon gateway
	closed bob 1006
	eventually 5 rest GET /readyz
	post alice den two three
	eventually 5 online bob
	for n in one two three; do
		hears bob "$n"
	done
	never bob '{"type": "NewMessage"}'
}

# at GATEWAY NAME PERSON: a connection that this gateway has. The kernel shares
# them out, so it takes as many as it takes; presence's tap tells who has it.
at()
{
	local before
	for _ in {1..40}; do
		before=$(gateways_of "$3" | wc -l)
		connect "$2" "$WS/ws/campfire?token=${TOKEN[$3]}${QUERY:-}"
		eventually 5 was_opened "$3" "$before"
		[ "$(gateways_of "$3" | tail -n 1)" != "$1" ] || return 0
		cast close "$2"
	done
	return 1
}

gateways_of()
{
	jq -r "select(.frame.user == \"${ID[$1]}\") | .peer" "$OPENED"
}

was_opened()
{
	(($(gateways_of "$1" | wc -l) > $2))
}

listen_for_connections()
{
	OPENED=$BATS_TEST_TMPDIR/opened
	tap "$OPENED" --daemons presence in.gateway.opened in.gateway-2.opened
	eventually 10 is_listening
}

is_listening()
{
	connect probe "$WS/ws/campfire?token=${TOKEN[dave]}" && cast close probe &&
		[ -s "$OPENED" ]
}

two_gateways()
{
	suite_again PARLEY_GATEWAYS=2
	eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
	room burrow alice bob
	DEN=${ROOM[burrow]}
	listen_for_connections
}

sees()
{
	local ids
	ids=$(printf '"%s",' "${@:2}")
	expect "$1" "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\", \"online_users\": {\"<set>\": [${ids%,}]}}" 8
}

@test "members on two gateways hear each other, and see each other come and go" {
	two_gateways
	at gateway alice alice
	at gateway-2 bob bob
	sees alice "${ID[alice]}" "${ID[bob]}"
	says alice "from one"
	hears bob "from one"
	says bob "from two"
	hears alice "from one"
	hears alice "from two"
	send bob "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	expect alice "{\"type\": \"TypingStart\", \"user_id\": \"${ID[bob]}\"}"
	cast close bob
	expect alice "{\"type\": \"TypingStop\", \"user_id\": \"${ID[bob]}\"}"
	sees alice "${ID[alice]}"
}

@test "a membership that begins or ends at one gateway does so at the other" {
	two_gateways
	at gateway alice alice
	at gateway carol carol
	at gateway-2 carol.phone carol
	send carol.phone "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\"}"
	expect carol.phone "{\"type\": \"PresenceUpdate\", \"room_id\": \"$DEN\"}"
	expect alice "{\"type\": \"UserJoined\", \"user_id\": \"${ID[carol]}\"}"
	says alice welcome
	hears carol welcome
	hears carol.phone welcome
	send carol "{\"type\": \"LeaveRoom\", \"room_id\": \"$DEN\"}"
	expect alice "{\"type\": \"UserLeft\", \"user_id\": \"${ID[carol]}\"}"
	says alice "gone?"
	hears alice "gone?"
	never carol '{"type": "NewMessage"}'
	never carol.phone '{"type": "NewMessage"}'
}

# asks PERSON FRAME: and waits until it is done.
asks()
{
	send "$1" "${2%\}}, \"request_id\": 1}"
	expect "$1" '{"request_id": 1}'
	holds '.type != "Error"'
}

edits() { asks "$1" "{\"type\": \"EditMessage\", \"message_id\": \"$2\", \"content\": \"$3\"}"; }
erases() { asks "$1" "{\"type\": \"DeleteMessage\", \"message_id\": \"$2\"}"; }
moves() { asks "$1" "{\"type\": \"$2\", \"room_id\": \"$DEN\"}"; }

# next_is PERSON TRUTH: so is the next frame that is not about who is online.
next_is()
{
	expect "$1" '{"type": {"<not>": "PresenceUpdate"}}'
	holds "$2"
}

next_edited() { next_is "$1" ".type == \"MessageEdited\" and .message.id == \"$2\" and .message.content == \"$3\""; }
next_person() { next_is "$1" ".type == \"$2\" and .user_id == \"${ID[$3]}\""; }

# said PERSON TEXT: appends the message's id to SAID.
said()
{
	says "$1" "$2"
	hears "$1" "$2"
	SAID+=("$(jq -r .message.id <<<"$REPLY")")
}

# Nobody ends it for being silent, however slow the test is.
cut_off_gateway()
{
	hang run gateway
	eventually 10 grep -q 'event=peer_down peer=gateway$' "$PARLEY_RUN/router.log"
}

@test "what was changed while a gateway was cut off is told to its clients once, in order" {
	local n SAID=() QUERY='&v=2'
	two_gateways
	at gateway alice alice
	at gateway carol carol
	at gateway-2 bob bob
	at gateway-2 carol.phone carol
	for n in one two three; do
		said bob "$n"
		hears alice "$n"
	done
	cut_off_gateway
	edits bob "${SAID[0]}" uno
	edits bob "${SAID[0]}" eins
	erases bob "${SAID[1]}"
	moves carol.phone JoinRoom
	moves carol.phone LeaveRoom
	moves carol.phone JoinRoom
	said bob four
	edits bob "${SAID[2]}" drei
	recover gateway
	hears alice four
	next_edited alice "${SAID[0]}" eins
	next_is alice ".type == \"MessageDeleted\" and .message_id == \"${SAID[1]}\""
	next_person alice UserJoined carol
	next_person alice UserLeft carol
	next_person alice UserJoined carol
	next_edited alice "${SAID[2]}" drei
	edits bob "${SAID[2]}" tre
	next_edited alice "${SAID[2]}" tre
	said bob five
	hears carol five
	moves carol.phone LeaveRoom
	next_is alice '.message.content == "five"'
	next_person alice UserLeft carol
	never alice '{"type": {"<not>": "PresenceUpdate"}}' 0.5
}

@test "more changes than go on one page are told in order after another router has begun" {
	local n long SAID=() QUERY='&v=2'
	two_gateways
	at gateway alice alice
	at gateway-2 bob bob
	long=$(times 16000 x)
	for n in {0..19}; do
		said bob "$n"
	done
	hears alice 19
	hang gateway
	kill_daemon router
	hang run
	for n in {0..19}; do
		edits bob "${SAID[n]}" "$n $long"
	done
	recover gateway
	for n in {0..19}; do
		next_edited alice "${SAID[n]}" "$n $long"
	done
	erases bob "${SAID[0]}"
	next_is alice '.type == "MessageDeleted"'
	never alice '{"type": {"<not>": "PresenceUpdate"}}' 0.5
}

@test "a gateway killed takes its own clients along, and nobody else's" {
	two_gateways
	at gateway alice alice
	at gateway-2 bob bob
	kill_daemon gateway.2
	closed bob 1006
	cast open alice
	sees alice "${ID[alice]}"
	says alice "still here"
	eventually 5 online bob
	hears bob "still here"
}
