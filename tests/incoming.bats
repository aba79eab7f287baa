#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What programs say in rooms: posts over REST by the token of a bot.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

setup()
{
	suite_start "PARLEY_RATE=${RATE:-off}"
	known alice
	room den alice
	DEN=/api/rooms/${ROOM[den]}
	TOKEN["robot"]=$(ctl tokens bot robot --label build)
}

teardown()
{
	suite_stop
}

ctl()
{
	"$BIN/parleyctl" "$@" 3>&- 4>&-
}

# says TEXT [MORE-JSON]: the bot, in the den.
says()
{
	rest POST "$DEN/messages" robot "{\"content\": \"$1\"${2:+, $2}}"
}

# lets_in: an owner makes the bot a member.
lets_in()
{
	rest PUT "$DEN/members/robot" alice
	answered 204
}

# says_often N: so often on one connection; prints each status and Retry-After.
says_often()
{
	curl -sS --noproxy '*' --max-time 15 -H "Authorization: Bearer ${TOKEN["robot"]}" \
		-d '{"content": "again"}' -o /dev/null -w '%{http_code} %header{retry-after}\n' \
		"$URL$DEN/messages?[1-$1]"
}

# says_in_time: within its rate by now.
says_in_time()
{
	says later
	answered 201 >/dev/null
}

@test "a bot says something where it was let in, and nowhere else" {
	says early
	answered 403
	rest POST /api/rooms alice '{"name": "study", "kind": "private"}'
	rest POST /api/rooms/study/messages robot '{"content": "psst"}'
	answered 404
	lets_in
	online alice
	says "build 7 is red"
	answered 201 '.creator_name == "robot" and .content == "build 7 is red"'
	expect alice '{"type": "NewMessage", "message": {"content": "build 7 is red"}}'
	ctl rooms kick den robot
	says late
	answered 403
}

@test "the same client_message_id again is the same message" {
	local own first
	own=$(cat /proc/sys/kernel/random/uuid)
	lets_in
	says once "\"client_message_id\": \"$own\""
	answered 201
	first=$(body .id)
	kill_daemon router store
	eventually 10 says_again "$own" "$first"
	rest GET "$DEN/messages" alice
	answered 200 '.messages | length == 1'
}

says_again()
{
	says twice "\"client_message_id\": \"$1\""
	answered 201 ".id == \"$2\" and .content == \"once\"" >/dev/null
}

@test "a bot that says too much is told when to come back, and holds up nobody else" {
	suite_stop
	rm -r "$PARLEY_DATA"
	RATE=1:3 setup
	lets_in
	says_often 20 >"$BATS_TEST_TMPDIR/answers"
	grep -q '^201 $' "$BATS_TEST_TMPDIR/answers"
	grep -q '^429 1$' "$BATS_TEST_TMPDIR/answers"
	post alice den "still here"
	eventually 10 says_in_time
}

@test "a revoked token is void at once, whatever it was exchanged for" {
	lets_in
	rest POST /auth/refresh robot
	answered 200
	TOKEN["signed"]=$(body .token)
	rest POST "$DEN/messages" signed '{"content": "signed"}'
	answered 201
	says hello
	answered 201
	ctl tokens revoke "$(ctl tokens list --json | jq -r .session)"
	says more
	answered 401
	rest POST "$DEN/messages" signed '{"content": "more"}'
	answered 401
	rest POST /auth/refresh signed
	answered 401
	TOKEN["robot"]=$(ctl tokens bot robot) # another one for the same bot
	says again
	answered 201
	ctl users disable robot
	says more
	answered 401
}

@test "a bot has no password, and no rights but those of its role" {
	local path
	lets_in
	rest POST /auth/login '' '{"username": "robot", "password": ""}'
	[[ $STATUS == 40[01] ]]
	run ctl users reset-password robot --generate
	assert_failure 1
	for path in hooks bans mutes invites; do
		rest GET "$DEN/$path" robot
		answered 403
	done
	rest POST "$DEN/hooks" robot '{"url": "https://example.org/"}'
	answered 403
	rest PATCH "$DEN" robot '{"archived": true}'
	answered 403
	rest DELETE "$DEN/members/alice" robot
	answered 403
	run "$PYTHON" "$CLIENTS/tool.py" "$PARLEY_RUN" store \
		"{\"frame\": \"get_hooks\", \"room\": \"${ROOM[den]}\", \"limit\": 1}" gateway
	assert_output --partial not_allowed # nor has a gateway, which speaks for it
}
