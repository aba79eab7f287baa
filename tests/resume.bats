#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Who comes back gets exactly what followed, in order, each message once, and is
# told if something was left out: by Resume, and by marks alone.

# shellcheck disable=SC2030,SC2031 # each test sets its own REPLY

load helper

setup()
{
	suite_start PARLEY_RATE=off
	people alice bob carol
	room den alice bob carol
	DEN=${ROOM[den]}
}

teardown()
{
	suite_stop
}

# says ROOM COUNT [WORDS]: alice, that many messages, each its number and the words.
says()
{
	node "$CLIENTS/resume_say.mjs" "$HOST" "${TOKEN[alice]}" "$@"
}

# resumes PERSON ROOM=SEQ…: on a connection that held everything back. Sets REPLY
# to what it was told of each room; fails on any hole, repetition or disorder.
resumes()
{
	REPLY=$(node "$CLIENTS/resume.mjs" "$HOST" "${TOKEN[$1]}" "${@:2}")
}

# is_told ROOM TOLD FIRST SEQ HAS_MORE: so says the last answer of `resumes`.
is_told()
{
	holds ".\"$1\" == {told: $2, first: $3, seq: $4, has_more: $5}"
}

# ask PERSON SEQ [ROOM]: Resume on a connection of the cast.
ask()
{
	send "$1" "{\"type\": \"Resume\", \"rooms\": {\"${3:-$DEN}\": $2}}"
}

# next_word PERSON [SECONDS]: the next frame that is not about who is there, or types.
next_word()
{
	expect "$1" '{"type": {"<not>": "PresenceUpdate"}}' "${2:-}" || return
	[[ $REPLY != *'"type":"Typing'* ]] || next_word "$@"
}

# resumed PERSON SEQ HAS_MORE: the answer, and nothing before it.
resumed()
{
	next_word "$1"
	holds ".type == \"Resumed\" and .rooms == {\"$DEN\": {seq: $2, has_more: $3}}"
}

hears()
{
	local text
	for text in "${@:2}"; do
		next_word "$1"
		holds ".type == \"NewMessage\" and .message.content == \"$text\""
	done
}

# --- gaps -------------------------------------------------------------------

@test "Resume brings what followed a gap of any size, of more than 1,000 the newest, and says so" {
	local gap
	says "$DEN" 10000
	for gap in 1 299 1000; do
		resumes bob "$DEN=$((10000 - gap))"
		is_told "$DEN" "$gap" $((10001 - gap)) 10000 false
	done
	for gap in 1001 10000; do
		resumes bob "$DEN=$((10000 - gap))"
		is_told "$DEN" 1000 9001 10000 true
	done
	resumes bob "$DEN=10000"
	is_told "$DEN" 0 null 10000 false
}

@test "without Resume a member gets what follows the mark, of more than 1,000 the newest" {
	local gap told
	says "$DEN" 10000
	for gap in 10000 1001 1000 299 1 0; do
		REPLY=$(node "$CLIENTS/resume_marks.mjs" "$HOST" "${TOKEN[bob]}" \
			"${TOKEN[alice]}" "$DEN" "$gap")
		told=$((gap > 1000 ? 1000 : gap))
		holds ".told == $told and ($told == 0 or .first == .head - $told + 1)"
	done
}

@test "Resume before the first message finds nothing, and later begins with the first" {
	resumes bob "$DEN=0"
	is_told "$DEN" 0 null 0 false
	says "$DEN" 3
	resumes bob "$DEN=0"
	is_told "$DEN" 3 1 3 false
}

@test "a Python client resumes" {
	says "$DEN" 5
	REPLY=$("$PYTHON" "$CLIENTS/resume.py" "$HOST" "${TOKEN[bob]}" "$DEN" 2)
	holds '. == {told: [3, 4, 5], resumed: {seq: 5, has_more: false}}'
}

@test "rooms with different gaps are resumed at once, each for itself" {
	room burrow alice bob
	room nest alice bob
	says "$DEN" 1500
	says "${ROOM[burrow]}" 20
	says "${ROOM[nest]}" 7
	resumes bob "$DEN=1" "${ROOM[burrow]}=5" "${ROOM[nest]}=7"
	is_told "$DEN" 1000 501 1500 true
	is_told "${ROOM[burrow]}" 15 6 20 false
	is_told "${ROOM[nest]}" 0 null 7 false
}

