#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The edge withstands: clients that are slow, silent, gone, too many or too loud
# lose their connections at most; all others are served, in bounded memory.
#
# The crowds are of a size that a busy machine bears. PARLEY_TEST_FLOOD (half-open
# connections) and PARLEY_TEST_RETURN (clients that return) make them larger.

# shellcheck disable=SC1083,SC2030,SC2031,SC2093 # `exec {fds[i]}` is one word to bash

load helper
load edge

setup_file()
{
	export CERTS=$BATS_FILE_TMPDIR
	certify "$CERTS/key.pem" "$CERTS/cert.pem"
}

setup()
{
	ulimit -Sn "$(ulimit -Hn)"
}

teardown()
{
	[ -z "${STOPPED:-}" ] || kill -CONT "$STOPPED"
	suite_stop
}

# tls_start [NAME=VALUE…]: speaks TLS; sets URL and WS.
tls_start()
{
	suite_start PARLEY_TLS_CERT="$CERTS/cert.pem" PARLEY_TLS_KEY="$CERTS/key.pem" "$@"
	URL=https://$HOST
	WS=wss://$HOST
	export CURL_CA_BUNDLE=$CERTS/cert.pem
}

# few_files_start N [NAME=VALUE…]: no daemon has more than N descriptors.
few_files_start()
{
	local pair
	suite_environment
	for pair in "${@:2}"; do
		export "${pair?}"
	done
	(ulimit -n "$1" && parley_run --wait) || return
	suite_address
}

patience()
{
	timeout 100 "$PYTHON" "$CLIENTS/patience.py" "$@"
}

# crowd_comes MODE ARGUMENT…, crowd_goes: REPLY is its report.
crowd_comes()
{
	rm -f "$BATS_TEST_TMPDIR"/client.{in,out}
	client_starts timeout 110 "$PYTHON" "$CLIENTS/crowd.py" "$@"
}

crowd_goes()
{
	client_ends || return
	REPLY=$(tail -n 1 "$CLIENT.out")
	echo "$BATS_TEST_DESCRIPTION: $REPLY" | tee -a "${PARLEY_TEST_REPORT:-/dev/null}"
}

is_above()
{
	(($(figure "$1") > $2))
}

