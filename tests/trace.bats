#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# One connection's story: what all daemons log of it bears the same id.

load helper

setup()
{
	suite_start PARLEY_LOG=debug
}

teardown()
{
	suite_stop
}

# conn_of WHO: the id of the connection by which this user came.
conn_of()
{
	sed -nE "s/.*event=upgraded conn=([0-9a-f]{16}) .*user=${ID[$1]}.*/\\1/p" \
		"$PARLEY_RUN/gateway.log" | tail -n 1
}

# tells DAEMON CONN WORDS: one line of its log has all of that.
tells()
{
	sed -nE "s/ conn=$2( |\$)/\1/p" "$PARLEY_RUN/$1.log" | grep -qF -- "$3"
}

@test "a connection's story can be read from the logs of all daemons by one id" {
	local conn
	people alice bob
	room den alice bob
	online alice bob
	expect alice '{"type": "PresenceUpdate"}'
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"${ROOM[den]}\"}"
	expect bob '{"type": "TypingStart"}'
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"the-words-themselves\"}"
	expect bob '{"type": "NewMessage"}'
	cast close alice
	conn=$(conn_of alice)
	[ -n "$conn" ]
	[ "$conn" != "$(conn_of bob)" ]
	eventually 5 tells gateway "$conn" event=disconnected
	tells gateway "$conn" event=connected
	tells gateway "$conn" 'event=request method=GET path=/ws/campfire'
	tells gateway "$conn" 'event=told frame=verify peer=auth'
	tells auth "$conn" 'event=heard frame=verify peer=gateway'
	tells auth "$conn" 'event=told frame=verified peer=gateway'
	tells presence "$conn" 'event=heard frame=opened peer=gateway'
	tells presence "$conn" 'event=heard frame=typing peer=gateway'
	tells gateway "$conn" 'event=told frame=post peer=router'
	tells router "$conn" 'event=heard frame=post peer=gateway'
	tells router "$conn" 'event=told frame=post peer=store'
	tells store "$conn" 'event=heard frame=post peer=router'
	tells store "$conn" 'event=told frame=message peer=router'
	tells router "$conn" 'event=answered frame=message'
	tells router "$conn" 'event=told frame=message peer=gateway'
	tells gateway "$conn" 'event=heard frame=message peer=router'
	tells gateway "$conn" 'event=answered frame=posted'
	eventually 5 tells presence "$conn" 'event=heard frame=closed peer=gateway'
}

@test "what is said, and tokens, stand in no log, however much is logged" {
	people alice bob
	room den alice bob
	online alice bob
	expect alice '{"type": "PresenceUpdate"}'
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"the-words-themselves\"}"
	expect bob '{"type": "NewMessage"}'
	rest GET "/api/rooms/${ROOM[den]}/messages?token=${TOKEN[alice]}"
	answered 200
	tells gateway "$(conn_of alice)" frame=posted
	run grep -laF -e the-words-themselves -e "${TOKEN[alice]}" \
		-e "${TOKEN[alice]##*.}" "$PARLEY_RUN"/*.log
	refute_output
}

@test "a warning about a client names its connection at any level" {
	local conn
	suite_stop
	rm "$PARLEY_RUN"/*.log
	suite_start PARLEY_LOG=info
	connect wild "$WS/ws/lobby"
	send wild nonsense
	closed wild 1008
	conn=$(sed -nE 's/.*event=lobby_refused conn=([0-9a-f]{16}) .*/\1/p' \
		"$PARLEY_RUN/gateway.log")
	[ -n "$conn" ]
	run grep -h event=connected "$PARLEY_RUN/gateway.log"
	refute_output
}

@test "an id is used again neither by another gateway nor after a restart" {
	local first
	people alice
	online alice
	first=$(conn_of alice)
	kill_daemon gateway
	eventually 10 online alice
	[ -n "$first" ]
	[ "$(conn_of alice)" != "$first" ]
	[ "${first:0:6}" != "$(conn_of alice | cut -c 1-6)" ]
}

@test "a tap shows the id that the logs have" {
	people alice
	room den alice
	tap "$BATS_TEST_TMPDIR/heard" --daemons store
	online alice
	post alice den one
	eventually 5 grep -q '"frame":"message"' "$BATS_TEST_TMPDIR/heard"
	tells store "$(jq -r 'select(.frame.frame == "post").frame.trace' \
		"$BATS_TEST_TMPDIR/heard" | tail -n 1)" 'frame=post'
}
