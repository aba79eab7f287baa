#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is promised while a daemon dies, hangs or is away: nothing that was
# acknowledged is lost, doubled or turned around, and no connection drops.

load helper

setup()
{
	suite_start PARLEY_RATE=off
	people alice bob carol dave
	room den alice bob carol dave
	DEN=${ROOM[den]}
}

teardown()
{
	[ -z "${TALK_PID:-}" ] || kill "$TALK_PID" 2>/dev/null || true
	suite_stop
}

# --- two who talk without a pause (tests/clients/talk.mjs) ------------------

talk_starts()
{
	TALK=$BATS_TEST_TMPDIR/talk
	mkfifo "$TALK.in"
	node "$CLIENTS/talk.mjs" "$HOST" "$DEN" "${TOKEN[alice]}" "${TOKEN[bob]}" \
		<"$TALK.in" >"$TALK.out" 3>&- 4>&- &
	TALK_PID=$!
	exec {TALK_IN}>"$TALK.in"
	eventually 20 grep -q talking "$TALK.out" || talk_ends
}

# Sets REPORT; fails if something was lost, doubled or out of order.
talk_ends()
{
	local failed=0
	exec {TALK_IN}>&-
	wait "$TALK_PID" || failed=1
	unset TALK_PID
	REPORT=$(tail -n 1 "$TALK.out")
	echo "$BATS_TEST_DESCRIPTION: $REPORT" | tee -a "${PARLEY_TEST_REPORT:-/dev/null}"
	return "$failed"
}

# reports FILTER: a truth about the conversation.
reports()
{
	jq -e "$1" <<<"$REPORT" >/dev/null || {
		echo "not so: $1: $REPORT"
		return 1
	}
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
	local name pids=() deadline
	talk_starts
	online dave
	for name in "$@"; do
		pids+=("$(pid_of "$name")")
	done
	kill -KILL "${pids[@]}"
	deadline=$((${EPOCHREALTIME//[^0-9]/} + 5000000))
	for name in "${!pids[@]}"; do
		eventually 5 has_successor "${@:name+1:1}" "${pids[name]}"
	done
	presence_is_right "$deadline"
	talk_ends
	reports '.longest_ms < 3000'
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
