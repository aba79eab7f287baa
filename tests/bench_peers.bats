#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The servers that parley is compared with: each starts as bench/peers says, passes
# a word on to the members of its room alone, and leaves nothing behind. The bare
# floor and `ws` are always here; of the others, those that are installed.
#
# Plain builds only: what it starts are the servers of others.

load helper

PEERS=$ROOT/bench/peers
export NODE_PATH=$ROOT/tests/node_modules

teardown()
{
	cast_leave
	background_ends
	if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
		tail -n 20 "$BATS_TEST_TMPDIR"/peer/*.log 2>/dev/null || true
	fi
}

free_port()
{
	"$PYTHON" -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# about PEER KEY
about()
{
	sed -n "s/^$2=//p" "$PEERS/$1/about"
}

version()
{
	(cd "$PEERS" && PATH=$PATH:/usr/sbin bash -c "$(about "$1" version)")
}

answers()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# processes: whatever was told of this test's folder, or works in it.
processes()
{
	local pid
	for pid in /proc/[0-9]*; do
		if [[ $(readlink "$pid/cwd") == "$BATS_TEST_TMPDIR/peer"* ]]; then
			echo "${pid##*/}"
		fi
	done 2>/dev/null
}

nobody_is_left()
{
	[ -z "$(processes)" ]
}

# bench_talks PEER PORT PID: the load generator is understood, and hears all it says.
bench_talks()
{
	"${PARLEY_BUILD:-$ROOT/build}/bin/parley-bench" rooms --rooms 3 --members 4 \
		--senders 2 --rate 50 --seconds 1 --warm-up 0 --server "127.0.0.1:$2" \
		--protocol "$(about "$1" protocol)" --path "$(about "$1" path)" \
		--processes "$1=$3" --json "$BATS_TEST_TMPDIR/figures"
	run -0 jq '.faults.complete and .delivery.count >= 100' "$BATS_TEST_TMPDIR/figures"
	assert_output true
}

# passes_on PEER [COMMAND]: from its start to its end, with a look before that.
passes_on()
{
	local port pid
	port=$(free_port)
	mkdir -m 700 "$BATS_TEST_TMPDIR/peer"
	background "$PEERS/$1/run" "$port" "$BATS_TEST_TMPDIR/peer"
	pid=$!
	eventually 30 answers "$port"
	run -0 version "$1"
	[ "${#lines[@]}" -eq 1 ]
	run -0 node "$CLIENTS/peer.mjs" "$(about "$1" protocol)" "127.0.0.1:$port" \
		"$(about "$1" path)"
	assert_output heard
	[ -z "${2:-}" ] || "$2"
	bench_talks "$1" "$port" "$pid"
	kill -TERM "$pid"
	eventually 20 is_dead "$pid"
	run ! answers "$port"
	eventually 5 nobody_is_left
}

# The three words of tests/clients/peer.mjs, before they were heard.
has_archived()
{
	run -0 sqlite3 -cmd '.timeout 5000' "$BATS_TEST_TMPDIR/peer/ejabberd.db" \
		'select count(*) from archive'
	assert_output 3
}

# Those that make bench would install first.
if_installed()
{
	run -0 "$PEERS/install" --look "$1"
	[ "$output" = "$1 here" ] || skip "$output"
}

@test "every server that parley is compared with says what it is and what it does not do" {
	local about key
	for about in "$PEERS"/*/about; do
		[ -x "${about%about}run" ]
		for key in title version protocol path does_not; do
			run -0 grep -c "^$key=." "$about"
			assert_output 1
		done
		run -1 grep -vE '^(title|version|protocol|path|needs|apt|npm|note|does_not)=.' "$about"
	done
}

@test "the installer names the servers that are here and what the others lack" {
	run -0 "$PEERS/install" --look floor
	assert_output 'floor here'
	run -0 "$PEERS/install" --look
	refute_line --regexp '^[a-z-]+( missing *)?$'
	[ "${#lines[@]}" -eq "$(find "$PEERS" -name about | wc -l)" ]
	run -2 "$PEERS/install" --look nobody
	mkdir -p "$BATS_TEST_TMPDIR/peers/some"
	cp "$PEERS/install" "$BATS_TEST_TMPDIR/peers"
	echo "needs=bash no-such-server $BATS_TEST_TMPDIR/no-* node_modules/none" \
		>"$BATS_TEST_TMPDIR/peers/some/about"
	run -0 "$BATS_TEST_TMPDIR/peers/install" --look
	assert_output "some missing no-such-server $BATS_TEST_TMPDIR/no-* node_modules/none"
}

@test "floor: a word goes to the members of its room" {
	passes_on floor
}

@test "ws: a word goes to the members of its room" {
	passes_on ws
}

@test "nchan: a word goes to the members of its room" {
	if_installed nchan
	passes_on nchan
}

@test "mosquitto: a word goes to the members of its room" {
	if_installed mosquitto
	passes_on mosquitto
}

@test "nats: a word goes to the members of its room" {
	if_installed nats
	passes_on nats
}

@test "ejabberd: a word goes to the members of its room" {
	if_installed ejabberd
	passes_on ejabberd
}

@test "ejabberd-mam: a word goes to the members of its room" {
	if_installed ejabberd-mam
	passes_on ejabberd-mam has_archived
}

@test "socketio: a word goes to the members of its room" {
	if_installed socketio
	passes_on socketio
}

@test "uwebsockets: a word goes to the members of its room" {
	if_installed uwebsockets
	passes_on uwebsockets
}

# floor_starts [NAME=VALUE…]: and connects to it as alice.
floor_starts()
{
	local port
	port=$(free_port)
	mkdir -m 700 "$BATS_TEST_TMPDIR/peer"
	background env "$@" "$PEERS/floor/run" "$port" "$BATS_TEST_TMPDIR/peer"
	eventually 30 answers "$port"
	FLOOR=ws://127.0.0.1:$port
	connect alice "$FLOOR/den"
}

@test "floor: messages wait until there are as many as go into one send" {
	floor_starts PARLEY_COALESCE=3 PARLEY_HOLD=60000
	send alice '{"n": 1}'
	send alice '{"n": 2}'
	never alice '{"n": 1}'
	send alice '{"n": 3}'
	next alice '{"n": 1}'
	next alice '{"n": 2}'
	next alice '{"n": 3}'
}

@test "floor: a message that waits in vain for others goes out by itself" {
	floor_starts PARLEY_COALESCE=3 PARLEY_HOLD=100
	send alice '{"n": 1}'
	next alice '{"n": 1}'
}

@test "floor: whoever sends what it does not take is hung up on, and the others talk on" {
	local frame
	floor_starts
	connect bob "$FLOOR/den"
	# A fragment, one without a mask, one that is too large, a reserved opcode.
	for frame in 018000000000 8100 81ff000000000001000100000000 838000000000; do
		connect mallory "$FLOOR/den"
		cast wire mallory "$frame"
		closed mallory 1006
	done
	cast wire bob 898000000000
	send alice '{"n": 1}'
	next bob '{"n": 1}'
	cast close bob
	closed bob 1000
}