# bounded MIB: no daemon ever had more memory than that.
bounded()
{
	local name pid kib
	! is_sanitized || return 0
	for name in gateway router presence store auth hooks; do
		pid=$(pid_of "$name")
		kib=$(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status")
		echo "$BATS_TEST_DESCRIPTION: $name had at most $((kib / 1024)) MiB" |
			tee -a "${PARLEY_TEST_REPORT:-/dev/null}"
		((kib < $1 * 1024)) || return
	done
}

# serves NAME: somebody new comes, says something, and hears it.
serves()
{
	connect "$1" "$WS/ws?token=${TOKEN[alice]}&room=peace" &&
		send "$1" "$1 is here" &&
		expect "$1" "{\"message\": \"$1 is here\", \"username\": \"alice\"}" &&
		cast close "$1"
}

# --- Slow, silent, gone ------------------------------------------------------

# all_ended: after 10 s, and a sweep of a second.
all_ended()
{
	jq . "$1"
	jq -e "length == $2 and all(.[]; .seconds > 9 and .seconds < 14)" "$1"
}

@test "a request that does not come to its end is cut after 10 s, however it drags on" {
	suite_start
	people alice
	patience slow "$HOST" "${TOKEN[alice]}" >"$BATS_TEST_TMPDIR/slow"
	all_ended "$BATS_TEST_TMPDIR/slow" 7
	serves alice
}

@test "the same over TLS, whose handshake is a part of the 10 s" {
	tls_start
	CA=$CERTS/cert.pem patience slow "$HOST" token >"$BATS_TEST_TMPDIR/slow"
	all_ended "$BATS_TEST_TMPDIR/slow" 10
	rest GET /healthz
	answered 200
}

# A network of two, whose other end is $THERE: a process in a namespace of its own.
# Where that is not to be had, nobody vanishes.
network_of_two()
{
	THERE='' NEAR=pw$((BASHPID % 100000)) HERE=10.$((RANDOM % 200 + 20)).$((RANDOM % 250)).1
	((EUID == 0)) && unshare -n true 2>/dev/null || return 0
	background unshare -n sleep 110
	THERE=$!
	eventually 5 is_elsewhere "$THERE"
	ip link add "$NEAR" type veth peer name far netns "$THERE" &&
		ip address add "$HERE/30" dev "$NEAR" && ip link set "$NEAR" up &&
		there ip address add "${HERE%1}2/30" dev far && there ip link set far up
}

is_elsewhere()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

there()
{
	nsenter -t "$THERE" -n "$@"
}

# silent_client NAME PREFIX… : in the background, until it is connected.
silent_client()
{
	background "${@:3}" timeout 100 "$PYTHON" "$CLIENTS/patience.py" client "$2" \
		"${TOKEN[alice]}" >"$BATS_TEST_TMPDIR/$1"
	eventually 10 grep -q open "$BATS_TEST_TMPDIR/$1"
}

@test "a peer that answers no ping is given up after 33 s, one that answers is not, and no message takes for ever" {
	local out=$BATS_TEST_TMPDIR/half-open port
	network_of_two
	PARLEY_TEST_LISTEN='127.0.0.1:0 0.0.0.0:0' suite_start
	people alice
	port=$(sed -n '2s/.*://p' "$PARLEY_RUN/listen")
	background "$PYTHON" "$CLIENTS/patience.py" client "$HOST" "${TOKEN[alice]}" \
		>"$BATS_TEST_TMPDIR/stopped"
	STOPPED=$!
	eventually 10 grep -q open "$BATS_TEST_TMPDIR/stopped"
	kill -STOP "$STOPPED"
	if [ -n "$THERE" ]; then
		silent_client vanished "$HERE:$port" nsenter -t "$THERE" -n
		there ip address flush dev far
	fi
	is_figure websockets "$((1 + (${#THERE} > 0)))"
	patience half-open "$HOST" "${TOKEN[alice]}" >"$out"
	jq . "$out"
	jq -e '.mute | .seconds > 32 and .seconds < 37 and .code == null and .pings == 1' "$out"
	jq -e '.only_pongs | .lives and .pings == 1' "$out"
	jq -e '.half_a_message | .seconds > 29 and .seconds < 34 and .code == 1008' "$out"
	jq -e '.half_a_frame | .seconds > 29 and .seconds < 34 and .code == 1008' "$out"
	jq -e '.long_message.lives' "$out"
	# They were silent before the others were.
	eventually 5 is_figure websockets 0
}

# Nobody read what they said meanwhile, and nobody had asked them.
@test "clients of a gateway that stood still for a while are not taken for gone" {
	local gateway
	suite_start PARLEY_PING=1:2
	people alice bob
	online alice bob
	gateway=$(pid_of gateway)
	kill -STOP "$gateway"
	sleep 5 # the standstill
	kill -CONT "$gateway"
	is_figure websockets 2
	never alice '{"type": "NewMessage"}' 4
	is_figure websockets 2
	room den alice bob
	post alice den "still here"
	expect bob '{"type": "NewMessage", "message": {"content": "still here"}}'
}

# --- Too many from one address -------------------------------------------------

# asks_from ADDRESS PATH: sets STATUS and HEADERS.
asks_from()
{
	curl -sS --max-time 10 --interface "$1" -o /dev/null -D "$BATS_TEST_TMPDIR/head" \
		"${@:3}" "$URL$2"
	HEADERS=$(tr -d '\r' <"$BATS_TEST_TMPDIR/head")
	STATUS=$(awk 'NR == 1 { print $2 }' <<<"$HEADERS")
}

full_for()
{
	asks_from "$1" /healthz
	[ "$STATUS" = 503 ] && (($(header retry-after) > 0))
}

free_for()
{
	asks_from "$1" /healthz
	[ "$STATUS" = 200 ]
}

an_address_has_its_places()
{
	local i
	for i in 1 2 3; do
		connect "guest$i" "$WS/ws/sealed"
	done
	refused 503 "$WS/ws/sealed"
	holds '.headers["retry-after"] | tonumber > 0'
	holds '.body | fromjson | .status == 503'
	full_for 127.0.0.1
	free_for 127.0.0.2
	cast close guest2
	eventually 5 free_for 127.0.0.1
	connect guest4 "$WS/ws/sealed"
	refused 503 "$WS/ws/sealed"
	for i in 1 3 4; do
		cast open "guest$i"
	done
}

@test "an address has so many connections and no more: past them it is told 503 and when to come back" {
	suite_start PARLEY_MAX_PER_ADDRESS=3
	an_address_has_its_places
}

@test "the same over TLS" {
	export NODE_EXTRA_CA_CERTS=$CERTS/cert.pem
	tls_start PARLEY_MAX_PER_ADDRESS=3
	an_address_has_its_places
}

@test "without the setting, an address has 1,000, and this machine's own any number" {
	local outside
	outside=$(hostname -I | tr ' ' '\n' | grep -m 1 -E '^[0-9.]+$') || skip "no address but the loopback"
	PARLEY_TEST_LISTEN=0.0.0.0:0 suite_start
	URL=http://127.0.0.1:${HOST##*:}
	crowd_comes half-open "127.0.0.1:${HOST##*:}" 1100 127.0.0.1
	eventually 5 is_above connections 1050
	free_for 127.0.0.1
	crowd_goes
	URL=http://$outside:${HOST##*:}
	free_for "$outside"
	crowd_comes half-open "$outside:${HOST##*:}" 1010 "$outside"
	eventually 5 full_for "$outside"
	crowd_goes
	eventually 15 free_for "$outside"
}

# via ADDRESS: the header of a proxy.
via()
{
	echo "header=X-Forwarded-For:$1"
}

@test "behind a trusted proxy the client's own address counts, and nobody else's word" {
	local i
	suite_start PARLEY_MAX_PER_ADDRESS=2 PARLEY_TRUST_PROXY=127.0.0.1
	connect a1 "$WS/ws/sealed" "$(via 192.0.2.1)"
	connect a2 "$WS/ws/sealed" "$(via 192.0.2.1)"
	refused 503 "$WS/ws/sealed" "$(via 192.0.2.1)"
	holds '.headers["retry-after"] | tonumber > 0'
	connect b1 "$WS/ws/sealed" "$(via 192.0.2.9,+192.0.2.2)"
	# Of IPv6, a network is an address.
	connect c1 "$WS/ws/sealed" "$(via 2001:db8::1)"
	connect c2 "$WS/ws/sealed" "$(via 2001:db8::2)"
	refused 503 "$WS/ws/sealed" "$(via 2001:db8::3)"
	connect d1 "$WS/ws/sealed" "$(via 2001:db8:0:1::3)"
	cast close a1
	eventually 5 connect a3 "$WS/ws/sealed" "$(via 192.0.2.1)"
	# Who is no proxy is not believed.
	crowd_comes half-open "$HOST" 2 127.0.0.2
	asks_from 127.0.0.2 /healthz -H 'X-Forwarded-For: 192.0.2.77'
	assert_equal "$STATUS" 503
	crowd_goes
}

# --- Floods ----------------------------------------------------------------------

@test "half-open connections displace each other, and service goes on" {
	local before i count=${PARLEY_TEST_FLOOD:-2000}
	# With the file limit of the machine only for a flood that needs it.
	few_files_start "$((count > 4000 ? $(ulimit -Hn) : 600))"
	people alice
	serves before
	connect steady "$WS/ws?token=${TOKEN[alice]}&room=peace"
	before=$(descriptors)
	crowd_comes half-open "$HOST" "$count"
	for i in {1..10}; do
		serves "new$i"
	done
	send steady 'and still talks'
	expect steady '{"message": "and still talks"}'
	is_above connections_displaced_total 0
	bounded 100
	crowd_goes
	holds ".begun >= $count"
	eventually 15 has_at_most "$before"
	cast open steady
	serves after
}

# full_house N: guests take N places.
full_house()
{
	local i
	for ((i = 1; i <= $1; i++)); do
		connect "guest$i" "$WS/ws/sealed" || return
	done
}

house_is_full()
{
	local i busy
	for i in {1..5}; do
		full_for 127.0.0.1
	done
	# It does not run in circles meanwhile.
	busy=$(ps -o cputimes= -p "$(pid_of gateway)")
	((busy < 20))
	cast open guest1
	cast close guest1
	eventually 5 connect another "$WS/ws/sealed"
}

@test "where WebSockets have taken all places, who comes is told so" {
	few_files_start 110 PARLEY_MAX_CONNECTIONS=1000
	full_house 50
	house_is_full
}

@test "without a descriptor left, who comes is told so, again and again" {
	suite_start
	full_house 10
	# Nothing else may want one meanwhile: the supervisor's ping does.
	hang run
	limit_files "$(descriptors)"
	house_is_full
	limit_files "$(ulimit -Hn)"
	recover run
}

# limit_files N: of the gateway, from now on. Those that are open stay so.
limit_files()
{
	prlimit --pid "$(pid_of gateway)" --nofile="$1:$(ulimit -Hn)"
}

@test "many clients that return within a second are back in a few, and a bystander talks on" {
	local count=${PARLEY_TEST_RETURN:-1000}
	suite_start
	crowd_comes return "$HOST" "$JWT_SECRET" "$count" "$PARLEY_RUN/gateway.pid"
	crowd_goes
	holds ".back == $count and .last_s < 20 and .bystander.p99_ms < 3000"
	bounded 100
}

# --- Too loud, too slow -------------------------------------------------------------

# What waits in the kernel for the client that it has most for, in bytes.
most_in_kernel()
{
	local port
	port=$(printf '%04X' "${HOST##*:}")
	awk -v port=":$port" '$2 ~ port "$" && $4 == "01" { print $5 }' /proc/net/tcp |
		cut -d : -f 1 | sort | tail -n 1 | sed 's/^/0x/' | xargs printf '%d\n'
}

@test "slow readers are closed with 1013, at little cost, and others in their room are not" {
	suite_start PARLEY_RATE=off
	people alice bob
	room den alice bob
	online alice bob
	crowd_comes slow "$HOST" "$JWT_SECRET" "${ROOM[den]}" 200
	timeout 60 "$PYTHON" "$CLIENTS/tls_flood.py" \
		"$WS/ws/campfire?token=${TOKEN[alice]}" "${ROOM[den]}" 90 16000
	(($(most_in_kernel) < 1024 * 1024))
	eventually 30 is_figure slow_consumers_total 200
	crowd_goes
	holds '."1013" > 0 and (keys - ["1013", "none"] == [])'
	send alice "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"that was all\"}"
	expect bob '{"type": "NewMessage", "message": {"content": "that was all"}}' 30
	bounded 100
	cast open alice
	cast open bob
}

@test "who sends pings and reads no pong is closed, and costs others nothing" {
	suite_start
	people alice bob
	crowd_comes pings "$HOST" "${TOKEN[bob]}"
	eventually 20 is_figure slow_consumers_total 1
	serves alice
	crowd_goes
	holds '.code == 1013 or .code == null'
	bounded 60
}

@test "a message of endless empty fragments is closed with 1008" {
	suite_start
	people alice bob
	crowd_comes fragments "$HOST" "${TOKEN[bob]}"
	crowd_goes
	holds '.code == 1008 and .seconds < 10'
	serves alice
	bounded 60
}

@test "unfinished messages share a bound, past which the one that waits longest is closed with 1013" {
	local closed
	suite_start PARLEY_UNFINISHED=1048576
	people alice bob
	REPLY=$("$PYTHON" "$CLIENTS/unfinished.py" "$HOST" "${TOKEN[bob]}" 7 200000)
	# The one that came last passes; how many go depends on how memory grew.
	closed=$(jq '.codes | index(null)' <<<"$REPLY")
	((closed > 1))
	holds ".codes == [range($closed) | 1013] + [range(7 - $closed) | null]"
	is_metric "$closed" parley_gateway_unfinished_closed_total
	eventually 5 is_metric 0 parley_gateway_unfinished_bytes
	serves alice
}

@test "bodies of requests share it, past which the one that waits longest is answered by 503" {
	local refused
	suite_start PARLEY_UNFINISHED=1048576
	people alice
	REPLY=$("$PYTHON" "$CLIENTS/unfinished_bodies.py" "$HOST" 7 200000)
	refused=$(jq '.statuses | index(400)' <<<"$REPLY")
	((refused > 1))
	holds ".statuses == [range($refused) | 503] + [range(7 - $refused) | 400]"
	is_metric "$refused" parley_gateway_unfinished_closed_total
	eventually 5 is_metric 0 parley_gateway_unfinished_bytes
	serves alice
}

# --- Limits of what is said -----------------------------------------------------------

@test "JSON without end of brackets is an error in each dialect, and nothing falls over" {
	local deep
	deep=$(times 60000 '[')
	suite_start
	people alice
	connect a "$WS/ws/campfire?token=${TOKEN[alice]}"
	connect b "$WS/ws/hub?token=${TOKEN[alice]}"
	connect c "$WS/ws/sealed"
	connect d "$WS/ws/lobby"
	send a "$deep"
	send b "$deep"
	send c "$deep"
	send d "$deep"
	expect a '{"type": "Error", "code": "INVALID_JSON"}'
	expect b '{"type": "error"}'
	expect c '{"Error": {}}'
	closed d 1008
	rest POST /auth/login '' "$deep"
	answered 400
	cast open a
	cast open b
	cast open c
}

@test "a user's rate holds over all dialects, connections and REST together" {
	suite_start PARLEY_RATE=1:6
	people alice
	room den alice
	connect a1 "$WS/ws/campfire?token=${TOKEN[alice]}"
	connect a2 "$WS/ws/campfire?token=${TOKEN[alice]}"
	connect b "$WS/ws/hub?token=${TOKEN[alice]}"
	connect c "$WS/ws/simple?token=${TOKEN[alice]}&room=den"
	send b '{"type": "join", "room": "den"}'
	expect b '{"type": "join_ack"}'
	# Far more than six and what a slow machine's seconds add to them.
	send_so_often 10 a1 "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"one\"}"
	send_so_often 10 b '{"type": "message", "room": "den", "content": "two"}'
	send_so_often 10 c three
	send a2 "{\"type\": \"CreateMessage\", \"room_id\": \"${ROOM[den]}\", \"content\": \"four\"}"
	expect a1 '{"type": "Error", "code": "RATE_LIMITED"}'
	expect b '{"type": "error"}'
	expect c '{"message": "system: too many messages; slow down"}'
	expect a2 '{"type": "Error", "code": "RATE_LIMITED"}'
	rest POST "/api/rooms/${ROOM[den]}/messages" alice '{"content": "five"}'
	answered 429
	(($(header retry-after) > 0))
	rest GET "/api/rooms/${ROOM[den]}/messages" alice
	answered 200 '.messages | length >= 6 and length < 20'
	is_above rate_limited_total 10
}

send_so_often()
{
	local i
	for ((i = 0; i < $1; i++)); do
		send "$2" "$3"
	done
}

@test "tries to log in from an address are limited over all its accounts, and others log in" {
	local i
	suite_start PARLEY_TRUST_PROXY=127.0.0.1
	register alice
	seq 0 104 | xargs -P 4 -I N curl -sS -o /dev/null -w '%{http_code}\n' \
		-H 'X-Forwarded-For: 192.0.2.1' "$URL/auth/login" \
		--data '{"username": "nobodyN", "password": "not the password"}' \
		>"$BATS_TEST_TMPDIR/tries"
	[ "$(sort -u "$BATS_TEST_TMPDIR/tries")" = $'401\n429' ]
	(($(grep -c 401 "$BATS_TEST_TMPDIR/tries") >= 100))
	asks_from 127.0.0.1 /auth/login -H 'X-Forwarded-For: 192.0.2.1' \
		--data '{"username": "alice", "password": "alice-has-a-password"}'
	assert_equal "$STATUS" 429
	(($(header retry-after) > 0))
	login alice
}

# --- Going ------------------------------------------------------------------------------

@test "a gateway that goes closes with 1001, spread over seconds, and tells each when to come back" {
	local i pid line fd fds=()
	suite_start
	pid=$(pid_of gateway)
	crowd_comes stay "$HOST" 300
	# More than it accepts in one turn are at its door when it hears that it
	# must go.
	hang gateway
	for i in {1..80}; do
		exec {fd}<>"/dev/tcp/${HOST%:*}/${HOST##*:}"
		printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n' >&"$fd"
		fds[i]=$fd
	done
	kill -TERM "$pid"
	recover gateway
	# The first of them are perhaps answered before it hears that.
	for i in {1..80}; do
		IFS= read -r -t 5 line <&"${fds[i]}" || line=nothing
		[[ $line == 'HTTP/1.1 '[25]0[03]' '* ]] || fail "number $i: $line"
	done
	[[ $line == 'HTTP/1.1 503 '* ]]
	timeout 5 cat <&"${fds[80]}" | grep -E '^Retry-After: [1-6].$'
	for fd in "${fds[@]}"; do
		exec {fd}>&-
	done
	crowd_goes
	holds '.codes == {"1001": 300} and .spread_s > 1 and .spread_s < 8'
	# Not all at the same time, and none before a second after the last close.
	holds '.hints | keys | length > 2 and all(.[]; . != "none" and tonumber < 7)'
	eventually 10 has_successor gateway "$pid"
}
