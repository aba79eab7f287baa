#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What hooks tell receivers: all of it, in order, signed, once where it was taken;
# and where they must not reach. How hooks are managed is in hooks_manage.bats.
# shellcheck disable=SC2030,SC2031

load helper

setup()
{
	HEARD=$BATS_TEST_TMPDIR/receiver
	mkdir -p "$HEARD"
	PORT=0
	declare -gA HOOK=()
}

teardown()
{
	receiver_ends
	suite_stop
}

# begin [NAME=VALUE…]: a suite that may reach this machine, alice's room den, and a
# receiver.
begin()
{
	suite_start "PARLEY_HOOKS_ALLOW=127.0.0.1 ::1" "$@" &&
		register alice && room den alice && receiver_starts
}

# receiver_starts [CERTIFICATE KEY]: at the port of before, if there was one.
receiver_starts()
{
	rm -f "$HEARD/port"
	"$PYTHON" "$CLIENTS/receiver.py" "$HEARD" "$PORT" "$@" >"$HEARD/port" 3>&- 4>&- &
	RECEIVER=$!
	eventually 20 test -s "$HEARD/port"
	PORT=$(cat "$HEARD/port")
}

receiver_ends()
{
	[ -n "${RECEIVER:-}" ] || return 0
	kill "$RECEIVER" 2>/dev/null || true
	wait "$RECEIVER" 2>/dev/null || true
	RECEIVER=
}

