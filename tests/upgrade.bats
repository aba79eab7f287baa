#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which dialect a connection speaks, and which connections are refused.

load helper

setup()
{
	suite_start
	people alice
}

teardown()
{
	suite_stop
}

is_campfire()
{
	send "$1" '{"type": "Dance"}'
	expect "$1" '{"type": "Error", "code": "UNKNOWN_TYPE"}'
}

# Each dialect is known by how it takes what none of them knows.

is_hub()
{
	send "$1" '{"type": "Dance"}'
	expect "$1" '{"type": "error"}'
}

is_lobby()
{
	send "$1" '{"message_type": "Dance", "message_body": {}}'
	closed "$1" 1008
}

is_simple()
{
	expect "$1" '{"message": "system: alice joined"}'
}

is_sealed()
{
	send "$1" '{"Dance": {}}'
	expect "$1" '{"Error": {}}'
}

@test "the path names the dialect" {
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}"
	is_campfire a
	connect b "$WS/ws/hub?token=${TOKEN[alice]}"
	is_hub b
	connect c "$WS/ws/lobby"
	is_lobby c
	connect d "$WS/ws/simple?token=${TOKEN[alice]}"
	is_simple d
	connect e "$WS/ws/sealed"
	is_sealed e
}

@test "on a plain listener /ws is campfire, /ws with a room simple, / lobby" {
	connect a "$WS/ws?token=${TOKEN[alice]}"
	is_campfire a
	connect b "$WS/ws?token=${TOKEN[alice]}&room=garden"
	is_simple b
	connect c "$WS/"
	is_lobby c
}

@test "the subprotocol names the dialect, before the path, and is echoed" {
	connect a "$WS/ws/hub?token=${TOKEN[alice]}" subprotocol=chat,campfire,hub
	assert_equal "$REPLY" campfire
	is_campfire a
	connect b "$WS/anywhere?token=${TOKEN[alice]}" subprotocol=hub
	assert_equal "$REPLY" hub
	is_hub b
	connect c "$WS/ws/campfire" subprotocol=sealed
	assert_equal "$REPLY" sealed
	is_sealed c
}

@test "a listener may carry a dialect, which serves every other path" {
	suite_stop
	PARLEY_TEST_LISTEN='127.0.0.1:0 127.0.0.1:0=campfire 127.0.0.1:0=hub 127.0.0.1:0=simple' \
		suite_start
	local second third fourth
	second=$(sed -n '2s/=campfire$//p' "$PARLEY_RUN/listen")
	third=$(sed -n '3s/=hub$//p' "$PARLEY_RUN/listen")
	fourth=$(sed -n '4s/=simple$//p' "$PARLEY_RUN/listen")
	connect a "ws://$second/?token=${TOKEN[alice]}"
	is_campfire a
	connect b "ws://$third/any/where?token=${TOKEN[alice]}"
	is_hub b
	connect c "ws://$fourth/ws?token=${TOKEN[alice]}"
	is_simple c
	connect d "ws://$third/ws/campfire?token=${TOKEN[alice]}"
	is_campfire d
	connect e "$WS/"
	is_lobby e
}

@test "an unknown subprotocol is not echoed, and the path decides" {
	# The client library ends a connection whose server chose no subprotocol, so
	# the handshake is looked at itself.
	run curl -sS -i --http1.1 --max-time 2 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
		-H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
		-H 'Sec-WebSocket-Protocol: chat' -o - "$URL/ws/campfire?token=${TOKEN[alice]}"
	assert_output --partial '101 Switching Protocols'
	assert_output --partial 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
	refute_output --regexp '[Ss]ec-[Ww]eb[Ss]ocket-[Pp]rotocol'
}

@test "any other path is 404" {
	refused 404 "$WS/elsewhere?token=${TOKEN[alice]}"
	refused 404 "$WS/ws/nosuch?token=${TOKEN[alice]}"
}

@test "no credentials, or bad ones, are 401 before the upgrade" {
	refused 401 "$WS/ws/campfire"
	[[ $(jq -r '.headers["www-authenticate"]' <<<"$REPLY") == Bearer* ]]
	jq -e '.body | fromjson' <<<"$REPLY"
	refused 401 "$WS/ws/campfire?token=nonsense"
}

@test "the token may stand in the header, the query or a cookie" {
	connect a "$WS/ws/campfire" "header=Authorization:Bearer+${TOKEN[alice]}"
	connect b "$WS/ws/campfire?token=${TOKEN[alice]}"
	connect c "$WS/ws/campfire" "header=Cookie:session_token=${TOKEN[alice]}"
	is_campfire a
	is_campfire b
	is_campfire c
}

@test "two tokens must name the same user" {
	people bob
	refused 401 "$WS/ws/campfire?token=${TOKEN[alice]}" "header=Authorization:Bearer+${TOKEN[bob]}"
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}" "header=Authorization:Bearer+${TOKEN[alice]}"
}

@test "a foreign Origin is 403; one's own and none are fine" {
	refused 403 "$WS/ws/campfire?token=${TOKEN[alice]}" header=Origin:http://evil.example
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}" "header=Origin:$URL"
	is_campfire a
}

@test "an Origin that PARLEY_ORIGINS names is fine" {
	suite_stop
	suite_start PARLEY_ORIGINS='https://chat.example https://other.example'
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}" header=Origin:https://chat.example
	is_campfire a
	refused 403 "$WS/ws/campfire?token=${TOKEN[alice]}" header=Origin:https://evil.example
}

@test "more connections than the maximum are 503 with Retry-After" {
	suite_stop
	suite_start PARLEY_MAX_CONNECTIONS=2
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}"
	connect b "$WS/ws/campfire?token=${TOKEN[alice]}"
	refused 503 "$WS/ws/campfire?token=${TOKEN[alice]}"
	jq -e '.headers["retry-after"]' <<<"$REPLY"
	cast close a
	eventually 5 connect c "$WS/ws/campfire?token=${TOKEN[alice]}"
}

@test "while auth is away an upgrade that needs it is 503, and others go on" {
	suite_stop
	suite_start
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}"
	kill -STOP "$(pid_of auth)"
	refused 503 "$WS/ws/campfire?token=${TOKEN[alice]}"
	jq -e '.headers["retry-after"]' <<<"$REPLY"
	is_campfire a
	kill -CONT "$(pid_of auth)"
	eventually 10 connect b "$WS/ws/campfire?token=${TOKEN[alice]}"
}

@test "health, readiness and metrics are there for anybody" {
	rest GET /healthz
	answered 200
	rest GET /readyz
	answered 200
	rest GET /metrics
	answered 200
	[[ $(header content-type) == text/plain* ]]
	[[ $BODY == *'# TYPE '* ]]
}