# --- the same place again, and places that do not exist ---------------------

@test "Resume twice in a row: what was told is told once, what was left out stays left out" {
	says "$DEN" 1300
	QUERY='&v=2&resume=1' online bob
	ask bob 0
	expect bob '{"type": "NewMessage", "message": {"seq": 301}}'
	expect bob '{"type": "NewMessage", "message": {"seq": 1300}}'
	resumed bob 1300 true
	ask bob 0
	resumed bob 1300 true
	ask bob 299
	resumed bob 1300 true
	ask bob 300
	resumed bob 1300 false
	ask bob 1300
	resumed bob 1300 false
	never bob '{"type": "NewMessage"}'
}

@test "what is resumed later than the others was left out in between" {
	says "$DEN" 5
	QUERY='&v=2&resume=1' online bob
	send bob '{"type": "Resume", "rooms": {}}'
	expect bob '{"type": "Resumed", "rooms": {}}'
	ask bob 3
	resumed bob 5 true
	ask bob 5
	resumed bob 5 false
	never bob '{"type": "NewMessage"}'
}

@test "what is said right behind a Resume that names no room is heard" {
	says "$DEN" 3
	hang store
	QUERY='&v=2&resume=1' online bob
	send bob '{"type": "Resume", "rooms": {}}'
	send bob "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"four\"}"
	recover store
	expect bob '{"type": "Resumed", "rooms": {}}'
	hears bob four
	never bob '{"type": "NewMessage"}' 0.2
}

@test "without resume=1, Resume repeats what it is asked for, each time" {
	says "$DEN" 3
	QUERY='&v=2' online bob
	hears bob 1 2 3
	for _ in 1 2; do
		ask bob 1
		hears bob 2 3
		resumed bob 3 false
	done
	post alice den new
	hears bob new
	never bob '{"type": "NewMessage"}'
}

@test "Resume while what follows the mark is being read begins where it says" {
	post alice den 1 2
	online alice
	QUERY='&v=2&resume=1' online bob
	send bob "{\"type\": \"UpdateLastSeen\", \"message_id\": \"$(body .id)\", \"request_id\": 2}"
	expect bob '{"type": "LastSeen", "request_id": 2}'
	cast close bob
	post alice den 3 4
	hang store
	QUERY='&v=2' online bob
	ask bob 0
	recover store
	hears bob 1 2 3 4
	resumed bob 4 false
}

@test "a place that is not there yet is the newest that there is, and what is said next is heard" {
	local seq
	says "$DEN" 3
	for seq in 4 1000000 9223372036854775807; do
		resumes_one_room_at "$seq"
		resumed bob 3 false
		never bob '{"type": "NewMessage"}' 0.2
		cast close bob
	done
	resumes_one_room_at 1000000
	resumed bob 3 false
	post alice den new
	hears bob new
	cast close bob
}

resumes_one_room_at()
{
	QUERY='&v=2&resume=1' online bob
	ask bob "$1"
}

@test "a place that is no number is refused, and the connection can still resume" {
	local rooms
	says "$DEN" 3
	QUERY='&v=2&resume=1' online bob
	for rooms in -1 1.5 '"1"' null true '[1]' 1e3; do
		ask bob "$rooms"
		expect bob '{"type": "Error", "code": "INVALID_FIELD"}'
	done
	ask bob 1 "not a room"
	expect bob '{"type": "Error", "code": "INVALID_FIELD"}'
	ask bob 18446744073709551616
	expect bob '{"type": "Error", "code": "INVALID_JSON"}'
	send bob '{"type": "Resume", "rooms": [], "request_id": 7}'
	expect bob '{"type": "Error", "code": "INVALID_FIELD", "request_id": 7}'
	ask bob 1
	hears bob 2 3
	resumed bob 3 false
}

# --- while a daemon is away -------------------------------------------------

# refuses_to_resume PERSON SEQ: in time, and under the request's id.
refuses_to_resume()
{
	send "$1" "{\"type\": \"Resume\", \"rooms\": {\"$DEN\": $2}, \"request_id\": \"r\"}"
	next_word "$1" 6
	holds '.type == "Error" and .code == "SERVICE_UNAVAILABLE" and .request_id == "r"'
}

