#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A daemon may be replaced by a program of somebody else's, in another language:
# here auth, by tests/clients/auth_standin.py.

load helper

setup()
{
	suite_environment
	export PARLEY_WITHOUT=auth
	mkdir -p "$PARLEY_RUN"
	chmod 700 "$PARLEY_DATA" "$PARLEY_RUN"
	standin_starts
	parley_run --wait
	suite_address
	# shellcheck disable=SC2034 # for the helper
	TOKEN=([alice]=token-alice [bob]=token-bob)
}

teardown()
{
	standin_ends
	suite_stop
}

# standin_starts [SECONDS]: which each message takes it.
standin_starts()
{
	"$PYTHON" "$CLIENTS/auth_standin.py" "$PARLEY_RUN" "${1:-0}" \
		>"$BATS_TEST_TMPDIR/standin" 2>&1 3>&- 4>&- &
	STANDIN=$!
}

standin_ends()
{
	kill "$STANDIN" 2>/dev/null || true
	wait "$STANDIN" 2>/dev/null || true
}

@test "with a stand-in for auth the suite is ready, and auth itself does not run" {
	curl -fs -o /dev/null "$URL/readyz"
	[ ! -e "$PARLEY_RUN/auth.pid" ]
	[ ! -e "$PARLEY_DATA/auth.db" ]
}

@test "who shows the stand-in's token connects and talks" {
	room den alice bob
	online alice bob
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"hello\"}"
	expect alice '{"type": "NewMessage", "message": {"content": "hello"}}'
	expect bob '{"type": "NewMessage", "message": {"content": "hello"}}'
}

@test "REST asks the stand-in" {
	room den alice
	rest GET /api/rooms alice
	answered 200 '.rooms | map(select(.name == "den" and .member)) | length == 1'
	rest GET /api/rooms bob
	answered 200 '.rooms | map(select(.name == "den" and (.member | not))) | length == 1'
	rest GET "/api/users?username=alice" bob
	answered 200 '.username == "alice"'
	rest GET /auth/me alice
	answered 200 '.username == "alice"'
}

@test "whom the stand-in refuses is 401; what it does not know is 503" {
	refused 401 "$WS/ws/campfire?token=nobody"
	rest GET /api/rooms nobody
	answered 401
	rest POST /auth/login '' '{"username": "alice", "password": "12345678"}'
	answered 503
}

@test "connections outlive a restart of the stand-in" {
	room den alice
	online alice
	standin_ends
	standin_starts
	eventually 5 online bob
	cast open alice
	post alice den "still here"
	expect alice '{"type": "NewMessage", "message": {"content": "still here"}}'
}

has_greeted()
{
	(($(grep -c "event=peer_up peer=auth" "$PARLEY_RUN/gateway.log") == $1))
}

@test "a stand-in that takes longer than the time between two greetings is heard" {
	eventually 5 has_greeted 1
	standin_ends
	standin_starts 1.3
	eventually 20 has_greeted 2
}
