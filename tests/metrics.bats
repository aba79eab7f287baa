#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the daemons count, as Prometheus reads it at a gateway.

load helper

teardown()
{
	suite_stop
}

# is_up DAEMON: as the daemon that is asked sees it.
is_up()
{
	is_metric 1 parley_up "daemon=\"$1\""
}

is_away()
{
	is_metric 0 parley_up "daemon=\"$1\""
}

# grew BEFORE BY NAME [LABEL…]
grew()
{
	is_metric "$(($1 + $2))" "${@:3}"
}

@test "posts are counted at each hop, and measured from their arrival to their delivery" {
	local before name
	suite_start PARLEY_RATE=off
	people alice bob carol
	room den alice bob carol
	online alice bob carol
	for name in alice bob carol; do
		expect $name '{"type": "PresenceUpdate"}'
	done
	before=$(metric parley_gateway_deliveries_total 'dialect="campfire"')
	for name in alice bob; do
		send $name "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"one of $name\"}"
		send $name "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"two of $name\"}"
	done
	for name in alice bob carol; do
		expect $name '{"type": "NewMessage", "message": {"content": "two of alice"}}'
		expect $name '{"type": "NewMessage", "message": {"content": "two of bob"}}'
	done
	eventually 5 is_metric 4 parley_gateway_post_ack_seconds_count
	is_metric 4 parley_gateway_posts_total
	is_metric 4 parley_router_message_gateways_count
	is_metric 4 parley_router_message_gateways_sum
	is_metric 4 parley_store_posts_total
	is_metric 4 parley_gateway_delivery_seconds_count
	is_metric 4 parley_gateway_delivery_seconds_bucket 'le="+Inf"'
	is_metric 0 parley_gateway_message_receivers_bucket 'le="2"'
	is_metric 4 parley_gateway_message_receivers_bucket 'le="5"'
	is_metric 12 parley_gateway_message_receivers_sum
	(($(metric parley_gateway_deliveries_total 'dialect="campfire"') >= before + 12))
	is_metric 0 parley_router_waiting
	is_metric 3 parley_gateway_websockets 'dialect="campfire"'
	is_metric 0 parley_gateway_websockets 'dialect="hub"'
	is_metric 0 parley_gateway_paused
	awk -v spent="$(metric parley_gateway_post_ack_seconds_sum)" \
		'BEGIN { exit !(spent > 0 && spent < 20) }'
}

@test "a commit's time and the writes in it are told, and each refusal by its code" {
	local commits
	suite_start
	people alice eve
	room den alice
	commits=$(metric parley_store_commits_total)
	post alice den one
	grew "$commits" 1 parley_store_commits_total
	is_metric "$((commits + 1))" parley_store_commit_seconds_count
	is_metric "$(metric parley_store_writes_total)" parley_store_group_writes_sum
	rest POST "/api/rooms/${ROOM[den]}/messages" eve '{"content": "let me in"}'
	answered 403
	is_metric 1 parley_store_refused_total 'code="not_a_member"'
	is_metric 1 parley_gateway_refusals_total 'code="not_a_member"'
	is_metric 1 parley_gateway_http_responses_total 'code="4xx"'
}

@test "log-ins that succeed, fail and are refused are told apart, and so are tokens" {
	local i
	suite_start
	register alice
	is_metric 1 parley_auth_logins_total
	for i in {1..10}; do
		rest POST /auth/login '' '{"username": "alice", "password": "no"}'
	done
	rest POST /auth/login '' '{"username": "alice", "password": "no"}'
	answered 429
	is_metric 10 parley_auth_login_failures_total
	is_metric 1 parley_auth_throttled_total
	rest GET /auth/me alice
	answered 200
	rest GET /auth/me nonsense
	answered 401
	is_metric 1 parley_auth_verified_total
	is_metric 1 parley_auth_unauthorized_total
}

@test "connections are counted by dialect, and their ends by code" {
	suite_start
	people alice
	connect ann "$WS/"
	connect alice "$WS/ws?token=${TOKEN[alice]}"
	connect wild "$WS/ws/lobby"
	eventually 5 is_metric 2 parley_gateway_websockets 'dialect="lobby"'
	is_metric 1 parley_gateway_websockets 'dialect="campfire"'
	send wild nonsense
	closed wild 1008
	cast close alice
	eventually 5 is_metric 1 parley_gateway_closes_total 'code="1008"'
	eventually 5 is_metric 0 parley_gateway_websockets 'dialect="campfire"'
	is_metric 1 parley_gateway_websockets_opened_total 'dialect="campfire"'
	is_metric 2 parley_gateway_websockets_opened_total 'dialect="lobby"'
	is_metric 3 parley_gateway_http_responses_total 'code="1xx"'
}