@test "Resume on a connection that came while a daemon was away is refused in time; the same one later brings all, once" {
	local daemon
	says "$DEN" 5
	for daemon in store router; do
		hang "$daemon"
		QUERY='&v=2&resume=1' online bob
		refuses_to_resume bob 2
		recover
		ask_until_resumed bob 2
		assert_equal "$TOLD" " 3 4 5"
		never bob '{"type": "NewMessage"}' 0.3
		cast close bob
	done
}

# ask_until_resumed PERSON SEQ: asks again when refused. Sets TOLD to the numbers
# of what it was told before the answer.
ask_until_resumed()
{
	local word
	TOLD=
	ask "$1" "$2"
	for _ in {1..50}; do
		next_word "$1" 10
		word=$REPLY
		case $(jq -r '.code // .type' <<<"$word") in
		NewMessage) TOLD+=" $(jq .message.seq <<<"$word")" ;;
		SERVICE_UNAVAILABLE) ask "$1" "$2" ;;
		Resumed) return ;;
		*) return 1 ;;
		esac
	done
	return 1
}

@test "what a refused Resume has begun goes on, and is not told again to who asks again" {
	says "$DEN" 5
	QUERY='&v=2&resume=1' online bob
	expect bob '{"type": "PresenceUpdate"}'
	hang store
	refuses_to_resume bob 2
	recover
	hears bob 3 4 5
	post alice den six
	hears bob six
	ask bob 2
	resumed bob 6 false
	never bob '{"type": "NewMessage"}' 0.3
}

@test "without resume=1, a refused Resume repeats nothing until it is asked again" {
	says "$DEN" 5
	QUERY='&v=2' online bob
	hears bob 1 2 3 4 5
	hang store
	refuses_to_resume bob 2
	recover
	eventually 5 rest GET "/api/rooms/$DEN/messages" alice
	post alice den six
	hears bob six
	ask bob 4
	hears bob 5 six
	resumed bob 6 false
	never bob '{"type": "NewMessage"}' 0.3
}

# --- a store that refuses ---------------------------------------------------

# rename_messages FROM TO: without the table, the store can read little.
rename_messages()
{
	"$PYTHON" -c "import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.execute('ALTER TABLE ' + sys.argv[2] + ' RENAME TO ' + sys.argv[3])" \
		"$PARLEY_DATA/chat.db" "$1" "$2"
}

reads_refused()
{
	grep -c 'event=read_failed' "$PARLEY_RUN/store.log" || true
}

has_refused()
{
	(($(reads_refused) >= $1))
}

@test "what the store refuses to read is asked for again after a pause, until it is there" {
	says "$DEN" 3
	QUERY='&v=2&resume=1' online bob
	expect bob '{"type": "PresenceUpdate"}'
	rename_messages messages away
	QUERY='&v=2' online carol
	refuses_to_resume bob 1
	eventually 10 has_refused 4
	(($(reads_refused) < 40))
	rename_messages away messages
	kill_daemon store # which believes that they are away, until it begins anew
	hears bob 2 3
	hears carol 1 2 3
}

# --- what else happens in a gap ---------------------------------------------

@test "typing as the last thing in a gap is no message: nothing follows it" {
	says "$DEN" 2
	online alice
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
	QUERY='&v=2&resume=1' online bob
	ask bob 1
	hears bob 2
	resumed bob 2 false
	cast close bob
	QUERY='&v=2&resume=1' online bob
	ask bob 2
	resumed bob 2 false
	never bob '{"type": "NewMessage"}'
}

@test "messages edited in a gap come as they are now, deleted ones as MessageDeleted" {
	post alice den one
	change edit "$(body .id)" ', "content": "one, long ago"'
	post alice den two
	change edit "$(body .id)" ', "content": "two, and more"'
	post alice den three
	change delete "$(body .id)"
	post alice den four
	QUERY='&v=2&resume=1' online bob
	ask bob 1
	hears bob "two, and more"
	next_word bob
	holds '.type == "MessageDeleted"'
	hears bob four
	resumed bob 4 false
	never bob '{"type": "NewMessage"}' 0.2
	never bob '{"type": "MessageEdited"}' 0.2
}