# hook NAME [EVENTS [URL]]: alice's room tells it to the receiver, under its name.
hook()
{
	local url=${3:-http://127.0.0.1:$PORT/$1}
	rest POST "/api/rooms/den/hooks" alice \
		"{\"url\": \"$url\", \"events\": ${2:-[\"messages\"]}}"
	answered 201 || return
	HOOK[$1]=$(body .id)
	body .secret >"$HEARD/$1.secret"
}

# change NAME JSON
change()
{
	rest PATCH "/api/rooms/den/hooks/${HOOK[$1]}" alice "$2"
	answered 200
}

# answer NAME [WORD…]: how the receiver answers from now on.
answer()
{
	echo "${*:2}" >"$HEARD/$1.new" && mv "$HEARD/$1.new" "$HEARD/$1.answer"
}

# taken NAME FILTER: of each event that the receiver has taken, in a line.
taken()
{
	[ ! -e "$HEARD/heard" ] ||
		jq -rc "select(.to == \"$1\" and .answer == \"204\") | $2" "$HEARD/heard"
}

# tried NAME FILTER: of each one, taken or not.
tried()
{
	[ ! -e "$HEARD/heard" ] || jq -rc "select(.to == \"$1\") | $2" "$HEARD/heard"
}

# has_taken NAME TEXT…: these messages, in this order, and nothing else.
has_taken()
{
	[ "$(taken "$1" .event.message.content)" = "$(printf '%s\n' "${@:2}")" ]
}

has_tried()
{
	[ "$(tried "$1" .to | wc -l)" -ge "$2" ]
}

# state NAME FILTER: what REST says of it.
state()
{
	rest GET "/api/rooms/den/hooks/${HOOK[$1]}" alice
	answered 200 && jq -rc "$2" <<<"$BODY"
}

is_state()
{
	[ "$(state "$1" "$2")" = "$3" ]
}

# No proxy is asked, either.
@test "messages reach a receiver in order, each signed, over a connection that is kept" {
	local texts
	begin NO_PROXY= no_proxy= http_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
	hook one
	readarray -t texts < <(seq 40)
	post alice den "${texts[@]}" 'a "quoted" ümlaut 🙂'
	eventually 20 has_taken one "${texts[@]}" 'a "quoted" ümlaut 🙂'
	assert_equal "$(taken one .signed | sort -u)" true
	assert_equal "$(taken one .connection | sort -u | wc -l)" 1
	assert_equal "$(taken one '.headers["webhook-id"]')" "$(taken one .event.id)"
	assert_equal "$(taken one .event.id | sort -u | wc -l)" 41
	tried one . | tail -n 1 | jq -e --arg room "${ROOM[den]}" --arg hook "${HOOK[one]}" \
		--arg alice "${ID[alice]}" '
		.headers["content-type"] == "application/json" and
		.headers["x-parley-event"] == "message.created" and
		(.headers["user-agent"] | startswith("parley/")) and
		(.event | .type == "message.created" and .hook == $hook and
			.room == {id: $room, name: "den"} and .id == .message.id and
			.message.seq == 41 and .message.creator_name == "alice" and
			.message.creator_id == $alice and .message.room_id == $room and
			.message.created_at == .created_at)'
	eventually 5 is_state one .delivered_seq 41
}

@test "what a receiver that is down did not get comes in order when it is back, once" {
	begin PARLEY_RATE=off
	hook one
	post alice den first
	eventually 10 has_taken one first
	receiver_ends
	post alice den second third fourth
	eventually 10 is_state one .state retrying
	is_state one '.failures > 0 and .retry_at != null' true
	[[ $(state one .last_error) == *onnect* ]]
	receiver_starts
	post alice den fifth
	eventually 20 has_taken one first second third fourth fifth
	eventually 5 is_state one '[.state, .failures, .retry_at]' '["active",0,null]'
}

@test "an answer that is not 2xx is a failure: the same event comes again, signed anew" {
	local how
	begin PARLEY_HOOKS_TIMEOUT=1
	hook one
	for how in 500 404 "302 Location=http://127.0.0.1:$PORT/two" hang cut; do
		rm -f "$HEARD/heard"
		answer one "$how"
		post alice den "after $how"
		eventually 10 is_state one .failures 1
		answer one 204
		eventually 10 has_taken one "after $how"
		assert_equal "$(tried one .event.id | sort -u | wc -l)" 1
		assert_equal "$(tried one .signed | sort -u)" true
		assert_equal "$(tried two .to)" ""
		eventually 5 is_state one .failures 0
	done
	is_metric 1 parley_hooks_attempts_total 'outcome="redirected"'
	is_metric 1 parley_hooks_attempts_total 'outcome="timed_out"'
	is_metric 2 parley_hooks_attempts_total 'outcome="refused"'
}

@test "an answer without end is cut and counts by its status; Retry-After is heard" {
	begin
	hook one
	answer one long
	post alice den "a lot comes back"
	eventually 10 is_state one .delivered_seq 1
	is_state one .failures 0
	answer one 503 Retry-After=30
	post alice den "come back later"
	eventually 10 is_state one .failures 1
	is_state one '(.retry_at | sub("\\.[0-9]+Z$"; "Z") | fromdate) - now | . > 15 and . < 31' true
}

@test "410 pauses a hook; what happens meanwhile comes when it is resumed" {
	begin
	hook one
	answer one 410
	post alice den "is anybody there"
	eventually 10 is_state one .state paused
	[[ $(state one .last_error) == *410* ]]
	answer one 204
	post alice den "still nobody"
	has_tried one 1
	is_metric 1 parley_hooks_hooks 'state="paused"'
	change one '{"state": "active"}'
	eventually 10 has_taken one "is anybody there" "still nobody"
	assert_equal "$(tried one .to | wc -l)" 3
	is_metric 1 parley_hooks_given_up_total
}

@test "a hook that fails for too long is given up, and loses nothing" {
	begin PARLEY_HOOKS_GIVE_UP=1
	hook one
	answer one 500
	post alice den "hello"
	eventually 15 is_state one .state paused
	answer one 204
	change one '{"state": "active"}'
	eventually 10 has_taken one "hello"
}

@test "a hook that is paused says nothing until it is resumed, and holds up no other; nor does one that hangs" {
	begin
	hook slow
	answer slow hang
	hook one
	change one '{"state": "paused"}'
	eventually 5 is_metric 1 parley_hooks_hooks 'state="paused"'
	post alice den "unheard"
	hook two
	post alice den "heard by two"
	eventually 10 has_taken two "heard by two"
	has_taken one
	change one '{"state": "active"}'
	eventually 10 has_taken one "unheard" "heard by two"
}

@test "edits, deletions and members are told to those who want them" {
	local id
	begin
	known bob
	hook words
	hook edits '["edits"]'
	hook members '["members"]'
	post alice den "a tpyo" "a mistake"
	eventually 10 has_taken words "a tpyo" "a mistake"
	online alice
	id=$(taken words .event.message.id | head -n 1)
	send alice "{\"type\": \"EditMessage\", \"message_id\": \"$id\", \"content\": \"a typo\"}"
	eventually 10 has_taken edits "a typo"
	id=$(taken words .event.message.id | tail -n 1)
	send alice "{\"type\": \"DeleteMessage\", \"message_id\": \"$id\"}"
	join_room bob "${ROOM[den]}"
	rest PATCH "/api/rooms/den/members/${ID[bob]}" alice '{"role": "moderator"}'
	answered 200
	rest PATCH /api/rooms/den alice '{"description": "cosy"}'
	answered 200
	eventually 10 has_tried members 3
	"${PARLEY_BUILD:-$ROOT/build}/bin/parleyctl" rooms ban den bob --reason spam
	eventually 10 has_tried members 4
	"${PARLEY_BUILD:-$ROOT/build}/bin/parleyctl" rooms rename den cellar
	eventually 10 has_tried members 5
	eventually 10 has_tried edits 2
	assert_equal "$(taken edits .event.type | paste -s)" "message.edited	message.deleted"
	assert_equal "$(taken edits .event.message.id | tail -n 1)" "$id"
	assert_equal "$(taken members '[.event.type, .event.user.username, .event.user.change] | join(" ")')" \
		"$(printf '%s\n' 'member.joined bob ' 'member.changed bob role' 'room.changed  ' \
			'member.left bob banned' 'room.changed  ')"
	taken members .event | sed -n 4p | jq -e '.user.reason == "spam" and .user.by == null'
	taken members .event | sed -n 2p | jq -e --arg alice "${ID[alice]}" '.user |
		.role == "moderator" and .by == $alice'
	assert_equal "$(taken members .event.room.name | tail -n 1)" cellar
	has_taken words "a tpyo" "a mistake"
	tried edits .event | head -n 1 | jq -e --arg room "${ROOM[den]}" \
		'.id == "\($room)-c1" and .message.edited_at == .created_at'
}

# in_order NAME N: the numbers from 1 to N were taken, in order, but for what came
# again.
in_order()
{
	diff <(taken "$1" .event.message.content | awk '!seen[$0]++') <(seq "$2") >/dev/null
}

@test "hooks killed with -9 loses nothing: in order, doubled at most where it was not kept" {
	local texts
	begin PARLEY_RATE=off
	hook one
	readarray -t texts < <(seq 30)
	post alice den "${texts[@]}"
	kill_daemon hooks
	readarray -t texts < <(seq 31 60)
	post alice den "${texts[@]}"
	kill_daemon hooks
	eventually 30 in_order one 60
	eventually 5 is_state one .delivered_seq 60
	# What was kept is not told again.
	kill_daemon hooks
	post alice den 61
	eventually 10 in_order one 61
	assert_equal "$(tried one .event.message.content | grep -cx '6[01]')" 2
}

@test "a row of failures outlives hooks: it does not begin anew" {
	begin
	hook one
	answer one 500
	post alice den "hello"
	eventually 20 is_state one .failures 3
	kill_daemon hooks
	eventually 20 has_tried one 4
	eventually 5 is_state one '.failures >= 4' true
	answer one 204
	eventually 30 has_taken one hello
}

@test "the store killed with -9: nothing is lost, and nothing doubled" {
	begin PARLEY_RATE=off
	hook one
	post alice den 1 2 3 4 5
	eventually 10 has_taken one 1 2 3 4 5
	eventually 5 is_state one .delivered_seq 5
	kill_daemon store
	eventually 10 is_ready
	post alice den 6 7
	kill_daemon router
	eventually 10 is_ready
	post alice den 8
	eventually 10 has_taken one 1 2 3 4 5 6 7 8
}

@test "without hooks nothing else is missed, and it takes up where it was" {
	begin PARLEY_RATE=off
	hook one
	online alice
	hang hooks
	post alice den 1 2
	expect alice '{"type": "NewMessage", "message": {"content": "2"}}'
	is_ready
	recover hooks
	eventually 10 has_taken one 1 2
	cast_leave
	suite_again PARLEY_WITHOUT=hooks
	post alice den 3
	is_ready
	[ ! -e "$PARLEY_RUN/hooks.pid" ]
	suite_again
	eventually 10 has_taken one 1 2 3
}

@test "addresses that are not public are refused, however they are written" {
	local url n=0
	begin PARLEY_HOOKS_ALLOW=
	for url in 127.0.0.1 localhost '[::1]' '[::ffff:127.0.0.1]' 0.0.0.0 2130706433 0x7f.1 \
		'[::]' 127.1; do
		hook "to$((++n))" '["messages"]' "http://$url:$PORT/x"
	done
	post alice den "let me in"
	while ((n > 0)); do
		eventually 10 is_state "to$n" '.failures >= 1' true
		assert_equal "$(state "to$n" .last_error)" "its address is not a public one, nor in PARLEY_HOOKS_ALLOW"
		n=$((n - 1))
	done
	[ ! -e "$HEARD/heard" ]
	suite_again PARLEY_HOOKS_ALLOW="10.0.0.0/8 127.0.0.0/8"
	eventually 20 has_tried x 1
}

@test "an address that is none is not allowed" {
	suite_environment
	mkdir -p "$PARLEY_RUN"
	run "${PARLEY_BUILD:-$ROOT/build}/bin/hooks" --hooks-allow "127.0.0.1 10.0.0.0/33"
	assert_failure 1
	assert_output --partial 'name=hooks-allow value=10.0.0.0/33'
}

@test "over TLS only who shows a certificate of a known authority is told" {
	local keys=$BATS_TEST_TMPDIR/keys
	mkdir "$keys"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=receiver -addext subjectAltName=DNS:localhost \
		-keyout "$keys/key" -out "$keys/certificate" 2>/dev/null
	begin PARLEY_HOOKS_CA="$keys/certificate"
	receiver_ends
	PORT=0
	receiver_starts "$keys/certificate" "$keys/key"
	hook one '["messages"]' "https://localhost:$PORT/one"
	post alice den "in confidence"
	eventually 10 has_taken one "in confidence"
	# The name counts, too.
	hook other '["messages"]' "https://127.0.0.1:$PORT/other"
	post alice den "to whom"
	eventually 10 is_state other .failures 1
	[[ $(state other .last_error) == *certificate* ]]
	suite_again PARLEY_HOOKS_CA=/etc/ssl/certs/ca-certificates.crt
	post alice den "no more"
	eventually 10 is_state one '.failures >= 1' true
	assert_equal "$(tried one .to | wc -l)" 2
	(($(metric parley_hooks_attempts_total 'outcome="untrusted"') >= 2))
}

@test "metrics tell what became of deliveries" {
	begin
	hook one
	hook down '["messages"]' "http://127.0.0.1:1/"
	post alice den 1 2
	eventually 10 has_taken one 1 2
	eventually 10 is_metric 1 parley_hooks_hooks 'state="retrying"'
	is_metric 2 parley_hooks_attempts_total 'outcome="taken"'
	is_metric 2 parley_hooks_delivered_total 'event="message.created"'
	is_metric 2 parley_hooks_answer_seconds_count
	is_metric 2 parley_hooks_delivery_seconds_count
	is_metric 1 parley_hooks_hooks 'state="idle"'
	is_metric 2 parley_hooks_behind_messages
	is_metric 1 parley_hooks_rooms
	is_metric 1 parley_up 'daemon="hooks"'
}

@test "secrets and what is said are in no log, secrets in no tap" {
	begin PARLEY_LOG=debug
	tap "$BATS_TEST_TMPDIR/tap" --daemons "hooks store" --pings yes
	eventually 10 grep -q '"daemon":"hooks".*ping' "$BATS_TEST_TMPDIR/tap"
	hook one
	post alice den "for your ears only"
	eventually 10 has_taken one "for your ears only"
	eventually 5 grep -q hook_delivered "$BATS_TEST_TMPDIR/tap"
	run ! grep -hF "$(cat "$HEARD/one.secret")" "$BATS_TEST_TMPDIR/tap" "$PARLEY_RUN"/*.log
	run ! grep -hF "for your ears only" "$PARLEY_RUN"/*.log
	receiver_ends
	post alice den "nobody listens"
	eventually 10 is_state one .failures 1
	run ! grep -hF "127.0.0.1:$PORT" "$BATS_TEST_TMPDIR/tap" "$PARLEY_RUN/hooks.log"
}

# page_example LANGUAGE: the receiver that docs/hooks.md shows.
page_example()
{
	awk -v head="^\`\`\`$1 (.* )?example=receiver\$" '
		$0 == "```" { inside = 0 }
		inside { print; found = 1 }
		$0 ~ head { inside = 1 }
		END { exit !found }' "$ROOT/docs/hooks.md"
}

# is_listening PORT
is_listening()
{
	curl -sS --noproxy '*' --max-time 5 -o /dev/null "http://127.0.0.1:$1/" 2>/dev/null
}

@test "the receivers of the manual take what is ours, and nothing else" {
	local name program port folder=$BATS_TEST_TMPDIR
	local -A PROGRAM=([py]=$PYTHON [mjs]=node)
	begin
	page_example python >"$folder/python.py"
	page_example js >"$folder/node.mjs"
	for name in python.py node.mjs; do
		program=${PROGRAM[${name##*.}]}
		port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
		hook "$name" '["messages"]' "http://127.0.0.1:$port/"
		background env SECRET="$(cat "$HEARD/$name.secret")" PORT="$port" \
			"$program" "$folder/$name" >"$folder/$name.out"
		eventually 20 is_listening "$port"
		post alice den "hello, $name"
		eventually 10 grep -qx "message.created hello, $name" "$folder/$name.out"
		run curl -sS --noproxy '*' -o /dev/null -w '%{http_code}' -d '{"type": "forged"}' \
			-H 'webhook-id: 1' -H "webhook-timestamp: $EPOCHSECONDS" \
			-H 'webhook-signature: v1,AMaOha7DUT/0J0JMycRuYOBSvbx3WtwLd2khXXbaVj4=' \
			"http://127.0.0.1:$port/"
		assert_output 401
		run ! grep forged "$folder/$name.out"
	done
}