@test "typing and presence are counted" {
	suite_start
	people alice bob
	room den alice bob
	online alice bob
	expect alice '{"type": "PresenceUpdate"}'
	send alice "{\"type\": \"StartTyping\", \"room_id\": \"${ROOM[den]}\"}"
	expect bob '{"type": "TypingStart"}'
	is_metric 1 parley_gateway_typing_total
	is_metric 1 parley_presence_typing
	is_metric 2 parley_presence_online
	(($(metric parley_presence_present_total) > 0))
	(($(metric parley_presence_typing_total) > 0))
}

@test "a daemon that was killed is away at once, and comes back with a restart counted" {
	suite_start
	is_up store
	is_metric 0 parley_restarts_total 'daemon="store"'
	hang run
	kill -KILL "$(pid_of store)"
	eventually 5 is_away store
	[ -z "$(metric parley_store_posts_total)" ]
	is_up router
	recover run
	eventually 10 is_up store
	is_metric 1 parley_restarts_total 'daemon="store"'
	is_metric 0 parley_restarts_total 'daemon="router"'
	is_metric 1 parley_bus_reconnects_total 'daemon="gateway"' 'peer="store"'
	is_metric 1 parley_bus_reconnects_total 'daemon="router"' 'peer="store"'
}

@test "a daemon that hangs is waited for half a second, and no client waits with it" {
	local took
	suite_start
	people alice
	room den alice
	online alice
	hang presence
	curl -fsS -w '%{time_total}\n' -o /dev/null "$URL/metrics" >"$BATS_TEST_TMPDIR/took" &
	post alice den "meanwhile"
	wait $!
	is_away presence
	is_up store
	took=$(cat "$BATS_TEST_TMPDIR/took")
	awk -v took="$took" 'BEGIN { exit !(took < 1.5) }'
	recover presence
	eventually 5 is_up presence
}

@test "any of several gateways tells of all of them, whichever daemon is away" {
	local name
	suite_start PARLEY_GATEWAYS=3
	for name in gateway gateway.2 gateway.3; do
		eventually 10 is_up $name
		is_metric 1 parley_build_info "daemon=\"$name\""
	done
	eventually 10 is_up hooks
	for _ in {1..12}; do
		is_metric 8 parley_up
	done
	hang run
	kill -KILL "$(pid_of router)"
	eventually 5 is_away router
	for name in gateway gateway.2 gateway.3; do
		is_up $name
	done
	kill -KILL "$(pid_of gateway.3)"
	eventually 5 is_away gateway.3
	is_up gateway
	is_up gateway.2
}

@test "many who ask at once get one answer, each" {
	local i asking=()
	suite_start
	for i in {1..20}; do
		curl -fsS --max-time 10 "$URL/metrics" >"$BATS_TEST_TMPDIR/$i.txt" &
		asking+=($!)
	done
	wait "${asking[@]}"
	for i in {1..20}; do
		grep -q '^parley_up{daemon="auth"} 1' "$BATS_TEST_TMPDIR/$i.txt"
	done
}

@test "what a process costs is told of each: CPU, memory, descriptors, its start" {
	local name
	suite_start
	for name in gateway router presence store auth hooks; do
		(($(metric parley_process_resident_memory_bytes "daemon=\"$name\"") > 1000000))
		(($(metric parley_process_open_fds "daemon=\"$name\"") > 5))
		awk -v cpu="$(metric parley_process_cpu_seconds_total "daemon=\"$name\"")" \
			-v start="$(metric parley_process_start_time_seconds "daemon=\"$name\"")" \
			-v now="$EPOCHSECONDS" \
			'BEGIN { exit !(cpu > 0 && cpu < 60 && start <= now + 1 && start > now - 120) }'
	done
	is_metric "$(find "/proc/$(pid_of store)/fd" -mindepth 1 | wc -l)" \
		parley_process_open_fds 'daemon="store"'
}