# change edit|delete MESSAGE [FIELDS]: alice, who is told that it is done.
change()
{
	local -A words=([edit]=Edit [delete]=Delete [edited]=Edited [deleted]=Deleted)
	QUERY='&v=2&resume=1' online alice
	send alice "{\"type\": \"${words[$1]}Message\", \"message_id\": \"$2\", \"request_id\": \"c\"${3:-}}"
	expect alice "{\"type\": \"Message${words[${1%e}ed]}\", \"request_id\": \"c\"}"
	cast close alice
}

@test "a room left in the gap is left out; one left and joined again goes on" {
	local member
	room burrow alice bob
	says "$DEN" 2
	says "${ROOM[burrow]}" 2
	QUERY='&v=2' online bob
	for member in "$DEN" "${ROOM[burrow]}"; do
		send bob "{\"type\": \"LeaveRoom\", \"room_id\": \"$member\", \"request_id\": \"l\"}"
		expect bob '{"type": "UserLeft", "request_id": "l"}'
	done
	says "$DEN" 3
	send bob "{\"type\": \"JoinRoom\", \"room_id\": \"$DEN\", \"request_id\": \"j\"}"
	expect bob '{"type": "PresenceUpdate", "request_id": "j"}'
	cast close bob
	resumes bob "$DEN=1" "${ROOM[burrow]}=1"
	holds 'keys == ["'"$DEN"'"]'
	is_told "$DEN" 4 2 5 false
}

@test "a room joined in the gap is resumed from any place, and is heard from now on if it is not named" {
	room burrow alice
	says "${ROOM[burrow]}" 4
	join_room bob "${ROOM[burrow]}"
	says "${ROOM[burrow]}" 2
	resumes bob "${ROOM[burrow]}=2"
	is_told "${ROOM[burrow]}" 4 3 6 false
	QUERY='&v=2&resume=1' online bob
	ask bob 0
	resumed bob 0 false
	post alice burrow live
	hears bob live
}

# --- slow readers -----------------------------------------------------------

# reads_nothing ROOM…: bob resumes them from the first message on, and then takes
# no byte, until `reads_on`.
reads_nothing()
{
	client_starts node "$CLIENTS/resume_slow.mjs" "$HOST" "${TOKEN[bob]}" "$@"
	eventually 10 is_stuck
}

# The kernel has taken what it takes, and the gateway reads no further.
is_stuck()
{
	local before
	before=$(figure catch_up_messages_total)
	sleep 0.3
	((before > 0 && $(figure catch_up_messages_total) == before))
}

reads_on()
{
	echo read >&"$CLIENT_IN"
	talk_ends
}

# Each message takes six times its bytes, as JSON writes them.
says_escapes()
{
	says "$1" "$2" "$(times 12000 '\\u0001')"
}

@test "a slow reader gets all it asked for, from a bounded outbox" {
	local names=(one two three four five six seven eight nine ten) name rooms=() told sent
	for name in "${names[@]}"; do
		room "$name" alice bob
		rooms+=("${ROOM[$name]}")
	done
	for name in "${names[@]}"; do
		says "${ROOM[$name]}" 1000 "$(times 1000 x)"
	done
	sent=$(figure sent_bytes_total)
	reads_nothing "${rooms[@]}"
	told=$(figure catch_up_messages_total)
	sent=$(($(figure sent_bytes_total) - sent))
	((told < 8000 && told * 1300 < sent + 1048576))
	post alice one live
	reads_on
	holds '.told >= 10000'
	[ "$(figure slow_consumers_total)" = 0 ]
}

@test "what happens meanwhile does not close a slow reader for what it asked" {
	says_escapes "$DEN" 200
	reads_nothing "$DEN"
	online alice
	for _ in {1..5}; do
		send alice "{\"type\": \"StartTyping\", \"room_id\": \"$DEN\"}"
		send alice "{\"type\": \"StopTyping\", \"room_id\": \"$DEN\"}"
	done
	reads_on
	holds '.told == 200'
	[ "$(figure slow_consumers_total)" = 0 ]
}

