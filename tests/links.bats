#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Links between daemons that break while much is under way: what was lost comes
# again, and nothing overtakes it.

load helper

BIN=${PARLEY_BUILD:-$ROOT/build}/bin

teardown()
{
	suite_stop
}

# The router is in a folder of its own; all others find it behind a relay.
start_behind_a_relay()
{
	local folder=$BATS_TEST_TMPDIR/router
	suite_environment
	mkdir -p "$PARLEY_RUN" "$folder"
	chmod 700 "$PARLEY_DATA" "$PARLEY_RUN" "$folder"
	cd "$folder" || return
	background node "$CLIENTS/relay.mjs" ../parley/run/relay.sock router.sock >relay.out
	RELAY=$!
	eventually 10 grep -q ready relay.out
	background "$BIN/router" --data . --run . --router ipc://router.sock \
		--store ipc://../parley/run/store.sock 2>router.log
	suite_start PARLEY_WITHOUT=router PARLEY_ROUTER=ipc://relay.sock PARLEY_RATE=off
}

@test "posts keep their order while the link to the router is cut under way" {
	start_behind_a_relay
	people alice bob carol
	room den alice bob carol
	run -0 node "$CLIENTS/pipeline.mjs" "$HOST" "${ROOM[den]}" "$RELAY" \
		"${TOKEN[alice]}" "${TOKEN[bob]}" "${TOKEN[carol]}"
	assert_output --partial '"cuts":4'
}

@test "behind a gap in what a link sends nothing is heard before the next hello" {
	suite_start
	cd "$PARLEY_RUN"
	run -0 "$PYTHON" - <<-'END'
		import msgpack, zmq
		dealer = zmq.Context().socket(zmq.DEALER)
		dealer.setsockopt(zmq.LINGER, 0)
		dealer.setsockopt(zmq.ROUTING_ID, b"gateway.9/1")
		dealer.setsockopt(zmq.RCVTIMEO, 5000)
		dealer.connect("ipc://router.sock")

		def say(*frames):
		    dealer.send(b"".join(msgpack.packb(frame) for frame in frames))

		def answers():
		    unpacker = msgpack.Unpacker()
		    unpacker.feed(dealer.recv())
		    return [(frame["frame"], frame.get("id", 0)) for frame in unpacker]

		hello = {"frame": "hello", "kind": "gateway", "name": "gateway.9", "epoch": 1, "version": 2}
		say({**hello, "id": 1})
		print(*answers())
		say({"frame": "batch", "number": 1}, {"frame": "ping", "id": 2})
		print(*answers())
		say({"frame": "batch", "number": 3}, {"frame": "ping", "id": 3})
		say({"frame": "batch", "number": 4}, {"frame": "ping", "id": 4})
		print(*answers())
		say({**hello, "id": 5})
		say({"frame": "batch", "number": 1}, {"frame": "ping", "id": 6})
		heard = []
		while not heard or heard[-1][1] != 6:
		    heard += answers()
		print(*[a for a in heard if a != ("hello", 0)])
	END
	assert_line --index 0 "('hello', 1)"
	assert_line --index 1 "('pong', 2)"
	assert_line --index 2 "('hello', 0)"
	assert_line --index 3 "('hello', 5) ('pong', 6)"
}

# Else its gateways would begin anew in circles, and repeat what it has yet to answer.
@test "a daemon that is busy for many says to each that it lives" {
	suite_start
	run -0 "$PYTHON" "$CLIENTS/askers.py" "$PARLEY_RUN"
	echo "$output"
	jq -e .is_clear <<<"$output"
	people alice
	online alice
}
