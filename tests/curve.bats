#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Daemons on several machines: endpoints on TCP, with keys.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin
KINDS=(gateway router presence store auth hooks)

setup()
{
	suite_environment
	KEYS=$BATS_TEST_TMPDIR/keys
	PORT=$(free_port)
	run "$BIN/parley-keys" --curve-dir "$KEYS" "${KINDS[@]}" tool
	assert_success
}

teardown()
{
	[ -z "${STRANGER:-}" ] || kill -KILL "$STRANGER" 2>/dev/null || true
	suite_stop
}

free_port()
{
	"$PYTHON" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

start_with_keys()
{
	suite_start "PARLEY_STORE=tcp://127.0.0.1:$PORT" "PARLEY_CURVE_DIR=$KEYS" "$@"
}

talk_in_den()
{
	people alice bob
	room den alice bob
	online alice bob
	post alice den hello
	expect bob '{"type": "NewMessage", "message": {"content": "hello"}}'
	rest GET "/api/rooms/${ROOM[den]}/messages" bob
	answered 200 '[.messages[].content] == ["hello"]'
}

@test "a store on TCP with keys serves the conversation" {
	start_with_keys
	"$PYTHON" -c "import socket; socket.create_connection(('127.0.0.1', $PORT))"
	talk_in_den
	kill_daemon store
	post bob den "again"
	expect alice '{"type": "NewMessage", "message": {"content": "again"}}'
}

@test "every daemon on TCP with keys serves the conversation" {
	start_with_keys "PARLEY_ROUTER=tcp://127.0.0.1:$(free_port)" \
		"PARLEY_PRESENCE=tcp://127.0.0.1:$(free_port)" \
		"PARLEY_AUTH=tcp://127.0.0.1:$(free_port)"
	talk_in_den
	register carol
}

@test "a daemon with keys of its own making is refused" {
	local theirs=$BATS_TEST_TMPDIR/theirs
	start_with_keys
	"$BIN/parley-keys" --curve-dir "$theirs" "${KINDS[@]}"
	cp "$KEYS/store.pub" "$theirs/store.pub" # they know whom they call
	stranger "$theirs" gateway
	eventually 5 grep -q 'event=started' "$BATS_TEST_TMPDIR/stranger.log"
	stays_unready
	run ! grep 'event=peer_up peer=store' "$BATS_TEST_TMPDIR/stranger.log"
	curl -fs -o /dev/null "$URL/readyz"
}

@test "a daemon that shows another kind's key is refused" {
	local theirs=$BATS_TEST_TMPDIR/theirs
	start_with_keys
	cp -r "$KEYS" "$theirs"
	cp "$KEYS/presence.key" "$theirs/gateway.key"
	cp "$KEYS/presence.pub" "$theirs/gateway.pub"
	stranger "$theirs" gateway
	eventually 5 grep -q 'event=started' "$BATS_TEST_TMPDIR/stranger.log"
	stays_unready
	run ! grep 'event=peer_up peer=store' "$BATS_TEST_TMPDIR/stranger.log"
}

@test "a daemon without keys is refused" {
	start_with_keys
	run "$PYTHON" - "$PORT" <<-'END'
		import msgpack, sys, zmq
		dealer = zmq.Context().socket(zmq.DEALER)
		dealer.setsockopt(zmq.LINGER, 0)
		dealer.setsockopt(zmq.ROUTING_ID, b"gateway.9/1")
		dealer.setsockopt(zmq.RCVTIMEO, 2000)
		dealer.connect("tcp://127.0.0.1:" + sys.argv[1])
		dealer.send(msgpack.packb({"frame": "hello", "id": 1, "kind": "gateway",
		    "name": "gateway.9", "epoch": 1, "version": 1}))
		try:
		    print("answered", dealer.recv())
		except zmq.Again:
		    print("silence")
	END
	assert_output silence
	curl -fs -o /dev/null "$URL/readyz"
}

# stranger KEYS KIND: another gateway, in a folder of its own, that wants to talk
# to our store.
stranger()
{
	local folder=$BATS_TEST_TMPDIR/stranger
	"$BIN/$2" --data "$folder" --run "$folder" --env /dev/null \
		--instance 9 --listen 127.0.0.1:0 --curve-dir "$1" \
		--store "tcp://127.0.0.1:$PORT" \
		>"$BATS_TEST_TMPDIR/stranger.log" 2>&1 3>&- 4>&- &
	STRANGER=$!
}

# Long enough for a link that is refused to have been tried several times.
stays_unready()
{
	local host deadline=$((SECONDS + 3))
	read -r host <"$BATS_TEST_TMPDIR/stranger/gateway.9.listen"
	while ((SECONDS < deadline)); do
		[[ $(curl -s "http://$host/readyz") == *store* ]]
		sleep 0.2
	done
}

@test "tcp:// without keys does not start, and says so in one line" {
	local folder=$BATS_TEST_TMPDIR/parley
	suite_environment
	run "$BIN/store" --data "$folder" --run "$folder/run" --env /dev/null \
		--store "tcp://127.0.0.1:$PORT"
	assert_failure 1
	[ "$(grep -c 'level=error' <<<"$output")" = 1 ]
	assert_output --partial PARLEY_CURVE_DIR
	run "$BIN/router" --data "$folder" --run "$folder/run" --env /dev/null \
		--store "tcp://127.0.0.1:$PORT"
	assert_failure 1
	assert_output --partial PARLEY_CURVE_DIR
}

@test "a missing key is named" {
	local folder=$BATS_TEST_TMPDIR/parley
	suite_environment
	rm "$KEYS/store.key"
	run "$BIN/store" --data "$folder" --run "$folder/run" --env /dev/null \
		--curve-dir "$KEYS" --store "tcp://127.0.0.1:$PORT"
	assert_failure 1
	assert_line --regexp "level=error .*folder=$KEYS kind=store"
}

@test "parley-keys overwrites no key and protects the secret ones" {
	local before
	before=$(cat "$KEYS/store.key")
	run "$BIN/parley-keys" --curve-dir "$KEYS" store
	assert_success
	assert_output "store: is there"
	assert_equal "$(cat "$KEYS/store.key")" "$before"
	assert_equal "$(stat -c %a "$KEYS" "$KEYS/store.key" | paste -s)" "$(printf '700\t600')"
	run "$BIN/parley-keys" --curve-dir "$KEYS" nosuch
	assert_failure 2
}