@test "a room left while it is resumed does not hold up the others" {
	room burrow alice bob
	says "$DEN" 3
	says_escapes "${ROOM[burrow]}" 200
	reads_nothing "${ROOM[burrow]}" "$DEN"
	QUERY='&v=2&resume=1' online bob
	send bob "{\"type\": \"LeaveRoom\", \"room_id\": \"${ROOM[burrow]}\", \"request_id\": \"l\"}"
	expect bob '{"type": "UserLeft", "request_id": "l"}'
	reads_on
	holds '.told > 3 and .told < 203'
}

@test "the store started again in the middle of a catch-up: nothing is missing, nothing twice" {
	says_escapes "$DEN" 200
	reads_nothing "$DEN"
	kill_daemon store
	reads_on
	holds '.told == 200'
}

# --- while messages flow ----------------------------------------------------

# flows [NAME…]: bob comes and goes and resumes while two talk; these are killed
# meanwhile.
flows()
{
	talk_starts node "$CLIENTS/resume_flow.mjs" "$HOST" "$DEN" "${TOKEN[bob]}" \
		"${TOKEN[alice]}" "${TOKEN[carol]}"
	(($# == 0)) || kill_daemon "$@"
	talk_ends
	holds '.visits > 3'
}

@test "who comes and goes while messages flow has heard all, once, in order" {
	flows
}

@test "the same while the store and the router are killed" {
	flows store router
}

@test "the same at two gateways, whichever one comes to, while the router is killed" {
	two_gateways
	flows router
}

@test "the router killed in the gap: what was said before, meanwhile and after follows" {
	says "$DEN" 3
	QUERY='&v=2' online alice
	kill_daemon router &
	for _ in {1..5}; do
		send alice "{\"type\": \"CreateMessage\", \"room_id\": \"$DEN\", \"content\": \"meanwhile\"}"
		expect alice '{"type": "NewMessage", "message": {"content": "meanwhile"}}'
	done
	wait "$!"
	says "$DEN" 2
	resumes bob "$DEN=2"
	is_told "$DEN" 8 3 10 false
}

# --- a gateway that is behind ------------------------------------------------

two_gateways()
{
	suite_again PARLEY_GATEWAYS=2
	eventually 10 test -s "$PARLEY_RUN/gateway.2.listen"
}

# One of two gateways is stopped, while much is said at the other one.
gateway_hangs()
{
	two_gateways
	client_starts node "$CLIENTS/resume_hung.mjs" "$HOST" "$DEN" \
		"${TOKEN[bob]}" "${TOKEN[alice]}" "$1"
	hang gateway
}

goes_on()
{
	echo >&"$CLIENT_IN"
	eventually 20 grep -q "$1" "$CLIENT.out"
}

hear_all()
{
	echo >&"$CLIENT_IN"
	talk_ends
	holds ". == {by_mark: $(($1 / 2 + 1)), from_mark: $(($1 / 2 + 1)), from_newest: 1}"
}

has_given_up()
{
	grep -q 'event=peer_down peer=gateway$' "$PARLEY_RUN/router.log"
}

@test "a gateway that was stopped, and has yet to hear what was said, tells nobody anything twice" {
	gateway_hangs 100
	eventually 10 has_given_up
	goes_on waiting
	hang router
	recover gateway
	eventually 20 grep -q resumed "$CLIENT.out"
	recover router
	hear_all 100
}

@test "the moment a gateway that was stopped goes on, who comes hears all, once, in order" {
	gateway_hangs 600
	goes_on waiting
	recover gateway
	eventually 20 grep -q resumed "$CLIENT.out"
	hear_all 600
}

@test "what changes while it is on its way to who resumes comes as it is now" {
	local first second
	post alice den old
	first=$(body .id)
	post alice den regretted
	second=$(body .id)
	says "$DEN" 150 "$(times 1500 x)" # so that the change can overtake them
	two_gateways
	client_starts node "$CLIENTS/resume_edit.mjs" "$HOST" "$DEN" "${TOKEN[bob]}" \
		"${TOKEN[alice]}" "$first" "$second"
	hang store
	goes_on asked
	hang gateway
	recover store
	goes_on changed
	recover gateway
	post alice den fence
	talk_ends
	holds 'length == 10 and all(. == ["new", null])'
}
